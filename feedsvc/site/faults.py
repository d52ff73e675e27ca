"""Errors in values of site.toml that name other keys, or several keys. Pure."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


class KeyFault(ValueError):
    """An error that concerns other keys too. `key` is where to correct it: its parts joined by dots, or a sequence.

    `shown` is the key that the message names, if that is another one.
    """

    def __init__(self, key: str | Sequence[str], message: str, shown: str = "") -> None:
        super().__init__(message)
        self.key, self.shown = key, shown


class KeyFaults(ValueError):
    """Several errors in one setting. `good` is the value of the setting without its wrong parts."""

    def __init__(self, faults: Sequence[KeyFault], good: Any) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults, self.good = tuple(faults), good


def each_of(key: str, reader: Callable[[Any], T], values: Iterable[Any]) -> tuple[T, ...]:
    """Return the values of a list. Raises KeyFaults with all errors."""
    good: list[T] = []
    faults: list[KeyFault] = []
    for value in values:
        try:
            good.append(reader(value))
        except ValueError as error:
            faults.append(KeyFault(key, str(error)))
    if faults:
        raise KeyFaults(faults, tuple(good))
    return tuple(good)
