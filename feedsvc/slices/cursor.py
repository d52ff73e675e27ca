"""Where a script stands in the changes of a slice. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from feedsvc.errors import BadParameter

_WRITTEN: Final = re.compile(r"([0-9a-f]{8})-(\d{1,15})", re.A)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Behind the change number `seq` of the store that is `epoch`."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.seq}"


def parse_cursor(written: str) -> Cursor:
    """Raises BadParameter."""
    match = _WRITTEN.fullmatch(written)
    if match is None:
        raise BadParameter(f"parameter 'after': {written[:80]!r} is not a cursor (write one that a document gave)")
    return Cursor(match[1], int(match[2]))
