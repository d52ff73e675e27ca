"""Keys are sent to a command or to a CDN, and a failure says what to do without the token."""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from feedsvc.config import Settings, load_settings, preview_settings
from feedsvc.errors import ConfigError
from feedsvc.sync.purging.targets import MAX_PURGED, PurgeCommand, PurgeFailed, PurgeUrl, purge_of
from tests.live import free_port
from tests.sync.purge_server import PurgeServer, purge_server

TOKEN = "a-secret-token"
FASTLY, CLOUDFLARE = "Surrogate-Key", "Cache-Tag"


@pytest.fixture
def cdn() -> Iterator[PurgeServer]:
    with purge_server() as made:
        yield made


def settings(**given: str) -> Settings:
    return load_settings({f"FEEDSVC_{name.upper()}": value for name, value in given.items()})


def test_fastly(cdn: PurgeServer) -> None:
    purge = purge_of(settings(surrogate_keys=FASTLY, purge_url=cdn.url, purge_token=TOKEN))
    assert purge is not None
    purge({f"k{number}" for number in range(300)})
    assert sorted(map(len, cdn.keys)) == [44, 256]
    path, fields, body = cdn.requests[0]
    assert (path, fields["Fastly-Key"], body) == ("/purge", TOKEN, b"")


def test_cloudflare(cdn: PurgeServer) -> None:
    purge = purge_of(settings(surrogate_keys=CLOUDFLARE, purge_url=cdn.url, purge_token=TOKEN))
    assert purge is not None
    purge({f"k{number}" for number in range(101)})
    assert sorted(map(len, cdn.keys)) == [1, 100]
    assert cdn.requests[0][1]["Authorization"] == f"Bearer {TOKEN}"
    assert cdn.requests[0][1]["Content-Type"] == "application/json"


@pytest.mark.parametrize("field", [FASTLY, CLOUDFLARE])
def test_very_many_keys_are_all_of_them(cdn: PurgeServer, field: str) -> None:
    PurgeUrl(cdn.url, field)([f"k{number}" for number in range(MAX_PURGED + 1)])
    assert cdn.keys == [["all", "site"]]
    assert not {"Authorization", "Fastly-Key"} & set(cdn.requests[0][1])


@pytest.mark.parametrize(
    ("status", "cure"),
    [
        (401, "correct FEEDSVC_PURGE_TOKEN"),
        (403, "what its owner lets it do"),
        (404, "correct FEEDSVC_PURGE_URL"),
        (429, "raise FEEDSVC_PURGE_SECONDS"),
        (500, "see the status page"),
        (302, "a redirect is not followed"),
    ],
)
def test_a_refusal_says_what_to_do(cdn: PurgeServer, status: int, cure: str) -> None:
    with purge_server() as other:
        cdn.status, cdn.headers = status, {"Location": other.url, "Retry-After": "7"}
        with pytest.raises(PurgeFailed, match=cure) as failed:
            PurgeUrl(cdn.url, FASTLY, TOKEN)({"a"})
        assert other.requests == []
    assert TOKEN not in str(failed.value)
    assert failed.value.__cause__ is None
    assert failed.value.wait_seconds == 7


@pytest.mark.parametrize("after", ["soon", "-1", "9" * 99, "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_another_retry_after_is_ignored(cdn: PurgeServer, after: str) -> None:
    cdn.status, cdn.headers = 503, {"Retry-After": after}
    with pytest.raises(PurgeFailed) as failed:
        PurgeUrl(cdn.url, FASTLY, TOKEN)({"a"})
    assert failed.value.wait_seconds == 0


def test_a_refusal_with_a_status_of_success(cdn: PurgeServer) -> None:
    cdn.answer = b'{"success": false, "errors": [{"message": "no such zone"}]}'
    with pytest.raises(PurgeFailed, match="no such zone"):
        PurgeUrl(cdn.url, CLOUDFLARE)({"a"})
    for answer in (b"", b"<html>", b"[]", b'{"status": "ok"}'):
        cdn.answer = answer
        PurgeUrl(cdn.url, CLOUDFLARE)({"a"})


def test_a_cdn_that_is_away() -> None:
    with pytest.raises(PurgeFailed, match=r"127\.0\.0\.1 cannot be reached: .*refused"):
        PurgeUrl(f"http://127.0.0.1:{free_port()}/{TOKEN}", FASTLY, TOKEN)({"a"})


def command(tmp_path: Path, code: str, **given: float) -> PurgeCommand:
    script = tmp_path / "purge.py"
    script.write_text(code)
    return PurgeCommand([sys.executable, str(script), "an argument"], **given)


def test_a_command_gets_the_keys_on_its_input(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    command(tmp_path, f"import sys; open({str(file)!r}, 'w').write(sys.stdin.read())")({"b", "a"})
    assert file.read_text() == "a\nb\n"


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(PurgeFailed, match=r"ended with status 3: no zone$"):
        command(tmp_path, "import sys; print('x\\nno zone', file=sys.stderr); sys.exit(3)")({"a"})
    with pytest.raises(PurgeFailed, match="correct FEEDSVC_PURGE_COMMAND"):
        PurgeCommand(["/no/such/program"])({"a"})


def test_a_command_that_does_not_end_is_ended_with_its_children(tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
    begun = time.monotonic()
    with pytest.raises(PurgeFailed, match="did not end within"):
        command(tmp_path, code, seconds=0.5)({"a"})
    # Its child has the pipe of its standard error: else this would wait for it.
    assert time.monotonic() - begun < 300


def test_nothing_is_purged_by_default() -> None:
    assert purge_of(Settings()) is None
    made = settings(surrogate_keys=FASTLY, purge_command="xargs -n 9 'a purge'", purge_token=TOKEN)
    assert isinstance(purge_of(made), PurgeCommand)
    assert purge_of(preview_settings(made)) is None
    assert TOKEN not in repr(made)
    assert TOKEN not in repr(replace(made, purge_command=None, purge_url=f"https://cdn.example/{TOKEN}"))


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"purge_url": "https://cdn.example/"}, "FEEDSVC_SURROGATE_KEYS is not set"),
        ({"purge_url": "https://cdn.example/", "purge_command": "x", "surrogate_keys": FASTLY}, "both set"),
        ({"purge_url": "cdn.example", "surrogate_keys": FASTLY}, "not a URL"),
        ({"purge_url": "https://[", "surrogate_keys": FASTLY}, "not a URL"),
        ({"purge_url": "http://cdn.example/", "surrogate_keys": FASTLY, "purge_token": TOKEN}, "unencrypted"),
        ({"purge_url": "https://cdn.example/", "surrogate_keys": FASTLY, "purge_token": "a\nb"}, "without spaces"),
        ({"purge_command": "'x", "surrogate_keys": FASTLY}, "write it as in a shell"),
        ({"purge_command": "  ", "surrogate_keys": FASTLY}, "it names no program"),
    ],
)
def test_wrong_settings_are_refused(given: dict[str, str], fault: str) -> None:
    with pytest.raises(ConfigError, match=fault) as refused:
        settings(**given)
    assert TOKEN not in str(refused.value)
