"""What an application for `feedsvc serve --drafts` does otherwise: access, headers, no caches, pages that reload.

Drafts must never reach readers, so each response is refused to everybody else, and no response may be stored.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import MisdirectedRequest, NotFound

from feedsvc import routes
from feedsvc.config import is_loopback
from feedsvc.errors import Problem, StoreError, printable
from feedsvc.store import Snapshot
from feedsvc.web.auth import require_token
from feedsvc.web.context import context

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

# The key of the PreviewState in the environ of a request; None while the store cannot be read.
_STATE: Final = "feedsvc.preview"
blueprint = Blueprint("preview", __name__)

_SCRIPT: Final = (Path(__file__).parent / "static" / "reload.js").read_bytes()
_ROBOTS: Final = "User-agent: *\nDisallow: /\n"
# A proxy that adds one of these makes requests of other machines look like those of this one.
_OF_PROXIES: Final = ("Forwarded", "Via", "X-Real-Ip", "X-Client-Ip", "X-Original-Host", "True-Client-Ip")
_PREFIXES_OF_PROXIES: Final = ("X-Forwarded-", "Cf-")
# The field Host (RFC 9110 §7.2): an IPv6 address in brackets, or another name, and possibly a port.
_HOST: Final = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<name>[^:\[\]]+))(?::[0-9]*)?")
_CONDITIONS: Final = ("IF_MATCH", "IF_NONE_MATCH", "IF_MODIFIED_SINCE", "IF_UNMODIFIED_SINCE", "IF_RANGE")
_DROPPED: Final = ("ETag", "Last-Modified", "Expires", "Age")
MAX_PROBLEMS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewState:
    """What the pages of a preview show beside articles.

    `commit` is another text after each commit that changes articles or problems. `failure` is why the last sync failed,
    "" if it succeeded. `problems` are those of files, errors first, at most MAX_PROBLEMS; `more` is the number of the
    others. `by_article` has the problems of the file of each article by its id.
    """

    commit: str
    failure: str
    problems: tuple[Problem, ...]
    more: int
    by_article: Mapping[str, Sequence[Problem]]
    commit_url: str
    script: str


class UncachedApplication:
    """A WSGI application (PEP 3333) without a response cache: it has no response at hand for any request."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        return self._app(environ, start_response)

    def cached(self, environ: dict[str, Any]) -> None:
        """Return None, as a response cache does for a request that Flask must answer."""


def register(app: Flask) -> None:
    """Make `app` the application of a preview. Functions that change responses must be registered later."""
    app.register_blueprint(blueprint)
    app.before_request(_guard)
    app.before_request(_begin)
    # Flask calls these in reverse order, so this one is called last.
    app.after_request(_complete)
    app.context_processor(lambda: {"preview": request.environ.get(_STATE)})


def _guard() -> None:
    """Refuse a request that may come from another machine or another site, unless it carries the token.

    Without a token only this machine is allowed. A web page that rebinds its own name to 127.0.0.1 is told by the Host
    field, and a reverse proxy by the fields that it adds.
    """
    if context().settings.status_token is not None:
        require_token(request)
        return
    names = map(str.title, request.headers.keys())
    # nginx speaks HTTP/1.0 unless it is told otherwise.
    is_passed_on = request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0" or any(
        name in _OF_PROXIES or name.startswith(_PREFIXES_OF_PROXIES) for name in names
    )
    host = _HOST.fullmatch(request.environ.get("HTTP_HOST", ""))
    if is_passed_on or host is None or not is_loopback((host["ipv6"] or host["name"]).lower()):
        raise MisdirectedRequest(
            "without FEEDSVC_STATUS_TOKEN a preview is for this machine alone (open the address that serve prints)"
        )


def _begin() -> Response | None:
    """Drop conditions, since nothing is stored that they could be about; answer what crawlers ask for."""
    for name in _CONDITIONS:
        request.environ.pop(f"HTTP_{name}", None)
    if request.path == routes.ROBOTS.rule:
        return Response(_ROBOTS, content_type="text/plain; charset=utf-8")
    if request.path.startswith(routes.SITEMAP.rule.partition(".")[0]):
        raise NotFound
    # Read before the page: where a commit comes in between, the page reloads once more.
    try:
        with context().store.read() as snapshot:
            request.environ[_STATE] = _state(snapshot)
    except StoreError:
        request.environ[_STATE] = None
    return None


def _state(snapshot: Snapshot) -> PreviewState:
    by_article: dict[str, list[Problem]] = {}
    found = []
    for record in snapshot.files.load_wrong():
        problems = [Problem(path=record.path, finding=each) for each in record.problems]
        found += problems
        if record.id is not None:
            by_article.setdefault(record.id, []).extend(problems)
    found.sort(key=lambda each: (each.finding.severity != "error", each.path, each.finding.line))
    prefix = snapshot.site().base_url.partition("://")[2].partition("/")[2]
    root = f"/{prefix}" if prefix else ""
    writer = context().store.writer_state()
    failure = " ".join((writer.site_toml_error or writer.error).split()) if writer else ""
    said = "\n".join([str(snapshot.version()), failure, *map(str, found)])
    return PreviewState(
        commit=hashlib.sha256(said.encode()).hexdigest()[:16],
        failure=printable(failure),
        problems=tuple(found[:MAX_PROBLEMS]),
        more=len(found[MAX_PROBLEMS:]),
        by_article=by_article,
        commit_url=f"{root}{routes.PREVIEW['commit'].path()}",
        script=f"{root}{routes.PREVIEW['script'].path()}",
    )


def _complete(response: Response) -> Response:
    """Let nobody store the response, no crawler list it, and no page of another site read it."""
    for name in [name for name in response.headers.keys() if name.startswith("Access-Control-")]:  # noqa: SIM118
        del response.headers[name]
    for name in _DROPPED:
        response.headers.pop(name, None)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    if context().settings.status_token is not None:
        response.vary.add("Authorization")
    policy = response.headers.get("Content-Security-Policy")
    if policy is not None and request.environ.get(_STATE) is not None:
        scripts = "" if "script-src" in policy else "; script-src 'self'"
        response.headers["Content-Security-Policy"] = f"{policy}{scripts}; connect-src 'self'"
    return response


@blueprint.get(routes.PREVIEW["commit"].rule)
def commit() -> Response:
    """Return a text that is another one after each commit with changes."""
    state: PreviewState | None = request.environ[_STATE]
    return Response(state.commit if state else "", content_type="text/plain; charset=utf-8")


@blueprint.get(routes.PREVIEW["script"].rule)
def script() -> Response:
    """Return the script that reloads a page after a commit."""
    return Response(_SCRIPT, content_type="text/javascript; charset=utf-8")
