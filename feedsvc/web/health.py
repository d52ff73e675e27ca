"""/healthz and /readyz: whether the process answers, and whether it has something to serve."""

from flask import Blueprint, Response

from feedsvc.web.context import context

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return _probe("ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """There is something to serve and it can be read; else 503."""
    with context().store.read() as snapshot:
        snapshot.site()
    return _probe("ready")


def _probe(text: str) -> Response:
    return Response(f"{text}\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})
