"""Mark where a line may break, and where it may not; which titles are long. Pure."""

import re
import unicodedata
from typing import Final

from markupsafe import Markup, escape

# Text up to full-width punctuation and the closing brackets after it.
_PHRASE: Final = re.compile(r".+?(?:[，、。；：！？]+[」』）》〉】”’]*|$)", re.DOTALL)
# A date with the comma after it: a line may break before a comma outside of the span.
_DATE: Final = re.compile(r"(\d{4}-\d\d-\d\d[,，、]?)")

# In columns, of which a letter has one and a Chinese character two: beyond the first a title is smaller, beyond the
# second smaller still, so that the text begins on the first screen of a phone.
_LONG: Final = (("longest", 130), ("long", 70))


def size_class(title: str) -> str:
    """Return the class of a title's size, with a space before it; "" for a title of usual length."""
    columns = sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in title)
    return next((f" {name}" for name, most in _LONG if columns > most), "")


def phrases(text: str) -> Markup:
    """Return a title with each phrase in its own span. The style sheet keeps a span on one line where it fits.

    Without spans, a browser breaks a line of Chinese or Japanese at any character, also inside a word.
    """
    found = _PHRASE.findall(text)
    if len(found) < 2:
        return escape(text)
    return Markup().join(Markup("<span>{}</span>").format(each) for each in found)


def unbroken(text: str) -> Markup:
    """Return a text with each date (2026-03-01) in its own span, since a browser breaks lines after hyphens.

    A no-break space keeps a dash on the line of the word before it.
    """
    parts = _DATE.split(text.replace(" – ", "\u00a0– "))
    return Markup().join(
        Markup('<span class="whole">{}</span>').format(each) if number % 2 else escape(each)
        for number, each in enumerate(parts)
    )
