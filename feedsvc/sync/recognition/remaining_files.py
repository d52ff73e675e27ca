"""Find files in content/ that still contain a removed article but publish nothing: drafts, expired files, copies."""

import os
from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from pathlib import Path

from feedsvc.articles.limits import MAX_BYTES
from feedsvc.articles.metadata import field_names, frontmatter
from feedsvc.articles.read_fields import slug_of_path
from feedsvc.errors import ArticleError
from feedsvc.files import open_regular
from feedsvc.store.file_records import FileRecord
from feedsvc.sync.folder.walk import is_article, shown
from feedsvc.text import nfc


def remaining_files(content: Path, id_: str, slugs: Set[str], known: Mapping[str, FileRecord]) -> Iterator[str]:
    """Yield the paths of the files that write `id_`, have one of its `slugs`, or are copies of it, in any folder.

    `known` has the records of files; files that publish another article are skipped.
    """
    for folder, folders, names in os.walk(content):
        folders.sort()
        for name in sorted(names):
            path = shown(Path(folder, name), content)
            record = known.get(path)
            if not is_article(name) or (record and record.id not in (None, id_)):
                continue
            if record is not None and record.copy_of is not None and record.copy_of.id == id_:
                yield path
                continue
            fields: Mapping[str, object] = {}
            with suppress(ArticleError, OSError), open_regular(Path(folder, name)) as stream:
                fields = frontmatter.parse(stream.read()).fields
            written = {field_names.own_name(field) or field: each for field, each in fields.items()}
            # An unreadable file is compared by its name alone.
            slug = ""
            with suppress(ValueError):
                slug = slug_of_path(path)
            if str(written.get("id", "")) == id_ or nfc(str(written.get("slug") or slug)) in slugs:
                yield path


def title_of(file: Path) -> str:
    """Return the title in the front matter of a file; "" if it cannot be read."""
    with suppress(ArticleError, OSError), open_regular(file) as stream:
        return str(frontmatter.parse(stream.read(MAX_BYTES)).fields.get("title", ""))
    return ""
