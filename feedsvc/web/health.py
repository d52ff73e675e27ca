"""/healthz and /readyz: whether the process answers, and whether it has something to serve."""

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from feedsvc import routes
from feedsvc.errors import StoreError, StoreUnavailable, printable
from feedsvc.store.writer_problems import lines_of, media_problems, storage_problems, warnings_of
from feedsvc.web.auth import has_token, vary
from feedsvc.web.context import context
from feedsvc.web.error_handlers import RETRY_AFTER_SECONDS
from feedsvc.web.stats.node_lag import node_lag

blueprint = Blueprint("health", __name__)


@blueprint.get(routes.HEALTHZ.rule)
def healthz() -> Response:
    """The process answers."""
    return _probe("ok")


@blueprint.get(routes.READYZ.rule)
def readyz() -> Response:
    """There is something to serve and it can be read; else 503. `?verbose` says why, and how writer and cache are, too.

    What is wrong with them is a warning there: what was written last can be served. Only those who have the token learn
    names of files and hosts.
    """
    is_verbose, media = "verbose" in request.args, context().media
    detailed = is_verbose and has_token(request)
    try:
        with context().store.read() as snapshot:
            snapshot.site()
            behind = node_lag(context().cache, context().store, snapshot) if is_verbose else None
            # Reading the folder may take a while, so strangers cannot ask for it. Object storage may take so long that
            # other probes would wait.
            is_read = detailed and not media.is_remote
            lost = media_problems(snapshot.media, media) if is_read else storage_problems(media)
    except StoreError as error:
        if not is_verbose:
            raise
        return _not_ready(error, detailed=detailed)
    if not is_verbose:
        return _probe("ready")
    lines = ["ready", *lines_of(context().store.writer_state(), datetime.now(UTC), detailed=detailed)]
    if behind is not None and (behind.commits or isinstance(context().settings.store, str)):
        lines.append(behind.line())
    if problem := context().cache.problem:
        reason = f": {printable(problem)}" if detailed else ""
        lines.append(f"warning: this worker cannot refresh its cached documents (see its log){reason}")
    lines += warnings_of(lost, detailed=detailed)
    return vary(_probe("\n".join(lines)))


def _not_ready(error: StoreError, *, detailed: bool) -> Response:
    """Return the response while the store cannot be read, with the reason and what to do."""
    here = context()
    if detailed or not isinstance(error, StoreUnavailable):
        lines = [f"not ready: {printable(str(error))}"]
    else:
        more = "the log of this server says more, and so does this address with the token of FEEDSVC_STATUS_TOKEN"
        lines = [f"not ready: {printable(error.summary)}", more]
    if isinstance(here.settings.store, str):
        lines.append(node_lag(here.cache, here.store, None).line())
    response = _probe("\n".join(lines))
    response.status_code = 503
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return vary(response)


def _probe(text: str) -> Response:
    return Response(f"{text}\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})
