"""Read the pages of sections (`_index.md`), whose fields say something about the files below them. Pure."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Final

from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.articles.metadata.visibility import Visibility, markers
from feedsvc.errors import ArticleError
from feedsvc.importing.readers.decoding import decode
from feedsvc.importing.readers.markdown.heads import read_head
from feedsvc.importing.source_files import SourceFiles

_MAX_BYTES: Final = 2 * 1024 * 1024
_SUFFIXES: Final = (".md", ".markdown", ".html")
# What a page that cannot be read may say.
_DOUBTFUL: Final[Mapping[str, Value]] = {"draft": "true"}


def pages_called(files: SourceFiles, folder: str, name: str) -> Iterator[str]:
    """Yield the paths of the pages of a name in a folder: `_index.md`, and `_index.fr.md`."""
    for each in files.names(folder):
        stem, suffix = posixpath.splitext(each)
        if suffix.lower() in _SUFFIXES and stem.partition(".")[0] == name:
            yield posixpath.join(folder, each)


def not_public_in(fields: Mapping[str, Value]) -> set[str]:
    """Return the names of the fields that keep something from the public, or may do so."""
    return {each.field for each in markers(fields) if each.visibility is not Visibility.PUBLIC}


def fields_of_page(files: SourceFiles, path: str, system: str) -> Mapping[str, Value]:
    """Return the fields of a page. One whose fields cannot be read may say that it is a draft, and counts as one."""
    try:
        data = files.read(path, _MAX_BYTES)
        front = read_head(path, decode(data[:_MAX_BYTES], None).text, system)
    except ArticleError:
        return _DOUBTFUL
    return front.fields if front else {}
