"""Footnotes of Markdown: find those that are not shown or share a name, and decode the ids of all. Pure."""

import re
from collections.abc import Callable, Iterator
from html import escape
from typing import Final
from urllib.parse import unquote

_LABEL: Final = re.compile(r"(?:^(?P<definition>[ \t>]{0,20}))?\[\^(?P<label>[^\[\]\s]++)\](?P<colon>:)?", re.MULTILINE)
# As comrak writes them, percent-encoded though an id is no URL.
_ENCODED_ID: Final = re.compile(r' id="(fn(?:ref)?-[^"<>%]*+%[^"<>]*+)"(?=>\n| data-footnote-ref)')


def footnote_problems(body: str, without_code: Callable[[str], str]) -> Iterator[tuple[int, str]]:
    """Yield the offset of each definition of a footnote that is not shown or not the only one, and what is said of it.

    A footnote that nothing refers to is left out by CommonMark's readers. `without_code` masks code in a text.
    """
    if "]:" not in body or "[^" not in body:
        return
    definitions: dict[str, int] = {}
    referred: set[str] = set()
    again: list[tuple[int, str]] = []
    for found in _LABEL.finditer(without_code(body)):
        label = found["label"].casefold()
        if found["definition"] is None or found["colon"] is None:
            referred.add(label)
        elif definitions.setdefault(label, found.start("label")) != found.start("label"):
            again.append((found.start("label"), found["label"]))
    for offset, written in again:
        yield offset, f"the footnote [^{written}] has a name that another one has (give it a name of its own)"
    for label, offset in definitions.items():
        if label not in referred:
            written = body[offset : offset + len(label)]
            cure = f"write [^{written}] where it belongs, or delete it"
            yield offset, f"the footnote [^{written}] is left out, since nothing refers to it ({cure})"


def with_plain_ids(html: str) -> str:
    """Return what comrak wrote with the ids of footnotes as they are meant: a link to `#fn-%E8%A8%BB` seeks `fn-註`."""
    if "data-footnote-ref" not in html:
        return html
    return _ENCODED_ID.sub(lambda found: f' id="{escape(unquote(found[1]))}"', html)
