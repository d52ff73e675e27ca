"""content/site.toml → Site; every error names the file and the key."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedsvc.errors import ConfigError
from feedsvc.model import CachePolicy, Localized, Person, Site
from feedsvc.site.site_toml import load_site, read_site, read_table

OWN_URL = "http://127.0.0.1:8000"
LEAST = 'title = "T"\ntag_authority = "e.org,2026"\n'
TOPICS = '[topics.chips]\ntitle = "Chips"\n'


def without_line(error: ConfigError) -> str:
    """What the error says, without the line in the file."""
    return re.sub(r"(site\.toml):\d+:", r"\1:", str(error))


def load(
    tmp_path: Path, more: str = "", *, least: str = LEAST, topics: str = TOPICS, base_url: str | None = None
) -> Site:
    (tmp_path / "site.toml").write_text(f"{least}{more}\n{topics}", "utf-8")
    return load_site(tmp_path, base_url, OWN_URL)


def test_the_least_a_site_needs(tmp_path: Path) -> None:
    site = load(tmp_path)
    assert (site.title.in_("en"), site.subtitle.in_("en"), site.base_url) == ("T", "", OWN_URL)
    assert (site.tag_authority, site.language, site.timezone) == ("e.org,2026", "en", "UTC")
    assert site.authors == (Person(name="T"),)
    assert site.established == datetime(2000, 1, 1, tzinfo=UTC)
    assert (site.rights, site.icon, site.logo, site.feed_size, site.tombstone_days) == (None, None, None, 50, 30)
    assert site.cache == CachePolicy(max_age=900, stale_while_revalidate=3600, stale_if_error=86400)
    assert [(topic.name, topic.title.in_("en"), topic.description.in_("en")) for topic in site.topics] == [
        ("chips", "Chips", "")
    ]


def test_a_title_is_plain_whatever_stands_in_it(tmp_path: Path) -> None:
    site = load(tmp_path, least=LEAST.replace("T", "e\u200b\u0301 \u202c\u200db"))
    assert (site.title.in_("en"), site.authors) == ("é b", (Person(name="é b"),))


def test_everything_a_site_can_say(tmp_path: Path) -> None:
    site = load(
        tmp_path,
        """
