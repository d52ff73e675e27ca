"""The API description: /openapi.json for machines (OpenAPI 3.1), /docs for people, the API catalog (RFC 9727)."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, Response, current_app, render_template, request

from feedsvc import languages, routes
from feedsvc.documents.cache_control import cache_control
from feedsvc.documents.document import Rendered
from feedsvc.routes import Route
from feedsvc.store import Snapshot
from feedsvc.web.context import cache
from feedsvc.web.openapi.operations import OPERATIONS, RESPONSES
from feedsvc.web.pages import ui_language
from feedsvc.web.pages.page import PageContext
from feedsvc.web.responses import answer
from feedsvc.web.static import STYLE_NAME

blueprint = Blueprint("openapi", __name__)

POLICY: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def described_paths() -> Iterator[tuple[str, str]]:
    """Yield (path with parameters in braces, endpoint) of each route, in the order of OPERATIONS."""
    order = list(OPERATIONS)
    # A preview has further ones, which its own pages use alone.
    rules = [rule for rule in current_app.url_map.iter_rules() if rule.endpoint in OPERATIONS]
    for rule in sorted(rules, key=lambda rule: order.index(rule.endpoint)):
        yield Route(rule.rule).template, rule.endpoint


def description(site_title: str, base_url: str) -> dict[str, Any]:
    """Return the API description as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1.html)."""
    paths: dict[str, Any] = {}
    for path, endpoint in described_paths():
        found = OPERATIONS[endpoint]
        content: dict[str, Any] = {media_type: {} for media_type in found.media_types}
        operation = {
            "operationId": endpoint,
            "summary": found.summary,
            "parameters": [
                *(each.parameter_object("path") for each in found.path),
                *(each.parameter_object("query") for each in found.query),
            ],
            "responses": {
                "200": {"description": "The response body is the resource.", "content": content},
                **{status: {"description": text} for status, text in RESPONSES.items()},
            },
        }
        paths[path] = {"get": operation}
    info = {"title": site_title, "version": "1"}
    return {"openapi": "3.1.0", "info": info, "servers": [{"url": base_url}], "paths": paths}


@blueprint.get(routes.OPENAPI.rule)
def openapi() -> Response:
    """Return the OpenAPI 3.1 document."""

    def render(snapshot: Snapshot) -> Rendered:
        site = snapshot.site()
        found = description(site.title.in_(site.language), site.base_url)
        body = json.dumps(found, ensure_ascii=False, indent=1).encode()
        return _rendered(snapshot, body, "application/json")

    return answer(cache().get("openapi", render), request)


@blueprint.get(routes.API_CATALOG.rule)
def catalog() -> Response:
    """Return the API catalog (RFC 9727), a linkset (RFC 9264) of the API descriptions."""

    def render(snapshot: Snapshot) -> Rendered:
        base = snapshot.site().addresses
        links = {
            "anchor": base.home,
            "service-desc": [{"href": base.openapi, "type": "application/json"}],
            "service-doc": [{"href": base.docs, "type": "text/html"}],
            "status": [{"href": base.healthz, "type": "text/plain"}],
        }
        media_type = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
        header = {"Link": f'<{base.api_catalog}>; rel="api-catalog"'}
        return _rendered(snapshot, json.dumps({"linkset": [links]}).encode(), media_type, header)

    return answer(cache().get("api-catalog", render), request)


@blueprint.get(routes.DOCS.rule)
def docs() -> Response:
    """Return the description as a page, with feedsvc's extensions of the feed formats."""

    def render(snapshot: Snapshot) -> Rendered:
        site = snapshot.site()
        ui = ui_language.SOURCE_LANGUAGE
        with ui_language.ui_locale(ui):
            body = render_template(
                "docs.html",
                ui=ui,
                direction=languages.direction,
                site=site,
                base=site.addresses,
                title=f"{site.title.in_(ui)}: HTTP API",
                style=PageContext(site=site, ui=ui).root(routes.STATIC.path(name=STYLE_NAME)),
                own=site.addresses.docs,
                feeds=[],
                operations=[(path, OPERATIONS[endpoint]) for path, endpoint in described_paths()],
                responses=RESPONSES,
            )
        return _rendered(snapshot, body.encode(), "text/html; charset=utf-8", {"Content-Security-Policy": POLICY})

    return answer(cache().get("docs", render), request)


def _rendered(snapshot: Snapshot, body: bytes, media_type: str, headers: Mapping[str, str] = {}) -> Rendered:
    site = snapshot.site()
    return Rendered(
        # Of the site only.
        made_of=frozenset(),
        media_type=media_type,
        body=body,
        last_modified=max(site.established, snapshot.slices.last_change_of_site(), _TEXTS_CHANGED_AT),
        headers={"Cache-Control": cache_control(site.cache), **headers},
    )


# When the texts of the description last changed.
_TEXTS_CHANGED_AT: Final = datetime(2026, 11, 28, tzinfo=UTC)
