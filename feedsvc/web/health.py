"""/healthz and /readyz: whether the process answers, and whether it has something to serve."""

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from feedsvc import routes
from feedsvc.errors import printable
from feedsvc.store.writer_problems import lines_of
from feedsvc.store.writer_state import read_state
from feedsvc.web.auth import has_token, vary
from feedsvc.web.context import context

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
    with context().store.read() as snapshot:
        snapshot.site()
    if "verbose" not in request.args:
        return _probe("ready")
    detailed = has_token(request)
    lines = ["ready", *lines_of(read_state(context().settings.store), datetime.now(UTC), detailed=detailed)]
    if problem := context().cache.problem:
        reason = f": {printable(problem)}" if detailed else ""
        lines.append(f"warning: this worker cannot refresh its cached documents (see its log){reason}")
    return vary(_probe("\n".join(lines)))


def _probe(text: str) -> Response:
    return Response(f"{text}\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})
