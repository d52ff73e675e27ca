"""The docs name what exists: settings, commands, options, targets, modules, fields, dependencies; links resolve."""

import re
import shlex
import tomllib
from dataclasses import fields
from pathlib import Path

import click
import pytest

from feedsvc.articles.metadata.registry import FIELDS
from feedsvc.cli import main
from feedsvc.config import Settings
from feedsvc.model import CachePolicy
from feedsvc.site.values import KEYS
from tests.doc_pages import PAGES, ROOT, blocks, commands, page, spans, without_blocks

each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
# The changelog names what was, and decisions name what was when they were made.
PRESENT = [each for each in PAGES if "decisions" not in each.parts and each.name != "CHANGELOG.md"]
each_present_page = pytest.mark.parametrize("path", PRESENT, ids=lambda path: str(path.relative_to(ROOT)))
SECTIONS = ["Context", "Options", "Decision", "Consequences"]
SHARED = {"--content", "--store", "--base-url"}


def reference(name: str) -> str:
    return page(f"reference/{name}")


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
    # _FEEDSVC_COMPLETE is a variable of click.
    assert set(re.findall(r"(?<!_)FEEDSVC_[A-Z_]+", text)) == known


def test_keys_of_site_toml_are_exactly_those_that_are_read() -> None:
    assert sorted(first_column(reference("site-toml.md"))) == sorted(KEYS)


@pytest.mark.parametrize("key", [field.name for field in fields(CachePolicy)])
def test_every_cache_time_is_documented_with_its_default(key: str) -> None:
    default = getattr(CachePolicy(), key)
    assert re.search(rf"`{key}` \({default}\b", reference("site-toml.md"))


def test_front_matter_fields_are_exactly_those_that_are_read() -> None:
    assert sorted(first_column(reference("front-matter.md"))) == sorted(FIELDS)


