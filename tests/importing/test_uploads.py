"""`feedsvc import --media`: pictures of a copy of WordPress's uploads go into the bundles of articles."""

import json
import os
import unicodedata
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from feedsvc.importing.source_files import UploadedFiles
from tests.importing.archives import OTHER_PNG, PNG
from tests.importing.conftest import Run, articles
from tests.importing.wordpress import HOME, attachment, item, meta, wxr

UPLOADS = f"{HOME}/wp-content/uploads"
TEXT = "<p>晶圓廠開工，半導體的晶片從這裡出來。</p>"
JPEG = b"\xff\xd8\xff\xe0" + bytes(20)


CDATA = "<![CDATA[<p>{text}</p>]]>"
DOCUMENTS = {
    "post.md": "---\ntitle: T\ndate: 2026-03-01\ntopics: [chips]\nslug: post\n---\n\n{text}\n",
    "post.html": "<html><head><title>T</title><meta property='article:published_time' content='2026-03-01'></head>"
    "<body><article><h1>T</h1>{text}</article></body></html>",
    "feed.rss": "<rss version='2.0'><channel><title>T</title><item><title>T</title><guid>1</guid>"
    f"<pubDate>2026-03-01</pubDate><description>{CDATA}</description></item></channel></rss>",
    "feed.atom": "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry><id>urn:x:1</id><title>T</title>"
    f"<updated>2026-03-01T00:00:00Z</updated><content type='html'>{CDATA}</content></entry></feed>",
}


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """Return an empty copy of the uploads."""
    folder = tmp_path / "uploads"
    (folder / "2026" / "03").mkdir(parents=True)
    return folder


