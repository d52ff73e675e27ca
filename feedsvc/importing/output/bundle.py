"""Put the files to which a draft refers beside its article: names in place of stand-ins, and their bytes."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain, count
from typing import Final
from urllib.parse import quote

from feedsvc.articles.limits import MAX_FILES
from feedsvc.articles.source_text.leftovers import BEGINNING, not_what_it_says
from feedsvc.errors import ArticleError
from feedsvc.importing.draft import Draft
from feedsvc.importing.source_files import MAX_MEDIA_BYTES, STAND_INS, SourceFiles, path_of

MAX_BUNDLE_BYTES: Final = 256 * 1024 * 1024
_MAX_NAME_BYTES: Final = 200
# The characters that a destination of Markdown, an attribute or a relative reference cannot have as they are.
_ENCODED: Final = re.compile(r"[\x00-\x20\x7f%#?()<>\"'`\\\[\]*~|&:;]|\s")


def bundled(draft: Draft, files: SourceFiles) -> tuple[Draft, Mapping[str, bytes]]:
    """Return a draft that refers to files by their names, and the bytes of these files by name.

    A file that cannot be read, or is not what its name says, is left out with a note; its name stays in the text.
    """
    addresses = [draft.image.url if draft.image else "", *(each.url for each in draft.enclosures)]
    found = dict.fromkeys(STAND_INS.findall("\n".join((draft.body, *addresses))))
    paths = {address: path for address in found if files.has(path := path_of(address))}
    if not paths:
        return draft, {}
    names: dict[str, str] = {}
    media: dict[str, bytes] = {}
    notes: list[str] = []
    room = MAX_BUNDLE_BYTES
    for address, path in paths.items():
        # File systems allow 255 bytes for a name, and some distinguish no case.
        stem, suffix = posixpath.splitext(posixpath.basename(path))
        stem = stem.encode()[:_MAX_NAME_BYTES].decode(errors="ignore")
        taken = {each.casefold() for each in names.values()}
        numbered = chain([f"{stem}{suffix}"], (f"{stem}-{number}{suffix}" for number in count(2)))
        name = names[address] = next(each for each in numbered if each.casefold() not in taken)
        data, why = b"", f"the article refers to more than {MAX_FILES:,} files"
        if len(media) < MAX_FILES:
            data, why = _read(files, path, min(room, MAX_MEDIA_BYTES))
        if why:
            notes.append(f"{path} was left out: {why} (put it beside the article as {name})")
        else:
            media[name] = data
            room -= len(data)

    references = {address: _ENCODED.sub(lambda each: quote(each[0], safe=""), name) for address, name in names.items()}

    def named(text: str) -> str:
        return STAND_INS.sub(lambda each: references.get(each[0], each[0]), text)

    draft = replace(
        draft,
        markdown=named(draft.body),
        image=draft.image and replace(draft.image, url=named(draft.image.url)),
        enclosures=tuple(replace(each, url=named(each.url)) for each in draft.enclosures),
        notes=(*draft.notes, *notes),
    )
    return draft, media


def _read(files: SourceFiles, path: str, limit: int) -> tuple[bytes, str]:
    """Return the bytes of a file, or why it cannot be used."""
    try:
        data = files.read(path, limit)
    except ArticleError as error:
        return b"", error.findings[0].message
    if len(data) > limit:
        return b"", f"larger than {limit:,} bytes, which is what one file or all files of an article may have"
    said = not_what_it_says(data[:BEGINNING]) if data else "it is empty"
    return data, said or ""
