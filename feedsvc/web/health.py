"""/healthz and /readyz: whether the process answers, and whether it has something to serve."""

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from feedsvc import routes
from feedsvc.store.writer_state import lines_of, read_state
from feedsvc.web.auth import has_token, vary
from feedsvc.web.context import context

blueprint = Blueprint("health", __name__)


@blueprint.get(routes.HEALTHZ.rule)
def healthz() -> Response:
    """The process answers."""
    return _probe("ok")


@blueprint.get(routes.READYZ.rule)
def readyz() -> Response:
    """There is something to serve and it can be read; else 503. `?verbose` says how the writer is, too.

    What is wrong with the writer is a warning there: what it wrote last can be served. Only those who have the token
    learn names of files.
    """
    with context().store.read() as snapshot:
        snapshot.site()
    if "verbose" not in request.args:
        return _probe("ready")
    state = read_state(context().settings.store)
    lines = lines_of(state, datetime.now(UTC), detailed=has_token(request))
    return vary(_probe("\n".join(("ready", *lines))))


def _probe(text: str) -> Response:
    return Response(f"{text}\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})
