"""Fixtures of all tests: a publication in a folder, its store, and an application for both."""

import gc
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

from feedsvc.config import Settings
from feedsvc.model import Site
from feedsvc.site.site_toml import load_site
from feedsvc.store import Store
from feedsvc.sync import Options, Report, sync
from feedsvc.web import create_app
from tests import compiled

SITE_TOML = """\
title = { en = "Test Weekly", zh-Hant = "測試週刊" }
subtitle = "All about tests"
base_url = "https://example.org"
tag_authority = "example.org,2026"
language = "en"
timezone = "Asia/Taipei"
established = 2026-01-01T00:00:00Z
authors = ["Test desk"]

[topics.chips]
title = { en = "Chips", zh-Hant = "晶片" }
description = "Made of sand"

[topics.cloud]
title = "Cloud"
"""

pytest_plugins = ("tests.postgresql_server",)
# The databases of stores. FEEDSVC_TEST_ENGINES=postgresql runs every test that has a choice in that one alone.
ENGINES = os.environ.get("FEEDSVC_TEST_ENGINES", "sqlite postgresql").split()
# The duration of an example depends on the machine more than on the tested code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
compiled.share()

# The time of the first sync of a test; each later sync is a minute later.
START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


# The open files of this process above which stores that tests left are collected. select(2) takes numbers below 1,024.
MANY_FILES = 300


def pytest_runtest_setup() -> None:
    """Close the files of stores that earlier tests left in cycles: a large process collects them too rarely."""
    if len(os.listdir("/proc/self/fd")) > MANY_FILES:
        gc.collect()


@dataclass
class Publication:
    """A content folder with a store beside it, or at the URL `place`, and a clock that tests set."""

    root: Path
    now: datetime = START
    options: Options = field(default_factory=Options)
    place: str | None = None

    def __post_init__(self) -> None:
        self.settings = Settings(
            content=self.root / "content",
            store=self.place or self.root / ".feedsvc" / "content" / "store.sqlite3",
            state=self.root / ".feedsvc" / "content",
            media=self.root / ".feedsvc" / "content" / "media",
        )
        self.store = Store(self.settings.store)
        (self.settings.content / "articles").mkdir(parents=True, exist_ok=True)
        self.write("site.toml", SITE_TOML)

    def move_to(self, place: Path | str) -> None:
        """Go on with the store at another place."""
        self.settings = replace(self.settings, store=place)
        self.store = Store(place)

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file below content/."""
        file = self.settings.content / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def article(self, name: str, body: str = "Text.", suffix: str = ".md", **fields: str) -> Path:
        """Write an article with these front matter fields, which override the default ones."""
        given = {"title": name, "published": "2026-10-01 10:00", "topics": "[chips]"} | fields
        front = "".join(f"{key}: {value}\n" for key, value in given.items() if value != "-")
        return self.write(f"articles/{name}{suffix}", f"---\n{front}---\n{body}\n")

    @property
    def site(self) -> Site:
        """Read site.toml."""
        return load_site(self.settings.content, None, "http://127.0.0.1:8000")

    def sync(self, **options: object) -> Report:
        """Run one sync, a minute after the last one."""
        self.now += timedelta(minutes=1)
        given: Options = replace(self.options, **options)  # type: ignore[arg-type]
        return sync(self.settings, self.site, self.store, self.now, given)

    def client(self) -> FlaskClient:
        """Return a client of a new application with this store."""
        return create_app(self.settings).test_client()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests that are marked so with a store in each database."""
    if metafunc.definition.get_closest_marker("both_engines") and "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", ENGINES, indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """Return the name of the database that the store of `publication` is in."""
    given = "sqlite" if request.node.get_closest_marker("in_a_file") else ENGINES[0]
    return str(getattr(request, "param", given))


@pytest.fixture
def publication(tmp_path: Path, engine: str, request: pytest.FixtureRequest) -> Iterator[Publication]:
    """Yield an empty publication with two topics: chips and cloud."""
    made = Publication(tmp_path, place=request.getfixturevalue("database") if engine == "postgresql" else None)
    yield made
    made.store.close()


@pytest.fixture
def client(publication: Publication) -> Callable[[], FlaskClient]:
    """Return a function that makes clients of applications with the publication's store."""
    return publication.client


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests connect to this machine only."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX:
            host = address[0] if isinstance(address, tuple) else ""
            assert host.startswith("127.") or host in ("::1", "localhost"), f"a test reached for {address!r}"
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@contextmanager
def mounted(folder: Path, size: int) -> Iterator[Path]:
    """Mount a disk of `size` bytes at the new folder. Skip the test without permission to mount."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:
        pytest.skip("may not mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield the folder of a disk of 1 MB."""
    with mounted(tmp_path / "disk", 1024 * 1024) as folder:
        yield folder


@pytest.fixture
def old_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the stamps of files that were written just now, as of older files."""
    monkeypatch.setattr("feedsvc.sync.folder.files.RACY_NS", 0)
