"""Read the existing article that an import finds, as a sync would read it."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from feedsvc.articles.assets import Asset, asset_of, media_type_of
from feedsvc.articles.metadata import frontmatter
from feedsvc.articles.metadata.frontmatter import FrontMatter
from feedsvc.articles.metadata.visibility import NotPublic
from feedsvc.articles.read import Parsed, read_article
from feedsvc.errors import ArticleError, ConfigError
from feedsvc.model import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingFile:
    """A file with its bytes and its fields, as far as they can be read. `name` is its path below content/.

    `is_marked` says that it cannot be read, and that a marker in it keeps it from the public.
    """

    path: Path
    name: str
    data: bytes
    front: FrontMatter | None
    parsed: Parsed | None
    is_marked: bool = False

    @property
    def suffix(self) -> str:
        """Return the suffix, in lower case."""
        return self.path.suffix.lower()

    @property
    def is_draft(self) -> bool:
        """Return whether the article is known not to be public."""
        return self.parsed.draft if self.parsed else self.is_marked


def bytes_at(path: Path) -> bytes | None:
    """Return the bytes of the file at a path, or None. Raises ConfigError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror} (check the folder)") from error


def existing_file(path: Path, data: bytes, content: Path, site: Site) -> ExistingFile:
    """Return the file with these bytes at a path below `content`."""
    name = path.relative_to(content).as_posix()
    front, parsed, is_marked = None, None, False

    def asset_at(beside: str) -> Asset | None:
        file = content / beside
        if media_type_of(beside) is None or not file.is_file():
            return None
        bytes_of_file = file.read_bytes()
        return asset_of(beside, hashlib.sha256(bytes_of_file).hexdigest(), len(bytes_of_file))

    # A file that cannot be read has no fields. `feedsvc check` gives the reason.
    with suppress(ArticleError):
        front = frontmatter.parse(data)
    try:
        parsed = read_article(name, data, site, asset_at)
    except ArticleError as error:
        is_marked = isinstance(error, NotPublic)
    return ExistingFile(path=path, name=name, data=data, front=front, parsed=parsed, is_marked=is_marked)