subtitle = { en = "S", zh-Hant = "副" }
base_url = "https://例え.jp/sub/"
language = "zh_hant"
timezone = "Asia/Taipei"
established = 2026-07-01
rights = { en = "© 2026 in English", zh-Hant = "© 2026" }
icon = "/sub/icon.png"
logo = "https://e.org/logo.png"
feed_size = 10
embed_hosts = ["www.Video.example"]
tombstone_days = 0
authors = ["A", { name = "B", uri = "https://e.org", email = "b@e.org" }]
cache = { max_age = 60, stale_if_error = 0 }
""",
    )
    assert (site.subtitle, site.language) == (Localized({"zh-Hant": "副", "en": "S"}), "zh-Hant")
    assert next(iter(site.subtitle.texts)) == "zh-Hant"
    assert site.base_url == "https://xn--r8jz45g.jp/sub"
    assert (site.icon, site.logo) == ("https://xn--r8jz45g.jp/sub/icon.png", "https://e.org/logo.png")
    assert (site.established, site.rights) == (
        datetime(2026, 6, 30, 16, tzinfo=UTC),
        Localized({"zh-Hant": "© 2026", "en": "© 2026 in English"}),
    )
    assert (site.feed_size, site.tombstone_days, site.embed_hosts) == (10, 0, ("www.video.example",))
    assert site.authors == (Person(name="A"), Person(name="B", uri="https://e.org/", email="b@e.org"))
    assert site.cache == CachePolicy(max_age=60, stale_while_revalidate=3600, stale_if_error=0)


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-07-01T00:00:00+08:00", datetime(2026, 6, 30, 16, tzinfo=UTC)),
        ("2026-07-01T00:00:00.5", datetime(2026, 6, 30, 16, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 6, 30, 16, tzinfo=UTC)),
    ],
)
def test_a_moment_without_an_offset_is_in_the_zone_of_the_site(tmp_path: Path, written: str, utc: datetime) -> None:
    assert load(tmp_path, f'timezone = "Asia/Taipei"\nestablished = {written}').established == utc


@pytest.mark.parametrize(
    ("in_file", "given", "base_url"),
    [
        pytest.param("", None, OWN_URL, id="its own address stands in"),
        pytest.param('base_url = "https://e.org/"', None, "https://e.org", id="the file's"),
        pytest.param('base_url = "https://e.org"', "https://f.org/", "https://f.org", id="the operator's wins"),
        pytest.param('base_url = "https://e.org"', "", "https://e.org", id="an empty one counts not"),
    ],
)
def test_where_the_base_url_comes_from(tmp_path: Path, in_file: str, given: str | None, base_url: str) -> None:
    assert load(tmp_path, in_file, base_url=given).base_url == base_url


def test_a_topic_is_a_table(tmp_path: Path) -> None:
    site = load(tmp_path, topics='[topics.a-1]\n[topics.b]\ntitle = { zh-Hant = "乙", en = "B" }\ndescription = "D"\n')
    assert [topic.name for topic in site.topics] == ["a-1", "b"]
    assert [topic.title.in_("en") for topic in site.topics] == ["a-1", "B"]
    assert site.topics[1].title.in_("zh-TW") == "乙"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("titel = 1", "titel: unknown key (did you mean 'title'?)"),
        (
            "embed_hosts = 'a.b'",
            'embed_hosts: must be a list of hosts (write embed_hosts = ["www.youtube-nocookie.com"])',
        ),
        (
            'embed_hosts = ["https://a.b"]',
            "embed_hosts: 'https://a.b' is not a host (write www.youtube-nocookie.com)",
        ),
        ("language = 1", "language: 1 is not a text (put it in quotes)"),
        ('language = "chinese"', "language: 'chinese' is not a language tag (write en, zh-Hant, ja, …)"),
        ('subtitle = { english = "S" }', "subtitle: 'english' is not a language tag (write en, zh-Hant, ja, …)"),
        ("subtitle = { en = 1 }", "subtitle: 1 is not a text (put it in quotes)"),
        ("subtitle = {}", 'subtitle: must be a text or a table per language (write { en = "…", zh-Hant = "…" })'),
        ("subtitle = []", 'subtitle: must be a text or a table per language (write { en = "…", zh-Hant = "…" })'),
        ('timezone = "Taipei"', "timezone: 'Taipei' is not a time zone (write Asia/Taipei, UTC, …)"),
        ('timezone = "Asia"', "timezone: 'Asia' is not a time zone (write Asia/Taipei, UTC, …)"),
        (
            'timezone = "../../etc/passwd"',
            "timezone: '../../etc/passwd' is not a time zone (write Asia/Taipei, UTC, …)",
        ),
        (
            f'timezone = "{"a." * 999}"',
            f"timezone: '{'a.' * 40}' is not a time zone (write Asia/Taipei, UTC, …)",
        ),
        ('timezone = "\\u200b"', "timezone: '\\u200b' is not a text (put it in quotes)"),
        ('established = "2026"', "established: '2026' is not a date (write 2026-01-01 without quotes)"),
        (
            "established = 10:30:00",
            "established: datetime.time(10, 30) is not a date (write 2026-01-01 without quotes)",
        ),
        ("established = 0001-01-01", "established: the year must be from 1000 to 9998"),
        ('base_url = "e.org"', "base_url: 'e.org' is not a web address (write https://…)"),
        ('base_url = "ftp://e.org"', "base_url: 'ftp://e.org' is not a web address (write https://…)"),
        (
            'base_url = "https://e.org/?a"',
            "base_url: 'https://e.org/?a' must be a plain address (write https://example.org)",
        ),
        (
            'base_url = "https://e.org/#a"',
            "base_url: 'https://e.org/#a' must be a plain address (write https://example.org)",
        ),
        (
            'base_url = "https://u@e.org"',
            "base_url: 'https://u@e.org' must be a plain address (write https://example.org)",
        ),
        (
            'base_url = "http://h//evil.example"',
            "base_url: 'http://h//evil.example' has two slashes in its path (write https://example.org/path)",
        ),
        (f'subtitle = "{"字" * 2001}"', "subtitle: longer than 2000 characters (shorten it)"),
        (f'rights = "{"字" * 2001}"', "rights: longer than 2000 characters (shorten it)"),
        (
            f'authors = ["{"a" * 201}"]',
            f"authors: '{'a' * 20}'… is longer than 200 characters (shorten it)",
        ),
        ('authors = [".."]', "authors: '..' cannot be part of an address (write it in words)"),
        (f"authors = {['a'] * 101}", "authors: more than 100 (name the publication instead)"),
        ("base_url = true", "base_url: True is not a text (put it in quotes)"),
        ('icon = "javascript:x"', "icon: 'javascript:x' is not a web address (write https://…)"),
        ('feed_size = "10"', "feed_size: '10' is not a whole number"),
        ("feed_size = true", "feed_size: True is not a whole number"),
        ("feed_size = 1.5", "feed_size: 1.5 is not a whole number"),
        (
            "feed_bytes = 9999",
            "feed_bytes: must be at least 10,000, or 0 for any size (write feed_bytes = 2000000)",
        ),
        ("feed_size = 0", "feed_size: must be from 1 to 500 (write feed_size = 50)"),
        ("tombstone_days = -1", "tombstone_days: must be from 0 to 3650 (write tombstone_days = 30)"),
        ('authors = "A"', 'authors: must be a list (write authors = ["…"] or [[authors]] tables)'),
        ("authors = [1]", "authors: 1 is not an author (write name, and uri or email where there is one)"),
        (
            'authors = [{ email = "a@e.org" }]',
            "authors: {'email': 'a@e.org'} is not an author (write name, and uri or email where there is one)",
        ),
        (
            'authors = [{ name = "A", url = "x" }]',
            "authors: unknown key 'url' (did you mean 'uri'?)",
        ),
        ('authors = [{ name = "A", uri = "x" }]', "authors: 'x' is not a web address (write https://…)"),
        ("cache = 1", "cache: must be a table with max_age, stale_while_revalidate, stale_if_error"),
        ("cache = { max_ages = 1 }", "cache: unknown key 'max_ages' (did you mean 'max_age'?)"),
        ("cache = { max_age = 1 }", "cache: cache.max_age must be at least 60 seconds: RSS ttl counts minutes"),
        ("cache = { stale_if_error = -1 }", "cache: cache times must not be negative"),
    ],
)
def test_a_wrong_value_is_refused(tmp_path: Path, more: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, more)
    assert without_line(caught.value) == f"{tmp_path}/site.toml: {message}"


@pytest.mark.parametrize(
    ("least", "topics", "message"),
    [
        ('tag_authority = "e.org,2026"\n', TOPICS, 'title: is missing (write title = "…")'),
        (
            'title = "T"\n',
            TOPICS,
            (
                'tag_authority: is missing (write tag_authority = "example.org,2026" with a domain of yours and a year '
                "in which you own it)"
            ),
        ),
        (LEAST, "", "topics: is missing (write a table [topics.NAME], such as [topics.news])"),
        (LEAST, "[topics]\n", "topics: at least one [topics.NAME] table is needed"),
        (LEAST, "topics = 1\n", "topics: at least one [topics.NAME] table is needed"),
        (LEAST, "[topics]\nx = 1\n", "topics.x: must be a table (write [topics.x])"),
        (LEAST, "[topics.all]\n", "topics.all: 'all' cannot be a topic's name (use a-z, 0-9 and -; 'all' is taken)"),
        (LEAST, "[topics.'A/b']\n", "topics.A/b: 'A/b' cannot be a topic's name (use a-z, 0-9 and -; 'all' is taken)"),
        (
            LEAST,
            "[topics.x]\nname = 1\n",
            "topics.x: unknown key 'name' (known: title, description, aliases, keywords)",
        ),
        (
            LEAST,
            "[topics.x]\ntitle = ''\n",
            'topics.x.title: must be a text or a table per language (write { en = "…", zh-Hant = "…" })',
        ),
        (
            LEAST,
            f"[topics.x]\ntitle = {{ en = 'X', ja = '{'字' * 201}' }}\n",
            f"topics.x.title: '{'字' * 20}'… is longer than 200 characters (shorten it)",
        ),
        (LEAST.replace("T", "a" * 201), TOPICS, f"title: '{'a' * 20}'… is longer than 200 characters (shorten it)"),
        (
            LEAST.replace("T", "\\u200b"),
            TOPICS,
            'title: must be a text or a table per language (write { en = "…", zh-Hant = "…" })',
        ),
        (
            LEAST.replace(",2026", ""),
            TOPICS,
            "tag_authority: 'e.org' is not a tag authority (write a domain of yours and a date: example.org,2026)",
        ),
    ],
)
def test_what_a_site_cannot_do_without(tmp_path: Path, least: str, topics: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, least=least, topics=topics)
    assert without_line(caught.value) == f"{tmp_path}/site.toml: {message}"


@pytest.mark.parametrize(
    ("base_url", "message"),
    [
        ("e.org", "FEEDSVC_BASE_URL or --base-url: 'e.org' is not a web address (write https://…)"),
        (
            "https://e.org/?a",
            "FEEDSVC_BASE_URL or --base-url: 'https://e.org/?a' must be a plain address (write https://example.org)",
        ),
        (
            "https://e.org//a",
            (
                "FEEDSVC_BASE_URL or --base-url: 'https://e.org//a' has two slashes in its path "
                "(write https://example.org/path)"
            ),
        ),
    ],
)
def test_a_wrong_base_url_is_blamed_on_who_gave_it(tmp_path: Path, base_url: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, base_url=base_url)
    assert str(caught.value) == message


MEND = "(correct the file; the last good state is served)"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(
            b"title = \n",
            "Invalid value at column 9 of 'title =' "
            '(write a value behind the =, or "" for an empty text: title = ""; the last good state is served)',
            id="no TOML",
        ),
        pytest.param(b"title = '\xff'\n", "not UTF-8 (save the file as UTF-8)", id="no UTF-8"),
        pytest.param(b"a = " + b"[" * 9000, f"nested too deeply (flatten it) {MEND}", id="a bomb"),
        pytest.param(b"x" + b".a" * 60_000 + b" = 1", f"nested too deeply (flatten it) {MEND}", id="a long key"),
        pytest.param(b"a = " + b"1" * 5000, f"a number of thousands of digits (quote it) {MEND}", id="a huge number"),
        pytest.param(
            b"#" * 1_000_001, f"more than 1,000,000 bytes (remove what no setting needs) {MEND}", id="too many bytes"
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "site.toml").write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        read_table(tmp_path)
    assert without_line(caught.value) == f"{tmp_path}/site.toml: {message}"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_table(tmp_path)
    cure = "change to its folder, begin one with feedsvc init DIR, or name its content folder with --content"
    assert str(caught.value) == f"{tmp_path}/site.toml: not found, so this is not the folder of a publication ({cure})"


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_in_its_place(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "site.toml")
    with pytest.raises(ConfigError) as caught:
        read_table(tmp_path)
    assert str(caught.value) == f"{tmp_path}/site.toml: not a regular file (put the file itself there)"


def test_a_link_that_leads_to_itself(tmp_path: Path) -> None:
    (tmp_path / "site.toml").symlink_to("site.toml")
    with pytest.raises(ConfigError, match=r"Too many levels .*\(correct the file; the last good state is served\)$"):
        read_table(tmp_path)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_one(tmp_path: Path, line_end: str) -> None:
    (tmp_path / "site.toml").write_bytes(f"a = 1{line_end}b = 2{line_end}".encode())
    assert read_table(tmp_path) == {"a": 1, "b": 2}


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_bytes(b"\xef\xbb\xbftitle = 'T'")
    assert read_table(tmp_path) == {"title": "T"}


WRONG = """\
title = "T"
tag_authority = "e.org"
colour = "red"
timezone = "Asia/Nowhere"
feed_bytes = 9
feed_size = 0
tombstone_days = -1
embed_hosts = ["a.example", "b c", "-"]
redirect_presets = ["hugo", "wordpres"]
gone_topics = ["x"]
authors = ["A", 1, { name = "B", uri = "x" }]

