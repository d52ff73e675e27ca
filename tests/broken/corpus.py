"""Files that are broken, each in its own way, written for feedsvc. What a sync must say of each stands beside it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One broken file below articles/. `line` is the line the report must name, 0 where there is none.

    `says` is part of what it must say; an empty one means that the file is read all the same (`reads`).
    """

    name: str
    data: bytes
    says: str
    line: int = 0
    suffix: str = ".md"

    @property
    def path(self) -> str:
        return f"{self.name}{self.suffix}"


def front(*lines: str, body: str = "Text.") -> bytes:
    """A file with these lines of YAML front matter."""
    return ("---\n" + "\n".join(lines) + f"\n---\n{body}\n").encode()


def toml(*lines: str) -> bytes:
    """A file with these lines of TOML front matter."""
    return ("+++\n" + "\n".join(lines) + "\n+++\nText.\n").encode()


GOOD = ("title: T", "published: 2026-10-01", "topics: chips")


def instead(field: str, line: str) -> bytes:
    """A good file but for one line."""
    return front(*(line if each.startswith(f"{field}:") else each for each in GOOD))


def beside(*lines: str, body: str = "Text.") -> bytes:
    """A good file with more lines."""
    return front(*GOOD, *lines, body=body)


def encodings() -> Iterator[Broken]:
    """Bytes that are no UTF-8, or not what they seem."""
    text = "---\ntitle: 晶片\npublished: 2026-10-01\ntopics: chips\n---\n內容\n"
    for coding in ("big5", "gb18030", "utf-16-le", "utf-16-be", "utf-16", "utf-32"):
        yield Broken(name=f"coded-{coding}", data=text.encode(coding), says="not UTF-8")
    yield Broken(name="coded-shift-jis", data="---\ntitle: 半導体\n---\n".encode("shift-jis"), says="not UTF-8", line=2)
    yield Broken(name="coded-euc-kr", data="---\ntitle: 반도체\n---\n".encode("euc-kr"), says="not UTF-8", line=2)
    yield Broken(name="coded-latin-1", data=b"---\ntitle: caf\xe9\n---\n", says="not UTF-8", line=2)
    yield Broken(name="coded-cp1252", data=b"---\ntitle: \x93T\x94\n---\n", says="not UTF-8", line=2)
    for name, bad in {
        "lone-continuation": b"\x80",
        "cut-sequence": b"\xe6\x99",
        "overlong-slash": b"\xc0\xaf",
        "overlong-nul": b"\xc0\x80",
        "surrogate": b"\xed\xa0\x80",
        "beyond-unicode": b"\xf4\x90\x80\x80",
        "five-bytes": b"\xf8\x88\x80\x80\x80",
        "ff": b"\xff",
        "fe": b"\xfe",
    }.items():
        body = front(*GOOD, body="one\n\ntwo ")[:-1]
        yield Broken(name=f"utf8-{name}", data=body + bad + b"\n", says="not UTF-8", line=8)
    yield Broken(name="utf8-cut-at-the-end", data=front(*GOOD)[:-1] + "晶".encode()[:2], says="not UTF-8", line=6)


