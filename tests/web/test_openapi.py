"""/openapi.json and /docs describe all routes, and the responses of all routes conform to that description."""

import json
import re
from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from selectolax.lexbor import LexborHTMLParser

from feedsvc.slices.grammar import AFTER, PARAMETERS
from feedsvc.web.openapi import views as openapi
from feedsvc.web.openapi.operations import OPERATIONS
from feedsvc.web.query_params import PAGE_PARAMETERS
from tests.conftest import Publication
from tests.web.resources import BASE, ask, fill


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    made = Publication(tmp_path_factory.mktemp("described"))
    fill(made)
    made.sync()
    return made


@pytest.fixture(scope="module")
def schema(described: Publication) -> schemathesis.BaseSchema:
    app = described.client().application
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


def test_every_route_is_described_and_no_other(described: Publication) -> None:
    app = described.client().application
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(OPERATIONS)
    with app.test_request_context():
        described_paths = list(openapi.described_paths())
    paths = [path for path, _ in described_paths]
    assert "/feeds/{name}/{label}.{suffix}" in paths
    assert len(paths) == len(set(paths)) == len(list(app.url_map.iter_rules()))
    for path, endpoint in described_paths:
        assert [each.name for each in OPERATIONS[endpoint].path] == re.findall(r"\{(\w+)\}", path)


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
    assert [node.text() for node in page.css("h2 code")] == list(
        json.loads(ask(described.client(), "/openapi.json").data)["paths"]
    )
    assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_both_are_conditional(described: Publication) -> None:
    client: FlaskClient = described.client()
    for path in ("/openapi.json", "/docs"):
        tag = ask(client, path).headers["ETag"]
        assert ask(client, path, If_None_Match=tag).status_code == 304