def put(media: Path, path: str | bytes, data: bytes = PNG) -> Path:
    """Write a file below the uploads."""
    file = media / (os.fsdecode(path) if isinstance(path, bytes) else path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def export(tmp_path: Path, content: str, *others: str, more: str = "") -> Path:
    """Write an export with one post."""
    tmp_path.mkdir(exist_ok=True)
    path = tmp_path / "old.xml"
    path.write_bytes(wxr(item(f"{TEXT}\n\n{content}", more=more), *others))
    return path


def picture(url: str) -> str:
    """Return a picture with another size."""
    return f'<img src="{url}" srcset="{url} 2x" sizes="10em" alt="圖">'


NFC = unicodedata.normalize("NFC", "が")
NFD = unicodedata.normalize("NFD", "が")
FOUND: list[tuple[str, str | bytes, str]] = [
    (f"{UPLOADS}/2026/03/a.png", "2026/03/a.png", "a.png"),
    (f"{UPLOADS}/2026/03/a-300x200.png", "2026/03/a-300x200.png", "a-300x200.png"),
    (f"{UPLOADS}/2026/03/a-300x200.png", "2026/03/a.png", "a.png"),
    (f"{UPLOADS}/2026/03/a-1024x768.jpg", "2026/03/a-scaled.jpg", "a-scaled.jpg"),
    (f"{UPLOADS}/2026/03/a-scaled.jpg", "2026/03/a.jpg", "a.jpg"),
    (f"{UPLOADS}/2026/03/晶圓 1.png", "2026/03/晶圓 1.png", "晶圓%201.png"),
    (f"{UPLOADS}/2026/03/{quote('晶圓')}.png", "2026/03/晶圓.png", "晶圓.png"),
    (f"{UPLOADS}/2026/03/{quote('晶圓')}.png", f"2026/03/{quote('晶圓')}.png", "晶圓.png"),
    (f"{UPLOADS}/2026/03/{quote('晶圓')}.png", "2026/03/晶圓.png".encode("gb18030"), "晶圓.png"),
    (f"{UPLOADS}/2026/03/{quote('說明圖')}.png", "2026/03/說明圖.png".encode("big5"), "說明圖.png"),
    (f"{UPLOADS}/2026/03/{quote(NFC)}.png", f"2026/03/{NFD}.png", f"{NFC}.png"),
    (f"{UPLOADS}/2026/03/{quote(NFD)}.png", f"2026/03/{NFC}.png", f"{NFC}.png"),
    ("//blog.example.net/wp-content/uploads/2026/03/a.png", "2026/03/a.png", "a.png"),
    ("/wp-content/uploads/2026/03/a.png", "2026/03/a.png", "a.png"),
    ("http://www.blog.example.net/wp-content/uploads/2026/03/a.png?w=300", "2026/03/a.png", "a.png"),
    ("https://i1.wp.com/blog.example.net/wp-content/uploads/2026/03/a.png", "2026/03/a.png", "a.png"),
    (f"{UPLOADS}/sites/3/2026/03/a.png", "sites/3/2026/03/a.png", "a.png"),
]


@pytest.mark.parametrize("case", FOUND, ids=str)
def test_a_picture_goes_into_the_bundle(
    run: Run, content: Path, media: Path, tmp_path: Path, case: tuple[str, str | bytes, str]
) -> None:
    url, path, name = case
    put(media, path)
    source = export(tmp_path, picture(url))
    result = run(source, "--media", media)
    assert result.exit_code == 0, result.output
    (article,) = articles(content)
    assert article.relative_to(content).as_posix() == "articles/2026/03/day-1/index.md"
    assert article.read_text("utf-8").endswith(f"\n![圖]({name})\n")
    assert [each.read_bytes() for each in article.parent.iterdir() if each != article] == [PNG]
    assert "warning" not in result.stderr
    assert "0 written, 0 replaced, 1 unchanged, 0 set aside" in run(source, "--media", media).stderr


def test_the_featured_image_and_links_to_pictures(run: Run, content: Path, media: Path, tmp_path: Path) -> None:
    put(media, "2026/03/a.png")
    put(media, "2026/03/b.jpg", JPEG)
    link = f'<a href="{UPLOADS}/2026/03/b.jpg"><img src="{UPLOADS}/2026/03/b-300x200.jpg" alt=""></a>'
    thumbnail = attachment(7, "2026/03/a.png", more=meta("_wp_attachment_image_alt", "機台"))
    source = export(tmp_path, link, thumbnail, more=meta("_thumbnail_id", "7"))
    assert run(source, "--media", media).exit_code == 0
    (article,) = articles(content)
    assert "\nimage: {src: a.png, alt: 機台}\n" in article.read_text("utf-8")
    assert "[![](b.jpg)](b.jpg)" in article.read_text("utf-8")
    assert sorted(each.name for each in article.parent.iterdir()) == ["a.png", "b.jpg", "index.md"]


def test_two_pictures_of_one_name_stay_two(run: Run, content: Path, media: Path, tmp_path: Path) -> None:
    put(media, "2026/02/a.png")
    put(media, "2026/03/a.png", OTHER_PNG)
    text = picture(f"{UPLOADS}/2026/02/a.png") + picture(f"{UPLOADS}/2026/03/a.png")
    assert run(export(tmp_path, text), "--media", media).exit_code == 0
    (article,) = articles(content)
    assert [article.with_name(each).read_bytes() for each in ("a.png", "a-2.png")] == [PNG, OTHER_PNG]


@pytest.mark.parametrize("option", [True, False])
def test_a_picture_that_is_not_there_stays_a_link(
    run: Run, content: Path, media: Path, tmp_path: Path, *, option: bool
) -> None:
    source = export(tmp_path, picture(f"{UPLOADS}/2026/03/a.png") + picture(f"{UPLOADS}/2026/03/b.png"))
    result = run(source, *(["--media", media] if option else []))
    assert result.exit_code == 0
    (article,) = articles(content)
    assert article.name == "day-1.md"
    assert f"![圖]({UPLOADS}/2026/03/a.png)" in article.read_text("utf-8") or "<img" in article.read_text("utf-8")
    note = "2 pictures stay at old addresses, since the folder of --media has no such picture:"
    assert (f"{note} 2026/03/a.png, 2026/03/b.png" in result.stderr) is option


def refused_files(media: Path, outside: Path) -> None:
    """Write what must not be read as 2026/03/a.png in some way, and what such a name could lead to."""
    put(outside, "a.png")
    put(outside, "03/a.png")
    (media / "2026/03/link.png").symlink_to(outside / "a.png")
    (media / "2026/03/inner.png").symlink_to("real.png")
    put(media, "2026/03/real.png")
    (media / "folder").symlink_to(outside)
    put(media, "2026/03/.hidden.png")
    put(media, "2026/03/page.png", b"<!DOCTYPE html><html><body>404</body></html>")
    put(media, "2026/03/empty.png", b"")
    os.mkfifo(media / "2026/03/pipe.png")
    (media / "2026/03/dir.png").mkdir()


REFUSED = ["2026/03/link.png", "2026/03/inner.png", "folder/a.png", "folder/03/a.png", "2026/03/.hidden.png"]
REFUSED += ["2026/03/page.png", "2026/03/empty.png", "2026/03/pipe.png", "2026/03/dir.png", "..%2Foutside/a.png"]
REFUSED += ["2026/03/..%2F..%2F..%2Foutside%2Fa.png", "2026//03/real.png", "%2Fetc/a.png", "2026/03%5Creal.png"]


@pytest.mark.parametrize("path", REFUSED)
def test_nothing_but_a_picture_of_the_folder_is_read(
    run: Run, content: Path, media: Path, tmp_path: Path, path: str
) -> None:
    refused_files(media, tmp_path / "outside")
    result = run(export(tmp_path, picture(f"{UPLOADS}/{path}")), "--media", media)
    assert result.exit_code == 0
    (article,) = articles(content)
    assert article.name == "day-1.md"
    assert UPLOADS in article.read_text("utf-8")


@pytest.mark.parametrize("path", ["../outside/a.png", "/etc/passwd", "2026/../../outside/a.png", "", ".", "2026/03"])
def test_no_path_leads_out_of_the_folder(media: Path, tmp_path: Path, path: str) -> None:
    put(tmp_path / "outside", "a.png")
    assert not UploadedFiles(media).has(path)


def test_pictures_of_other_sites_stay_theirs(run: Run, content: Path, media: Path, tmp_path: Path) -> None:
    put(media, "2026/03/a.png")
    text = picture("https://other.example/wp-content/uploads/2026/03/a.png")
    result = run(export(tmp_path, text), "--media", media)
    (article,) = articles(content)
    assert article.name == "day-1.md"
    assert "warning" not in result.stderr


def test_uploads_beside_the_export_need_no_option(run: Run, content: Path, tmp_path: Path) -> None:
    put(tmp_path / "site" / "wp-content" / "uploads", "2026/03/a.png")
    export(tmp_path / "site", picture(f"{UPLOADS}/2026/03/a-300x200.png"))
    assert run(tmp_path / "site").exit_code == 0
    (article,) = articles(content)
    assert sorted(each.name for each in article.parent.iterdir()) == ["a.png", "index.md"]


def downloads(result: Any) -> list[dict[str, str]]:
    """Return the list of files in a report."""
    found: list[dict[str, str]] = json.loads(result.stdout)["downloads"]
    return found


def test_files_to_download_are_listed(run: Run, media: Path, tmp_path: Path) -> None:
    others = (attachment(7, "2026/03/a.png"), attachment(8, "2026/03/b.pdf"), attachment(9, "c.png", status="trash"))
    source = export(tmp_path, "", *others)
    result = run(source, "--json")
    assert downloads(result) == [
        {"file": str(source), "entry": "7", "url": f"{UPLOADS}/2026/03/a.png"},
        {"file": str(source), "entry": "8", "url": f"{UPLOADS}/2026/03/b.pdf"},
    ]
    assert (
        "not downloaded: 2 files of the former site (--report FILE lists their addresses as downloads)" in result.stderr
    )
    put(media, "2026/03/a.png")
    result = run(source, "--json", "--media", media)
    assert [each["entry"] for each in downloads(result)] == ["8"]
    assert "not downloaded: 1 file of the former site" in result.stderr


def test_a_folder_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    result = run(export(tmp_path, ""), "--media", tmp_path / "none")
    assert result.exit_code == 2
    assert "none" in result.stderr


@pytest.mark.parametrize(
    "document",
    [
        ("post.md", "![圖]({})"),
        ("post.md", '<img src="{}" alt="圖">'),
        ("post.html", '<img src="{}" alt="圖">'),
        ("feed.rss", '<img src="{}" alt="圖">'),
        ("feed.atom", '<img src="{}" alt="圖">'),
    ],
)
@pytest.mark.parametrize(
    "url", [f"{UPLOADS}/2026/03/a.png", "/wp-content/uploads/2026/03/a.png", "../files/2026/03/a.png", "2026/03/a.png"]
)
def test_a_picture_of_any_file_is_found_in_the_folder(
    run: Run, content: Path, media: Path, tmp_path: Path, *, document: tuple[str, str], url: str
) -> None:
    name, written = document
    put(media, "2026/03/a.png")
    (tmp_path / "in").mkdir()
    source = tmp_path / "in" / name
    source.write_text(DOCUMENTS[name].format(text=f"{TEXT * 9}{written.format(url)}{TEXT * 9}"), "utf-8")
    result = run(source, "--media", media)
    assert result.exit_code == 0, result.output
    (article,) = articles(content)
    assert article.name == "index.md"
    assert article.with_name("a.png").read_bytes() == PNG
    assert 'src="a.png"' in article.read_text("utf-8") or "![圖](a.png)" in article.read_text("utf-8")


def test_a_picture_of_another_path_is_none_of_the_folder(run: Run, content: Path, media: Path, tmp_path: Path) -> None:
    put(media, "2026/03/a.png")
    source = tmp_path / "post.md"
    shown = f"![]({UPLOADS}/2025/03/a.png) ![](https://a.example/2026/04/a.png)"
    source.write_text(DOCUMENTS["post.md"].format(text=f"{TEXT}\n\n{shown}"), "utf-8")
    assert run(source, "--media", media).exit_code == 0
    (article,) = articles(content)
    assert (article.name, shown in article.read_text("utf-8")) == ("post.md", True)
