"""`feedsvc list`: the articles with their states."""

import json

from tests.cli.conftest import Run
from tests.conftest import Publication


def _fill(publication: Publication) -> None:
    publication.article("live", title="Live 文章", topics="[chips, cloud]")
    publication.article("late", published="2090-01-02 08:00")
    publication.article("idea", draft="true", topics="[cloud]", published="2026-09-01")
    publication.article("was", published="2026-10-02", expires="2026-10-03")
    publication.article("wrong", published="2026-10-03 10:00")
    publication.sync()
    publication.article("wrong", topics="[chip]", published="2026-10-03 10:00")
    publication.article("new", topics="[chip]", published="2026-10-04", title="N")
    publication.sync()


def test_each_state_is_listed_newest_first(publication: Publication, run: Run) -> None:
    _fill(publication)
    result = run("list")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "2090-01-02 08:00  scheduled  articles/late.md  [chips]  late",
        "2026-10-04 00:00  set-aside  articles/new.md  [chip]  N",
        "2026-10-03 10:00  set-aside  articles/wrong.md  [chips]  wrong",
        "2026-10-02 00:00  expired    articles/was.md  [chips]  was",
        "2026-10-01 10:00  live       articles/live.md  [chips, cloud]  Live 文章",
        "2026-09-01 00:00  draft      articles/idea.md  [cloud]  idea",
        "1 live, 1 scheduled, 1 draft, 2 set-aside, 1 expired",
    ]


def test_states_and_topics_filter(publication: Publication, run: Run) -> None:
    _fill(publication)
    lines = run("list", "--state", "live", "--state", "draft", "--topic", "cloud").stdout.splitlines()
    assert [line.split("  ")[1].strip() for line in lines[:-1]] == ["live", "draft"]
    result = run("list", "--topic", "chip")
    assert (result.exit_code, result.stderr) == (2, "feedsvc: --topic: unknown topic 'chip' (did you mean 'chips'?)\n")
    assert run("list", "--state", "live", "--topic", "chips").stdout.endswith("\n1 live\n")


def test_topics_are_named_by_title_too(publication: Publication, run: Run) -> None:
    publication.article("live", topics="[chips]")
    publication.article("idea", draft="true", topics="[Chips]")
    publication.article("other", topics="[cloud]")
    publication.sync()
    assert run("list", "--topic", "晶片").stdout.endswith("\n1 live, 1 draft\n")


def test_json_has_addresses_and_errors(publication: Publication, run: Run) -> None:
    _fill(publication)
    found = {each["path"]: each for each in json.loads(run("list", "--json").stdout)}
    assert found["articles/live.md"] == {
        "path": "articles/live.md",
        "state": "live",
        "title": "Live 文章",
        "topics": ["chips", "cloud"],
        "published": "2026-10-01T10:00:00+08:00",
        "slug": "live",
        "language": "en",
        "url": "https://example.org/articles/live",
        "errors": [],
    }
    assert found["articles/wrong.md"]["url"] == "https://example.org/articles/wrong"
    assert found["articles/late.md"]["url"] is None
    assert found["articles/new.md"]["errors"] == [
        "articles/new.md:4: topics: unknown topic 'chip' (did you mean 'chips'?)"
    ]


def test_a_list_of_nothing(publication: Publication, run: Run) -> None:
    assert run("list").exit_code == 2
    publication.sync()
    assert run("list").stdout == "none\n"
    assert json.loads(run("list", "--json").stdout) == []
