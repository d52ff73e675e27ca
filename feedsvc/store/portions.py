"""Lists of values that are short enough for one statement."""

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

# SQLite binds at most 32,766 values in one statement, PostgreSQL 65,535.
PORTION: Final = 500
T = TypeVar("T")


def portions(values: Iterable[T], size: int | None = None) -> Iterator[list[T]]:
    """Yield `values` in their order, in lists of at most `size` (PORTION)."""
    rest, size = list(values), size or PORTION
    for start in range(0, len(rest), size):
        yield rest[start : start + size]
