"""Inputs for the readers of an import: documents of each kind with odd values in any place, some with a marker.

A marker says that an article is not for the public. A document with one is well-formed, so that the marker is there for
the reader; other documents may also have bytes changed at random.
"""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from feedsvc.text import without_forbidden
from tests.fuzz.inputs import _TRICKS as TRICKS

TEXTS: Final = (
    "The wafer plant opened on Tuesday, and the first chips left it in the evening.",
    "晶圓廠在週二開幕，晚上就出了第一批晶片。台積電的產能不夠，良率也不夠。",
    "半导体工厂周二开业，当晚第一批芯片出厂。",
    "半導体の工場が火曜日に開き、夜には最初のチップが出荷された。",
    "반도체 공장이 화요일에 문을 열었고, 저녁에 첫 칩이 출하되었다.",
    "افتُتح المصنع يوم الثلاثاء، وخرجت أولى الرقائق في المساء.",
    "המפעל נפתח ביום שלישי, והשבבים הראשונים יצאו בערב.",
    "👩🏽‍💻 builds 🇹🇼 chips",
)
DATES: Final = (
    "2026-02-10",
    "2026-02-10 09:00",
    "2026-02-10T09:00:00Z",
    "10 Feb 2026",
    "soon",
    "",
    "9999-99-99",
    "民國115年2月10日",
)
HTML: Final = (
    "<p>{}</p>",
    "<h2>{}</h2>",
    "<ul><li>{}</li></ul>",
    "<table><tr><td>{}</td></tr></table>",
    "<pre><code>{}</code></pre>",
    "<figure><img src='/a.png' alt='x'><figcaption>{}</figcaption></figure>",
    "<blockquote>{}</blockquote>",
    "<div><span>{}</span><br><br>",
    "<a href='https://a.example/{}'>x</a>",
    "<script>{}</script>",
    "[gallery ids='1,2'] [caption]{}[/caption]",
    "<!-- wp:paragraph --><p>{}</p><!-- /wp:paragraph -->",
    "<p hidden>{}</p>",
    "<math><mi>{}</mi></math>",
    "<b>{}",
)
# Fields of front matter and of JSON, and values that mean: not for the public, or nothing that we know.
MARKERS: Final = (
    ("draft", "true"),
    ("draft", "yes"),
    ("published", "false"),
    ("publish", "false"),
    ("status", "draft"),
    ("status", "quux"),
    ("post_status", "private"),
    ("private", "true"),
    ("visibility", "private"),
    ("visibility", "members"),
    ("hidden", "true"),
    ("password", "geheim"),
)
OTHERS: Final = (
    "description",
    "tags",
    "categories",
    "author",
    "slug",
    "permalink",
    "image",
    "layout",
    "language",
    "id",
    "updated",
    "x",
)


# A word in what is not for the public: in whole articles, or in parts of public ones.
SECRET: Final = "geheim7q4x"


@dataclass(frozen=True, slots=True)
class FuzzedInput:
    """A file, and whether it has a marker for each of its articles.

    No article of an input that `has_secrets` may show SECRET to the public. Each article of one that `is_public` must
    become public.
    """

    name: str
    data: bytes
    is_marked: bool
    has_secrets: bool = False
    is_public: bool = False


