"""What an import says while it runs: the paths it writes on stdout, and on stderr how far it is."""

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
    """Paths as they are written. A bar where the paths are not on the same terminal; elsewhere a line now and then.

    `total` is how many inputs there are; `now` is a clock that only runs forwards, in seconds.
    """

    total: int
    now: Callable[[], float] = time.monotonic
    _inputs: int = 0
    _articles: int = 0
    _said: float = field(init=False)
    _bar: Bar = field(default_factory=lambda: Bar("importing"))

    def __post_init__(self) -> None:
        self._said = self.now()

    def one_input(self) -> None:
        """Move the bar on."""
        self._inputs += 1
        if not sys.stdout.isatty():
            self._bar(self._inputs, self.total)

    def one_article(self) -> None:
        """A line for each thousand, where they take long."""
        self._articles += 1
        if self._articles % _ARTICLES == 0 and self.now() - self._said >= _SECONDS:
            self._said = self.now()
            echo(f"{self._articles:,} articles so far", err=True)

    def written(self, path: Path) -> None:
        """The path, at once: what follows may take long, or end early."""
        echo(path)
        sys.stdout.flush()
