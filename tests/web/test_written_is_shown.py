"""What an editor writes is what readers get: in all three formats, on the page, and in the report of a sync."""

import base64
import hashlib
import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from lxml import etree

from tests.conftest import Publication

PNG = b"\x89PNG\r\n\x1a\n\x00"
BODY = f"""\
價格5~10萬，人數20~30人。見https://example.com/a，後文 H~2~O

- [ ] 買菜
- [x] 完成

<p hidden>secret</p><p style="Display : none">secret</p>

<div>
<svg><text>lost</text></svg> <math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>
</div>

![picture](data:image/png;base64,{base64.b64encode(PNG).decode()})
"""


def _contents(client: FlaskClient) -> dict[str, str]:
    atom = etree.fromstring(client.get("/feeds/chips.atom").data)
    rss = etree.fromstring(client.get("/feeds/chips.rss").data)
    return {
        "atom": atom.findtext(".//{*}entry/{*}content") or "",
        "rss": rss.findtext(".//item/{http://purl.org/rss/1.0/modules/content/}encoded") or "",
        "json": json.loads(client.get("/feeds/chips.json").data)["items"][0]["content_html"],
        "page": client.get("/articles/a").get_data(as_text=True),
    }


@pytest.mark.parametrize("format_", ["atom", "rss", "json", "page"])
def test_what_is_written_is_what_is_shown(
    format_: str, publication: Publication, client: Callable[[], FlaskClient]
) -> None:
    publication.article("a", BODY)
    report = publication.sync()
    name = f"{hashlib.sha256(PNG).hexdigest()[:32]}.png"
    content = _contents(client())[format_]
    for shown in ("5~10萬，人數20~30人", "H~2~O", ">https://example.com/a</a>，後文", "☐ 買菜", "☑ 完成", "1/2", name):
        assert shown in content
    for gone in ("<del>", "secret", "lost", "data:image", '<input type="checkbox"'):
        assert gone not in content
    lines = [str(each) for each in report.problems]
    assert [each.partition(" (")[0] for each in lines] == [
        "articles/a.md:14: warning: <svg> is left out",
        "articles/a.md:14: warning: <math> becomes a line of text, or its TeX in <code>",
    ]
    with client().get(f"/media/{name}") as answer:
        assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/png", PNG)


def test_a_language_of_private_use_is_read_everywhere(
    publication: Publication, client: Callable[[], FlaskClient]
) -> None:
    publication.article("a", '<p lang="ja-x-kyoto">京</p>', language="zh-Hant-x-foo")
    assert not publication.sync().problems
    feed = json.loads(client().get("/feeds/chips.json?lang=zh-Hant-x-foo").data)
    assert [(each["language"], 'lang="ja-x-kyoto"' in each["content_html"]) for each in feed["items"]] == [
        ("zh-Hant-x-foo", True)
    ]


LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12345\n"
FRONT = "title: SECRET\npublished: 2026-10-02 10:00\ntopics: [chips]\n"
# Files that are not for the public, of each kind: path below articles/ → what is in it, after "---\n" and FRONT.
NOT_PUBLIC = {
    "marker.md": "status: private\n---\nSECRET",
    "flag.md": "Publish: no\n---\nSECRET",
    "unknown.md": "visibility: whom-it-concerns\n---\nSECRET",
    "over.md": "expires: 2026-10-03\n---\nSECRET",
    "over-elsewhere.md": "expiryDate: 2026-10-03\n---\nSECRET",
    "future.md": "updated: 2029-01-01\n---\nSECRET",
    "a copy.md": "---\nSECRET",
    "a.sync-conflict-20260101-120000-ABCDEFG.md": "---\nSECRET",
    "a のコピー.md": "---\nSECRET",
    "Kopie von a.md": "---\nSECRET",
    "_drafts/b.md": "---\nSECRET",
    "_archive/c.md": "---\nSECRET",
    ".obsidian/d.md": "---\nSECRET",
    "node_modules/e.md": "---\nSECRET",
    "_index.md": "---\nSECRET",
    "merge.md": "---\n<<<<<<< HEAD\nSECRET\n=======\nSECRET 2\n>>>>>>> other",
    "picture.md": "---\nSECRET ![](lfs.png)",
    "empty-picture.md": "---\nSECRET ![](empty.png)",
    "empty-image.md": "image: empty.png\n---\nSECRET",
    "torrent.md": "enclosure: e.torrent\n---\nSECRET",
}
WHERE_IT_WOULD_BE = (
    *(f"/feeds/{name}.{suffix}" for name in ("all", "chips") for suffix in ("rss", "atom", "json")),
    *(f"/feeds/chips/2026-10.{suffix}" for suffix in ("rss", "atom", "json")),
    *("/", "/topics/chips", "/months/2026-10", "/search?q=secret", "/sitemap.xml", "/feeds.opml"),
    *("/feeds/all.json?q=secret", "/feeds/all.atom?q=secret", "/feeds/all.rss?q=secret"),
)


@pytest.mark.parametrize("path", NOT_PUBLIC)
def test_what_is_not_for_the_public_is_in_no_document(
    path: str, publication: Publication, client: Callable[[], FlaskClient]
) -> None:
    """Guarantee 13, for every kind of file that is kept back, in all formats and on every page."""
    publication.article("a", "Text.")
    publication.write("articles/lfs.png", LFS)
    publication.write("articles/empty.png", b"")
    publication.write("articles/e.torrent", b"d8:announce")
    publication.write(f"articles/{path}", f"---\n{FRONT}{NOT_PUBLIC[path]}\n")
    assert publication.sync().added == ("a",)
    asking = client()
    for address in WHERE_IT_WOULD_BE:
        assert "SECRET" not in asking.get(address).get_data(as_text=True), address
    assert asking.get("/articles/a").status_code == 200
    slug = path.rpartition("/")[2].removesuffix(".md").replace(" ", "-")
    answer = asking.get(f"/articles/{slug}")
    assert answer.status_code in (404, 410)
    assert "SECRET" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", [path for path, text in NOT_PUBLIC.items() if text != "---\nSECRET"])
def test_what_was_published_before_stays_as_it_was_or_goes(
    path: str, publication: Publication, client: Callable[[], FlaskClient]
) -> None:
    """Guarantee 1: a file with something wrong keeps its last good version. One that is marked or over is withdrawn."""
    publication.write("articles/lfs.png", LFS)
    publication.write("articles/empty.png", b"")
    publication.write(f"articles/{path}", f"---\n{FRONT.replace('SECRET', 'Open')}---\nOpen\n")
    assert publication.sync().added == ("Open",)
    publication.write(f"articles/{path}", f"---\n{FRONT}{NOT_PUBLIC[path]}\n")
    publication.sync()
    asking = client()
    withdrawn = path.startswith(("marker", "flag", "unknown", "over"))
    assert asking.get(f"/articles/{path.removesuffix('.md')}").status_code == (410 if withdrawn else 200)
    for suffix in ("rss", "atom", "json"):
        shown = asking.get(f"/feeds/all.{suffix}").get_data(as_text=True)
        assert "SECRET" not in shown
        assert ("Open" in shown) is not withdrawn
    if withdrawn:
        assert "deleted-entry" in asking.get("/feeds/all.atom").get_data(as_text=True)
