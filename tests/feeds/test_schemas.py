"""Every golden document against the schema of its format, and in front of strict parsers."""

import json
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

import jsonschema  # type: ignore[import-untyped]
import pytest
from lxml import etree

from tests import goldens

SCHEMAS: Final = Path(__file__).parents[1] / "schemas"
ATOM: Final = etree.RelaxNG(etree.parse(str(SCHEMAS / "atom.rng")))
JSON_FEED: Final = jsonschema.Draft202012Validator(json.loads((SCHEMAS / "json-feed-1.1.json").read_text()))
STRICT: Final = etree.XMLParser(recover=False, resolve_entities=False, no_network=True)
NAMESPACES: Final = {"atom": "http://www.w3.org/2005/Atom"}
# The Schematron rules of RFC 4287, Appendix B, turned round: what must not be found.
FORBIDDEN: Final = {
    "a feed needs an author unless each entry has one": "//atom:feed[not(atom:author)][atom:entry[not(atom:author)]]",
    "an entry needs an alternate link or content": (
        "//atom:entry[not(atom:link[@rel='alternate'] or atom:link[not(@rel)] or atom:content)]"
    ),
    "an entry needs an author if its feed has none": (
        "//atom:entry[not(atom:author or ../atom:author or atom:source/atom:author)]"
    ),
}


def _documents(*suffixes: str) -> list[Any]:
    names = sorted(path.name for path in goldens.FOLDER.iterdir() if path.suffix in suffixes)
    return [pytest.param((goldens.FOLDER / name).read_bytes(), id=name) for name in names]


@pytest.mark.parametrize("document", _documents(".atom"))
def test_atom_is_valid_under_rfc_4287(document: bytes) -> None:
    root = etree.fromstring(document, STRICT)
    ATOM.assertValid(root)
    for rule, path in FORBIDDEN.items():
        assert root.xpath(path, namespaces=NAMESPACES) == [], rule


@pytest.mark.parametrize("document", _documents(".json"))
def test_json_is_valid_under_json_feed_1_1(document: bytes) -> None:
    assert [error.message for error in JSON_FEED.iter_errors(json.loads(document))] == []


@pytest.mark.parametrize("document", _documents(".atom", ".rss"))
def test_xml_parses_without_recovery(document: bytes) -> None:
    etree.fromstring(document, STRICT)
    expat.ParserCreate(namespace_separator=" ").Parse(document, True)


@pytest.mark.parametrize(
    ("valid", "broken"),
    [
        ("<id>", "<id/><id>"),
        ("2026-10-05T06:07:08Z", "yesterday"),
        ('rel="self"', 'rel="self" size="2"'),
        ('type="text/html"', 'type="html"'),
        ("<subtitle>", "<strapline/><subtitle>"),
    ],
)
def test_the_atom_schema_refuses_what_is_wrong(valid: str, broken: str) -> None:
    document = (goldens.FOLDER / "plain.atom").read_text()
    assert valid in document
    assert not ATOM.validate(etree.fromstring(document.replace(valid, broken, 1).encode()))


@pytest.mark.parametrize(
    ("valid", "broken"),
    [
        ('"version"', '"edition"'),
        ('"id":"tag', '"id":1,"x":"tag'),
        ('"content_html"', '"content"'),
        ("2026-10-01T02:02:04Z", "1 October 2026"),
        ("https://example.org/articles/older", "/articles/older"),
    ],
)
def test_the_json_schema_refuses_what_is_wrong(valid: str, broken: str) -> None:
    document = (goldens.FOLDER / "plain.json").read_text()
    assert valid in document
    assert not JSON_FEED.is_valid(json.loads(document.replace(valid, broken, 1)))
