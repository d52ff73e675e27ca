"""Links to articles and pictures in Markdown, from what other systems write for them. Pure."""

import re
from contextlib import suppress
from html import escape
from pathlib import PurePosixPath
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


def link(text: str, path: str, part: str = "") -> str:
    """Return a link to the article in a file of another system, or the text alone if that has no address."""
    slug = slug_of_file(path)
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
