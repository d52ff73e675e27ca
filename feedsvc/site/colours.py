"""Contrast of colours, by the definition of WCAG 2.2 (relative luminance and contrast ratio). Pure."""

from typing import Final

# Text needs at least this contrast (WCAG 2.2, success criterion 1.4.3, level AA).
LEAST: Final = 4.5
# The grounds of boxes in site.css: of all grounds of text, an accent has the least contrast on these.
LIGHT_GROUND: Final = "#f4f1ea"
DARK_GROUND: Final = "#201e1b"
_TEXTS: Final = ("#ffffff", "#1c1b19")


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (n / 255 for n in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (#rrggbb), from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _mixed(colour: str, towards: int, share: float) -> str:
    return "#" + "".join(f"{round(n + (towards - n) * share):02x}" for n in _channels(colour))


def lighter_until_readable(colour: str, ground: str) -> str:
    """Return `colour`, mixed with as little white as gives it the least contrast on a dark `ground`."""
    mixed = (_mixed(colour, 255, percent / 100) for percent in range(101))
    return next(each for each in mixed if contrast(each, ground) >= LEAST)


def darker_until_readable(colour: str, ground: str) -> str:
    """Return `colour`, mixed with as little black as gives it the least contrast on a light `ground`."""
    mixed = (_mixed(colour, 0, percent / 100) for percent in range(101))
    return next(each for each in mixed if contrast(each, ground) >= LEAST)


def readable_on(colour: str) -> str:
    """Return the colour of text on `colour`: white or nearly black, the one with more contrast."""
    return max(_TEXTS, key=lambda text: contrast(text, colour))