[cache]
max_age = 1
max_ages = 2

[redirects]
"feed" = "/"
"/fine" = "/feeds/all.rss"
"/a" = "//evil.example"

[topics.x]
title = ""
name = 1

[topics.All]
[topics.y]
aliases = ["x"]
"""


def test_every_fault_is_named_at_once_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(WRONG, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_site(tmp_path, None, "http://127.0.0.1:8000")
    found = [(each.line, each.field) for each in caught.value.findings]
    assert sorted(found) == [
        (2, "tag_authority"),
        (3, "colour"),
        (4, "timezone"),
        (5, "feed_bytes"),
        (6, "feed_size"),
        (7, "tombstone_days"),
        (8, "embed_hosts"),
        (8, "embed_hosts"),
        (9, "redirect_presets"),
        (10, "gone_topics"),
        (11, "authors"),
        (11, "authors"),
        (14, "cache"),
        (15, "cache"),
        (18, "redirects.feed"),
        (20, "redirects./a"),
        (23, "topics.x.title"),
        (24, "topics.x"),
        (26, "topics.All"),
        (28, "topics.y.aliases"),
    ]
    assert str(caught.value).count(f"{tmp_path}/site.toml:") == len(found)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("feed", "message"),
    [
        ("nope?tag=x", "'nope?tag=x': parameter 'topic': unknown topic 'nope' (known: news)"),
        ("all?topic=晶片", "'all?topic=晶片': parameter 'topic': unknown topic '晶片' (known: news)"),
        ("all?not=topic:nope", "'all?not=topic:nope': parameter 'not': unknown topic 'nope' (known: news)"),
        ("old?tag=x", "'old?tag=x': the topic has another name now (write news for old)"),
        ("shut?tag=x", "'shut?tag=x': the topic shut was closed (remove the feed)"),
    ],
)
def test_a_feed_of_an_export_with_a_topic_that_is_not_there(tmp_path: Path, feed: str, message: str) -> None:
    """A tag may come with the articles."""
    text = 'title = "T"\ntag_authority = "e.org,2026"\ngone_topics = ["shut"]\n\n[topics.news]\naliases = ["old"]\n\n'
    (tmp_path / "site.toml").write_text(f'{text}[export]\nslices = ["news?tag=x", "{feed}"]\n', "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_site(tmp_path, None, OWN_URL)
    assert str(caught.value) == f"{tmp_path}/site.toml:9: export: {message}"
    (tmp_path / "site.toml").write_text(f'{text}[export]\nslices = ["news?tag=x"]\n', "utf-8")
    good = load_site(tmp_path, None, OWN_URL)
    assert good.export.slices == ("news?tag=x",)


@pytest.mark.parametrize("value", ["'br'", "true", "''", "'GZIP'"])
def test_a_coding_of_an_export_that_object_storage_has_not(tmp_path: Path, value: str) -> None:
    """gzip alone."""
    text = 'title = "T"\ntag_authority = "e.org,2026"\n\n[topics.news]\n\n[export]\n'
    (tmp_path / "site.toml").write_text(f"{text}compress = {value}\n", "utf-8")
    with pytest.raises(ConfigError, match=r"site.toml:7: export: .*write compress = \"gzip\", or leave it out"):
        load_site(tmp_path, None, OWN_URL)
    (tmp_path / "site.toml").write_text(f'{text}compress = "gzip"\n', "utf-8")
    assert load_site(tmp_path, None, OWN_URL).export.compress == "gzip"


def test_what_is_right_holds_beside_what_is_wrong(tmp_path: Path) -> None:
    """For a look at articles: the publication as it was stands in for what is wrong, else the default."""
    (tmp_path / "site.toml").write_text(WRONG, encoding="utf-8")
    site, _ = read_site(tmp_path, None, "http://127.0.0.1:8000", None)
    assert [topic.name for topic in site.topics] == ["x", "y"]
    assert (site.feed_bytes, site.timezone, site.embed_hosts) == (2_000_000, "UTC", ("a.example",))
    assert (site.redirects, site.redirect_presets) == ((("/fine", "/feeds/all.rss"),), ("hugo",))
    assert [author.name for author in site.authors] == ["A"]
    last = replace(site, timezone="Asia/Taipei", feed_bytes=20_000, tag_authority="e.org,2020")
    site, _ = read_site(tmp_path, None, "http://127.0.0.1:8000", last)
    assert (site.timezone, site.feed_bytes, site.tag_authority) == ("Asia/Taipei", 20_000, "e.org,2020")
    (tmp_path / "site.toml").write_text('title = "T"\n\n[topics.x\n', encoding="utf-8")
    site, (finding,) = read_site(tmp_path, None, "http://127.0.0.1:8000", last)
    assert (site, finding.line) == (last, 3)


@pytest.mark.parametrize("text", ["title = ", 'title = "T"', "topics = 1"])
def test_without_topics_nothing_can_be_looked_at(tmp_path: Path, text: str) -> None:
    (tmp_path / "site.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_site(tmp_path, None, "http://127.0.0.1:8000", None)
    assert caught.value.findings
