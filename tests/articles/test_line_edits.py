"""An alias and a slug are written into front matter, and no other byte changes."""

import pytest

from feedsvc.articles.metadata import frontmatter, line_edits
from feedsvc.articles.metadata.line_edits import with_alias, with_slug, without_alias
from feedsvc.errors import ArticleError

# Front matter before and after the alias `old` is added.
CASES = [
    ("---\n# c\ntitle: T\n---\nB", "---\naliases: [old]\n# c\ntitle: T\n---\nB"),
    ("---\n  title: T\n---\nB", "---\n  aliases: [old]\n  title: T\n---\nB"),
    ("---\naliases: [a, b]  # c\n---\nB", "---\naliases: [a, b, old]  # c\n---\nB"),
    ('---\naliases: ["a", /b/c.html]\nt: x\n---\nB', '---\naliases: ["a", /b/c.html, old]\nt: x\n---\nB'),
    ("---\naliases: []\n---\nB", "---\naliases: [old]\n---\nB"),
    ("---\naliases:\ntitle: T\n---\nB", "---\naliases: [old]\ntitle: T\n---\nB"),
    ("---\naliases: a\n---\nB", "---\naliases: a, old\n---\nB"),
    ("---\naliases: a # c\n---\nB", "---\naliases: a, old # c\n---\nB"),
    ("---\naliases: |\n  a\n---\nB", "---\naliases: |\n  a, old\n---\nB"),
    ("---\naliases: 'a'\n---\nB", "---\naliases: 'a, old'\n---\nB"),
    ("---\naliases:\n  - a\n  - b # c\ntitle: T\n---\nB", "---\naliases:\n  - a\n  - b # c\n  - old\ntitle: T\n---\nB"),
    ("---\naliases:\n- a\n---\n- b\n", "---\naliases:\n- a\n- old\n---\n- b\n"),
    ("---\naliases: [\n  a,\n  b\n]\n---\nB", "---\naliases: [\n  a,\n  b, old\n]\n---\nB"),
    (
        "+++\ntitle = 'T'\n[image]\nsrc = 'x'\n+++\nB",
        "+++\naliases = [\"old\"]\ntitle = 'T'\n[image]\nsrc = 'x'\n+++\nB",
    ),
    ("+++\naliases = ['a']\n[image]\n+++\nB", "+++\naliases = ['a', \"old\"]\n[image]\n+++\nB"),
    ('+++\naliases = [\n  "a",\n  "b", # c\n]\n+++\nB', '+++\naliases = [\n  "a",\n  "b", # c\n  "old",\n]\n+++\nB'),
    ('+++\naliases = "a"\n+++\nB', '+++\naliases = "a, old"\n+++\nB'),
    ("+++\naliases = []\n+++\nB", '+++\naliases = ["old"]\n+++\nB'),
]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("before", "after"), CASES)
def test_an_alias_is_added_and_every_other_byte_stays(before: str, after: str, end: str) -> None:
    for mark in ("", "\ufeff"):
        data, wanted = (f"{mark}{text}".replace("\n", end).encode() for text in (before, after))
        assert with_alias(data, "old") == wanted
        assert with_alias(wanted, "old") == wanted


# Front matter before and after the alias `old` is removed.
REMOVED = [
    ('---\naliases: [old, "x"] # old\nt: old\n---\nold', '---\naliases: ["x"] # old\nt: old\n---\nold'),
    ("---\naliases: [x, old]\n---\nB", "---\naliases: [x]\n---\nB"),
    ("---\naliases: [older, 'old', very-old]\n---\nB", "---\naliases: [older, very-old]\n---\nB"),
    ("---\naliases: [old]\n---\nB", "---\naliases: []\n---\nB"),
    ("---\naliases: old, x\n---\nB", "---\naliases: x\n---\nB"),
    ("---\naliases: 'x, old'\n---\nB", "---\naliases: 'x'\n---\nB"),
    ("---\naliases:\n  - x # c\n  - old\n  - y\n---\nB", "---\naliases:\n  - x # c\n  - y\n---\nB"),
    ("---\naliases: [\n  x,\n  old\n]\n---\nB", "---\naliases: [\n  x,\n]\n---\nB"),
    ("+++\naliases = ['x', \"old\"]\n[image]\n+++\nB", "+++\naliases = ['x']\n[image]\n+++\nB"),
    # Nothing is removed.
    ("---\naliases: [x]\n---\nold", "---\naliases: [x]\n---\nold"),
    ("---\nslug: old\n---\nold", "---\nslug: old\n---\nold"),
    ("---\naliases: [old, old]\n---\nold", "---\naliases: [old, old]\n---\nold"),
    ("---\naliases: {a: old}\n---\n", "---\naliases: {a: old}\n---\n"),
    ("old", "old"),
]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("before", "after"), REMOVED)
def test_an_alias_is_removed_and_every_other_byte_stays(before: str, after: str, end: str) -> None:
    for mark in ("", "\ufeff"):
        data, wanted = (f"{mark}{text}".replace("\n", end).encode() for text in (before, after))
        assert without_alias(data, "old") == wanted


@pytest.mark.parametrize("before", [before for before, _ in CASES])
def test_what_was_added_can_be_removed(before: str) -> None:
    added = with_alias(before.encode(), "old")
    assert "old" not in str(frontmatter.parse(without_alias(added, "old")).fields.get("aliases"))


@pytest.mark.parametrize("slug", ["舊文章", "2026", "null", "a~b", "x"])
@pytest.mark.parametrize("before", [before for before, _ in CASES])
def test_any_slug_reads_as_it_was_written(before: str, slug: str) -> None:
    assert slug in str(frontmatter.parse(with_alias(before.encode(), slug)).fields["aliases"])


@pytest.mark.parametrize("text", ["---\n{title: T}\n---\n", "---\naliases: {a: b}\n---\n"])
def test_what_cannot_be_written_in_one_line_is_refused(text: str) -> None:
    with pytest.raises(ArticleError):
        with_alias(text.encode(), "old")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("---\nslug: s  # slug\n---\nslug: s", "---\nslug: new  # slug\n---\nslug: s"),
        ("---\nslug: 'old'\n---\n", "---\nslug: 'new'\n---\n"),
        ('+++\nslug = "old"\n+++\n', '+++\nslug = "new"\n+++\n'),
    ],
)
def test_a_slug_is_changed(before: str, after: str) -> None:
    assert with_slug(before.encode(), "new") == after.encode()


def test_each_way_that_is_tried_adds_the_alias_once() -> None:
    """Until one of them reads as the aliases with the new one."""
    data = b"---\naliases:\n  - a\n  - b\ntitle: T\n---\nB"
    tried = list(line_edits._with_alias(data, frontmatter.parse(data), "old"))
    assert len(tried) > 5
    assert all(each.count(b"old") == 1 and len(each) > len(data) for each in tried)
