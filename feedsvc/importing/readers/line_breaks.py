"""Find line breaks in HTML in linear time. Pure."""

import re
from typing import Final

_BREAK: Final = r"<br\s*+/?>\s*+"
# Two or more. Because of the look-behind, a run of white space is tried once, not from each of its characters.
BREAKS: Final = re.compile(rf"(?<!\s)\s*+{_BREAK}(?:{_BREAK})+")
_EDGE: Final = re.compile(r"(<br\s*+/?>)")


def without_edge_breaks(html: str) -> str:
    """Return HTML without line breaks and white space at both ends."""
    pieces = _EDGE.split(html)
    first, last = 0, len(pieces)
    while first < last and (first % 2 or not pieces[first].strip()):
        first += 1
    while last > first and ((last - 1) % 2 or not pieces[last - 1].strip()):
        last -= 1
    return "".join(pieces[first:last]).strip()