def test_the_places_and_other_names_of_each_field_are_those_of_the_registry() -> None:
    table = reference("front-matter.md").partition("| field | Atom |")[2].partition("\n\n")[0]
    rows = [[cell.strip().replace("`", "") for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    expected = [
        [each.name, each.shown.atom, each.shown.rss, each.shown.json, each.shown.page, ", ".join(each.other_names)]
        for each in FIELDS.values()
    ]
    assert rows == expected


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
        *(each for extra in project["project"]["optional-dependencies"].values() for each in extra),
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


def headings(text: str) -> set[str]:
    """The ids that GitHub gives the headings of a page."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", without_blocks(text), re.MULTILINE)
    }


@each_page
def test_every_link_resolves(path: Path) -> None:
    """Each relative link names a file that exists and, where it names one, a heading of it."""
    prose = re.sub(r"`[^`\n]+`", "", without_blocks(path.read_text("utf-8")))
    for target, heading in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", prose):
        if "://" in target or target.startswith("mailto:"):
            continue
        linked = path.parent / target if target else path
        assert linked.exists(), target
        assert not heading or heading in headings(linked.read_text("utf-8")), f"{target}#{heading}"


def test_every_page_of_docs_that_is_named_exists() -> None:
    """Code, messages and docs name pages as `docs/…`; docs/README.md lists all of them."""
    contents = (ROOT / "docs" / "README.md").read_text("utf-8")
    for each in (ROOT / "docs").rglob("*.md"):
        name = each.relative_to(ROOT / "docs").as_posix()
        assert name == "README.md" or name.startswith("decisions/") or f"({name})" in contents, name
    for path in [*PAGES, *(ROOT / "feedsvc").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        for name in re.findall(r"(?<![\w/.-])docs/[\w/-]+\.md", path.read_text("utf-8")):
            assert (ROOT / name).exists(), f"{path.name}: {name}"


def test_decisions_are_listed_with_their_titles() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"^- \[(\d{4})\]\(([^)]+)\): (.+)$", page("decisions/README.md"), re.MULTILINE)
    files = sorted(folder.glob("[0-9]*.md"))
    assert [name for _, name, _ in listed] == [path.name for path in files]
    for (number, name, title), path in zip(listed, files, strict=True):
        assert path.read_text("utf-8").startswith(f"# {number}: {title}\n\nDate: 20"), name
        assert re.findall(r"^## (.+)$", path.read_text("utf-8"), re.MULTILINE) == SECTIONS, name


def test_the_changelog_says_everything_once() -> None:
    """No two entries begin alike, as they do after a conflict that was resolved by keeping both sides."""
    entries = re.findall(r"^- (.{40})", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert [each for each in entries if entries.count(each) > 1] == []


@each_page
def test_every_command_exists_with_its_options(path: Path) -> None:
    """In shell blocks and code spans: `feedsvc NAME --option`, where its path may stand before it."""
    for line in commands(path.read_text("utf-8")):
        found = re.match(r"(?:[\w./]*/|python3? (?:-\w )*-m )?feedsvc ([a-z-]+)(?: |$)", line)
        if found is None or found[1] in ("--version", "--help"):
            continue
        assert found[1] in main.commands, line
        known = {option for each in main.commands[found[1]].params for option in each.opts} | SHARED
        assert set(re.findall(r"(?<=\s)--[a-z-]+", line.partition(" | ")[0])) <= known, line


@each_page
def test_every_make_target_exists(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8").replace("$(VENV)", ".venv").replace("$(BIN)", ".venv/bin")
    targets = set(re.findall(r"^([\w./-]+):(?!=)", makefile, re.MULTILINE))
    for line in commands(path.read_text("utf-8")):
        if re.match("make (?!the )", line):
            for word in shlex.split(line)[1:]:
                name, sign, _ = word.partition("=")
                assert f"$({name})" in makefile or f"{name} ?=" in makefile if sign else name in targets, line


def test_the_page_about_tests_names_every_make_target_for_tests() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z_-]+):(?!=)", makefile, re.MULTILINE))
    elsewhere = {"serve", "dist", "lint", "catalogues", "catalogue", "fonts", "lock", "clean"}
    named = {line.split()[1] for line in spans(page("explanation/testing.md")) if line.startswith("make ")}
    assert targets - elsewhere <= named | {
        line.split()[1] for line in spans(page("explanation/speed.md")) if line.startswith("make ")
    }


@each_present_page
def test_every_module_exists(path: Path) -> None:
    """In code: a path from the root or from feedsvc/, the name of a file alone, and a module that Python runs."""
    for line in commands(path.read_text("utf-8")):
        for module in re.findall(r"python3? (?:-\w )*-m ((?:bench|tests|feedsvc)[\w.]*)", line):
            file = ROOT / module.replace(".", "/")
            assert file.is_dir() or file.with_suffix(".py").is_file(), line
    for name in spans(path.read_text("utf-8")):
        if re.fullmatch(r"(?:feedsvc|tests|bench|deploy|docs)/[\w/.-]*", name):
            assert (ROOT / name).exists(), name
        elif re.fullmatch(r"[a-z_]+/[\w/]+\.(?:py|toml)|[a-z_]+/[\w/]+/", name) and "." not in name.partition("/")[0]:
            assert (ROOT / "feedsvc" / name).exists() or name.startswith(("content/", "articles/", "media/")), name
        elif re.fullmatch(r"\w+\.py", name) and name != "queue.py":
            assert list((ROOT / "feedsvc").rglob(name)) + list((ROOT / "tests").rglob(name)), name


def test_the_pictures_of_layers_agree_with_import_linter() -> None:
    """The picture of packages has the layers of pyproject.toml, from top to bottom."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    picture = next(block for language, block in blocks(page("explanation/architecture.md")) if "layer0[" in block)
    drawn = re.findall(r'^  layer\d+\["(.+?)"\]$', picture, re.MULTILINE)
    assert [re.sub(r"<br/>.*", "", each).split(", ") for each in drawn] == [each.split(" | ") for each in layers]
    arrows = re.findall(r"^  (layer\d+(?: --> layer\d+)+)$", picture, re.MULTILINE)
    assert arrows == [" --> ".join(f"layer{number}" for number in range(len(layers)))]
