"""The adapter of obstore: objects below a URL of S3, or of what speaks its protocol, Google Cloud Storage or Azure.

obstore reads credentials, regions, endpoints and timeouts from the environment variables of each cloud, or from the
role of the machine (docs/how-to/media-in-object-storage.md). Everything that fails raises StorageUnavailable within a
bounded time: each request ends after 30 seconds unless a variable says otherwise, and is retried twice.
"""

import os
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from feedsvc.errors import ConfigError, StorageUnavailable

if TYPE_CHECKING:
    from obstore.store import ObjectStore

T = TypeVar("T")

_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# After a request that took this number of seconds to fail, requests fail at once for as many: threads would wait for
# the same fault again.
SLOW_SECONDS: Final = 1.0
PAUSE_SECONDS: Final = 5.0
# A failure counts as over when no other one followed for so long: perhaps there was no request that could succeed.
PROBLEM_SECONDS: Final = 300.0
# The parts of one large object, of 5 MiB each, that are sent at a time.
_PARTS: Final = 2


@dataclass(frozen=True, slots=True)
class _Cloud:
    """A kind of object storage: obstore's class for it, and the variables that an operator has to check."""

    store: str
    credentials: str
    network: str


_CLOUDS: Final[Mapping[str, _Cloud]] = {
    "s3": _Cloud(
        "S3Store",
        "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, or the role of this machine, and its rights",
        "AWS_ENDPOINT_URL and the network; an endpoint of http:// needs AWS_ALLOW_HTTP=true",
    ),
    "gs": _Cloud(
        "GCSStore",
        "GOOGLE_SERVICE_ACCOUNT, the path of its key file, or the service account of this machine, and its rights",
        "the network",
    ),
    "az": _Cloud(
        "AzureStore",
        "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or the identity of this machine, and its rights",
        "AZURE_STORAGE_ACCOUNT_NAME and the network",
    ),
}
# obstore ends the process at the first request where one of these is no URL.
_ENDPOINTS: Final = ("AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
_SERVER: Final = re.compile(r"https?://(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?(/[!-~]*)?", re.IGNORECASE | re.ASCII)
# The first line of obstore's messages ends with the reason; before it are the time and the address of the request.
_STATUS: Final = re.compile(r"status code: (\d{3})")
_CODE: Final = re.compile(r"<Code>(\w{1,80})</Code>")


def split_url(url: str, *, needs_prefix: bool = True) -> tuple[str, str, str]:
    """Return the scheme, the bucket and the prefix of `s3://bucket/prefix`. Raises ValueError with the fault.

    The prefix is "" for a whole bucket, unless `needs_prefix`.
    """
    scheme, _, rest = url.partition("://")
    bucket, _, prefix = rest.partition("/")
    prefix = prefix.removesuffix("/")
    if scheme not in _CLOUDS:
        raise ValueError(f"{scheme}:// is no object storage that is known (write s3://, gs:// or az://)")
    if not _BUCKET.fullmatch(bucket) or (needs_prefix and not prefix):
        raise ValueError(
            f"{scheme}:// is not followed by a bucket and a prefix (write {scheme}://bucket/prefix, without "
            "credentials; this publication alone uses the prefix)"
            if needs_prefix
            else f"{scheme}:// is not followed by a bucket (write {scheme}://bucket/prefix, or {scheme}://bucket for a "
            "bucket of this export alone, without credentials)"
        )
    if prefix and (not prefix.isprintable() or any(each in ("", ".", "..") for each in prefix.split("/"))):
        raise ValueError("the prefix has an empty part, . or .., or a control character (write a/b, for example)")
    return scheme, bucket, prefix


class ObjectStorage:
    """The objects below a URL. A key is relative to it. Safe with several threads; not to be used after a fork.

    `setting` is where the URL was written, for messages. Raises ConfigError if obstore is not installed or a variable
    is wrong, and ValueError for the URL (see `split_url`).
    """

    def __init__(self, url: str, setting: str = "FEEDSVC_MEDIA", *, needs_prefix: bool = True) -> None:
        try:
            import obstore
            from obstore import store
        except ImportError as error:
            raise ConfigError(
                f"{url} needs the package obstore (install feedsvc with its extra s3: pip install 'feedsvc[s3]')"
            ) from error
        scheme, bucket, prefix = split_url(url, needs_prefix=needs_prefix)
        self.url = f"{scheme}://{'/'.join(filter(None, (bucket, prefix)))}"
        self._obstore, self._cloud, self._setting = obstore, _CLOUDS[scheme], setting
        kind: Any = getattr(store, self._cloud.store)
        backoff = {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2)}
        retries = {"max_retries": 2, "retry_timeout": timedelta(seconds=10), "backoff": backoff}
        for name in _ENDPOINTS:
            if (value := os.environ.get(name)) and _SERVER.fullmatch(value) is None:
                raise ConfigError(f"{name}: {value[:80]!r} is no URL of a server (write https://host:port)")
        try:
            self._store: ObjectStore = kind(bucket, prefix=prefix or None, retry_config=retries)
        except Exception as error:
            raise ConfigError(f"{url}: {_reason(error)} (check {self._cloud.credentials})") from error
        # The last failure of the place itself, "" after a success; when it was, and until when it is raised again
        # without a request, in seconds of the monotonic clock.
        self._problem, self._failed_at, self._paused_until = "", 0.0, 0.0

    def __str__(self) -> str:
        """Return the URL, which has no credentials."""
        return self.url

    @property
    def problem(self) -> str:
        """The failure of the last request, if it was one of the place and not long ago; else ""."""
        return self._problem if time.monotonic() - self._failed_at < PROBLEM_SECONDS else ""

    def put(self, key: str, data: bytes | Iterable[bytes], attributes: Mapping[str, str]) -> str:
        """Write an object, completely or not at all. It is durable when this returns its entity tag.

        `attributes` are header fields of its responses, such as Content-Type. What iterating over `data` raises ends
        the upload, and is raised.
        """
        # Parts that are under way are in memory, and several objects may be.
        options: Any = {"attributes": dict(attributes), "max_concurrency": _PARTS}
        made = self._request(lambda: self._obstore.put(self._store, key, data, **options), "written")
        return str(made["e_tag"] or "")

    def get(self, key: str, start: int, stop: int) -> tuple[bytes, int]:
        """Return a part of an object and the length of the whole in bytes. Raises FileNotFoundError if there is none.

        The part ends before `stop` or where the object does.
        """

        def get() -> tuple[bytes, int]:
            found = self._obstore.get(self._store, key, options={"range": (start, stop)})
            return bytes(found.bytes()), found.meta["size"]

        return self._request(get, "read")

    def length(self, key: str) -> int | None:
        """Return the length of an object in bytes; None if there is none."""
        try:
            return int(self._request(lambda: self._obstore.head(self._store, key)["size"], "read"))
        except FileNotFoundError:
            return None

    def lengths(self) -> dict[str, int]:
        """Return the lengths of all objects directly below the URL, by key: one request for each 1,000 of them."""
        found = self._request(lambda: self._obstore.list_with_delimiter(self._store), "listed")
        return {each["path"]: each["size"] for each in found["objects"]}

    def names(self) -> set[str]:
        """Return the keys of the objects directly below the URL, and the first parts of those of all others."""
        found = self._request(lambda: self._obstore.list_with_delimiter(self._store), "listed")
        return {*(each["path"] for each in found["objects"]), *found["common_prefixes"]}

    def tags(self) -> dict[str, str]:
        """Return the entity tags of all objects below the URL, by key: one request for each 1,000 of them."""

        def tags() -> dict[str, str]:
            pages = self._obstore.list(self._store)
            return {each["path"]: str(each["e_tag"] or "") for page in pages for each in page}

        return self._request(tags, "listed")

    def delete(self, keys: Collection[str]) -> None:
        """Delete objects, as far as they exist."""
        if keys:
            with suppress(FileNotFoundError):
                self._request(lambda: self._obstore.delete(self._store, sorted(keys)), "deleted")

    def _request(self, act: Callable[[], T], done: str) -> T:
        """Return what `act` returns, and remember whether the place can be used."""
        begun = time.monotonic()
        if begun < self._paused_until:
            raise StorageUnavailable(self._problem)
        try:
            found = act()
        except FileNotFoundError as error:
            if done == "read" and "NoSuchBucket" not in str(error):
                self._problem = ""
                raise
            raise self._failed(error, done, begun) from error
        except self._obstore.exceptions.BaseError as error:
            raise self._failed(error, done, begun) from error
        self._problem = ""
        return found

    def _failed(self, error: Exception, done: str, begun: float) -> StorageUnavailable:
        text = str(error)
        status = found[1] if (found := _STATUS.search(text)) else ""
        if "NoSuchBucket" in text or status == "404":
            fault, cure = "there is no such bucket", f"create it, or correct {self._setting}"
        elif status in ("401", "403"):
            code = found[1] if (found := _CODE.search(text)) else status
            fault, cure = f"access is denied ({code})", f"check {self._cloud.credentials}"
        else:
            fault, cure = _reason(error), f"check {self._cloud.network}"
        self._problem, self._failed_at = f"{self.url} cannot be {done}: {fault} ({cure})", time.monotonic()
        if self._failed_at - begun >= SLOW_SECONDS:
            self._paused_until = self._failed_at + PAUSE_SECONDS
        return StorageUnavailable(self._problem)


def _reason(error: Exception) -> str:
    """Return why a request failed, without its time, and without addresses, which may contain a token."""
    line = str(error).partition("\n")[0].rpartition(" - ")[2].partition(": <?xml")[0]
    return re.sub(r"\?\S*", "", line)[:200]
