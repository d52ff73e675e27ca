"""Nothing that was not meant for the public is published (guarantee 13): markers of other systems."""

import pytest

from tests.cli.conftest import Run, run
from tests.conftest import Publication
from tests.sync.looks import status, tombstones

__all__ = ["run"]

# Who writes it → the front matter that keeps an article from the public.
NOT_PUBLIC = {
    "ours": "draft: true",
    "capital": "Draft: TRUE",
    "quoted": 'draft: "yes"',
    "full-width": "draft: ｔｒｕｅ",
    "hugo-draft": "draft: true",
    "pelican": "status: draft",
    "pelican-hidden": "STATUS: Hidden",
    "pelican-skip": "status: skip",
    "wordpress-private": "status: private",
    "wordpress-pending": "post_status: pending",
    "wordpress-password": "password: x1",
    "ghost-members": "visibility: members",
    "ghost-paid": "visibility: paid",
    "substack": "audience: only_paid",
    "obsidian": "publish: false",
    "obsidian-word": "publish: No",
    "eleventy": "eleventyExcludeFromCollections: true",
    "eleventy-page": "permalink: false",
    "private": "private: true",
    "hidden": "hidden: on",
    "unlisted": "unlisted: 1",
    "listed": "listed: false",
    "state": "state: In-Review",
    "access": "access: friends",
    "headless": "headless: true",
    "hugo-build": "build: {list: never, render: never}",
    "hugo-old-build": "_build: {list: never}",
    "hugo-local": "build:\n  list: local",
    "is-draft": "isDraft: true",
    "list": "access: [members, public]",
    "chinese": "status: 草稿",
    "japanese": "visibility: 非公開",
    "korean": "status: 비공개",
    "least-public-first": "draft: false\nvisibility: private",
    "least-public-last": "visibility: private\npublish: true",
    "two-cases": "draft: false\nDraft: true",
}
PUBLIC = [
    "draft: no",
    "Draft: FALSE",
    "status: published",
    "STATUS: Publish",
    "status: live",
    "status: final",
    "status: 公開",
    "visibility: public",
    "private: false",
    "hidden: 'off'",
    "unlisted: 0",
    "listed: true",
    "publish: yes",
    "access: everyone",
    "password: ''",
    "publish:",
    "build: {list: always, render: always}",
]
UNKNOWN = [
    ("status: approved", "status", "'approved'", "write published or draft"),
    ("visibility: circle", "visibility", "'circle'", "write published or draft"),
    ("access: {a: b}", "access", "a table", "write published or draft"),
    ("draft: flase", "draft", "'flase'", "write true or false"),
    ("private: perhaps", "private", "'perhaps'", "write true or false"),
    ("_build: {list: some}", "_build", "list: some", "write list: always or never"),
]


def _write(publication: Publication, name: str, marker: str, dates: str = "published: 2026-10-01") -> None:
    head = f"title: Secret title {name}\n{dates}\ntopics: [chips]\n{marker}\n"
    publication.write(f"articles/{name}.md", f"---\n{head}---\nSecret text {name}.\n")


def _everything(publication: Publication) -> str:
    client = publication.client()
    addresses = ["/", "/topics/chips", "/sitemap.xml", "/feeds.opml", "/search?q=secret"]
    addresses += [f"/feeds/{name}.{suffix}" for name in ("all", "chips") for suffix in ("rss", "atom", "json")]
    return "\n".join(client.get(each, follow_redirects=True).text for each in addresses)


def test_nothing_of_what_is_not_public_is_shown_anywhere(publication: Publication, run: Run) -> None:
    publication.article("public")
    for name, marker in NOT_PUBLIC.items():
        _write(publication, name, marker)
    report = publication.sync()
    assert report.added == ("public",)
    assert report.drafts == len(NOT_PUBLIC)
    assert report.set_aside == []
    assert "Secret" not in _everything(publication)
    assert {status(publication, name) for name in NOT_PUBLIC} == {404}
    lines = run("check").stdout.splitlines()
    for name in NOT_PUBLIC.keys() - {"ours", "quoted", "full-width", "hugo-draft"}:
        assert any(
            line.startswith(f"articles/{name}.md:")
            and line.endswith(
                "is not for the public, so this is a draft (write draft: true, or remove this line to publish it)"
            )
            for line in lines
        ), name
    assert "articles/pelican.md:5: warning: status: 'draft' is not for the public" in "\n".join(lines)


