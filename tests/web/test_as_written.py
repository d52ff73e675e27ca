"""What is written is what readers get: each rule of how a file is read, seen in RSS, Atom, JSON Feed and on the page.

What is kept back as a whole is tried in `test_written_is_shown`; dates in `test_dates`, files that play in
`test_players`.
"""

import base64
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from lxml import etree

from tests.conftest import SITE_TOML, Publication

PNG = b"\x89PNG\r\n\x1a\n\x00"
DATA = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"

CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


@dataclass(frozen=True, kw_only=True)
class Case:
    """An article, what each output must show of it, and what none may. "SECRET" is nowhere in any document."""

    body: str
    shown: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    suffix: str = ".md"
    fields: Mapping[str, str] = field(default_factory=dict)


CASES = {
    "tagged": Case(body="Tagged.", shown=("Tagged.",), fields={"tags": "[標籤]"}),
    # Point 4
    "public-marker": Case(body="Open.", shown=("Open.",), fields={"status": "published", "visibility": "public"}),
    # Point 7
    "comment": Case(body="One. %%SECRET%% Two.", shown=("One. Two.",), gone=("%%",)),
    "comment-chinese": Case(body="晶片%%SECRET 密%%。", shown=("晶片。",), gone=("%%", "密")),
    "comment-lines": Case(body="One.\n\n%%\nSECRET\n\nSECRET\n%%\n\nTwo.", shown=("One.", "Two."), gone=("%%",)),
    "comment-html": Case(body="<p>One. %%SECRET%%</p>", suffix=".html", shown=("One.",), gone=("%%",)),
    "comment-liquid": Case(body="One. {% comment %}SECRET{% endcomment %}", shown=("One.",), gone=("comment",)),
    "comment-summary": Case(body="Text.", shown=("Text.",), fields={"summary": "Short %%SECRET%%"}),
    "comment-first": Case(body="%%SECRET%%\n\nFirst paragraph.", shown=("First paragraph.",)),
    "comment-less": Case(body="若 N<M 時。\n\n%%SECRET%%\n\n> 引用", shown=("引用",)),
    "comment-blank-line": Case(body="公開。<!-- 註\n\nSECRET -->\n\n尾", shown=("尾",)),
    "comment-url": Case(body="一 <!-- https://e.org/x --> 二\n\n三", shown=("二", "三"), gone=("e.org",)),
    "comment-definition": Case(body="One.\n[//]: # (SECRET (a) b)", shown=("One.",)),
    "comment-erb": Case(body="One. <%# SECRET %> {# {SECRET} #} {>>SECRET<<} Two.", shown=("One. Two.",)),
    "comment-in-code": Case(body="`%%note%%` 100%%", shown=("<code>%%note%%</code> 100%%",)),
    "shortcode": Case(body="{{< figure >}} [caption id=1]a[/caption]", shown=("{{&lt; figure &gt;}} [caption id=1]a",)),
    # Point 8
    "tilde": Case(
        body="價格5~10萬，人數20~30人，H~2~O ~~gone~~", shown=("5~10萬，人數20~30人，H~2~O <del>gone</del>",)
    ),
    "emphasis": Case(body="**晶片。**他說 3*4*5 a_b_c", shown=("<strong>晶片。</strong>他說 3*4*5 a_b_c",)),
    "product": Case(
        body="5cm*6cm*7cm，長*寬*高，9:00~~17:00，18:00~~20:00",
        shown=("5cm*6cm*7cm，長*寬*高，9:00~~17:00，18:00~~20:00",),
    ),
    "url-arrow": Case(body="見 https://e.org/z→後 https://e.org/y①", shown=("/z</a>→後", "/y</a>①")),
    "definition": Case(body="[註]: 說明", shown=("[註]: 說明",)),
    "url-comma": Case(body="見https://e.org/z，後文", shown=(">https://e.org/z</a>，後文",)),
    "url-stop": Case(body="見 https://e.org/z.然後 https://e.org/y:說明", shown=("/z</a>.然後", "/y</a>:說明")),
    "url-bracket": Case(body="(https://e.org/z), www.e.org", shown=(">https://e.org/z</a>), ",)),
    "url-text": Case(body="見https://e.org/z，後文", suffix=".txt", shown=(">https://e.org/z</a>，後文",)),
    "tasks": Case(body="- [ ] 買菜\n- [x] 完成", shown=("☐ 買菜", "☑ 完成"), gone=("type=checkbox",)),
    # Point 9
    "hidden": Case(
        body='<p hidden>SECRET</p><div style="Display : NONE">SECRET</div><template>SECRET</template><p>Open</p>',
        suffix=".html",
        shown=("Open",),
    ),
    "aria-hidden": Case(body='<p><span aria-hidden="true">Open</span></p>', suffix=".html", shown=("Open",)),
    # Point 10
    "math": Case(
        body='<p><math><mi>x</mi><annotation encoding="application/x-tex">x^2</annotation></math></p>',
        suffix=".html",
        shown=("x^2",),
        gone=("<math",),
    ),
    "object": Case(body="<object data='https://e.org/a'>Fallback</object>", suffix=".html", shown=("Fallback",)),
    "form": Case(
        body="<form><label>Name</label> <input value=SECRET> <button>Buy</button></form>",
        suffix=".html",
        shown=("Name", "Buy"),
        gone=("<input value", "<button>Buy"),
    ),
    "embed": Case(
        body="<embed src='https://e.org/a.pdf'><lite-youtube videoid=a></lite-youtube>",
        suffix=".html",
        shown=('href="https://e.org/a.pdf"', 'href="https://www.youtube.com/watch?v=a"'),
        gone=("<embed", "<lite-"),
    ),
    "frame": Case(
        body="<iframe src='https://video.example/1'></iframe>",
        suffix=".html",
        shown=('href="https://video.example/1"',),
        gone=("<iframe",),
    ),
    "data": Case(body=f"![a]({DATA})", shown=('src="https://example.org/media/',), gone=("data:",)),
    # Point 11
    "normalization": Case(body="![a](図が.png)", shown=('src="https://example.org/media/',), gone=("が.png",)),
    "spaces": Case(body="![a](my photo.png)", shown=('src="https://example.org/media/',), gone=("![",)),
    # Point 12
    "heading": Case(body="## 標題\n\nText.", shown=('id="c-標題"',)),
    "link": Case(body="[x](heading.md#標題)", shown=("/articles/heading#c-%E6%A8%99%E9%A1%8C",), gone=(".md",)),
    "wiki-link": Case(body="[[heading|x]]", shown=('href="https://example.org/articles/heading"',), gone=("[[",)),
    "dead-link": Case(body="See [x](nothing.md).", shown=("See x.",), gone=("nothing.md",)),
    "anchor": Case(body="<a name='part'></a>One\n\n[y](#part)", shown=('id="c-part"', '#c-part"')),
    # Point 15
    "srcset": Case(
        body='<img src="https://e.org/a.png" srcset="https://e.org/f_auto,q_auto/a.png 2x">',
        suffix=".html",
        shown=("https://e.org/f_auto,q_auto/a.png 2x",),
    ),
    "next-line": Case(body="One\x85Two", shown=("One Two",), gone=("\x85",)),
    "script-link": Case(body="<p><a href='javascript:x'>Open</a></p>", suffix=".html", shown=("<p>Open</p>",)),
    "language": Case(
        body="<p lang='ZH-hant-x-foo'>字</p>", shown=('lang="zh-Hant-x-foo"',), fields={"language": "zh-Hant-x-foo"}
    ),
    "footnote": Case(body="Text[^1]\n\n[^1]: Note", shown=("<div>", "<p>Note"), gone=("<section",)),
}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The content of each article in each output, and under "" each whole document."""
    publication = Publication(tmp_path_factory.mktemp("as-written"))
    publication.write("site.toml", f"wikilinks = true\n{SITE_TOML}")
    publication.write(f"articles/{unicodedata.normalize('NFD', '図が')}.png", PNG)
    publication.write("articles/my photo.png", PNG)
    for name, case in CASES.items():
        publication.article(name, case.body, case.suffix, **case.fields)
    report = publication.sync()
    assert len(report.added) == len(CASES), report.problems
    client = publication.client()
    feeds = {
        suffix: client.get(f"/feeds/all.{suffix}?limit=100").get_data(as_text=True)
        for suffix in ("rss", "atom", "json")
    }
    found: dict[str, dict[str, str]] = {name: {} for name in CASES} | {"": dict(feeds)}
    for item in etree.fromstring(feeds["rss"].encode()).iter("item"):
        name = (item.findtext("link") or "").rpartition("/")[2]
        found[name]["rss"] = item.findtext(CONTENT) or item.findtext("description") or ""
    for entry in etree.fromstring(feeds["atom"].encode()).iter("{*}entry"):
        alternate = entry.find("{*}link[@rel='alternate']")
        assert alternate is not None
        name = str(alternate.get("href")).rpartition("/")[2]
        found[name]["atom"] = entry.findtext("{*}content") or ""
    for item in json.loads(feeds["json"])["items"]:
        found[item["url"].rpartition("/")[2]]["json"] = item["content_html"]
    for name in CASES:
        page = client.get(f"/articles/{name}").get_data(as_text=True)
        found[""][f"page of {name}"] = page
        found[name]["page"] = page.partition("e-content")[2].partition("</article>")[0]
    publication.store.close()
    return found


@pytest.mark.parametrize("output", ["rss", "atom", "json", "page"])
@pytest.mark.parametrize("name", CASES)
def test_each_output_shows_what_is_written(documents: dict[str, dict[str, str]], name: str, output: str) -> None:
    content = documents[name][output]
    for each in CASES[name].shown:
        assert each in content
    for each in CASES[name].gone:
        assert each not in content


def test_tags_are_tags_and_topics_are_topics(documents: dict[str, dict[str, str]]) -> None:
    """Point 15: `tags` of JSON Feed hold tags only; topics are in `_feedsvc`."""
    (item,) = (each for each in json.loads(documents[""]["json"])["items"] if each["url"].endswith("/tagged"))
    assert item["tags"] == ["標籤"]
    assert [each["name"] if isinstance(each, dict) else each for each in item["_feedsvc"]["topics"]] == ["chips"]
    assert '<category term="標籤"' in documents[""]["atom"]
    assert "標籤" in documents["tagged"]["page"] + documents[""]["page of tagged"]


def test_no_output_shows_what_is_private(documents: dict[str, dict[str, str]]) -> None:
    """Titles, summaries, descriptions, structured data: the whole of every document."""
    assert [name for name, text in documents[""].items() if "SECRET" in text] == []
