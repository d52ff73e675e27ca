"""/openapi.json and /docs describe all routes, and the responses of all routes conform to that description."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from jsonschema_rs import validator_for
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from selectolax.lexbor import LexborHTMLParser

from feedsvc.articles.metadata.registry import FIELDS
from feedsvc.slices.grammar import AFTER, PARAMETERS
from feedsvc.web import create_app
from feedsvc.web.openapi import views as openapi
from feedsvc.web.openapi.operations import GROUPS, OPERATIONS, SUBSCRIPTION
from feedsvc.web.openapi.schemas import RESPONSES, SCHEMAS
from feedsvc.web.query_params import PAGE_PARAMETERS
from tests import api_examples
from tests.api_examples import TOKEN
from tests.conftest import SITE_TOML, Publication
from tests.web.resources import BASE, PICTURE_NAME, ask, fill


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    made = Publication(tmp_path_factory.mktemp("described"))
    fill(made)
    made.write("site.toml", f'gone_topics = ["closed"]\n{SITE_TOML}')
    made.sync()
    return made


@pytest.fixture(scope="module")
def schema(described: Publication) -> schemathesis.BaseSchema:
    app = described.client().application
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


def test_every_route_is_described_and_no_other(described: Publication) -> None:
    app = described.client().application
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(OPERATIONS) - {SUBSCRIPTION}
    with app.test_request_context():
        operations = list(openapi.described_operations())
    named = [(operation.method, path) for path, _, operation in operations]
    assert ("GET", "/feeds/{name}/{label}.{suffix}") in named
    assert ("POST", "/hub") in named
    assert len(named) == len(set(named)) == len(list(app.url_map.iter_rules())) + 1
    for path, _, operation in operations:
        assert [each.name for each in operation.path] == re.findall(r"\{(\w+)\}", path)
        assert set(operation.statuses) <= set(RESPONSES)


# A request for each status, with the header fields that it needs.
ANSWERS = [
    ("feeds.feed", "/feeds/closed.atom", {}, 410),
    ("feeds.feed", "/feeds/none.atom", {}, 404),
    ("feeds.feed", "/feeds/chips.atom?lang=x!", {}, 400),
    ("feeds.feed", "/feeds/chips.atom", {"Accept_Encoding": "identity;q=0, *;q=0"}, 406),
    ("feeds.feed", "/feeds/chips.atom", {"If_Match": '"other"'}, 412),
    ("feeds.archive", "/feeds/chips/1999.atom", {}, 404),
    ("opml.opml", "/feeds.opml?topic=closed", {}, 410),
    ("embed.embed", "/embed/chips?theme=blue", {}, 400),
    ("pages.home", "/?page=99", {}, 404),
    ("pages.topic", "/topics/closed", {}, 410),
    ("pages.search", "/search?q=a&page=x", {}, 400),
    ("pages.article", "/articles/old", {}, 301),
    ("subscribe.subscribe", "/subscribe?feed=chips.zip", {}, 404),
    ("media.media", f"/media/{PICTURE_NAME}", {"Range": "bytes=0-3"}, 206),
    ("media.media", f"/media/{PICTURE_NAME}", {"Range": "bytes=9999-"}, 416),
    ("static.static", "/static/none.css", {}, 404),
    ("status.status", "/status", {}, 403),
    ("hub.self_test", "/hub/self-test/none", {}, 400),
]


@pytest.mark.parametrize(("endpoint", "path", "headers", "status"), ANSWERS)
def test_the_statuses_of_a_path_are_described(
    described: Publication, endpoint: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = ask(described.client(), path, **headers)
    assert answer.status_code == status, answer.text
    assert str(status) in OPERATIONS[endpoint].statuses
    if status >= 400:
        assert re.fullmatch(r"[^\n]+\n", answer.text)


def test_examples_are_what_is_answered(published: Publication) -> None:
    client = create_app(replace(published.settings, status_token=TOKEN)).test_client()
    assert api_examples.written(api_examples.all_examples(client)) == api_examples.FILE.read_text("utf-8"), (
        "run `make goldens`"
    )


def test_the_schema_of_an_item_has_the_members_of_the_registry() -> None:
    members = {field.shown.json.partition(".")[0] for field in FIELDS.values() if field.shown.json}
    assert members <= set(SCHEMAS["Item"]["properties"])


def test_a_feed_conforms_to_its_schema(described: Publication) -> None:
    found = json.loads(ask(described.client(), "/openapi.json").data)
    validator = validator_for({"$ref": "#/components/schemas/JsonFeed", "components": found["components"]})
    for path in ("/feeds/all.json", "/feeds/chips.json?body=summary", "/feeds/all/2026-10.json"):
        feed = json.loads(ask(described.client(), path).data)
        assert list(validator.iter_errors(feed)) == []
        assert feed["items"]
        feed["items"][0]["unknown"] = 1
        assert len(list(validator.iter_errors(feed))) == 1


def test_every_parameter_of_a_feed_is_described(described: Publication) -> None:
    found = json.loads(ask(described.client(), "/openapi.json").data)
    named = found["paths"]["/feeds/{name}.{suffix}"]["get"]["parameters"]
    assert {each["name"] for each in named if each["in"] == "query"} == {*PARAMETERS, AFTER, *PAGE_PARAMETERS}
    assert found["servers"] == [{"url": BASE}]


CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_what_is_asked_for_is_answered_as_described(schema: schemathesis.BaseSchema) -> None:
    described: list[Any] = list(schema.get_all_operations())
    operations = [each.ok() for each in described]
    assert {each.path for each in operations} >= {"/feeds/{name}.{suffix}", "/feeds/{name}/{label}.{suffix}"}
    for operation in operations:

        @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def holds(case: Any) -> None:
            case.call_and_validate(checks=CHECKS)

        holds()


@pytest.mark.parametrize("anchor", ["cursor", "extension"])
def test_the_page_explains_what_documents_point_to(described: Publication, anchor: str) -> None:
    answer = ask(described.client(), "/docs")
    page = LexborHTMLParser(answer.text)
    assert page.css_first(f"#{anchor} h2") is not None
    assert page.css("script") == []
    assert page.css_first("header.site nav") is not None
    assert "script-src" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("ui", ["", "?ui=zh-Hant"])
def test_each_operation_has_its_entry_in_the_overview_and_its_description_in_one_group(
    described: Publication, ui: str
) -> None:
    """Links to an address at /docs, where all descriptions were before, lead to its entry, and that to its page."""
    client = described.client()
    overview = LexborHTMLParser(ask(client, f"/docs{ui}").text)
    links = {str(each.attributes["href"]) for each in overview.css(".addresses dt a")}
    named, examples = [], 0
    for group in GROUPS:
        page = LexborHTMLParser(ask(client, f"/docs/{group}{ui}").text)
        named += [node.text() for node in page.css(".call code")]
        examples += len(page.css(".example"))
        anchors = {each.attributes["id"] for each in page.css(".call")}
        assert {f"/docs/{group}{ui}#{each}" for each in anchors} <= links
        assert anchors <= {each.attributes["id"] for each in overview.css(".addresses dt")}
        assert [each.attributes["href"] for each in page.css(".groups [aria-current]")] == [f"/docs/{group}{ui}"]
    assert len(links) == examples == len(OPERATIONS)
    assert set(named) == set(json.loads(ask(client, "/openapi.json").data)["paths"])
    assert all(overview.css_first(f"#group-{number}") is not None for number in range(1, len(GROUPS) + 1))
    missing = ask(client, "/docs/none")
    assert (missing.status_code, missing.text) == (404, f"no description of 'none' (see {BASE}/docs)\n")


def test_both_are_conditional(described: Publication) -> None:
    client: FlaskClient = described.client()
    for path in ("/openapi.json", "/docs", "/docs/feeds"):
        tag = ask(client, path).headers["ETag"]
        assert ask(client, path, If_None_Match=tag).status_code == 304


def test_the_page_is_english_below_a_masthead_in_the_language_of_the_reader(publication: Publication) -> None:
    """Its text exists in English alone, and says so."""
    publication.write("site.toml", SITE_TOML.replace('language = "en"', 'language = "zh-Hant"'))
    publication.sync()
    for path, ui, name, note in (("/docs", "zh-Hant", "測試週刊", 1), ("/docs?ui=en", "en", "Test Weekly", 0)):
        page = LexborHTMLParser(ask(publication.client(), path).text)
        assert page.css("html")[0].attributes["lang"] == ui
        assert page.css("main .api")[0].attributes["lang"] == "en"
        assert page.css(".name")[0].text() == name
        assert len(page.css(".head .only[lang=zh-Hant]")) == note
        assert len(page.css("header.site a[hreflang]")) == 1
