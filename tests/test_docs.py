"""The reference pages name exactly what the code reads: settings, commands, fields, dependencies; links resolve."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import click
import pytest

from feedsvc.articles.metadata.fields import KNOWN
from feedsvc.cli import main
from feedsvc.config import Settings
from feedsvc.model import CachePolicy
from feedsvc.site.values import KEYS

ROOT = Path(__file__).parent.parent
PAGES = sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))
SHARED = {"--content", "--store", "--base-url"}


def reference(name: str) -> str:
    return (ROOT / "docs" / "reference" / name).read_text("utf-8")


def first_column(text: str) -> list[str]:
    """The names in code in the first column of the tables of `text`."""
    return [
        name
        for line in text.splitlines()
        if line.startswith("| `")
        for name in re.findall("`([^`]+)`", line.split("|")[1])
    ]


def test_settings_are_exactly_those_that_are_read() -> None:
    named = first_column(reference("settings.md"))
    assert sorted(named) == sorted(f"FEEDSVC_{field.name.upper()}" for field in fields(Settings))


def test_no_variable_is_documented_that_does_not_exist() -> None:
    known = {f"FEEDSVC_{field.name.upper()}" for field in fields(Settings)}
    text = "".join(path.read_text("utf-8") for path in PAGES if "decisions" not in path.parts)
    assert set(re.findall(r"FEEDSVC_[A-Z_]+", text)) == known


def test_keys_of_site_toml_are_exactly_those_that_are_read() -> None:
    assert sorted(first_column(reference("site-toml.md"))) == sorted(KEYS)


@pytest.mark.parametrize("key", [field.name for field in fields(CachePolicy)])
def test_every_cache_time_is_documented_with_its_default(key: str) -> None:
    default = getattr(CachePolicy(), key)
    assert re.search(rf"`{key}` \({default}\b", reference("site-toml.md"))


def test_front_matter_fields_are_exactly_those_that_are_read() -> None:
    assert sorted(first_column(reference("front-matter.md"))) == sorted(KNOWN)


def test_commands_are_exactly_those_that_exist() -> None:
    named = re.findall(r"^\| `feedsvc ([a-z-]+)", reference("cli.md"), re.MULTILINE)
    assert sorted(named) == sorted(main.commands)


@pytest.mark.parametrize("name", sorted(main.commands))
def test_options_are_exactly_those_of_each_command(name: str) -> None:
    options = {
        option
        for parameter in main.commands[name].params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for option in parameter.opts
    }
    row = next(line for line in reference("cli.md").splitlines() if line.startswith(f"| `feedsvc {name}"))
    assert set(re.findall(r"`(--[a-z-]+)", row)) - SHARED == options - SHARED


def test_every_dependency_has_a_line_that_says_why() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *project["dependency-groups"]["build"],
    ]
    names = {re.split(r"[<>=\[]", each)[0] for each in wanted}
    first = [
        line.split("|")[1]
        for line in (ROOT / "docs" / "dependencies.md").read_text("utf-8").splitlines()
        if "|" in line
    ]
    said = {word for cell in first for word in re.findall(r"[a-z0-9][a-z0-9-]+", cell)}
    assert names <= said


def test_the_locks_name_hashes_and_no_index() -> None:
    for lock in ROOT.glob("*.lock"):
        text = lock.read_text("utf-8")
        assert not re.search(r"https?:|index-url|find-links|file:", text)
        assert all("--hash=sha256:" in part for part in re.split(r"\n(?=[a-z])", text) if "==" in part)


def without_code(text: str) -> str:
    """`text` without fenced blocks and code spans: what stands in code is an example."""
    return re.sub(r"`[^`\n]+`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def headings(page: Path) -> set[str]:
    """The ids that GitHub gives the headings of `page`."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_resolves(page: Path) -> None:
    """Each relative link names a file that exists and, where it names one, a heading of it."""
    for target, heading in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", without_code(page.read_text("utf-8"))):
        if "://" in target or target.startswith("mailto:"):
            continue
        linked = page.parent / target if target else page
        assert linked.exists(), f"{page.name}: {target}"
        assert not heading or heading in headings(linked), f"{page.name}: {target}#{heading}"


def test_every_page_of_docs_that_is_named_exists() -> None:
    """Code, messages and docs name pages as `docs/…`; docs/README.md lists all of them."""
    contents = (ROOT / "docs" / "README.md").read_text("utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").as_posix()
        assert name == "README.md" or name.startswith("decisions/") or f"({name})" in contents, name
    for path in [*PAGES, *(ROOT / "feedsvc").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        for name in re.findall(r"(?<![\w/.-])docs/[\w/-]+\.md", path.read_text("utf-8")):
            assert (ROOT / name).exists(), f"{path.name}: {name}"


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"^- \[\d{4}\]\(([^)]+)\)", (folder / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(path.name for path in folder.glob("[0-9]*.md"))


def test_every_module_that_docs_name_exists() -> None:
    """Decisions stay as they were made, and may name what has moved since."""
    for page in (each for each in PAGES if "decisions" not in each.parts and each.name != "CHANGELOG.md"):
        for name in re.findall(r"`((?:feedsvc|tests|bench|deploy)/[\w/.-]+\.\w+)`", page.read_text("utf-8")):
            assert (ROOT / name).exists(), f"{page.name}: {name}"
