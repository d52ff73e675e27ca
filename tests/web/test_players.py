"""Own audio and video: measured wherever a text names them, and called by their own names."""

import json
import re

import pytest
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from tests.conftest import Publication
from tests.web.resources import BASE, ask

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"
CLIP, SONG = b"\x00\x00\x00\x18ftypmp42 a clip", b"ID3 a song, longer than the clip"
NAMED = {
    "video src": '<video src="clip.mp4" controls></video>',
    "video source": '<video controls><source src="clip.mp4" type="video/mp4"></video>',
    "a picture's mark": "![](clip.mp4)",
    "percent-encoded": "<video src='%63lip.mp4'></video>",
}


@pytest.fixture
def files(publication: Publication) -> Publication:
    publication.write("articles/clip.mp4", CLIP)
    publication.write("articles/song.mp3", SONG)
    publication.write("articles/短片 一.mp4", CLIP + b"2")
    publication.write("articles/paper.pdf", b"%PDF-1.4")
    return publication


def attachments(publication: Publication) -> list[tuple[str | None, str, int]]:
    """What the first item of the feed says of its files: title, type, size."""
    (item,) = json.loads(ask(publication.client(), "/feeds/all.json").data)["items"]
    return [(each.get("title"), each["mime_type"], each.get("size_in_bytes")) for each in item.get("attachments", [])]


@pytest.mark.parametrize("body", NAMED.values(), ids=NAMED)
def test_a_file_is_measured_wherever_it_is_named(files: Publication, body: str) -> None:
    files.article("a", f"{body}\n\nText.")
    assert files.sync().problems == ()
    assert attachments(files) == [("clip.mp4", "video/mp4", len(CLIP))]
    entry = etree.fromstring(ask(files.client(), "/feeds/all.atom").data).find(f"{ATOM}entry")
    assert entry is not None
    (link,) = [each.attrib for each in entry.iter(f"{ATOM}link") if each.get("rel") == "enclosure"]
    assert (link["type"], link["length"], link["title"]) == ("video/mp4", str(len(CLIP)), "clip.mp4")
    enclosure = etree.fromstring(ask(files.client(), "/feeds/all.rss").data).find("channel/item/enclosure")
    assert enclosure is not None
    assert (enclosure.get("type"), enclosure.get("length")) == ("video/mp4", str(len(CLIP)))


@pytest.mark.parametrize("body", NAMED.values(), ids=NAMED)
def test_people_see_the_files_own_name_and_a_player(files: Publication, body: str) -> None:
    files.article("a", f"{body}\n\nText.")
    files.sync()
    client = files.client()
    (item,) = json.loads(ask(client, "/feeds/all.json").data)["items"]
    url = item["attachments"][0]["url"]
    assert f'<a href="{url}" rel="noopener">clip.mp4</a>' in item["content_html"]
    assert item["summary"] == "Text."
    page = ask(client, "/articles/a")
    player = f'<video controls preload="metadata" src="{url}" aria-label="clip.mp4"></video>'
    assert page.text.count(player) == 1
    assert "media-src http: https:" in page.headers["Content-Security-Policy"]
    shown = re.sub(r"<[^>]*>|<script.*?</script>", "", page.text, flags=re.DOTALL)
    assert "clip.mp4" in shown
    assert url.rpartition("/")[2] not in shown
    served = ask(client, url.removeprefix(BASE))
    assert (served.content_type, served.data) == ("video/mp4", CLIP)


def test_a_name_in_any_script(files: Publication) -> None:
    files.article("a", "![訪談](<短片 一.mp4>)\n\n文。")
    assert files.sync().problems == ()
    assert attachments(files) == [("短片 一.mp4", "video/mp4", len(CLIP) + 1)]
    page = ask(files.client(), "/articles/a").text
    assert '<figure><figcaption class="file">訪談 (短片 一.mp4)</figcaption><video controls' in page


