"""Print and log lines in which foreign text cannot forge a line, colour a terminal or reorder the text.

File names, titles, addresses and foreign error messages may contain line breaks, escape sequences (ESC, C1) and
bidi controls. `echo` and the loggers of `logger` escape them; a test forbids `print`, `click.echo` and other loggers
in all other modules.
"""

import logging
import os
import re
import sys
import time
from collections.abc import Callable
from threading import Lock
from types import TracebackType
from typing import Any, Final

import click

from feedsvc.errors import printable
from feedsvc.processes.log_format import LogFormatter

# Select Graphic Rendition (ECMA-48 §8.3.117), the sequences that `styled` writes.
_SGR: Final = re.compile(r"(\x1b\[[0-9;]{1,20}m)")
_INSIDE: Final = "    "
# The maximum number of different warnings about one failure.
MAX_WARNINGS: Final = 20
# A problem that requests still meet is logged again after this many seconds.
REPEAT_SECONDS: Final = 3600.0
OVER_SECONDS: Final = 60.0


def styled(text: str, **style: Any) -> str:
    """Return foreign text escaped and in a style of `click.style`, for one line."""
    return click.style(printable(text), **style)


def escaped(line: str) -> str:
    """Return a line with all control characters escaped, except the styles that `styled` wrote."""
    return "".join(part if number % 2 else printable(part) for number, part in enumerate(_SGR.split(line)))


def echo(line: object, *, err: bool = False) -> None:
    """Print one line to stdout, or to stderr. Styles are omitted if the output is no terminal, or NO_COLOR is set."""
    # https://no-color.org: an empty value counts as not set.
    click.echo(escaped(str(line)), err=err, color=False if os.environ.get("NO_COLOR") else None)


def echo_file(text: str) -> None:
    """Print the content of a file to stdout, with control characters escaped if stdout is a terminal."""
    if sys.stdout.isatty():
        text = "\n".join("\t".join(map(printable, line.split("\t"))) for line in text.split("\n"))
    click.echo(text)


class _Escape(logging.Filter):
    """Escapes a record: the message becomes one line, the traceback indented lines, for all handlers."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place, and accept it."""
        record.msg, record.args = printable(record.getMessage()), None
        if record.exc_info:
            # A formatter uses `exc_text` if it is set. An error message may contain lines that look like log lines.
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
    """Logs each warning about a repeated failure once, until `clear`. `now` reads a clock in seconds."""

    def __init__(self, log: logging.Logger, now: Callable[[], float] = time.monotonic) -> None:
        self._log, self._now = log, now
        self._logged: set[str] = set()
        # When the first of them was logged.
        self._since = 0.0

    @property
    def has_warned(self) -> bool:
        """Whether a warning was logged since the last `clear`."""
        return bool(self._logged)

    def warn(self, message: str, error: Exception | None = None) -> None:
        """Log `message`, with the traceback of an unforeseen `error`, once, and at most MAX_WARNINGS different ones."""
        if not self._logged:
            self._since = self._now()
        if message not in self._logged and len(self._logged) < MAX_WARNINGS:
            self._logged.add(message)
            self._log.warning("%s", message, exc_info=error)

    def clear(self, over: str = "") -> None:
        """Forget the logged warnings, after the failure is over. If there were any, log `over` with its duration."""
        if self._logged and over:
            # At the same level, so that every log with the beginning has the end.
            self._log.warning("%s (after %.0f s)", over, self._now() - self._since)
        self._logged.clear()


class RepeatedProblems:
    """Says when a problem that many requests meet is logged: at once, then every REPEAT_SECONDS with its count.

    A problem that no request met for OVER_SECONDS is a new one when it is met again.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        # By message: when it was logged last, when it was met last, and how often since it was logged.
        self._logged: dict[str, tuple[float, float, int]] = {}

    def due(self, message: str) -> str | None:
        """Count a problem. Return what to add to its message; None to log nothing."""
        with self._lock:
            now, known = self._now(), self._logged.get(message)
            if known and now - known[1] >= OVER_SECONDS:
                known = None
            if known and now - known[0] < REPEAT_SECONDS:
                self._logged[message] = known[0], now, known[2] + 1
                return None
            if len(self._logged) >= MAX_WARNINGS:
                self._logged.clear()
            self._logged[message] = now, now, 0
            return f" (again; {known[2]} times since the last message)" if known and known[2] else ""


def indented(text: str) -> str:
    """Return text of several lines escaped, each line indented."""
    return "\n".join(f"{_INSIDE}{printable(line)}" for line in text.splitlines())


def log_to_stderr(kind: str = "text", *, level: int = logging.INFO, is_piped: bool = False) -> None:
    """Configure the root logger to write each event as one line to stderr, as `kind` ("text" or "json").

    Lines have a priority if systemd's journal reads them; with `is_piped`, the process that reads stderr knows that.
    A root logger that has handlers stays as it is.
    """
    stream = os.environ.get("JOURNAL_STREAM", "")
    if stream and not is_piped:
        # systemd.exec(5): the variable is inherited also where the output is redirected to a file.
        status = os.fstat(2)
        if stream != f"{status.st_dev}:{status.st_ino}":
            stream = os.environ["JOURNAL_STREAM"] = ""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogFormatter(kind, is_for_journal=bool(stream)))
    logging.basicConfig(level=level, handlers=[handler])
    if kind == "json":
        # What would be printed is an event too.
        logging.getLogger("feedsvc").setLevel(logging.INFO)


def announce(line: object) -> None:
    """Print a line about a server that starts; as an event of the log if that is JSON."""
    formatter = _formatter()
    if formatter and formatter.is_json:
        _LOG.info("%s", strip_styles(str(line)))
    else:
        echo(line)


def print_error(message: object) -> None:
    """Print the error that ends a command to stderr, as an event if the log is configured."""
    formatter = _formatter()
    if formatter:
        _LOG.error("%s%s", "" if formatter.is_json else "feedsvc: ", message)
    else:
        echo(f"feedsvc: {printable(str(message))}", err=True)


def strip_styles(line: str) -> str:
    """Return a line without the styles that `styled` wrote."""
    return _SGR.sub("", line)


def _formatter() -> LogFormatter | None:
    """Return the format of the log; None if `log_to_stderr` was not called."""
    found = (each.formatter for each in logging.getLogger().handlers)
    return next((each for each in found if isinstance(each, LogFormatter)), None)


def escape_tracebacks() -> None:
    """Install an exception hook that prints the traceback of an uncaught error escaped and indented."""

    def print_traceback(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, where)
            return
        if _formatter():
            _LOG.critical("an error in feedsvc (please report it)", exc_info=(kind, error, where))
            return
        found = _FORMATTER.formatException((kind, error, where))
        sys.stderr.write(f"feedsvc: an error in feedsvc (please report it)\n{indented(found)}\n")

    sys.excepthook = print_traceback


_LOG: Final = logger("feedsvc")
