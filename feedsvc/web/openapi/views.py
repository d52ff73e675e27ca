"""The API description: /openapi.json for machines (OpenAPI 3.1), /docs for people, the API catalog (RFC 9727)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, Response, current_app, request

from feedsvc import __version__, routes
from feedsvc.documents.cache_control import cache_control
from feedsvc.documents.document import Rendered
from feedsvc.errors import UnknownResource
from feedsvc.routes import Route
from feedsvc.store import Snapshot
from feedsvc.web.context import cache, context
from feedsvc.web.openapi.examples import EXAMPLES
from feedsvc.web.openapi.operations import GROUPS, OPERATIONS, SUBSCRIPTION, Operation
from feedsvc.web.openapi.schemas import RESPONSES, SCHEMAS
from feedsvc.web.pages import ui_language
from feedsvc.web.pages.page import PageContext, in_language, render
from feedsvc.web.responses import answer
from feedsvc.web.static import DOCS_STYLE_NAME

blueprint = Blueprint("openapi", __name__)


def described_operations() -> Iterator[tuple[str, str, Operation]]:
    """Yield (path with parameters in braces, endpoint, operation) of each operation, in the order of OPERATIONS."""
    # A preview has further routes, which its own pages use alone.
    paths = {rule.endpoint: Route(rule.rule).template for rule in current_app.url_map.iter_rules()}
    paths[SUBSCRIPTION] = paths["hub.hub"]
    for endpoint, operation in OPERATIONS.items():
        yield paths[endpoint], endpoint, operation


def description(site_title: str, base_url: str) -> dict[str, Any]:
    """Return the API description as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1.html)."""
    paths: dict[str, Any] = {}
    for path, endpoint, operation in described_operations():
        paths.setdefault(path, {})[operation.method.lower()] = operation.operation_object(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": site_title, "version": __version__},
        "servers": [{"url": base_url}],
        "tags": [{"name": title} for title in GROUPS.values()],
        "paths": paths,
        "components": {"schemas": SCHEMAS},
    }


@blueprint.get(routes.OPENAPI.rule)
def openapi() -> Response:
    """Return the OpenAPI 3.1 document."""

    def render_it(snapshot: Snapshot) -> Rendered:
        site = snapshot.site()
        found = description(site.title.in_(site.language), site.base_url)
        body = json.dumps(found, ensure_ascii=False, indent=1).encode()
        return _rendered(snapshot, body, "application/json")

    return answer(cache().get("openapi", render_it), request)


@blueprint.get(routes.API_CATALOG.rule)
def catalog() -> Response:
    """Return the API catalog (RFC 9727), a linkset (RFC 9264) of the API descriptions."""

    def render_it(snapshot: Snapshot) -> Rendered:
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

    return answer(cache().get("api-catalog", render_it), request)


@blueprint.get(routes.DOCS.rule)
def docs() -> Response:
    """Return the overview of the description as a page, with feedsvc's extensions of the feed formats."""
    return _docs_page(None)


@blueprint.get(routes.DOCS_GROUP.rule)
def docs_group(group: str) -> Response:
    """Return the description of a group of operations as a page."""
    if group not in GROUPS:
        with context().store.read() as snapshot:
            known = snapshot.site().addresses.docs
        raise UnknownResource(f"no description of {group[:80]!r} (see {known})")
    return _docs_page(group)


def _docs_page(group: str | None) -> Response:
    """Return a page of the description, whose text is in English."""

    def render_page(snapshot: Snapshot, page: PageContext) -> Rendered:
        heading = GROUPS[group] if group else "HTTP API"
        rendered = render(
            page,
            "docs_group.html" if group else "docs.html",
            own=page.base.docs_group(group) if group else page.base.docs,
            last_modified=_last_modified(snapshot),
            made_of=frozenset(),
            title=f"{page.site.title.in_(page.ui)}: {f'{heading}, HTTP API' if group else heading}",
            description="",
            heading=heading,
            group=group,
            groups=GROUPS,
            operations=[each for each in described_operations() if group in (None, each[2].group)],
            examples=EXAMPLES,
            responses=RESPONSES,
            docs_style=page.root(routes.STATIC.path(name=DOCS_STYLE_NAME)),
        )
        return replace(rendered, headers={**rendered.headers, "Cache-Control": cache_control(page.site.cache)})

    ui = ui_language.wanted(request)
    return answer(cache().get(("docs", group, ui), in_language(ui, render_page)), request)


def _rendered(snapshot: Snapshot, body: bytes, media_type: str, headers: Mapping[str, str] = {}) -> Rendered:
    site = snapshot.site()
    return Rendered(
        # Of the site only.
        made_of=frozenset(),
        media_type=media_type,
        body=body,
        last_modified=_last_modified(snapshot),
        headers={"Cache-Control": cache_control(site.cache), **headers},
    )


def _last_modified(snapshot: Snapshot) -> datetime:
    return max(snapshot.site().established, snapshot.slices.last_change_of_site(), _TEXTS_CHANGED_AT)


# When the texts of the description last changed.
_TEXTS_CHANGED_AT: Final = datetime(2026, 11, 30, tzinfo=UTC)
