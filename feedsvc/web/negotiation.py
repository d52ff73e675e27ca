"""Which content coding an answer gets (RFC 9110 §12.5.3), and which language its interface. Pure."""

from collections.abc import Collection, Sequence
from typing import Final

from werkzeug.http import parse_accept_header

from feedsvc import languages
from feedsvc.documents.compression import IDENTITY

PREFERRED: Final = ("br", "gzip", IDENTITY)


def choose_coding(accept_encoding: str | None, available: Collection[str]) -> str | None:
    """Return the coding with the highest weight, ours first among equals; None when none of ours is acceptable.

    `available` always holds "identity". Without the header any coding would do, and identity is sent.
    """
    if accept_encoding is None:
        return IDENTITY
    weights = {coding.lower().removeprefix("x-"): weight for coding, weight in parse_accept_header(accept_encoding)}
    weighed = []
    for n, coding in enumerate(PREFERRED):
        # identity is acceptable unless excluded, but less wanted than what was named.
        unnamed = weights.get("*", 0.0001 if coding == IDENTITY else 0)
        if coding in available:
            weighed.append((weights.get(coding, unnamed), -n, coding))
    weight, _, coding = max(weighed)
    return coding if weight > 0 else None


def choose_language(wanted: Sequence[str], available: Sequence[str]) -> str | None:
    """What of `available` serves one of the `wanted` tags, most wanted first; None when nothing does."""
    for tag in wanted:
        try:
            found = languages.best(tag, available)
        except ValueError:
            continue
        if found is not None:
            return found
    return None