class Maker:
    """Makes the parts of documents from one source of random numbers."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.is_marked = self.random.random() < 0.5

    def odd(self) -> str:
        """Return a short text with tricks in it."""
        pieces = (self.random.choice((*TRICKS, *TEXTS)) for _ in range(self.random.randint(0, 4)))
        return "".join(pieces).encode("utf-8", "replace").decode()

    def text(self) -> str:
        """Return a text, mostly one of some language."""
        return self.random.choice(TEXTS) if self.random.random() < 0.7 else self.odd()

    def link(self, number: int) -> str:
        """Return an address, mostly a valid one."""
        return f"https://a.example/{number}" if self.random.random() < 0.8 else f"https://{self.odd()}"

    def date(self) -> str:
        """Return a date, mostly one that can be read."""
        return self.random.choice(DATES) if self.random.random() < 0.5 else "2026-02-10T09:00:00Z"

    def html(self) -> str:
        """Return an HTML fragment, not always a whole one."""
        return "".join(self.random.choice(HTML).format(self.text()) for _ in range(self.random.randint(1, 6)))

    def legal(self, text: str) -> str:
        """Return text for XML: in a document with a marker without characters that XML forbids."""
        return self.legal_text(text) if self.is_marked else escape(text)

    def legal_text(self, text: str) -> str:
        """Return text for XML without characters that XML forbids."""
        return escape(without_forbidden(text))

    def is_private(self) -> bool:
        """Return whether the next article of an export is not for the public."""
        return self.random.random() < 0.5

    def said(self, *, is_private: bool) -> str:
        """Return a text without a line break, with SECRET in it if it is private."""
        text = " ".join(self.text().split())
        return f"{text} {SECRET} {text}" if is_private else text

    def shuffled(self, parts: list[str]) -> str:
        """Return the parts in another order."""
        self.random.shuffle(parts)
        return "".join(parts)


def _fields(make: Maker) -> dict[str, str]:
    given = {"title": make.text(), make.random.choice(("date", "published_at", "pubDate")): make.date()}
    given |= {name: make.odd() for name in make.random.sample(OTHERS, make.random.choice((0, 0, 0, 1, 3)))}
    names = list(given)
    make.random.shuffle(names)
    return {name: given[name] for name in names}


def _marker(make: Maker) -> dict[str, str]:
    name, value = make.random.choice(MARKERS)
    spelled = make.random.choice((name, name.upper(), name.capitalize()))
    return {spelled: value} if make.is_marked else {}


def _markdown(make: Maker) -> str:
    fields = [f"{name}: {json.dumps(value)}\n" for name, value in _fields(make).items()]
    fields += [f"{name}: {value}\n" for name, value in _marker(make).items()]
    body = "\n\n".join(make.text() for _ in range(make.random.randint(1, 5)))
    return f"---\n{make.shuffled(fields)}---\n\n{body}\n\n{make.html()}\n"


def _toml(make: Maker) -> str:
    fields = [f"{name} = {json.dumps(value)}\n" for name, value in _fields(make).items()]
    fields += [f"{name} = {json.dumps(value)}\n" for name, value in _marker(make).items()]
    return f"+++\n{make.shuffled(fields)}+++\n\n{make.text()}\n\n{make.text()}\n"


def _text(make: Maker) -> str:
    make.is_marked = False
    return f"{make.text()}\n\n" + "\n\n".join(make.text() for _ in range(make.random.randint(1, 9)))


def _page(make: Maker) -> str:
    about: dict[str, object] = {
        "@type": "NewsArticle",
        "headline": make.text(),
        "datePublished": make.date(),
        "articleBody": make.text(),
    }
    about |= {"isAccessibleForFree": make.random.choice((False, "False", "no", "quux"))} if make.is_marked else {}
    ld = json.dumps(about).replace("</", "<\\/")
    paragraphs = "".join(f"<p>{make.text()}</p>" for _ in range(make.random.randint(0, 9)))
    return (
        f"<!doctype html><html><head><title>{escape(make.text())}</title>"
        f'<script type="application/ld+json">{ld}</script>'
        f"<meta name=author content={quoteattr(make.odd())}>"
        f"<meta property=og:title content={quoteattr(make.odd())}></head>"
        f"<body><nav>{make.html()}</nav><article><h1>{escape(make.text())}</h1>{paragraphs}"
        f"{make.html()}</article></body></html>"
    )


def _rss(make: Maker) -> str:
    items = []
    for number in range(make.random.randint(1, 3)):
        parts = [
            f"<title>{make.legal(make.text())}</title>",
            f"<link>{make.legal(make.link(number))}</link><guid>{make.legal(make.odd()) or number}</guid>",
            f"<pubDate>{make.legal(make.date())}</pubDate>",
            f"<description>{make.legal(make.html())}</description>",
            f"<category>{make.legal(make.odd())}</category><dc:creator>{make.legal(make.odd())}</dc:creator>",
            f"<media:content url={quoteattr(make.legal(make.odd()))}/>",
        ]
        parts += [f"<{name}>{value}</{name}>" for name, value in _marker(make).items()]
        items.append(f"<item>{make.shuffled(parts)}</item>")
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:media="http://search.yahoo.com/mrss/"><channel><title>T</title>{"".join(items)}</channel></rss>'
    )


_PAGE_OF_BLOGGER: Final = (
    '<category scheme="http://schemas.google.com/g/2005#kind" term="http://schemas.google.com/blogger/2008/kind#page"/>'
)


def _atom(make: Maker) -> str:
    entries = []
    for number in range(make.random.randint(1, 3)):
        parts = [
            f"<id>urn:x:{number}</id><title>{make.legal(make.text())}</title>",
            f"<updated>{make.legal(make.date())}</updated>",
            f'<content type="html">{make.legal(make.html())}</content>',
            f"<category term={quoteattr(make.legal(make.odd()))}/>",
            f"<author><name>{make.legal(make.odd())}</name></author>",
        ]
        if make.is_marked:
            marks = (
                '<app:control xmlns:app="http://www.w3.org/2007/app"><app:draft>yes</app:draft></app:control>',
                '<app:control xmlns:app="http://purl.org/atom/app#"><app:draft>quux</app:draft></app:control>',
                '<b:status xmlns:b="http://schemas.google.com/blogger/2018">DRAFT</b:status>',
                _PAGE_OF_BLOGGER,
            )
            parts.append(make.random.choice(marks))
        entries.append(f"<entry>{make.shuffled(parts)}</entry>")
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{"".join(entries)}</feed>'


_GMT: Final = ("2026-02-10 09:00:00", "0000-00-00 00:00:00")


def _wxr(make: Maker) -> str:
    items = []
    for number in range(1, make.random.randint(2, 4)):
        status, password, kind = "publish", "", "post"
        if make.is_marked:
            marked = make.random.choice(("draft", "private", "pending", "quux", "password", "page"))
            status = marked if marked not in ("password", "page") else "publish"
            password, kind = "geheim" if marked == "password" else "", "page" if marked == "page" else "post"
        parts = [
            f"<title>{make.legal(make.text())}</title><link>{make.legal(make.link(number))}</link>",
            f"<content:encoded>{make.legal(make.html())}</content:encoded>",
            f"<wp:post_id>{number}</wp:post_id><wp:post_type>{kind}</wp:post_type><wp:status>{status}</wp:status>",
            f"<wp:post_date_gmt>{make.random.choice(_GMT)}</wp:post_date_gmt>",
            f"<wp:post_name>{make.legal(make.odd())}</wp:post_name>",
            f"<wp:post_password>{password}</wp:post_password>",
            f"<wp:postmeta><wp:meta_key>footnotes</wp:meta_key><wp:meta_value>{make.legal(make.odd())}</wp:meta_value></wp:postmeta>",
        ]
        items.append(f"<item>{make.shuffled(parts)}</item>")
    version = make.random.choice(("1.0", "1.1", "1.2", "9.9"))
    scheme = make.random.choice(("http", "https"))
    return (
        f'<rss version="2.0" xmlns:wp="{scheme}://wordpress.org/export/{version}/" '
        f'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>T</title>'
        f"<wp:wxr_version>{version}</wp:wxr_version><link>https://a.example</link>{''.join(items)}</channel></rss>"
    )


def _json_feed(make: Maker) -> str:
    items = [
        {"id": str(number), "url": make.link(number), "title": make.text(), "content_html": make.html()}
        | {"date_published": make.date(), "tags": [make.odd()], "authors": [{"name": make.odd()}]}
        | {name: True if value == "true" else value for name, value in _marker(make).items()}
        for number in range(make.random.randint(1, 3))
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": make.odd(), "items": items})


def _ghost(make: Maker) -> str:
    posts = []
    for number in range(make.random.randint(1, 3)):
        marks = (
            {"status": "draft"},
            {"status": "quux"},
            {"visibility": "members"},
            {"visibility": "paid"},
            {"type": "page"},
        )
        post = {
            "id": str(number),
            "title": make.text(),
            "slug": f"s{number}",
            "html": make.html(),
            "status": "published",
        }
        post |= {"visibility": "public", "published_at": "2026-02-10T09:00:00Z", "custom_excerpt": make.odd()}
        posts.append(post | (make.random.choice(marks) if make.is_marked else {}))
    return json.dumps({"db": [{"meta": {"version": "5.0"}, "data": {"posts": posts, "tags": [], "users": []}}]})


DOCUMENTS: Final[Mapping[str, tuple[str, Callable[[Maker], str]]]] = {
    "markdown": ("x.md", _markdown),
    "toml": ("x.md", _toml),
    "text": ("x.txt", _text),
    "page": ("x.html", _page),
    "rss": ("x.rss", _rss),
    "atom": ("x.atom", _atom),
    "wxr": ("x.xml", _wxr),
    "json": ("x.json", _json_feed),
    "ghost": ("ghost.json", _ghost),
}
_ENCODINGS: Final = (
    "utf-8",
    "utf-8",
    "utf-8",
    "utf-8",
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "big5",
    "gb18030",
    "cp932",
    "euc-kr",
)


def document_of(kind: str, make: Maker) -> FuzzedInput:
    """Return a document of one kind."""
    name, made = DOCUMENTS[kind]
    text = made(make)
    if make.is_marked:
        return FuzzedInput(name, text.encode("utf-8", "replace"), is_marked=True)
    data = text.encode(make.random.choice(_ENCODINGS), "ignore")
    return FuzzedInput(name, damaged(data, make), is_marked=False)


def damaged(data: bytes, make: Maker) -> bytes:
    """Return bytes of which some are replaced or removed, mostly none."""
    for _ in range(make.random.choice((0, 0, 1, 3, 9))):
        start = make.random.randint(0, len(data))
        end = start + make.random.choice((0, 0, 1, 2, 10, 100))
        data = data[:start] + make.random.choice((b"", b"\xff", b"\0", make.odd().encode())) + data[end:]
    return data
