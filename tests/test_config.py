"""FEEDSVC_* variables and the command line → Settings."""

import re
from pathlib import Path
from typing import Any

import pytest

from feedsvc import config
from feedsvc.config import Settings, environment, load_settings, preview_settings
from feedsvc.errors import ConfigError


def test_nothing_needs_to_be_set() -> None:
    settings = load_settings({})
    assert (settings.content, settings.base_url, settings.own_url) == (Path("content"), None, "http://127.0.0.1:8000")
    assert (settings.host, settings.port, settings.workers, settings.threads) == ("127.0.0.1", 8000, 0, 4)
    assert (settings.cache_bytes, settings.rescan_seconds) == (67108864, 3600)


@pytest.mark.parametrize(
    ("environ", "field", "value"),
    [
        ({"FEEDSVC_PORT": "80"}, "port", 80),
        ({"FEEDSVC_HOST": "::1"}, "host", "::1"),
        ({"FEEDSVC_BASE_URL": "https://e.org"}, "base_url", "https://e.org"),
        ({"FEEDSVC_BASE_URL": ""}, "base_url", None),
        ({"FEEDSVC_CONTENT": "/a/文章"}, "content", Path("/a/文章")),
        ({"FEEDSVC_WORKERS": "2"}, "workers", 2),
        ({"FEEDSVC_UNKNOWN": "x", "PORT": "1"}, "port", 8000),
    ],
)
def test_a_variable_sets_the_field_of_its_name(environ: dict[str, str], field: str, value: object) -> None:
    assert getattr(load_settings(environ), field) == value


def test_the_command_line_wins_where_it_says_something() -> None:
    settings = load_settings({"FEEDSVC_PORT": "80", "FEEDSVC_HOST": "::1"}, port=81, host=None)
    assert (settings.port, settings.host) == (81, "::1")


@pytest.mark.parametrize(
    ("overrides", "store", "media"),
    [
        pytest.param({}, "/w/.feedsvc/content/store.sqlite3", "/w/.feedsvc/content/media", id="beside the content"),
        pytest.param({"store": Path("/s/x.db")}, "/s/x.db", "/s/media", id="media beside the store"),
        pytest.param({"media": Path("/m")}, "/w/.feedsvc/content/store.sqlite3", "/m", id="media elsewhere"),
    ],
)
def test_where_the_store_and_the_media_stand(overrides: dict[str, Any], store: str, media: str) -> None:
    settings = load_settings({"FEEDSVC_CONTENT": "/w/content"}, **overrides)
    assert (settings.store_file, settings.media) == (Path(store), Path(media))


@pytest.mark.parametrize(
    ("environ", "store", "state", "media"),
    [
        ({"FEEDSVC_STORE": "/s/x.db"}, Path("/s/x.db"), "/s", "/s/media"),
        ({"FEEDSVC_STORE": "sqlite:////s/x.db"}, Path("/s/x.db"), "/s", "/s/media"),
        ({"FEEDSVC_STORE": "/s/x.db", "FEEDSVC_STATE": "/t"}, Path("/s/x.db"), "/t", "/s/media"),
        ({"FEEDSVC_STORE": "postgresql://u@h/d"}, "postgresql://u@h/d", "/w/.feedsvc/content", None),
        ({"FEEDSVC_STORE": "postgresql://u@h/d", "FEEDSVC_STATE": "/t"}, "postgresql://u@h/d", "/t", "/t/media"),
    ],
)
def test_a_store_is_a_file_or_a_url(environ: dict[str, str], store: object, state: str, media: str | None) -> None:
    settings = load_settings({"FEEDSVC_CONTENT": "/w/content", **environ})
    assert (settings.store, settings.state, settings.media) == (store, Path(state), Path(media or f"{state}/media"))
    assert load_settings(environment(settings)) == settings


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("postgresql+psycopg://user:secret@host:5432/db?sslmode=require", "postgresql+psycopg://user@host:5432/db"),
        ("postgresql://host/db", "postgresql://host/db"),
        ("postgresql://user@a:1,b:2/db", "postgresql://user@a:1,b:2/db"),
        ("postgresql://user:se/c?r#e:t@host/db", "postgresql://user@host/db"),
        ("postgresql://user:secret@host/db?password=secret@x", "postgresql://user@x"),
        ("postgresql:///db?host=/run&user=u&password=secret", "postgresql:///db"),
        (Path("a:secret@b"), "a:secret@b"),
    ],
)
def test_a_password_is_in_no_message(place: Path | str, name: str) -> None:
    settings = Settings(store=place, read_store=place)
    assert settings.store_name == config.place_name(place) == name
    if isinstance(place, str):
        assert not re.search("se.?c.?r.?e.?t", repr(settings))


