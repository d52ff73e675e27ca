"""What a document cache holds at one moment."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field

from feedsvc.store import Snapshot, Version
from feedsvc.web.document import Document, Rendered
from feedsvc.web.finished import Finished, Ready

Render = Callable[[Snapshot], Rendered]
# Path and query, as they were sent.
Address = tuple[str, str]
# Method, path, query and Accept-Encoding: what decides an answer, but for its conditions.
Asked = tuple[str, str, str, str | None]


@dataclass(slots=True, eq=False)
class Entry:
    """A document that is held, the version it is of, and how to make it again.

    `used` grows with each use. A `stale` one is no longer known to be right. `finished` are its answers, once needed.
    """

    document: Document
    render: Render
    at: Version
    used: int
    stale: bool = False
    finished: Finished | None = None

    @property
    def size(self) -> int:
        """In bytes, about."""
        return self.document.bodies.size


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Takes the place of the one before in one step: so whoever looks sees all of a change or nothing of it.

    `entries` never change. The other two are for who answers out of them: the key that each address means, and answers
    that are ready.
    """

    entries: Mapping[Hashable, Entry] = field(default_factory=dict)
    addresses: dict[Address, Hashable] = field(default_factory=dict)
    ready: dict[Asked, Ready] = field(default_factory=dict)

    def followed_by(self, entries: Mapping[Hashable, Entry], *, moved: bool) -> "Held":
        """With other `entries`. Answers stay while all that they were made of does; addresses, unless they `moved`."""
        stays = self.entries.items() <= entries.items()
        return Held(entries, {} if moved else self.addresses, self.ready if stays and not moved else {})
