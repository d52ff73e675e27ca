"""The exceptions of feedsvc. The branches are by the person or machine that can remove the cause.

    FeedsvcError
    ├── ArticleError            the author of a file, which is set aside; other files are not affected
    ├── ConfigError             the operator: site.toml or a FEEDSVC_* variable
    ├── RemovalRefused          the operator: a sync would remove too much at once
    ├── OtherPublication        the operator: the store holds another publication than site.toml describes
    ├── UnknownId               the operator: an id that no article has, or that another one has
    ├── UnknownFacet            the client: a tag, author or language that does not exist; 400
    ├── RequestError            the client
    │   ├── BadParameter        400
    │   ├── RenamedTopic        301
    │   ├── UnknownResource     404
    │   ├── HubRefusal          403, 415, 429 …
    │   └── GoneTopic           410
    └── StoreError              the machine or its operator
        ├── StoreUnavailable    missing, locked, full, read-only or damaged; 503 until it is repaired
        │   ├── WriterLockLost  the connection that holds the lock of the writer ended; a standby may have taken over
        │   ├── OtherStore      the store that web nodes are to read is no copy of the one that is written
    │   └── StorageUnavailable  object storage that cannot be reached or used; only files in it are affected
        ├── SearchTooSlow       a search takes longer than is allowed; 503
        ├── TooBusy             more requests at a time than a worker may render; 503
        └── StoreTooNew         written by a later feedsvc

A `Finding` is a fault in one article; a `Problem` is a finding with its file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault at one place of an article. `line` counts from 1; 0 means the whole file."""

    line: int = 0
    field: str = ""
    message: str
    severity: Severity = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A finding in a file. `path` is relative to the content folder, with forward slashes."""

    path: str
    finding: Finding

    def __str__(self) -> str:
        """Return `path:line: field: fault (remedy)`, without the parts that do not apply.

        The result is one line even if the names of the file and the field contain line breaks.
        """
        field = f" {printable(self.finding.field)}:" if self.finding.field else ""
        warning = " warning:" if self.finding.severity == "warning" else ""
        return f"{self.place}{warning}{field} {printable(self.finding.message)}"

    @property
    def place(self) -> str:
        """`path:line:`, or `path:` without a line, with control characters escaped."""
        return f"{printable(self.path)}:{f'{self.finding.line}:' if self.finding.line else ''}"


class FeedsvcError(Exception):
    """The base class of all exceptions that feedsvc raises on purpose."""


class ArticleError(FeedsvcError):
    """A file that cannot become an article, with all its findings."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(finding.message for finding in findings))
        self.findings = tuple(findings)


class ConfigError(FeedsvcError):
    """A wrong value in site.toml or the environment. `findings` are all errors of site.toml."""

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class RemovalRefused(FeedsvcError):
    """A sync would have removed a large part of the publication, so it removed nothing."""


class OtherPublication(FeedsvcError):
    """The store publishes another publication than site.toml describes, so nothing is written."""


class RequestError(FeedsvcError):
    """A request that cannot be answered; the text is shown to the client."""

    status = 400


class BadParameter(RequestError):
    """A query parameter that is unknown or malformed (400)."""


class UnknownResource(RequestError):
    """A name in the URL that does not exist (404)."""

    status = 404


class GoneTopic(RequestError):
    """A name in the URL that site.toml declares gone (410)."""

    status = 410


class RenamedTopic(RequestError):
    """A URL names a topic by a former name (301). `names` has the present name of every former one."""

    status = 301

    def __init__(self, names: dict[str, str], base_url: str) -> None:
        super().__init__("the topic has another name now")
        self.names, self.base_url = names, base_url


class HubRefusal(RequestError):
    """A subscription that the hub does not take, with its status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class UnknownFacet(FeedsvcError):
    """A slice selects or excludes (`excluded`) a tag, author or language that no article ever had."""

    def __init__(self, message: str, facet: str, *, excluded: bool) -> None:
        super().__init__(message)
        self.facet, self.excluded = facet, excluded


class UnknownId(FeedsvcError):
    """A command names an id that no article has, or that it may not give to one."""


class StillInContent(FeedsvcError):
    """A file in content/ publishes the article that `feedsvc forget` is to remove."""


class StoreError(FeedsvcError):
    """The store cannot do what the caller requested."""


class StoreUnavailable(StoreError):
    """The store cannot be read or written at present.

    `summary` is the fault and its remedy for everybody: it names no file, no host and no role, which `message` may.
    """

    def __init__(self, message: str, summary: str = "the store cannot be used") -> None:
        super().__init__(message)
        self.summary = summary


# Where nothing was published yet.
NO_STORE: Final = "there is no store yet (run feedsvc sync)"


class WriterLockLost(StoreUnavailable):
    """The connection that holds the lock of the writer ended. Nothing of the transaction was committed."""


class OtherStore(StoreUnavailable):
    """FEEDSVC_READ_STORE names a store that is no copy of the store of FEEDSVC_STORE."""


class StorageUnavailable(StoreUnavailable):
    """The object storage with media files cannot be used at present, or lacks a file."""


class SearchTooSlow(StoreError):
    """A search uses more CPU time than FEEDSVC_SEARCH_SECONDS; the text is shown to the client."""


class TooBusy(StoreError):
    """A worker already renders as many responses of one class as it may; the text is shown to the client."""


class StoreTooNew(StoreError):
    """The store has the schema of a later feedsvc."""


def printable(text: str) -> str:
    """Return `text` for one line: line breaks, control characters, undecodable bytes and bidi controls are escaped.

    Spaces of any script stay, and the joiners that Persian, Indic scripts and emoji are written with.
    """
    if text.isprintable():
        return text
    shown = []
    for c in text:
        if c.isprintable() or c in _HARMLESS:
            shown.append(c)
        elif 0xD800 <= ord(c) <= 0xDFFF:
            # A surrogate stands for a byte that is not UTF-8 (PEP 383).
            shown.append(f"\\x{ord(c) - 0xDC00:02x}")
        else:
            shown.append(c.encode("unicode_escape").decode("ascii"))
    return "".join(shown)


# Zs but for the space, which is printable; ZWNJ, ZWJ.
_HARMLESS = frozenset(
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\u200c\u200d"
)
