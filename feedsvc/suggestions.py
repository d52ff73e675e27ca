"""The nearest known name for one that is not known, as error messages suggest it."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

# The least ratio of a similar name (`difflib.SequenceMatcher.ratio`).
_CUTOFF: Final = 0.6
MAX_NAMES: Final = 20
# The number of names in one article, or of dead links in one sync, for which the nearest name is searched.
MAX_HINTS: Final = 20


def nearest(name: str, known: Sequence[str]) -> str:
    """Return a hint for an unknown `name`: the nearest known name without regard to case, else the first known one."""
    close = closest(name, known)
    if close:
        return f"did you mean {close!r}?"
    if not known:
        return "none is known"
    more = f" and {len(known) - MAX_NAMES} more" if len(known) > MAX_NAMES else ""
    return f"known: {', '.join(known[:MAX_NAMES])}{more}"


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most similar to `name` without regard to case, or None."""
    wanted = name.casefold()[:200]
    # The ratio is at most twice the shorter length divided by both lengths. difflib takes much longer to find that out.
    longest = (2 - _CUTOFF) / _CUTOFF
    low, high = len(wanted) / longest, len(wanted) * longest
    by_fold = {fold: each for each in reversed(list(known)) if low <= len(fold := each.casefold()) <= high}
    close = get_close_matches(wanted, list(by_fold), n=1, cutoff=_CUTOFF)
    return by_fold[close[0]] if close else None


class Hints:
    """A limit for `closest`: it works for the first MAX_HINTS names, since each is compared with all others."""

    def __init__(self) -> None:
        self._asked = 0

    @property
    def is_limit_reached(self) -> bool:
        """Whether the limit is reached."""
        return self._asked >= MAX_HINTS

    def closest(self, name: str, known: Iterable[str]) -> str | None:
        """Return what `closest` returns, or None over the limit."""
        if self.is_limit_reached:
            return None
        self._asked += 1
        return closest(name, known)
