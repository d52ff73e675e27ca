"""Print and log lines so that text of others cannot forge a line, colour a terminal or reorder what is read.

File names, titles, addresses and error messages of others may hold line breaks, escape sequences (ESC, C1) and
controls for the direction of text. `echo` and the loggers of `logger` escape them; a test keeps `print`, `click.echo`
and other loggers out of all other modules.
"""

import logging
import re
import sys
from types import TracebackType
from typing import Any, Final

import click

from feedsvc.errors import printable

# Select Graphic Rendition (ECMA-48 §8.3.117): what `styled` makes.
_SGR: Final = re.compile(r"(\x1b\[[0-9;]{1,20}m)")
_INSIDE: Final = "    "
# Different warnings of one failure.
MAX_WARNINGS: Final = 20


def styled(text: str, **style: Any) -> str:
    """Return foreign text escaped and in a style of `click.style`, for one line."""
    return click.style(printable(text), **style)


def escaped(line: str) -> str:
    """Return a line with everything escaped but the styles that `styled` made."""
    return "".join(part if number % 2 else printable(part) for number, part in enumerate(_SGR.split(line)))


def echo(line: object, *, err: bool = False) -> None:
    """Print one line to stdout, or to stderr. On something that is no terminal, styles are left out."""
    click.echo(escaped(str(line)), err=err)


def echo_file(text: str) -> None:
    """Print what a file holds to stdout: as it is into a pipe or file; on a terminal with its controls escaped."""
    if sys.stdout.isatty():
        text = "\n".join("\t".join(map(printable, line.split("\t"))) for line in text.split("\n"))
    click.echo(text)


class _Escape(logging.Filter):
    """Makes a record's message one line, and its traceback indented lines, for all handlers of a server."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place; let every one through."""
        record.msg, record.args = printable(record.getMessage()), None
        if record.exc_info:
            # A formatter takes over what is there: a message inside may hold lines that look like those of a log.
            record.exc_text = indented(_FORMATTER.formatException(record.exc_info))
        return True


_FORMATTER: Final = logging.Formatter()
_ESCAPE: Final = _Escape()


def logger(name: str) -> logging.Logger:
    """Return the logger of that name, which escapes what it logs."""
    found = logging.getLogger(name)
    found.addFilter(_ESCAPE)
    return found


class OneWarning:
    """A failure that is found again and again: each warning of it is logged once, until `clear`."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._said: set[str] = set()

    @property
    def is_said(self) -> bool:
        """Whether there was a warning since the last `clear`."""
        return bool(self._said)

    def warn(self, message: str, error: Exception | None = None) -> None:
        """Log `message`, with the traceback of an unforeseen `error`, unless it was logged before or many were."""
        if message not in self._said and len(self._said) < MAX_WARNINGS:
            self._said.add(message)
            self._log.warning("%s", message, exc_info=error)

    def clear(self) -> None:
        """Say that the failure is over."""
        self._said.clear()


def indented(text: str) -> str:
    """Return text of several lines escaped, each line indented."""
    return "\n".join(f"{_INSIDE}{printable(line)}" for line in text.splitlines())


def log_to_stderr() -> None:
    """Let the root logger write to stderr, one line a message."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)


def escape_tracebacks() -> None:
    """Let Python print the traceback of an error that nobody caught as the log does."""

    def print_traceback(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, where)
            return
        found = _FORMATTER.formatException((kind, error, where))
        sys.stderr.write(f"feedsvc: an error in feedsvc (please report it)\n{indented(found)}\n")

    sys.excepthook = print_traceback
