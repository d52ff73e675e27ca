"""Print the progress of an import: the paths of written files on stdout, a bar or counts on stderr."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from feedsvc.cli.common import Bar
from feedsvc.terminal import echo

_ARTICLES: Final = 1_000
_SECONDS: Final = 10.0


@dataclass(slots=True)
class ProgressPrinter:
    """Prints each path, and a bar if paths do not go to the terminal, else a line for each thousand articles.

    `total` is how many inputs there are; `now` is a clock that only runs forwards, in seconds. With `is_json`, standard
    output is for the report alone.
    """

    total: int
    is_json: bool = False
    now: Callable[[], float] = time.monotonic
    _inputs: int = 0
    _articles: int = 0
    _printed_at: float = field(init=False)
    _bar: Bar = field(default_factory=lambda: Bar("importing"))

    def __post_init__(self) -> None:
        self._printed_at = self.now()

    def input_done(self) -> None:
        """Advance the bar by one input."""
        self._inputs += 1
        if self.is_json or not sys.stdout.isatty():
            self._bar(self._inputs, self.total)

    def article_done(self) -> None:
        """Print a count for each thousand articles, at most one in ten seconds."""
        self._articles += 1
        if self._articles % _ARTICLES == 0 and self.now() - self._printed_at >= _SECONDS:
            self._printed_at = self.now()
            echo(f"{self._articles:,} articles so far", err=True)

    def file_written(self, path: Path) -> None:
        """Print the path at once: the next article may take long, or the process may end."""
        if not self.is_json:
            echo(path)
            sys.stdout.flush()
