"""/healthz and /readyz: whether the process answers, and whether it has something to serve."""

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from feedsvc import routes
from feedsvc.errors import printable
from feedsvc.store.writer_problems import lines_of, media_problems, storage_problems, warnings_of
from feedsvc.web.auth import has_token, vary
from feedsvc.web.context import context
from feedsvc.web.stats.node_lag import node_lag

blueprint = Blueprint("health", __name__)


@blueprint.get(routes.HEALTHZ.rule)
def healthz() -> Response:
    """The process answers."""
    return _probe("ok")


@blueprint.get(routes.READYZ.rule)
def readyz() -> Response:
    """There is something to serve and it can be read; else 503. `?verbose` says how writer and cache are, too.

    What is wrong with them is a warning there: what was written last can be served. Only those who have the token learn
    names of files.
    """
    is_verbose = "verbose" in request.args
    detailed = is_verbose and has_token(request)
    with context().store.read() as snapshot:
        snapshot.site()
        behind = node_lag(context().cache, context().store, snapshot) if is_verbose else None
        # Reading the folder may take a while, so strangers cannot ask for it. Object storage may take so long that
        # other probes would wait.
        media = context().media
        lost = media_problems(snapshot.media, media) if detailed and not media.is_remote else storage_problems(media)
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


def _probe(text: str) -> Response:
    return Response(f"{text}\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})
