"""Fenced divs of Pandoc and Quarto that a page does not show: `::: {.content-hidden}` … `:::`. Pure.

They nest, and any line of three or more colons ends the inmost one:
https://pandoc.org/MANUAL.html#extension-fenced_divs, https://quarto.org/docs/authoring/conditional.html.
"""

import re
from collections.abc import Iterator
from typing import Final

_FENCE: Final = re.compile(r"^[ \t>]*+:{3,}+[ \t]*+([^\n]*+)$", re.MULTILINE)
# `{.hidden}`, a class among others, or a class alone. Notes are those of a speaker.
_HIDDEN: Final = re.compile(
    r"(?<=[{\s])\.(?:content-hidden|hidden|notes)(?=[\s}])|\A(?:content-hidden|hidden|notes)\Z", re.IGNORECASE
)


def hidden_divs(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each hidden div begins and ends, its fences included; one that nothing closes ends with the text."""
    depth, start = 0, 0
    for found in _FENCE.finditer(text):
        attributes = found[1].strip(" \t:")
        if depth:
            depth += 1 if attributes else -1
            if not depth:
                yield start, found.end()
        elif attributes and _HIDDEN.search(attributes):
            depth, start = 1, found.start()
    if depth:
        yield start, len(text)
