"""Cursors: positions in the change log. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from feedsvc.errors import BadParameter

_WRITTEN: Final = re.compile(r"([0-9a-f]{8})-(\d{1,15})", re.A)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The position after change number `seq` in the store with the epoch `epoch`."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.seq}"


def parse_cursor(written: str) -> Cursor:
    """Return the cursor of its text form. Raises BadParameter."""
    match = _WRITTEN.fullmatch(written)
    if match is None:
        raise BadParameter(f"parameter 'after': {written[:80]!r} is not a cursor (copy one from a document)")
    return Cursor(match[1], int(match[2]))
