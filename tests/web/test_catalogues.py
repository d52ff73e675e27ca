"""The interface's catalogues: compiled from what stands beside them, and complete."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

import feedsvc.web
from feedsvc.web.pages.ui_language import SOURCE_LANGUAGE, TRANSLATIONS, catalogues

ROOM = Path(feedsvc.web.__file__).parent
ROOT = ROOM.parents[1]
# As in the Makefile.
FOLDERS = [ROOM, ROOM.parent / "hub", ROOM.parent / "store"]
SOURCES = sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))
each_catalogue = pytest.mark.parametrize("source", SOURCES, ids=[path.parts[-3] for path in SOURCES])


def read(source: Path) -> Catalog:
    """The catalogue as it is written."""
    with source.open("rb") as file:
        return read_po(file, abort_invalid=True)


def messages(catalogue: Catalog) -> dict[str, str]:
    """Its texts by msgid, without the header."""
    return {str(each.id): str(each.string) for each in catalogue if each.id}


def said() -> set[str]:
    """Every text that the code and the templates say."""
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    # Messages for operators are made elsewhere (feedsvc.text).
    keywords = {**DEFAULT_KEYWORDS, "message": None}
    return {
        str(found[2]) for folder in FOLDERS for found in extract_from_dir(folder, method_map=methods, keywords=keywords)
    }


@each_catalogue
def test_the_compiled_catalogue_is_the_written_one(source: Path) -> None:
    """`make catalogues` was run after the last change."""
    fresh = io.BytesIO()
    write_mo(fresh, read(source))
    fresh.seek(0)
    with source.with_suffix(".mo").open("rb") as compiled:
        assert messages(read_mo(compiled)) == messages(read_mo(fresh))


@each_catalogue
def test_every_text_is_translated_and_no_other(source: Path) -> None:
    """Interface text through Flask-Babel catalogues."""
    known = messages(read(source))
    assert set(known) == said()
    assert all(known.values())
    assert not [each.id for each in read(source) if each.id and each.fuzzy]
    assert list(read(source).check()) == []


def test_a_new_language_begins_with_every_text(tmp_path: Path) -> None:
    """What `make catalogue` does, by the same mapping."""
    template, made = tmp_path / "messages.pot", tmp_path / "messages.po"
    extract = ["extract", "--no-location", "-F", str(ROOT / "babel.ini"), "-k", "message", "-o", str(template)]
    extract += map(str, FOLDERS)
    for arguments in (extract, ["init", "-l", "ja", "-i", str(template), "-o", str(made)]):
        subprocess.run([sys.executable, "-m", "babel.messages.frontend", "--quiet", *arguments], check=True)
    assert set(messages(read(made))) == said()
    assert read(made).num_plurals == 1


def test_adding_a_language_is_adding_a_catalogue() -> None:
    """The interface speaks English and every language that has a folder."""
    assert catalogues() == (SOURCE_LANGUAGE, *(path.parts[-3].replace("_", "-") for path in SOURCES))
    assert "zh-Hant" in catalogues()
