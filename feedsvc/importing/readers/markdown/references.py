"""Links to articles and pictures in Markdown, from what other systems write for them. Pure."""

import re
from contextlib import suppress
from html import escape
from pathlib import PurePosixPath
from typing import Final, Protocol
from urllib.parse import quote, unquote

from feedsvc.articles.metadata import fields
from feedsvc.importing.readers.markdown.detection import DATED_NAME
from feedsvc.importing.readers.markdown.heads import HASH


def slug_of_file(path: str) -> str:
    """Return the slug of the article in a file of another system, without a date or hash in its name; "" for none."""
    file = PurePosixPath(unquote(path))
    name = re.sub(r"\.(?:md|mdx|markdown|html?)$", "", file.name, flags=re.IGNORECASE)
    name = file.parent.name if name == "index" else HASH.sub("", name)
    dated = DATED_NAME.fullmatch(name)
    with suppress(ValueError):
        return fields.slug_from(dated[1] if dated else name)
    return ""


class Links(Protocol):
    """Where the links of a text to other files lead."""

    def slug_of(self, path: str, /) -> str:
        """Return the slug of the article in a file of another system; "" for none."""

    def is_hidden(self, path: str, /) -> bool:
        """Return whether a file is known, and not for the public."""


class NamesAlone:
    """Links to files that are not known but for their names."""

    def slug_of(self, path: str) -> str:
        """Return the slug that is made of a name."""
        return slug_of_file(path)

    def is_hidden(self, _path: str) -> bool:
        """Return False."""
        return False


NAMES_ALONE: Final = NamesAlone()


def link(text: str, path: str, links: Links, part: str = "") -> str:
    """Return a link to the article in a file of another system, or the text alone if that has no address."""
    slug = "" if links.is_hidden(path) else links.slug_of(path)
    return f"[{text}]({quote(slug)}{part})" if slug else text


def picture(source: str, alt: str = "", caption: str = "") -> str:
    """Return a picture; one with a caption as HTML, since Markdown has none."""
    reference = quote(source, safe="/#%:?&=+,;@~!$'*")
    if not caption:
        return f"![{alt}]({reference})"
    return (
        f'<figure><img src="{escape(reference)}" alt="{escape(alt)}">'
        f"<figcaption>{escape(caption, quote=False)}</figcaption></figure>"
    )