def fences() -> Iterator[Broken]:
    """Front matter that is absent, open, or somewhere else."""
    for name, data in {
        "empty": b"",
        "one-newline": b"\n",
        "only-nul": b"\x00",
        "only-bom": b"\xef\xbb\xbf",
        "spaces": b"   \n\n",
        "no-front-matter": b"# Title\n\nText\n",
        "fence-indented": b" ---\ntitle: T\n---\n",
        "blank-first": b"\n" + front(*GOOD),
        "fence-of-four": b"----\ntitle: T\n----\n",
        "fence-of-two": b"--\ntitle: T\n--\n",
        "json": b'{"title": "T"}\n',
        "fence-of-equals": b"===\ntitle: T\n===\n",
        "semicolons": b";;;\n{}\n;;;\n",
        "html-comment": b"<!-- --- -->\n",
        "two-boms": b"\xef\xbb\xbf\xef\xbb\xbf" + front(*GOOD),
        "em-dashes": "———\ntitle: T\n———\n".encode(),
        "full-width-fence": "－－－\ntitle: T\n－－－\n".encode(),
        "binary": bytes(range(1, 128)),
        "png": b"PNG\r\n\x1a\n",
        "xml": b"<?xml version='1.0'?><a/>",
        "shell": b"#!/bin/sh\nrm -rf /\n",
    }.items():
        yield Broken(name=f"fence-{name}", data=data, says="no front matter", line=1)
    for name, data in {
        "open": b"---\ntitle: T\n",
        "open-at-once": b"---",
        "closed-by-plus": b"---\ntitle: T\n+++\n",
        "plus-closed-by-dashes": b"+++\ntitle = 'T'\n---\n",
        "closing-indented": b"---\ntitle: T\n ---\n",
        "closing-with-text": b"---\ntitle: T\n--- end\n",
        "open-toml": b"+++\n",
        "closing-of-four": b"---\ntitle: T\n----\n",
    }.items():
        yield Broken(name=f"fence-{name}", data=data, says="not closed", line=1)
    yield Broken(name="fence-huge", data=front(*(f"x{n}: {n}" for n in range(9000))), says="longer than", line=1)