def test_markers_in_toml(publication: Publication) -> None:
    head = 'title = "Secret"\npublished = 2026-10-01\ntopics = ["chips"]\n'
    for number, marker in enumerate(
        ("draft = true", 'Status = "Draft"', "private = true", '[build]\nlist = "never"', "publish = false")
    ):
        publication.write(f"articles/t{number}.md", f"+++\n{head}{marker}\n+++\nSecret.\n")
    publication.write("articles/open.md", f"+++\n{head.replace('Secret', 'Open')}draft = false\n+++\nText.\n")
    report = publication.sync()
    assert (report.added, report.drafts) == (("Open",), 5)
    assert "Secret" not in _everything(publication)


@pytest.mark.parametrize("marker", PUBLIC)
def test_a_marker_that_says_public_changes_nothing(publication: Publication, marker: str) -> None:
    _write(publication, "one", marker)
    report = publication.sync()
    assert report.added == ("Secret title one",)
    assert report.problems == ()


@pytest.mark.parametrize(("marker", "field", "said", "cure"), UNKNOWN)
def test_an_unknown_value_sets_the_file_aside(
    publication: Publication, marker: str, field: str, said: str, cure: str
) -> None:
    _write(publication, "one", marker)
    report = publication.sync()
    assert (report.added, report.set_aside) == ((), ["articles/one.md"])
    line = str(report.problems[0])
    assert line.startswith(f"articles/one.md:5: {field}: {said} does not say whether this is for the public ({cure}")
    assert status(publication, "one") == 404


@pytest.mark.parametrize(
    "marker", ["status: draft", "draft: flase", "status: draft\ntopics_: x", "private: true\nimage: missing.png"]
)
def test_what_is_published_goes_when_a_marker_comes(publication: Publication, marker: str) -> None:
    """Guarantee 13, and 8: 410 and a tombstone. What else is wrong with the file does not keep it up."""
    _write(publication, "one", "language: en")
    publication.sync()
    _write(publication, "one", marker)
    report = publication.sync()
    assert report.removed == ("Secret title one",)
    assert any(each.path == "articles/one.md" for each in report.problems)
    assert (status(publication, "one"), tombstones(publication)) == (410, 1)
    assert "Secret" not in _everything(publication)
    _write(publication, "one", "status: published")
    assert publication.sync().added == ("Secret title one",)
    assert (status(publication, "one"), tombstones(publication)) == (200, 0)


@pytest.mark.parametrize("dates", ["published: false", "published: false\ndate: 2026-01-02 03:04:05 +0800"])
def test_published_may_say_no_in_place_of_a_date(publication: Publication, dates: str) -> None:
    """Jekyll: `published: false` keeps a post from the site, and `date` says when it was written."""
    _write(publication, "one", "language: en")
    publication.sync()
    _write(publication, "one", "language: en", dates=dates)
    report = publication.sync()
    assert (report.removed, report.drafts, report.set_aside) == (("Secret title one",), 1, [])
    assert status(publication, "one") == 410


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        ("published: true", "'true' says that this is published, not when (write 2026-01-31 09:00)"),
        (
            "published: yes\ndate: 2026-01-02",
            "'yes' says that this is published, not when (write the value of 'date' here)",
        ),
    ],
)
def test_published_that_says_yes_needs_a_date(publication: Publication, dates: str, said: str) -> None:
    _write(publication, "one", "language: en", dates=dates)
    assert f"articles/one.md:3: published: {said}" in map(str, publication.sync().problems)


def test_a_password_is_never_repeated(publication: Publication) -> None:
    _write(publication, "one", "password: hunter2")
    assert "hunter2" not in "\n".join(publication.sync().lines())