def test_several_in_one_paragraph_and_a_file_that_is_no_picture(files: Publication) -> None:
    files.article(
        "a", '![demo](clip.mp4) ![snd](song.mp3) ![doc](paper.pdf)\n\n<video src="clip.mp4" controls></video>'
    )
    assert files.sync().problems == ()
    assert attachments(files) == [("clip.mp4", "video/mp4", len(CLIP)), ("song.mp3", "audio/mpeg", len(SONG))]
    client = files.client()
    page = ask(client, "/articles/a").text
    assert re.findall(r"<(video|audio) controls", page) == ["audio", "video"]
    assert "<img" not in page[page.index("e-content") : page.index("<footer")]
    for text in (">demo (clip.mp4)</a>", ">snd (song.mp3)</a>", ">doc (paper.pdf)</a>"):
        assert text in page
    item = etree.fromstring(ask(client, "/feeds/all.rss").data).find("channel/item")
    assert item is not None
    assert [each.text for each in item.iter(f"{MEDIA}title")] == ["song.mp3"]


def test_the_field_and_the_text_name_one_file(files: Publication) -> None:
    """The field comes first, and what it says of a file counts."""
    files.article("a", "![](clip.mp4)\n\nText.", enclosure="[song.mp3, {file: clip.mp4, title: The whole talk}]")
    files.sync()
    assert attachments(files) == [
        ("song.mp3", "audio/mpeg", len(SONG)),
        ("The whole talk", "video/mp4", len(CLIP)),
    ]
    page = ask(files.client(), "/articles/a").text
    assert f"<span>MP4</span><span>{len(CLIP)} bytes</span>" in page[page.index("<bdi>The whole talk</bdi></p>") :]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("![](clip.mp4)", "figcaption.file,video,p.facts"),
        ("[The talk](clip.mp4)", "figcaption.file,video,p.facts"),
        # In a sentence the link stays one.
        ("See [the talk](clip.mp4).", "video,a"),
    ],
)
@pytest.mark.parametrize("ui", ["en", "zh-Hant"])
def test_a_player_has_its_name_above_it_and_what_there_is_to_know_below(
    files: Publication, body: str, expected: str, ui: str
) -> None:
    files.article("a", f"{body}\n\nText.", enclosure="clip.mp4", language="en")
    files.sync()
    client = files.client()
    ask(client, "/articles/a")
    page = LexborHTMLParser(ask(client, f"/articles/a?ui={ui}").text)
    block = page.css_first(".text > :is(figure, p)")
    assert block is not None
    inner = [node for node in block.iter() if node.tag]
    found = [f"{node.tag}.{each}" if (each := node.attributes.get("class")) else node.tag for node in inner]
    assert ",".join(map(str, found)) == expected
    facts = {"en": ["Download", f"{len(CLIP)} bytes"], "zh-Hant": ["下載", f"{len(CLIP)}位元組"]}[ui]
    # The suffix of the name says which kind it is.
    kind = [] if body.startswith("!") else ["MP4"]
    shown = [node.text() for node in block.css(".facts > *")]
    assert shown == ([facts[0], *kind, facts[1]] if "figcaption" in expected else [])


@pytest.mark.parametrize(
    ("length", "english", "chinese"),
    [
        (1, "1 byte", "1位元組"),
        (999, "999 bytes", "999位元組"),
        (1000, "1 kB", "1 kB"),
        (24_040, "24 kB", "24 kB"),
        (1_550_000, "1.6 MB", "1.6 MB"),
    ],
)
def test_the_size_of_a_file_is_in_words_of_the_interface(
    publication: Publication, length: int, english: str, chinese: str
) -> None:
    enclosure = f"{{url: https://cdn.example.com/talk, type: audio/mpeg, length: {length}}}"
    publication.article("a", enclosure=enclosure)
    assert publication.sync().problems == ()
    for ui, size in (("en", english), ("zh-Hant", chinese)):
        page = ask(publication.client(), f"/articles/a?ui={ui}").text
        assert f"<span>audio/mpeg</span><span>{size}</span>" in page


