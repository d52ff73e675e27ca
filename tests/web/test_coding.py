"""docs/http.md, Coding: rule 6."""

import gzip
from collections.abc import Callable, Mapping
from typing import Final

import brotli
import pytest
from flask.testing import FlaskClient

from tests.web.resources import RENDERED, RESOURCES, STYLE, Resource, ask, over

CODED: Final = [*RENDERED, STYLE]
# Accept-Encoding → the coding that is sent; None for 406.
CHOICES: Final[Mapping[str, str | None]] = {
    "": "identity",
    "identity": "identity",
    "gzip": "gzip",
    "br": "br",
    "gzip, br": "br",
    "gzip, deflate, br, zstd": "br",
    "gzip;q=1.0, br;q=0.5": "gzip",
    "gzip;q=0.001": "gzip",
    "br;q=0, gzip": "gzip",
    "br;q=0, gzip;q=0": "identity",
    "gzip;q=0": "identity",
    "identity, gzip;q=0.5": "identity",
    "identity;q=0.5, gzip;q=0.4": "identity",
    "GZIP": "gzip",
    "x-gzip": "gzip",
    "deflate, zstd": "identity",
    "*": "br",
    "*;q=0.5, gzip": "gzip",
    "br;q=0, *": "gzip",
    "*;q=0, gzip": "gzip",
    "*;q=0, identity": "identity",
    "identity;q=0, gzip": "gzip",
    "identity;q=0, *": "br",
    "identity;q=0": None,
    "*;q=0": None,
    "identity;q=0, zstd": None,
    "nonsense": "identity",
    ";;,,=": "identity",
    "gzip;q=abc": "identity",
    "gzip;q=": "gzip",
    "gzip\t;\tq=0.5": "gzip",
    "," * 5000: "identity",
}
DECODERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "identity": lambda body: body,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
}


@pytest.mark.parametrize(("accepted", "coding"), CHOICES.items(), ids=[each[:40] or "empty" for each in CHOICES])
def test_accept_encoding_chooses(poller: FlaskClient, accepted: str, coding: str | None) -> None:
    """6. br, gzip, identity by Accept-Encoding q-values, `identity;q=0` and `*` included."""
    for resource in CODED:
        answer = ask(poller, resource.path, Accept_Encoding=accepted)
        if coding is None:
            assert answer.status_code == 406
            assert answer.text == "no acceptable content coding (accept identity, gzip or br)\n"
        else:
            assert answer.status_code == 200
            assert answer.headers.get("Content-Encoding", "identity") == coding


@over(CODED)
def test_coded_bodies_decode_to_the_identity_body(poller: FlaskClient, resource: Resource) -> None:
    """6. br, gzip, identity: one document."""
    plain = ask(poller, resource.path)
    assert "Content-Encoding" not in plain.headers
    for coding, decode in DECODERS.items():
        answer = ask(poller, resource.path, Accept_Encoding=coding)
        assert decode(answer.data) == plain.data
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        assert answer.headers["Content-Type"] == plain.headers["Content-Type"]


def test_files_of_articles_are_sent_as_they_are(poller: FlaskClient) -> None:
    """6. Media are compressed in themselves and asked for in ranges, so identity is their only coding (§12.5.3)."""
    path = next(each.path for each in RESOURCES if each.path.startswith("/media/"))
    answer = ask(poller, path, Accept_Encoding="br, gzip")
    assert (answer.status_code, answer.headers.get("Content-Encoding")) == (200, None)


@over(RESOURCES)
def test_vary_is_on_all(poller: FlaskClient, resource: Resource) -> None:
    """6. … `Vary: Accept-Encoding` on all, 304s too."""
    tag = ask(poller, resource.path).headers["ETag"]
    answers = [
        ask(poller, resource.path),
        ask(poller, resource.path, Accept_Encoding="gzip"),
        ask(poller, resource.path, If_None_Match=tag),
        ask(poller, resource.path, "HEAD"),
        ask(poller, resource.path, "OPTIONS"),
        ask(poller, resource.path, "POST"),
    ]
    assert [each.status_code for each in answers] == [200, 200, 304, 200, 200, 405]
    for answer in answers:
        assert "Accept-Encoding" in answer.headers["Vary"].split(", ")


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/nothing", "/feeds/nothing.atom", "/feeds/all.atom?x=1", "/articles/old"]
)
def test_vary_is_on_the_rest_too(poller: FlaskClient, path: str) -> None:
    """6. … `Vary: Accept-Encoding` on all."""
    assert "Accept-Encoding" in ask(poller, path).headers["Vary"].split(", ")
