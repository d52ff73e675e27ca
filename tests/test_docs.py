"""What the README says is what there is: settings, commands, fields, dependencies, pictures."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import click
import pytest

from feedsvc.articles.fields import KNOWN
from feedsvc.cli import main
from feedsvc.config import Settings
from feedsvc.model import CachePolicy
from feedsvc.site.values import KEYS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def in_tables(name: str) -> bool:
    """Whether a table of the README has `name` in code in its first column."""
    return any(f"`{name}`" in line.split("|")[1] for line in README.splitlines() if line.startswith("|"))


@pytest.mark.parametrize("name", [f"FEEDSVC_{field.name.upper()}" for field in fields(Settings)])
def test_every_variable_is_documented(name: str) -> None:
    assert in_tables(name)


def test_no_variable_is_documented_that_does_not_exist() -> None:
    known = {f"FEEDSVC_{field.name.upper()}" for field in fields(Settings)}
    text = README + "".join(path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md"))
    assert set(re.findall(r"FEEDSVC_[A-Z_]+", text)) == known


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_site_toml_is_documented(key: str) -> None:
    assert in_tables(key)


@pytest.mark.parametrize("key", [field.name for field in fields(CachePolicy)])
def test_every_cache_time_is_documented_with_its_default(key: str) -> None:
    default = getattr(CachePolicy(), key)
    assert re.search(rf"`{key}` \({default}\b", README)


@pytest.mark.parametrize("name", KNOWN)
def test_every_front_matter_field_is_documented(name: str) -> None:
    assert in_tables(name)


def command_row(name: str) -> str:
    return next(line for line in README.splitlines() if line.startswith(f"| `feedsvc {name}"))


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_is_documented_with_its_options(name: str) -> None:
    shared = {"--content", "--store", "--base-url"}
    options = {
        option
        for parameter in main.commands[name].params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for option in parameter.opts
    }
    assert all(f"`{option}" in command_row(name) for option in options - shared)


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


def test_every_picture_and_page_that_is_linked_is_there() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        # What stands in code is an example.
        text = re.sub(r"`[^`\n]+`", "", page.read_text("utf-8"))
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"