def yaml() -> Iterator[Broken]:
    """YAML that does not parse, or does what front matter must not."""
    bomb = ["a: &a [x, x]", *(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]" for n in range(9))]
    yield Broken(name="yaml-billion-laughs", data=front(*bomb), says="anchors and aliases", line=2)
    for name, lines, says, line in (
        ("alias", ("title: T", "x: *unknown"), "anchors and aliases", 3),
        ("anchor-on-map", ("title: T", "x: &a {y: 1}"), "anchors and aliases", 3),
        ("merge-key", ("title: T", "<<: *a"), "anchors and aliases", 3),
        ("tab-indent", ("title: T", "x:", "\t- y"), "tabs", 4),
        ("colon-in-text", ("title: A: B", "published: 2026-10-01"), "broken YAML", 2),
        ("quote-open", ('title: "T', "published: 2026-10-01"), "broken YAML", 0),
        ("bracket-open", ("title: T", "topics: [chips"), "broken YAML", 0),
        ("brace-open", ("title: T", "image: {src: x"), "broken YAML", 0),
        ("bad-indent", ("title: T", "  published: 2026-10-01"), "broken YAML", 3),
        ("percent", ("title: %T",), "broken YAML", 2),
        ("at", ("title: @T",), "broken YAML", 2),
        ("backquote", ("title: `T`",), "broken YAML", 2),
        ("bad-escape", ('title: "\\q"',), "broken YAML", 2),
        ("surrogate-escape", ('title: "\\ud800"',), "broken YAML", 2),
        ("twice", ("title: T", "title: U"), "given twice", 3),
        ("key-is-a-list", ("? [a, b]", ": c"), "plain text", 2),
        ("key-is-a-map", ("? {a: b}", ": c"), "plain text", 2),
        ("empty-key", ("'': x",), "plain text", 2),
        ("a-list", ("- title: T",), "not a list of fields", 2),
        ("a-word", ("title",), "not a list of fields", 2),
        ("a-number", ("12",), "not a list of fields", 2),
        ("python-object", ("title: !!python/object/apply:os.system ['true']",), "must be one text", 2),
        ("nested-lists", ("title: T", "x: " + "[" * 50 + "]" * 50), "nested deeper", 3),
        ("nested-maps", ("title: T", "x: " + "{a: " * 30 + "1" + "}" * 30), "nested deeper", 3),
        ("nested-endless", ("title: T", "x: " + "[" * 20000), "nested deeper", 3),
        ("directive-inside", ("%YAML 1.1", "title: T"), "broken YAML", 0),
        ("nul", ("title: a\x00b",), "published: is missing", 0),
        ("control", ("title: a\x07b",), "published: is missing", 0),
        ("escape", ("title: a\x1bb",), "published: is missing", 0),
        ("block-scalar-tabs", ("title: |", "\tx"), "tabs", 0),
        ("comma-map", ("title: T,", "{a}: b: c"), "plain text", 3),
    ):
        yield Broken(name=f"yaml-{name}", data=front(*lines), says=says, line=line)


def toml_cases() -> Iterator[Broken]:
    """TOML that does not parse."""
    for name, lines, says, line in (
        ("no-value", ("title = ",), "broken TOML", 2),
        ("unquoted", ("title = T",), "broken TOML", 2),
        ("quote-open", ('title = "T', "x = 1"), "broken TOML", 2),
        ("colon", ("title: 'T'",), "broken TOML", 2),
        ("twice", ("title = 'T'", "title = 'U'"), "broken TOML", 3),
        ("bad-date", ("title = 'T'", "published = 2026-02-30"), "broken TOML", 0),
        ("leading-zero", ("title = 'T'", "x = 012"), "broken TOML", 3),
        ("bad-escape", ('title = "\\q"',), "broken TOML", 2),
        ("surrogate-escape", ('title = "\\ud800"',), "broken TOML", 2),
        ("table-open", ("[image",), "broken TOML", 2),
        ("table-twice", ("[a]", "[a]"), "broken TOML", 3),
        ("nul", ("title = 'a\x00b'",), "published: is missing", 0),
        ("deep", ("x = " + "[" * 20000,), "nested deeper", 0),
        ("deep-closed", ("x = " + "[" * 60 + "]" * 60,), "nested deeper", 0),
        ("inline-newline", ("x = {a = 1,", "b = 2, }}"), "broken TOML", 0),
        ("date-for-title", ("title = [1]", "published = 2026-10-01", 'topics = ["chips"]'), "must be one text", 2),
        ("huge-number", ("x = " + "9" * 6000,), "broken TOML", 0),
    ):
        yield Broken(name=f"toml-{name}", data=toml(*lines), says=says, line=line)


def values() -> Iterator[Broken]:
    """Fields that are missing or say what cannot be."""
    for field in ("title", "published", "topics"):
        data = front(*(each for each in GOOD if not each.startswith(field)))
        yield Broken(name=f"missing-{field}", data=data, says=f"{field}: is missing")
    for name, line, says in (
        ("empty", "title:", "is empty"),
        ("blank", "title: '   '", "is empty"),
        ("null", "title: ~", "is empty"),
        ("zero-width", 'title: "\\u200b\\u2060"', "is empty"),
        ("list", "title: [a, b]", "must be one text"),
        ("map", "title: {a: b}", "must be one text"),
        ("long", f"title: {'x' * 3000}", "longer than"),
    ):
        yield Broken(name=f"title-{name}", data=instead("title", line), says=f"title: {says}" if says else says, line=2)
    for name, value in {
        "word": "yesterday",
        "empty": "",
        "null": "~",
        "month": "2026-13-01",
        "day": "2026-02-30",
        "leap": "2025-02-29",
        "zero": "0000-00-00",
        "hour": "2026-10-01 25:00",
        "minute": "2026-10-01 10:60",
        "year-only": "2026",
        "month-only": "2026-10",
        "time-only": "'10:30'",
        "us-or-eu": "03/04/2026",
        "huge": "9" * 400,
        "negative": "-1",
        "exponent": "1e400",
        "nan": ".nan",
        "unknown-zone": "2026-10-01 10:00 XYZ",
        "far": "9999-12-31",
        "first": "0001-01-01",
        "offset": "2026-10-01T10:00+99:00",
        "list": "[2026-10-01]",
        "map": "{a: b}",
        "epoch": "1790000000",
        "second": "2026-10-01 10:00:61",
        "han": "二〇二六年十月",
        "half": "2026年10月",
        "text-around": "on 2026-10-01 or so",
    }.items():
        yield Broken(name=f"date-{name}", data=instead("published", f"published: {value}"), says="published:", line=3)
    for name, value in {
        "unknown": "chip",
        "empty": "",
        "empty-list": "[]",
        "one-unknown": "[chips, clouds]",
        "map": "{chips: true}",
        "nested": "[[chips, [cloud]]]",
        "hyphen": "chips-",
        "all": "all",
        "number": "1",
        "null": "~",
        "path": "../chips",
    }.items():
        yield Broken(name=f"topics-{name}", data=instead("topics", f"topics: {value}"), says="topics:", line=4)


def fields() -> Iterator[Broken]:
    """Optional fields that say what cannot be."""
    for name, line, says in (
        ("slug-slash", "slug: a/b", "slug:"),
        ("slug-space", "slug: a b", "slug:"),
        ("slug-dots", "slug: ..", "slug:"),
        ("slug-question", "slug: a?b", "slug:"),
        ("slug-emoji", "slug: 🎉", "slug:"),
        ("slug-list", "slug: [a]", "slug:"),
        ("slug-percent", "slug: a%2Fb", "slug:"),
        ("slug-backslash", "slug: 'a\\b'", "slug:"),
        ("slug-hash", "slug: 'a#b'", "slug:"),
        ("id-words", "id: hello there", "id:"),
        ("id-space", "id: 'urn:a b'", "id:"),
        ("id-list", "id: [urn:a]", "id:"),
        ("language-word", "language: Chinese", "language:"),
        ("language-long", "language: zh-Hant-TW-x", "language:"),
        ("language-unknown", "language: qq", "language:"),
        ("language-list", "language: [en]", "language:"),
        ("language-number", "language: 12", "language:"),
        ("summary-list", "summary: [a]", "summary:"),
        ("summary-long", f"summary: {'x' * 3000}", "summary:"),
        ("authors-map", "authors: {uri: https://a.b}", "authors:"),
        ("authors-key", "authors: [{name: A, mail: b}]", "authors:"),
        ("authors-uri", "authors: [{name: A, uri: b}]", "authors:"),
        ("authors-nested", "authors: [[A]]", "authors:"),
        ("tags-map", "tags: {a: b}", "tags:"),
        ("tags-nested", "tags: [[a]]", "tags:"),
        ("image-missing", "image: nothing.png", "image:"),
        ("image-key", "image: {source: a.png}", "image:"),
        ("image-script", "image: 'javascript:alert(1)'", "image:"),
        ("image-outside", "image: ../../../../etc/passwd.png", "image:"),
        ("image-list", "image: [a.png]", "image:"),
        ("enclosure-script", "enclosure: 'javascript:alert(1)'", "enclosure:"),
        ("enclosure-type", "enclosure: https://a.b/c", "enclosure:"),
        ("enclosure-length", "enclosure: {url: https://a.b/c.mp3, length: -1}", "enclosure:"),
        ("enclosure-huge", f"enclosure: {{url: https://a.b/c.mp3, length: {'9' * 50}}}", "enclosure:"),
        ("enclosure-media-type", "enclosure: {url: https://a.b/c.mp3, type: music}", "enclosure:"),
        ("canonical-word", "canonical: here", "canonical:"),
        ("canonical-ftp", "canonical: ftp://a.b/", "canonical:"),
        ("canonical-host", "canonical: 'http://[::1'", "canonical:"),
        ("translation-path", "translation_of: a/b", "translation_of:"),
        ("aliases-space", "aliases: [a b]", "aliases:"),
        ("aliases-map", "aliases: {a: b}", "aliases:"),
        ("aliases-many", f"aliases: [{', '.join(f'a{n}' for n in range(101))}]", "aliases: more than 100 ("),
        ("tags-too-many", f"tags: [{', '.join(f't{n}' for n in range(101))}]", "tags: more than 100 ("),
        ("tags-long", f"tags: [{'字' * 201}]", "is longer than 200 characters (shorten it)"),
        ("tags-dot", "tags: [a, .]", "tags: '.' cannot be part of an address (write it in words)"),
        ("authors-many", f"authors: [{', '.join(f'a{n}' for n in range(101))}]", "authors: more than 100 ("),
        ("authors-long", f"authors: [{{name: {'字' * 201}}}]", "is longer than 200 characters (shorten it)"),
        ("authors-dots", "authors: [..]", "authors: '..' cannot be part of an address (write it in words)"),
        (
            "authors-uri-long",
            f"authors: [{{name: a, uri: 'https://a.b/{'字' * 60}'}}]",
            "is longer than 500 characters",
        ),
        ("authors-email-long", f"authors: [{{name: a, email: '{'e' * 201}'}}]", "is longer than 200 characters"),
        ("draft-word", "draft: perhaps", "draft:"),
        ("draft-table", "draft: {a: b}", "draft:"),
        ("updated-word", "updated: later", "updated:"),
        ("updated-gap", "updated: 2026-02-31", "updated:"),
    ):
        yield Broken(name=f"field-{name}", data=beside(line), says=says, line=5)


def bodies() -> Iterator[Broken]:
    """Bodies past a limit, or with links that lead out."""
    for name, body, says in (
        ("size", "x" * (2 * 1024 * 1024), "bytes, the limit is"),
        ("elements", "<i>x</i>" * 20_001, "20,000 elements"),
        ("nesting", "<div>" * 201 + "x", "nested deeper"),
        ("nesting-formatting", "<b>" * 300, "nested deeper"),
        ("attributes", "<p " + " ".join(f"a{n}=1" for n in range(51)) + ">x</p>", "50 attributes"),
        ("attributes-many", "<p " + "a " * 20_000 + ">x</p>", "50 attributes"),
        ("fonts", "".join(f"<p><font color={n}>x" for n in range(6000)), "formatting elements"),
        ("escapes", "&amp;" * 20_001, "20,000"),
        ("link-out", '<p><img src="../../../../../secret.png"></p>', "leads out of the content folder"),
        (
            "link-out-encoded",
            '<p><img src="%2e%2e/%2e%2e/%2e%2e/%2e%2e/secret.png"></p>',
            "leads out of the content folder",
        ),
    ):
        for suffix in (".html", ".md"):
            yield Broken(name=f"body-{name}{suffix[1:]}", data=beside(body=body), says=says, suffix=suffix)


def all_broken() -> list[Broken]:
    """Every broken file that is a file."""
    families = (encodings, fences, yaml, toml_cases, values, fields, bodies)
    return [each for family in families for each in family()]


def odd_places(articles: Path) -> dict[str, str]:
    """Make what is broken about a place rather than its bytes; what the report must say, by path."""
    good = front(*GOOD)
    made: dict[str, str] = {}

    def odd(name: str, says: str, make: Callable[[Path], object]) -> None:
        make(articles / name)
        made[f"articles/{name}"] = says

    outside = articles.parent.parent / "outside.md"
    outside.write_bytes(good)
    odd("fifo.md", "not a regular file", os.mkfifo)
    odd("to-nowhere.md", "symlink", lambda path: path.symlink_to("nowhere.md"))
    odd("to-itself.md", "symlink", lambda path: path.symlink_to("to-itself.md"))
    odd("to-outside.md", "symlink", lambda path: path.symlink_to(outside))
    odd("to-root.md", "symlink", lambda path: path.symlink_to("/etc/hostname"))
    odd("loop", "leads to articles, where its files are read", lambda path: path.symlink_to("."))
    odd("deep" + "/d" * 50, "more than 50 folders deep", lambda path: path.mkdir(parents=True))
    odd("out", "symlink", lambda path: path.symlink_to(articles.parent.parent))
    return made


def odd_names() -> dict[bytes, str]:
    """File names that are legal, and strange; what each article's slug becomes, empty where none can be made."""
    return {
        b"line\nbreak.md": "line-break",
        b"tab\tin.md": "tab-in",
        "🎉.md".encode(): "",
        "🎉-party.md".encode(): "party",
        b" spaces .md": "spaces",
        "晶片.md".encode(): "晶片",
        "日本語 の 記事.md".encode(): "日本語-の-記事",
        "한국어.md".encode(): "한국어",
        "عربي.md".encode(): "عربي",
        "e\u0301t\u00e9.md".encode(): "\u00e9t\u00e9",
        b"bad\xff.md": "bad-xff",
        b"not\\bad.md": "not-bad",
        b"quote\"'.md": "quote",
        b"a&b<c>.md": "a-b-c",
        b"%2e%2e.md": "2e-2e",
        b"v1.2.md": "v1.2",
        b"-dash.md": "dash",
        b"semi;colon.md": "semi-colon",
        b"CASE.md": "CASE",
        b"case.md": "case",
        "\u202eevil.md".encode(): "evil",
        ("x" * 240 + ".md").encode(): "x" * 200,
    }
