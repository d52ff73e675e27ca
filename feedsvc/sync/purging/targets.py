"""Where surrogate keys are sent: to a command, or to the API of a CDN."""

import http.client
import json
import os
import shlex
import signal
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NoReturn
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from feedsvc import __version__
from feedsvc.config import Settings
from feedsvc.errors import FeedsvcError
from feedsvc.store.snapshot.surrogate_keys import ALL, SITE
from feedsvc.terminal import logger

log = logger("feedsvc.purge")

# Both of one request, and of the command.
URL_SECONDS: Final = 10.0
COMMAND_SECONDS: Final = 60.0
# From this number of keys on, everything is purged: one request instead of many.
MAX_PURGED: Final = 512
# As many keys as Cloudflare takes in one request on every plan, and as Fastly does.
PORTIONS: Final[Mapping[str, int]] = {"Cache-Tag": 100, "Surrogate-Key": 256}
_MAX_ANSWER: Final = 64 * 1024
_MAX_SAID: Final = 300

# Purges the responses that have one of these keys. Raises PurgeFailed.
Purge = Callable[[Collection[str]], None]


class PurgeFailed(FeedsvcError):
    """Responses could not be purged. The message says what to do; it never has the token.

    `wait_seconds` is how long the CDN asks to wait; 0 if it does not say.
    """

    def __init__(self, message: str, wait_seconds: float = 0) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


def purge_of(settings: Settings) -> Purge | None:
    """Return what purges responses as the settings say; None if nothing does."""
    if settings.purge_command is not None:
        return PurgeCommand(shlex.split(settings.purge_command))
    if settings.purge_url is not None:
        assert settings.surrogate_keys is not None  # Settings checks it
        return PurgeUrl(settings.purge_url, settings.surrogate_keys, settings.purge_token)
    return None


def _bounded(keys: Collection[str]) -> list[str]:
    return sorted(keys) if len(keys) <= MAX_PURGED else [ALL, SITE]


class PurgeCommand:
    """Runs a command, which reads the keys from standard input, one in each line."""

    def __init__(self, arguments: Sequence[str], seconds: float = COMMAND_SECONDS) -> None:
        self._arguments, self._seconds = arguments, seconds

    def __call__(self, keys: Collection[str]) -> None:
        """Run it once, and end it with all that it started if it takes too long. Raises PurgeFailed."""
        text = "".join(f"{key}\n" for key in _bounded(keys))
        name = self._arguments[0]
        try:
            process = subprocess.Popen(
                self._arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            raise PurgeFailed(f"{name}: {error.strerror} (correct FEEDSVC_PURGE_COMMAND)") from error
        try:
            _, said = process.communicate(text, timeout=self._seconds)
        except subprocess.TimeoutExpired as error:
            raise PurgeFailed(
                f"{name} did not end within {self._seconds:g} s (see what it waits for; it gets the keys on its input)"
            ) from error
        finally:
            if process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
        if process.returncode:
            last = said.strip().rpartition("\n")[2][-_MAX_SAID:]
            raise PurgeFailed(f"{name} ended with status {process.returncode}{f': {last}' if last else ''}")


class _NoRedirects(HTTPRedirectHandler):
    """A redirect is an error: the token must not go to another address."""

    def redirect_request(self, *_arguments: Any) -> None:
        """Return no request to follow."""


class PurgeUrl:
    """POSTs keys to the API of a CDN: in a Surrogate-Key field as for Fastly, or as tags in JSON as for Cloudflare."""

    def __init__(self, url: str, field: str, token: str | None = None, seconds: float = URL_SECONDS) -> None:
        self._url, self._field, self._token, self._seconds = url, field, token, seconds
        self._open = build_opener(_NoRedirects).open
        # The URL may have a secret in its path or query.
        self._name = urlsplit(url).hostname

    def __call__(self, keys: Collection[str]) -> None:
        """Purge all `keys`, in as many requests as that takes. Raises PurgeFailed at the first that fails."""
        some = _bounded(keys)
        size = PORTIONS[self._field]
        for start in range(0, len(some), size):
            self._send(self._request(some[start : start + size]))

    def _request(self, keys: Sequence[str]) -> Request:
        fields = {"User-Agent": f"feedsvc/{__version__}", "Accept": "application/json"}
        body = b""
        if self._field == "Surrogate-Key":
            fields["Surrogate-Key"] = " ".join(keys)
            if self._token is not None:
                fields["Fastly-Key"] = self._token
        else:
            fields["Content-Type"] = "application/json"
            body = json.dumps({"tags": keys}).encode()
            if self._token is not None:
                fields["Authorization"] = f"Bearer {self._token}"
        return Request(self._url, data=body, headers=fields, method="POST")  # noqa: S310, Settings checks the scheme

    def _send(self, request: Request) -> None:
        try:
            with self._open(request, timeout=self._seconds) as response:
                said = response.read(_MAX_ANSWER)
        except HTTPError as error:
            with error:
                self._refused(error)
        except (OSError, http.client.HTTPException, ValueError) as error:
            # The reason of a URLError is an OSError or a text.
            reason = getattr(error, "reason", error)
            raise PurgeFailed(f"{self._name} cannot be reached: {reason} (correct FEEDSVC_PURGE_URL)") from None
        if _is_refusal(said):
            raise PurgeFailed(
                f"{self._name} answers that it did not purge: {said[:_MAX_SAID].decode(errors='replace')}"
            )

    def _refused(self, error: HTTPError) -> NoReturn:
        cures = {
            401: "correct FEEDSVC_PURGE_TOKEN",
            403: "correct FEEDSVC_PURGE_TOKEN, or what its owner lets it do",
            404: "correct FEEDSVC_PURGE_URL",
            429: "purges are too many for the CDN: raise FEEDSVC_PURGE_SECONDS",
        }
        cure = cures.get(error.code, "see the status page of the CDN")
        if 300 <= error.code < 400:
            cure = "a redirect is not followed: write its target into FEEDSVC_PURGE_URL"
        after = error.headers.get("Retry-After", "")
        # It may be a date as well.
        wait_seconds = int(after) if after.isascii() and after.isdigit() and len(after) <= 6 else 0
        raise PurgeFailed(f"{self._name} answers {error.code} to a purge ({cure})", wait_seconds) from None


def _is_refusal(said: bytes) -> bool:
    """Return whether an answer with a status of success says that there was none, as Cloudflare's may."""
    try:
        answer = json.loads(said)
    except ValueError:
        return False
    return isinstance(answer, dict) and answer.get("success") is False