REMOTE = "https://cdn.example.com/ep%201.mp3"
UNKNOWN = (
    f"the length of {REMOTE} in bytes is not known "
    f"(write enclosure: {{url: {REMOTE}, type: audio/mpeg, length: …}}, as Content-Length says it)"
)


@pytest.mark.parametrize("fields", [{"enclosure": REMOTE}, {"body": f'<audio src="{REMOTE}"></audio>'}])
def test_an_unknown_length_is_warned_of(publication: Publication, fields: dict[str, str]) -> None:
    publication.article("a", **fields)
    assert [each.finding.message for each in publication.sync().problems] == [UNKNOWN]
    # A page of ours does not make a browser ask another host before its reader wants to hear it.
    assert "<audio" not in ask(publication.client(), "/articles/a").text
    assert "<bdi>ep 1.mp3</bdi>" in ask(publication.client(), "/articles/a").text


def test_a_length_that_is_given_counts_where_the_text_plays_the_file(publication: Publication) -> None:
    publication.article("a", f'<audio src="{REMOTE}"></audio>', enclosure=f"{{url: '{REMOTE}', length: 77}}")
    assert publication.sync().problems == ()
    assert attachments(publication) == [(None, "audio/mpeg", 77)]


@pytest.mark.parametrize("name", ["e.torrent", "setup.EXE", "app.js", "資料.xlsx"])
def test_a_file_of_a_kind_that_is_not_served_is_refused_for_that_reason(publication: Publication, name: str) -> None:
    publication.write(f"articles/{name}", b"x")
    publication.article("field", enclosure=name)
    publication.article("text", f"[x]({name})")
    said = {(each.path, str(each.finding.message)) for each in publication.sync().problems}
    kind = name[name.index(".") :].lower()
    reason = f"{kind} files are not served (put it into a .zip, or link to it at another web address)"
    assert ("articles/field.md", f"{name!r} cannot be attached: {reason}") in said
    assert ("articles/text.md", f"{name!r} has no target: {reason}") in said


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("a.mp3", "audio/mpeg"),
        ("a.m4a", "audio/mp4"),
        ("a.m4b", "audio/mp4"),
        ("a.aac", "audio/aac"),
        ("a.oga", "audio/ogg"),
        ("a.opus", "audio/ogg"),
        ("a.flac", "audio/flac"),
        ("a.wav", "audio/wav"),
        ("a.weba", "audio/webm"),
        ("a.m4v", "video/mp4"),
        ("a.webm", "video/webm"),
        ("a.mov", "video/quicktime"),
        ("a.mkv", "video/x-matroska"),
        ("a.vtt", "text/vtt; charset=utf-8"),
        ("a.srt", "application/x-subrip"),
    ],
)
def test_the_usual_kinds_are_served_and_run_nothing(publication: Publication, name: str, type_: str) -> None:
    publication.write(f"articles/{name}", b"bytes")
    publication.article("one", enclosure=name)
    assert publication.sync().problems == ()
    client = publication.client()
    (item,) = json.loads(ask(client, "/feeds/all.json").data)["items"]
    answer = ask(client, item["attachments"][0]["url"].removeprefix(BASE))
    assert answer.content_type == type_
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("body", "is_below"), [("[The talk](clip.mp4)", False), ("See [the talk](clip.mp4).", True), ("", True)]
)
def test_a_file_that_the_text_describes_is_not_listed_again(files: Publication, body: str, is_below: bool) -> None:
    """Its label may be another one than its name. In a sentence there is no place for its kind and size."""
    files.article("a", f"{body}\n\nText.", enclosure="clip.mp4", language="en")
    files.sync()
    page = LexborHTMLParser(ask(files.client(), "/articles/a").text)
    assert len(page.css("video")) == 1
    assert [node.text() for node in page.css(".sources .file")] == (["clip.mp4"] if is_below else [])
    assert len(page.css(".u-enclosure")) == 1
