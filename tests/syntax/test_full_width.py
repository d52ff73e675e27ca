"""Full-width marks, curved quotes and strange spaces in front matter are named, with the ASCII mark to write."""

import pytest

from feedsvc.articles.metadata import fields
from feedsvc.articles.metadata.dates import read_date
from feedsvc.articles.metadata.field_names import instead_of
from feedsvc.articles.metadata.frontmatter import parse
from feedsvc.errors import ArticleError
from feedsvc.syntax.full_width import ASCII, remedy, to_ascii
from tests.conftest import Publication


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "topics: ［chips, cloud］",
            "'［chips' is a part of a list (write [ instead of ［, the fullwidth left square bracket",
        ),
        (
            "topics: 「chips，cloud」",
            "'「chips' is a part of a list (write \" instead of 「, the left corner bracket U+300C)",
        ),
        (
            "topics: “chips, cloud”",
            "'“chips' is a part of a list (write \" instead of “, the left double quotation mark",
        ),
        (
            "topics: chips, cloud】",
            "'cloud】' is a part of a list (write ] instead of 】, the right black lenticular bracket",
        ),
        (
            "topics: ［chips］",
            "unknown topic '［chips］' (write [ instead of ［, the fullwidth left square bracket U+FF3B)",
        ),
        ("topics: ｛chips｝", "unknown topic '｛chips｝' (write { instead of ｛"),
        ("topics: 「chips」", "unknown topic '「chips」' (write \" instead of 「, the left corner bracket U+300C)"),
        ("topics: ‘chips’", "unknown topic '‘chips’' (write ' instead of ‘"),
        ("topics: [chips，cloud]", "unknown topic 'chips，cloud' (write , instead of ，, the fullwidth comma U+FF0C)"),
        (
            "topics: [chips、cloud]",
            "unknown topic 'chips、cloud' (write , instead of 、, the ideographic comma U+3001)",
        ),
        ("topics: [chips；cloud]", "unknown topic 'chips；cloud' (write ; instead of ；"),
    ],
)
def test_a_mark_around_topics_is_named(publication: Publication, line: str, said: str) -> None:
    publication.write("articles/a.md", f"---\ntitle: T\npublished: 2026-10-01\n{line}\n---\nText\n")
    (problem,) = publication.sync().problems
    assert str(problem).startswith(f"articles/a.md:4: topics: {said}")


@pytest.mark.parametrize("written", ["chips，cloud", "chips、cloud", "chips , cloud"])
def test_commas_of_every_width_divide_a_list(written: str) -> None:
    assert fields.texts(written) == ("chips", "cloud")


@pytest.mark.parametrize("tag", ["「晶片」", "【社論】", "“AI”"])
def test_a_tag_may_be_in_quotes(tag: str) -> None:
    assert fields.tags(f"{tag}, b") == (tag, "b")


@pytest.mark.parametrize(
    ("head", "line", "said"),
    [
        ("title:\u3000X\na: 1", 2, "write an ordinary space instead of the ideographic space U+3000)"),
        ("a: 1\ntitle:\u00a0X\nb: 1", 3, "write an ordinary space instead of the no-break space U+00A0)"),
        ("topics:\n－ chips", 3, "write - instead of －, the fullwidth hyphen-minus U+FF0D)"),
        ("＃ comment\ntitle: x", 2, "write # instead of ＃, the fullwidth number sign U+FF03)"),
        ("title； x\na: 1", 2, "write ': ' instead of ；)"),
        ("title: “a: b”", 2, 'write " instead of “, the left double quotation mark U+201C)'),
        ("title: 晶片: 雲端", 2, 'put the text in quotes: title: "晶片: 雲端")'),
        ("title: @x", 2, 'put the text in quotes: title: "@x")'),
    ],
)
def test_yaml_that_such_a_character_breaks(head: str, line: int, said: str) -> None:
    with pytest.raises(ArticleError) as caught:
        parse(f"---\n{head}\n---\n".encode())
    (finding,) = caught.value.findings
    assert finding.line == line
    assert finding.message.endswith(said)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("\u3000title", "write an ordinary space instead of the ideographic space U+3000"),
        ("\u00a0title", "write an ordinary space instead of the no-break space U+00A0"),
        ("title\ufeff", "delete the zero width no-break space U+FEFF, which is invisible"),
        ("“title”", 'write " instead of “, the left double quotation mark U+201C'),
    ],
)
def test_a_field_that_only_looks_like_one_of_ours(name: str, said: str) -> None:
    assert instead_of(name) == said


def test_full_width_digits_are_a_date(publication: Publication) -> None:
    zone = publication.now.tzinfo
    assert zone is not None
    assert read_date("２０２６－１０－０１", zone) == read_date("2026-10-01", zone)
    assert read_date("２０２６年１０月１日", zone) == read_date("2026-10-01", zone)


def test_every_character_has_a_remedy() -> None:
    for character, mark in ASCII.items():
        assert to_ascii(character) == mark
        assert mark.isascii()
        assert f"U+{ord(character):04X}" in remedy(character)
