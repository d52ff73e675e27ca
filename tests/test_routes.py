"""feedsvc.routes: each path is written once, and all other modules import it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc import routes
from feedsvc.routes import ROUTES, Route
from tests.conftest import Publication

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "feedsvc"
BEGINNINGS = [re.escape(each.prefix) for each in ROUTES if each is not routes.HOME]
# A path of ours, at its beginning: "/feeds/", "/search", "//feeds/" …; not the folder /media-files/ of nginx.
OURS = re.compile(rf"/?(?:{'|'.join([*BEGINNINGS, routes.FEEDS, re.escape(routes.WELL_KNOWN)])})(?![a-z-])")


def test_a_route_knows_its_template_its_prefix_and_its_paths() -> None:
    route = Route("/feeds/<name>/<label>.<suffix>")
    assert route.template == "/feeds/{name}/{label}.{suffix}"
    assert route.prefix == "/feeds/"
    assert route.path(name="chips", label="2026-03", suffix="atom") == "/feeds/chips/2026-03.atom"
    assert Route("/sitemap-<int(min=1, max=50000):number>.xml").template == "/sitemap-{number}.xml"
    with pytest.raises(KeyError, match="label"):
        route.path(name="chips", suffix="atom")


def test_the_application_serves_the_table_and_nothing_else(publication: Publication) -> None:
    rules = [rule.rule for rule in publication.client().application.url_map.iter_rules()]
    assert sorted(rules) == sorted(each.rule for each in ROUTES)


def literals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The texts of a module that are no docstrings."""
    docstrings = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def test_no_other_module_writes_a_path() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: {text!r}"
        for file in sorted(PACKAGE.rglob("*.py"))
        if file != PACKAGE / "routes.py"
        for line, text in literals(ast.parse(file.read_text("utf-8")))
        if OURS.match(text)
    ]
    assert found == []


def test_no_template_or_script_writes_a_path() -> None:
    web = PACKAGE / "web"
    files = [*web.rglob("*.html"), *web.rglob("*.js"), *web.rglob("*.css")]
    attributes = re.compile(rf"""["'`(}}]{OURS.pattern}""")
    assert [file.name for file in files if attributes.search(file.read_text("utf-8"))] == []
    assert attributes.search('<a href="/search">') is not None


def test_nginx_knows_the_same_paths() -> None:
    """deploy/nginx.conf: limits for searches, and files of which it drops the query."""
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    assert rf"~^{routes.SEARCH.rule}\?." in text
    folders = re.findall(r"location ~ \^/\(([a-z|]+)\)/", text)
    assert [{f"/{name}/" for name in each.split("|")} for each in folders] == [
        {routes.MEDIA.prefix, routes.STATIC.prefix}
    ]
    # The internal folder of FEEDSVC_ACCEL is no address of ours.
    others = set(re.findall(r"location (/[^ ]*) ", text)) - {"/", routes.HUB.rule}
    assert not any(other.startswith(each.prefix) for other in others for each in ROUTES if each is not routes.HOME)
