"""Where a line should break, and where it should not. Pure."""

import re
from typing import Final

from markupsafe import Markup, escape

# Up to punctuation of full width, with the brackets that close behind it.
_PHRASE: Final = re.compile(r".+?(?:[，、。；：！？]+[」』）》〉】”’]*|$)", re.DOTALL)
# With the pause behind it, in front of which a line may break where it is outside of the span.
_DATE: Final = re.compile(r"(\d{4}-\d\d-\d\d[,，、]?)")


def phrases(text: str) -> Markup:
    """A title with each phrase in a span of its own, which the stylesheet keeps on a line where it fits one.

    Otherwise a line of Chinese or Japanese ends anywhere, within words, too.
    """
    found = _PHRASE.findall(text)
    if len(found) < 2:
        return escape(text)
    return Markup().join(Markup("<span>{}</span>").format(each) for each in found)


def unbroken(text: str) -> Markup:
    """A slice's title or words with each date (2026-03-01) in a span of its own: a line would break behind its hyphens.

    A dash stays with what stands before it.
    """
    parts = _DATE.split(text.replace(" – ", "\u00a0– "))
    return Markup().join(
        Markup('<span class="whole">{}</span>').format(each) if number % 2 else escape(each)
        for number, each in enumerate(parts)
    )
