"""Every marker of `marker_table`, in every spelling, table and format: what it keeps from the public is found nowhere.

Guarantee 13: nothing that was not meant for the public is published.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc.articles.metadata.marker_table import (
    NOT_PUBLIC_WORDS,
    PUBLIC_WORDS,
    ROWS,
    ROWS_IN_OTHER_LANGUAGES,
    UNMISTAKABLE_WORDS,
    Kind,
    Visibility,
    squash,
)
from feedsvc.sync import check
from tests.conftest import Publication
from tests.sync.looks import status, tombstones

# What each of these says, a system that many use says so that its readers do not see the file.
NOT_PUBLIC = """
dg-publish: false|dg_publish: no|dgPublish: "off"|visible: false|is_visible: false|visible: PRIVATE|show: false
archived: true|deleted: yes|Trashed: TRUE|live: false|isLive: false|active: 0|enabled: off|online: false
wp_status: draft|wpStatus: private|wp-post-status: pending|post_status: trash|"post status": draft
internal: true|Internal: yes|restricted: true|embargo: true|exclude: true|excluded: true|paywall: true|premium: true
noPublish: true|no-publish: yes|nopublish: true|do_not_publish: true|not_published: true|wip: true|drafts: true
subscriber_only: true|subscribersOnly: true|subscribers-only: yes|member_only: true|members_only: true|paid_only: true
confidential: true|protected: true|password: hunter2|postPassword: hunter2|deleted_at: 2026-09-01|locked: true
isDraft: true|is_private: yes|page_draft: true|saveAsDraft: true|published: false|Published: false|is_published: no
publish_status: draft|workflow_state: in review|stage: draft|review: pending|privacy: friends|privacyStatus: unlisted
status: 0|status: waiting|status: brouillon|status: Entwurf|status: borrador|status: черновик|status: مسودة
status: 審核中|status: 待審|status: 下書き|status: 작성 중|status: ร่าง|visibility: followers|access: subscriber
access: premium
feed: false|rss: no|showInFeed: false|exclude_from_feed: true|render: false|output: false|listed: false|unlisted: true
isAccessibleForFree: false|free: no|members: true|paid: true|ready: false|approved: false|unpublish: true|expired: true
meta: {draft: true}|extra: {status: draft}|params: {private: true}|cascade: {draft: true}|custom: {visibility: members}
build: {list: never, render: never}|url: false|permalink: {build: false}
meta: {page: {hidden: true}}|anything: {draft: true}|anything: {published: false}
草稿: true|狀態: 草稿|状态: 私密|公開: 否|下書き: true|公開: false|非公開: true|초안: true|공개: 아니요|비공개: true
"可見性": 僅自己可見
Entwurf: ja|brouillon: oui|borrador: sí|черновик: да|مسودة: نعم|טיוטה: כן|rascunho: sim|bozza: sì|ステータス: 下書き
publishedAt: null|published_at: ~|first_published_at:|published_at: ''|published_at: false|sys: {publishedAt: null}
auth: true|permissions: [staff]|scope: internal|groups: staff|patreon: true|limited: yes|revision: draft|maturity: draft
phase: draft|stub: true|todo: true|email_only: true|sensitivity: internal|tlp: TLP RED|visible_to: staff|roles: [admin]
密碼: hunter2|パスワード: hunter2
cascade: [{_target: {path: /x}, draft: true}]|cascade: {build: {render: never}}|feed: {exclude: true}
"""
# Misspelled, or with a value that nobody knows: nobody knows what was meant.
UNKNOWN = """
drafts: perhaps|drfat: perhaps|visiblity: circle|publishing: someday|share: false|status: 🔒|state: Texas
type: draft|kind: Draft|version: draft|post_type: revision|_id: drafts.abc|"文章類型": 草稿|label: confidential
種別: [下書き]
meta: {kind: draft}|visible_to: [Ann]|acl: {read: Ann}|tiers: [gold]|viewers: Ann|permission: circle
狀態: 🔒|export: false
archived: 2025|deleted: {by: me}|premium: gold|publish: -1|private: 2|embargo: after the fair
"""
MISSPELLED = "drafts: true|darft: true|privte: true|publishd: false|visibilty: private|дraft: true|pasword: x"
# Fields of themes and systems that are about something else.
ORDINARY = """
archive: true|archives: true|share: true|share: [x, y]|toc: false|comments: false|hide: [navigation, toc]
hide_title: true|robots: noindex|noindex: true|sitemap_exclude: true|sitemap: false|sitemap: {exclude: true}
nav_exclude: true
searchHidden: true|hiddenInHomeList: true|cover: {hidden: true}|comment_status: closed|ping_status: open|stats: 5
publisher: O'Reilly|accessed: 2027-01-01|active: 2020 to 2024|live: https://demo.example|members: [Ann, Bob]
review: true|review: a book|stage: seedling|workflow: {team: x}|pinned: true|featured: false|layout: draft-page
type: review|kind: page|version: 3|labels: [draft, chips]|og_title: Draft|_id: abc|sensitive: true|reviewers: [Ann]
groups: [Ann]|classification: mammals|estado: Texas|role: author|auth: Ann|export: pdf|scope: the world|series: Draft
event: {kind: private}|progress: 80|revision: 1|comments: private|categories: [Draft]|發布日期: 明天|date: ''
image_status: {draft: ''}|rss: https://a.example/x.xml|output: html|url: /x/|display: block|event: {date: 2027-01-01}
"""
PUBLIC = """
drafts: false|dg-publish: true|visible: true|live: yes|wp_status: publish|archived: false|deleted: no|premium: false
embargo: false|embargo: 2026-01-01|publishDate: 2026-09-01|date: 2026-09-01|meta: {draft: false}|is_private: "no"
公開: 是|公開: 2026-09-01|发布: 是|veröffentlicht: ja|狀態: 已發布
草稿: 否|公開範囲: 全体公開|published_at: true|roles: everyone
status: Veröffentlicht|status: 已發表|status: منشور|password: "no"|expires: never|expired: false|private: none
"""


def _each(text: str) -> list[str]:
    return [each for line in text.strip().splitlines() for each in line.split("|")]


def _write(publication: Publication, name: str, marker: str, dates: str = "published: 2026-10-01") -> None:
    dates = dates if not marker.startswith("published:") else "date: 2026-10-01"
    head = f"title: Zqtitle {name}\n{dates}\ntopics: [chips]\ntags: [tag{name}]\nauthors: [Ann]\n{marker}\n"
    publication.write(f"articles/{name}.md", f"---\n{head}---\nZqtext {name} with wafers. ![Zqalt](zq{name}.png)\n")
    publication.write(f"articles/zq{name}.png", b"\x89PNG\r\n\x1a\n" + name.encode())


def _everything(publication: Publication) -> Iterator[tuple[str, str]]:
    """Every feed, page, list and document of a publication, and what each says."""
    client = publication.client()
    todo = ["/", "/feeds.opml", "/sitemap.xml", "/search?q=wafers", "/embed/chips", "/archives"]
    for name in ("all", "chips", "chips/2026-10", "all/2026-10"):
        todo += [f"/feeds/{name}.{suffix}" for suffix in ("rss", "atom", "json")]
    todo += ["/feeds/all.json?q=wafers", "/feeds/all.json?author=Ann", "/feeds/all.json?after=0", "/topics/chips"]
    todo += ["/authors/Ann", "/tags/tagone", "/articles/open", "/feeds/all.atom?after=0"]
    for path in todo:
        yield path, client.get(path, follow_redirects=True).get_data(as_text=True)


def _leaks(publication: Publication) -> list[str]:
    return [path for path, text in _everything(publication) if "zq" in text.lower()]


def test_nothing_of_it_is_found_anywhere(publication: Publication) -> None:
    publication.article("open")
    markers = _each(NOT_PUBLIC)
    for number, marker in enumerate(markers):
        _write(publication, f"n{number}", marker)
    report = publication.sync()
    aside = [markers[int(re.findall(r"\d+", each)[0])] for each in report.set_aside]
    assert (report.added, aside) == (("open",), [])
    assert report.drafts == len(markers)
    assert _leaks(publication) == []
    assert {status(publication, f"n{number}") for number in range(len(markers))} == {404}
    assert not list(publication.settings.media_folder.glob("*"))


@pytest.mark.parametrize("marker", _each(NOT_PUBLIC))
def test_each_says_why_and_what_to_write(publication: Publication, marker: str) -> None:
    _write(publication, "one", marker)
    (first, *_) = map(str, publication.sync().problems)
    assert re.match(
        r"articles/one\.md:\d+: warning: .* is not for the public, so this is a draft \(write draft: true", first
    )
    assert "hunter2" not in first


@pytest.mark.parametrize("marker", [*_each(UNKNOWN)])
def test_what_nobody_knows_is_set_aside(publication: Publication, marker: str) -> None:
    _write(publication, "one", marker)
    report = publication.sync()
    assert (report.added, report.set_aside) == ((), ["articles/one.md"])
    assert _leaks(publication) == []


@pytest.mark.parametrize("marker", _each(MISSPELLED))
def test_a_misspelled_marker_counts(publication: Publication, marker: str) -> None:
    _write(publication, "one", marker)
    assert publication.sync().drafts == 1
    problems = "\n".join(map(str, publication.sync().problems))
    assert re.search(r"so this is a draft \(.*; it is read as '\w+', which it is like\)", problems)


@pytest.mark.parametrize("marker", _each(ORDINARY))
def test_an_ordinary_field_keeps_nothing_from_the_public(publication: Publication, marker: str) -> None:
    _write(publication, "one", marker)
    assert publication.sync().added == ("Zqtitle one",)


@pytest.mark.parametrize("marker", _each(PUBLIC))
def test_a_marker_that_says_public_changes_nothing(publication: Publication, marker: str) -> None:
    _write(publication, "one", marker)
    assert publication.sync().added == ("Zqtitle one",)


def test_no_hint_names_a_marker_of_what_is_published(publication: Publication) -> None:
    """A field whose "did you mean" is a marker must not publish."""
    for number, marker in enumerate(
        [*_each(ORDINARY), "publishe_r: x", "draughts: 5", "unpublishable: x", "statuses_of_x: y"]
    ):
        _write(publication, f"n{number}", marker)
    report = publication.sync()
    for each in map(str, report.problems):
        assert "did you mean 'draft'" not in each
        assert "did you mean 'published'" not in each or "date" in each


EVERY_ROW = (*ROWS, *ROWS_IN_OTHER_LANGUAGES)
NAMES = [(name, row) for row in EVERY_ROW for name in sorted(row.names) if row.kind is not Kind.DATE]
DATES = [(name, row) for row in EVERY_ROW for name in sorted(row.names) if row.kind is Kind.DATE]


def test_every_row_of_the_table(publication: Publication) -> None:
    """The value that is not public keeps a file from the public, under each name and in capitals."""
    publication.article("open")
    for number, (name, row) in enumerate(NAMES):
        value = {Kind.WORD: "draft", Kind.SET: "x1"}.get(row.kind)
        if value is None:
            value = next(
                (said for said, means in (("true", row.true), ("false", row.false)) if means is Visibility.NOT_PUBLIC),
                "draft",
            )
        _write(publication, f"n{number}", f"{name.upper() if number % 2 else name}: {value}")
    report = publication.sync()
    assert report.added == ("open",)
    assert report.set_aside == []
    assert report.drafts == len(NAMES)


@pytest.mark.parametrize("suffix", [".md", ".html", ".txt"])
@pytest.mark.parametrize("fence", ["---", "+++"])
def test_every_format(publication: Publication, suffix: str, fence: str) -> None:
    lines: dict[str, object] = {"title": "Zqtitle", "published": "2026-10-01", "topics": ["chips"]}
    markers: list[dict[str, object]] = [
        {"dg-publish": False},
        {"meta": {"draft": True}},
        {"Status": "Draft"},
        {"params": {"private": True}},
    ]
    for number, more in enumerate(markers):
        fields: dict[str, object] = {**lines, **more}
        if fence == "---":
            head = "".join(f"{key}: {json.dumps(value)}\n" for key, value in fields.items())
        else:
            head = "".join(
                f"{key} = {json.dumps(value)}\n" for key, value in fields.items() if not isinstance(value, dict)
            )
            for key, table in fields.items():
                if isinstance(table, dict):
                    head += f"[{key}]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())
        publication.write(f"articles/f{number}{suffix}", f"{fence}\n{head}{fence}\nZqtext.\n")
    report = publication.sync()
    assert (report.added, report.drafts, report.set_aside) == ((), 4, [])


@pytest.mark.parametrize("suffix", [".md", ".html", ".txt"])
def test_front_matter_in_json_is_no_front_matter(publication: Publication, suffix: str) -> None:
    """Hugo reads it; feedsvc does not, and never takes it for text."""
    publication.write(f"articles/one{suffix}", '{"title": "Zqtitle", "draft": true}\n\nZqtext.\n')
    report = publication.sync()
    assert (report.added, report.set_aside) == ((), [f"articles/one{suffix}"])


@pytest.mark.parametrize(
    "broken",
    [
        "published: false",
        "draft: false\ndraft: true",
        "draft: true\nsummary: a: b: c",
        'status: "draft',
        "\tdraft: true",
        "meta:\n  draft: true\n x: [",
        "draft：true",
        "draft: true # not yet\ntags: [a",
        "<<<<<<< HEAD\ndraft: true\n=======\ndraft: false\n>>>>>>> other",
        "draft: true\nx: &a b",
    ],
)
def test_a_marker_counts_where_the_front_matter_cannot_be_read(publication: Publication, broken: str) -> None:
    """Its last good version was published before the marker came."""
    _write(publication, "one", "language: en")
    publication.article("open")
    publication.sync()
    head = f"title: Zqtitle one\npublished: 2026-10-01\ntopics: [chips]\n{broken}\n"
    publication.write("articles/one.md", f"---\n{head}---\nZqtext.\n")
    report = publication.sync()
    assert (report.removed, status(publication, "one")) == (("Zqtitle one",), 410)
    assert report.set_aside == ["articles/one.md"]
    assert _leaks(publication) == []


@pytest.mark.parametrize(
    "broken", ["summary: a: b: c", "status: published\ntags: [a", "text: |\n  draft: maybe\nx: [a"]
)
def test_without_one_the_last_good_version_stays_up(publication: Publication, broken: str) -> None:
    """Guarantee 1."""
    _write(publication, "one", "language: en")
    publication.sync()
    _write(publication, "one", broken)
    assert publication.sync().removed == ()
    assert status(publication, "one") == 200


@pytest.mark.parametrize("marker", _each(NOT_PUBLIC)[::5] + _each(UNKNOWN)[::3])
def test_what_is_published_goes_when_a_marker_comes(publication: Publication, marker: str) -> None:
    publication.article("open")
    _write(publication, "one", "language: en")
    publication.sync()
    _write(publication, "one", marker)
    assert publication.sync().removed == ("Zqtitle one",)
    assert (status(publication, "one"), tombstones(publication)) == (410, 1)
    assert _leaks(publication) == []


@pytest.mark.parametrize(
    "field",
    ["publishDate", "date", "embargo", "embargo_until", "pubDate", "published_at", "params: {publishDate", "Published"],
)
def test_a_later_date_beside_published_holds_the_article_back(publication: Publication, field: str) -> None:
    """Hugo: a page whose publishDate is in the future is not built."""
    line = f"{field}: 2026-11-01 20:03" + ("}" if "{" in field else "")
    _write(publication, "one", line)
    publication.article("open", body="[one](one.md)")
    report = publication.sync()
    assert (report.added, report.drafts, report.set_aside) == (("open",), 1, [])
    name = field.replace(": {", ".")
    assert (
        f"{name}: is later than now, so this is a draft until then (write published: 2026-11-01T12:03Z alone)"
        in "\n".join(map(str, report.problems))
    )
    assert _leaks(publication) == []
    publication.sync()
    assert status(publication, "one") == 404
    assert publication.sync().added == ("Zqtitle one",)  # at 12:03 in UTC
    assert b"2026-10-01" in publication.client().get("/feeds/all.json").data


def test_an_article_that_is_up_goes_when_its_date_is_put_off(publication: Publication) -> None:
    _write(publication, "one", "language: en")
    publication.sync()
    _write(publication, "one", "publishDate: 2027-01-01")
    assert publication.sync().removed == ("Zqtitle one",)
    assert status(publication, "one") == 410


@pytest.mark.parametrize("name", ["publishDate", "embargo_until", "release_date"])
def test_a_date_that_cannot_be_read_sets_the_file_aside(publication: Publication, name: str) -> None:
    _write(publication, "one", f"{name}: after the fair")
    report = publication.sync()
    assert report.set_aside == ["articles/one.md"]
    assert f"articles/one.md:7: {name}: " in str(report.problems[0])


def test_the_page_of_reference_has_the_whole_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "not-published.md").read_text("utf-8")
    named = {squash(each) for each in re.findall(r"`([^`]+)`", page)}
    assert [name for name, _ in [*NAMES, *DATES] if name not in named] == []
    lines = [{squash(each) for each in line.partition('": ')[2].split(",")} for line in page.splitlines()]
    assert any(line >= PUBLIC_WORDS for line in lines)
    assert any(line >= NOT_PUBLIC_WORDS for line in lines)
    assert any({squash(each) for each in line.split(",")} == UNMISTAKABLE_WORDS for line in page.splitlines())


@pytest.mark.parametrize("marker", [*_each(NOT_PUBLIC), *_each(UNKNOWN)])
def test_no_marker_is_called_a_misspelled_field_of_ours(publication: Publication, marker: str) -> None:
    _write(publication, "one", marker)
    assert not [each for each in map(str, publication.sync().problems) if "did you mean" in each]


def test_an_unknown_field_says_which_word_is_meant(publication: Publication) -> None:
    _write(publication, "one", "type: draft")
    (said,) = map(str, publication.sync().problems)
    assert said == (
        "articles/one.md:7: type: 'draft' does not say whether this is for the public (write draft: true to keep it "
        "from the public; to publish it, remove this line or write another word)"
    )


EXPIRES = """
unpublish_date|unpublishDate|expires_at|expire|expirationDate|unpublished_at|expiresAt|expiry-date|publish_until|valid_until
unpublish_on|publish_down|Expires
"""


@pytest.mark.parametrize("name", _each(EXPIRES))
def test_other_names_of_expires(publication: Publication, name: str) -> None:
    _write(publication, "past", f"{name}: 2026-10-20")
    _write(publication, "coming", f"{name}: 2027-10-20")
    report = publication.sync()
    assert (report.added, report.expired) == (("Zqtitle coming",), 1)
    assert f"articles/past.md:7: warning: {name}: is read as 'expires' (write expires)" in map(str, report.problems)


def test_expires_in_a_table(publication: Publication) -> None:
    _write(publication, "past", "params: {expiryDate: 2026-10-20}")
    assert publication.sync().expired == 1


def test_check_says_that_expires_is_past(publication: Publication) -> None:
    _write(publication, "past", "expires: 2026-10-20")
    publication.sync()
    said = [
        str(each)
        for each in check(publication.settings.content, publication.site, publication.store, publication.now).problems
    ]
    (line,) = said
    assert line == (
        "articles/past.md:7: warning: expires: is past, so the article is taken down "
        "(write a later date to publish it again, or delete the file)"
    )


def test_an_end_before_the_beginning_keeps_no_earlier_version_up(publication: Publication) -> None:
    _write(publication, "one", "language: en")
    publication.sync()
    _write(publication, "one", "expires: 2026-09-01")
    report = publication.sync()
    assert (report.set_aside, status(publication, "one")) == (["articles/one.md"], 410)


def _media(publication: Publication, name: str) -> int:
    """The status of the file of an article, asked for by its content."""
    data = (publication.settings.content / "articles" / f"zq{name}.png").read_bytes()
    return publication.client().get(f"/media/{hashlib.sha256(data).hexdigest()[:32]}.png").status_code


def test_files_are_served_only_with_a_live_article(publication: Publication) -> None:
    """Whoever has a picture already could ask whether an article that is not public has it, too."""
    _write(publication, "open", "language: en")
    _write(publication, "later", "language: en", dates="published: 2026-11-01 20:02")
    _write(publication, "draft", "status: draft")
    _write(publication, "held", "embargo: 2027-01-01")
    publication.sync()
    assert [_media(publication, name) for name in ("open", "later", "draft", "held")] == [200, 404, 404, 404]
    assert _leaks(publication) != []  # what is open is found
    publication.sync()
    assert _media(publication, "later") == 200  # it is 12:02 in UTC
    _write(publication, "open", "private: true")
    publication.sync()
    assert [_media(publication, name) for name in ("open", "later")] == [404, 200]
