"""Lists of values that are short enough for one statement."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

# SQLite binds at most 32,766 values in one statement, PostgreSQL 65,535.
PORTION: Final = 500
T = TypeVar("T")


def portions(values: Iterable[T], size: int | None = None) -> Iterator[list[T]]:
    """Yield `values` in their order, in lists of at most `size` (PORTION)."""
    rest, size = iter(values), size or PORTION
    while some := list(islice(rest, size)):
        yield some
