"""What a check finds: ok, warning, error or skipped, with what was seen and the remedy."""

from dataclasses import dataclass
from typing import Final, Literal

Status = Literal["ok", "warning", "error", "skipped"]
DEPLOY: Final = "docs/how-to/deploy.md"
PROXY: Final = f"{DEPLOY}#nginx-in-front"
MONITOR: Final = f"{DEPLOY}#state-of-the-writer"
WATCH: Final = "docs/how-to/watch.md"
SITE: Final = "docs/reference/site-toml.md"
HUB: Final = "docs/how-to/hub.md"
NODES: Final = "docs/how-to/several-machines.md#web-nodes"


@dataclass(frozen=True, slots=True)
class Result:
    """One finding of a check. `remedy` and `page`, the page of the docs, are "" where nothing is wrong."""

    status: Status
    seen: str
    remedy: str = ""
    page: str = ""


def ok(seen: str) -> Result:
    """Return the result that all is well."""
    return Result("ok", seen)


def skipped(seen: str) -> Result:
    """Return the result that nothing was checked, with the reason."""
    return Result("skipped", seen)


def warning(seen: str, remedy: str, page: str = PROXY) -> Result:
    """Return a fault that costs readers or the operator something, but loses no article."""
    return Result("warning", seen, remedy, page)


def error(seen: str, remedy: str, page: str = PROXY) -> Result:
    """Return a fault by which readers do not get what they should."""
    return Result("error", seen, remedy, page)
