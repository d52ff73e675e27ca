"""/media/…: ranges (RFC 9110 §14), names, and the life of a file."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedsvc.web import create_app
from tests.conftest import Publication
from tests.web.resources import PICTURE, PICTURE_FILE, ask, fields

SIZE = len(PICTURE)
PATH = PICTURE_FILE.path
RANGES = {
    "bytes=0-0": (0, 1),
    "bytes=0-9": (0, 10),
    "bytes=10-": (10, SIZE),
    "bytes=-5": (SIZE - 5, SIZE),
    f"bytes=5-{SIZE * 2}": (5, SIZE),
}
# More than there is, not understood, not one range, or not a range at all: ignored.
IGNORED = [
    f"bytes=-{SIZE}",
    f"bytes=-{SIZE * 2}",
    "bytes=0-1,3-4",
    "items=0-5",
    "bytes",
    "bytes=",
    "bytes=a-b",
    "bytes=-",
    "nonsense",
    "",
    f"bytes={10**40}-",
]


@pytest.mark.parametrize(("written", "part"), RANGES.items())
def test_a_range(poller: FlaskClient, written: str, part: tuple[int, int]) -> None:
    """§14.2, §15.3.7: 206 with the part, its place and the validators of the whole."""
    whole, answer = ask(poller, PATH), ask(poller, PATH, Range=written)
    assert (answer.status_code, answer.data) == (206, PICTURE[slice(*part)])
    assert answer.headers["Content-Range"] == f"bytes {part[0]}-{part[1] - 1}/{SIZE}"
    for name in ("ETag", "Last-Modified", "Cache-Control", "Content-Type", "Vary"):
        assert answer.headers[name] == whole.headers[name]


@pytest.mark.parametrize("written", IGNORED)
def test_other_ranges_are_ignored(poller: FlaskClient, written: str) -> None:
    """§14.2: an origin server MUST ignore a Range with a unit it does not understand, and may ignore the others."""
    assert_whole(ask(poller, PATH, Range=written))


def assert_whole(answer: TestResponse) -> None:
    """The whole picture."""
    assert (answer.status_code, answer.data) == (200, PICTURE)
    assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("written", [f"bytes={SIZE}-", f"bytes={SIZE * 2}-{SIZE * 3}"])
def test_a_range_behind_the_end(poller: FlaskClient, written: str) -> None:
    """§15.5.17: 416, and Content-Range tells how long it is."""
    answer = ask(poller, PATH, Range=written)
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{SIZE}")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_range_of_what_has_changed(poller: FlaskClient) -> None:
    """§13.1.5: If-Range with another validator gets the whole."""
    whole = ask(poller, PATH)
    assert ask(poller, PATH, Range="bytes=0-1", If_Range=whole.headers["ETag"]).status_code == 206
    assert ask(poller, PATH, Range="bytes=0-1", If_Range=whole.headers["Last-Modified"]).status_code == 206
    assert_whole(ask(poller, PATH, Range="bytes=0-1", If_Range='"other"'))


def test_a_range_is_for_get_alone(poller: FlaskClient) -> None:
    """§14.2: a server MUST ignore a Range with any other method; 9. HEAD sends the same headers as GET."""
    assert fields(ask(poller, PATH, "HEAD", Range="bytes=0-1")) == fields(ask(poller, PATH))


def test_feeds_have_no_ranges(poller: FlaskClient) -> None:
    """A part of a feed is of no use; the whole is sent."""
    answer = ask(poller, "/feeds/all.atom", Range="bytes=0-1")
    assert (answer.status_code, "Accept-Ranges" in answer.headers) == (200, False)


def test_a_new_picture_has_a_new_name(filled: Publication) -> None:
    """Media have content-addressed names; readers hold entries that show the old one, so both are there."""
    filled.write("articles/hello/pic.svg", PICTURE.replace(b"4", b"3"))
    filled.sync(whole=True)
    client = filled.client()
    assert PATH not in ask(client, "/articles/hello").text
    assert_whole(ask(client, PATH))


def test_a_file_goes_with_its_article(filled: Publication) -> None:
    """Promise 8: a removed article is gone everywhere."""
    (filled.settings.content / "articles/hello/index.md").unlink()
    filled.sync()
    assert ask(filled.client(), PATH).status_code == 404


def test_what_only_stands_in_the_folder_is_not_served(filled: Publication) -> None:
    """The store says what is published."""
    (filled.settings.media_folder / "secret.svg").write_bytes(PICTURE)
    assert ask(filled.client(), "/media/secret.svg").status_code == 404


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("clip one (2).svg", 'inline; filename="clip one (2).svg"'),
        ("晶圓 圖.svg", "inline; filename=\"{}\"; filename*=UTF-8''%E6%99%B6%E5%9C%93%20%E5%9C%96.svg"),
        ("שלום.svg", "inline; filename=\"{}\"; filename*=UTF-8''%D7%A9%D7%9C%D7%95%D7%9D.svg"),
        ("50%.svg", "inline; filename=\"{}\"; filename*=UTF-8''50%25.svg"),
        ('a"b;c.svg', "inline; filename=\"{}\"; filename*=UTF-8''a%22b%3Bc.svg"),
        ("gpj.\u202eexe.svg", 'inline; filename="gpj._exe.svg"'),
    ],
)
@pytest.mark.parametrize("accel", [None, "/media-files/"])
def test_a_file_is_saved_under_its_own_name(
    publication: Publication, name: str, wanted: str, accel: str | None
) -> None:
    """RFC 6266 and RFC 8187: its own name, not that of its address; no control or bidi character in it."""
    publication.write(f"articles/{name}", PICTURE)
    text = name.replace('"', "&quot;").replace("%", "%25")
    publication.article("one", f'<p>x</p>\n<img alt="x" src="{text}">', suffix=".html")
    publication.sync()
    client = create_app(replace(publication.settings, accel=accel)).test_client()
    answers = ask(client, PATH), ask(client, PATH, "HEAD"), ask(client, PATH, Range="bytes=0-3")
    assert {answer.status_code for answer in answers} <= {200, 206}
    assert {answer.headers["Content-Disposition"] for answer in answers} == {wanted.format(PATH.rpartition("/")[2])}


def test_a_file_without_a_name_of_its_own_has_that_of_its_address(publication: Publication) -> None:
    """A data: picture, and a file of a store that knew no names; its name comes with the next reading."""
    publication.article("one", "![x](pic.svg)")
    publication.write("articles/pic.svg", PICTURE)
    publication.sync()
    with publication.store.write(publication.now) as commit:
        commit._session.connection.exec_driver_sql("UPDATE media SET filename = ''")
    client = publication.client()
    hashed = PATH.rpartition("/")[2]
    assert ask(client, PATH).headers["Content-Disposition"] == f'inline; filename="{hashed}"'
    publication.article("one", "![x](pic.svg) More.")
    publication.sync()
    assert ask(client, PATH).headers["Content-Disposition"] == 'inline; filename="pic.svg"'
    publication.article("two", "![x](other.svg)")
    publication.write("articles/other.svg", PICTURE)
    publication.sync()
    assert ask(client, PATH).headers["Content-Disposition"] == 'inline; filename="pic.svg"'
