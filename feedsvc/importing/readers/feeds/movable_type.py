"""Read exports of Movable Type, TypePad and Hatena Blog. Pure.

https://movabletype.org/documentation/appendices/import-export-format.html: sections of an entry end with five hyphens,
entries with eight. The first section has fields, the others have texts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from feedsvc.articles.markup import READERS
from feedsvc.articles.metadata import fields
from feedsvc.importing.draft import Draft, Item, SkippedEntry
from feedsvc.importing.readers.feeds.entries import Entry, FieldReader, draft_of, draft_reasons, guarded, people
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Image
from feedsvc.text import plain

_ENTRY_END: Final = re.compile(r"^--------[ \t]*(?:\n|\Z)", re.MULTILINE)
_SECTION_END: Final = re.compile(r"^-----[ \t]*(?:\n|\Z)", re.MULTILINE)
_FIELD: Final = re.compile(r"([A-Za-z][A-Za-z ]{0,30}):[ \t]*(.*)")
_SECTION: Final = re.compile(r"\s*([A-Z][A-Z ]{0,30}):[ \t]*(?:\n|\Z)")
# Month, day, year; on a clock of 12 hours if AM or PM is there.
_DATE: Final = re.compile(r"(\d\d?/\d\d?/\d{4} \d\d?:\d\d:\d\d)(?: (AM|PM))?", re.IGNORECASE)
# Hatena Blog has an entry at /entry/2026/02/10/090000.
_DATED: Final = re.compile(r"\d{4}/\d\d/\d\d/\w+")
# Fields that say nothing of who may read an entry.
_OTHERS: Final = frozenset(
    (
        *("AUTHOR", "TITLE", "BASENAME", "ALLOW COMMENTS", "ALLOW PINGS", "CONVERT BREAKS", "PRIMARY CATEGORY"),
        *("CATEGORY", "DATE", "TAGS", "NO ENTRY", "IMAGE"),
    )
)
_TAG: Final = re.compile(r'"([^"]+)"|([^",]+)')


def read_movable_type(source: str, text: str, settings: ImportSettings) -> Iterator[Item]:
    """Yield the drafts in an export, and its comments and trackbacks as skipped entries."""
    for number, written in enumerate(filter(str.strip, _ENTRY_END.split(text)), 1):
        head, *sections = _SECTION_END.split(written)
        said: dict[str, list[str]] = {}
        for found in (_FIELD.fullmatch(line.strip()) for line in head.strip().split("\n")):
            name = found[1].strip().upper() if found else ""
            # A status that says nothing is not one that says "publish".
            if found and (found[2].strip() or name == "STATUS"):
                said.setdefault(name, []).append(found[2].strip() or "none")
        texts: dict[str, str] = {}
        for section in sections:
            name = _SECTION.match(section)
            if name and name[1] in ("COMMENT", "PING"):
                yield SkippedEntry(source, "comment")
            elif name:
                texts[name[1]] = section[name.end() :].strip("\n")
        yield guarded(f"{source}#{number}", partial(entry_draft, f"{source}#{number}", said, texts, settings))


def entry_draft(
    source: str, said: Mapping[str, Sequence[str]], texts: Mapping[str, str], settings: ImportSettings
) -> Draft:
    """Return the draft of an entry with these fields and texts. Raises ArticleError past a limit."""
    first = {name: values[0] for name, values in said.items()}
    body = "\n\n".join(filter(None, (texts.get("BODY"), texts.get("EXTENDED BODY"))))
    breaks = first.get("CONVERT BREAKS", "0").lower()
    if "markdown" in breaks:
        body = READERS[".md"](body)
    elif breaks not in ("0", "richtext"):
        body = "".join(
            f"<p>{each}</p>".replace("\n", "<br>\n")
            for each in re.split(r"\n\n+", "\n".join(map(str.rstrip, body.split("\n"))))
        )
    reader = FieldReader()
    of_entry = [(name.lower(), each) for name, values in said.items() if name not in _OTHERS for each in values]
    reader.notes += draft_reasons(of_entry)
    is_draft = bool(reader.notes)
    labels = [*said.get("PRIMARY CATEGORY", ()), *said.get("CATEGORY", ())]
    labels += [quoted or bare.strip() for quoted, bare in _TAG.findall(first.get("TAGS", ""))]
    basename = first.get("BASENAME", "")
    is_dated = _DATED.fullmatch(basename) is not None
    slug, image = None, None
    with suppress(ValueError):
        image = Image(url=fields.url(first.get("IMAGE", "")), alt="")
    with suppress(ValueError):
        slug = None if is_dated else fields.slug_from(basename)
    entry = Entry(
        source=source,
        title=plain(first.get("TITLE", "")),
        full=body,
        summary=plain(texts.get("EXCERPT", "")),
        published=("DATE", _iso(first.get("DATE", ""))),
        # The last part of such an address, a time of day, is no id.
        id=f"tag:{settings.site.tag_authority}:entry/{basename}" if is_dated else "",
        slug=slug,
        authors=people(said.get("AUTHOR", ())),
        labels=[("", label) for label in dict.fromkeys(filter(None, labels))],
        image=image,
        is_draft=is_draft,
    )
    return replace(draft_of(entry, reader, settings), old_addresses=(f"/entry/{basename}",) if is_dated else ())


def _iso(written: str) -> str:
    """Return a date as YYYY-MM-DD HH:MM:SS; another form stays as it is."""
    found = _DATE.fullmatch(written)
    if found is None:
        return written
    form = "%m/%d/%Y %I:%M:%S %p" if found[2] else "%m/%d/%Y %H:%M:%S"
    with suppress(ValueError):
        return datetime.strptime(" ".join(filter(None, found.groups())), form).isoformat(sep=" ")  # noqa: DTZ007
    return written