def test_the_preview_of_a_publication_in_another_database_has_a_file_of_its_own() -> None:
    live = load_settings({"FEEDSVC_STORE": "postgresql://h/d", "FEEDSVC_READ_STORE": "postgresql://r/d"})
    preview = preview_settings(live)
    assert (preview.store, preview.read_store) == (live.state / "drafts" / "store.sqlite3", None)
    with pytest.raises(ConfigError, match="is not the store of a preview"):
        load_settings({"FEEDSVC_STORE": "postgresql://u:secret@h/drafts", "FEEDSVC_DRAFTS": "1"})


def test_a_relative_content_folder_has_its_store_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings({}, content=Path("a/../b")).store == tmp_path / ".feedsvc" / "b" / "store.sqlite3"


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"FEEDSVC_PORT": "http"}, "FEEDSVC_PORT: 'http' is not a whole number"),
        ({"FEEDSVC_DRAFTS": "2"}, "FEEDSVC_DRAFTS: 2 is neither 0 nor 1"),
        ({"FEEDSVC_PORT": "1e3"}, "FEEDSVC_PORT: '1e3' is not a whole number"),
        ({"FEEDSVC_PORT": "9" * 5000}, f"FEEDSVC_PORT: {'9' * 5000!r} is not a whole number"),
        ({"FEEDSVC_PORT": "0"}, "FEEDSVC_PORT: 0 is not a port (1 to 65535)"),
        ({"FEEDSVC_PORT": "65536"}, "FEEDSVC_PORT: 65536 is not a port (1 to 65535)"),
        ({"FEEDSVC_WORKERS": "-1"}, "FEEDSVC_WORKERS: must not be negative"),
        ({"FEEDSVC_THREADS": "-1"}, "FEEDSVC_THREADS: must not be negative"),
        ({"FEEDSVC_CACHE_BYTES": "-1"}, "FEEDSVC_CACHE_BYTES: must not be negative"),
        ({"FEEDSVC_RESCAN_SECONDS": "-1"}, "FEEDSVC_RESCAN_SECONDS: must not be negative"),
        (
            {"FEEDSVC_STORE": "sqlite:///"},
            "no path follows sqlite:// (write sqlite:///relative/path or sqlite:////absolute/path)",
        ),
    ],
)
def test_a_wrong_variable_is_named(environ: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(environ)
    assert str(caught.value) == message


@pytest.mark.parametrize("settings", [Settings(), Settings(base_url="https://e.org", content=Path("/文章"), port=1)])
def test_another_process_loads_the_same_settings(settings: Settings) -> None:
    assert load_settings(environment(settings)) == settings


def test_another_process_does_not_take_a_setting_from_its_environment_that_is_not_set() -> None:
    """A preview has no location of nginx, also where FEEDSVC_ACCEL names that of the publication."""
    live = load_settings({"FEEDSVC_ACCEL": "/m/", "FEEDSVC_BASE_URL": "https://example.org"})
    inherited = {**environment(live), **environment(preview_settings(live))}
    assert load_settings(inherited) == preview_settings(live)


def test_settings_are_read_in_one_module() -> None:
    """config.py: every setting of an operator is read there.

    The others hand values to their own child processes. terminal.py reads NO_COLOR and JOURNAL_STREAM, and
    object_storage.py the endpoints of obstore, which are variables of other programs.
    """
    package = Path(config.__file__).parent
    readers = {
        file.relative_to(package).as_posix()
        for file in package.rglob("*.py")
        if re.search(r"\bos\.(environ|getenv)\b", file.read_text("utf-8"))
    }
    assert readers == {
        "config.py",
        "server/granian_server.py",
        "server/granian_worker.py",
        "serve.py",
        "storage/object_storage.py",
        "sync/revision.py",
        "terminal.py",
        "web/stats/poll_counters.py",
    }
