"""A first sync that is killed at any point leaves a store that the next sync completes, and no process and no file."""

import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from tests.conftest import Publication
from tests.live import ROOT, environment
from tests.sync.test_spool import tables

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks")

# A first sync in several processes that keeps everything in its spool. The process that syncs, or the one that makes
# the index, kills itself when it calls a function the n-th time.
SYNC = """
import importlib, os, sys
from datetime import datetime
from pathlib import Path
from feedsvc.config import Settings
from feedsvc.site.site_toml import load_site
from feedsvc.store import Store
from feedsvc.store.sqlite import index_process
from feedsvc.sync import parallel, sync

root, now, name, number = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), sys.argv[3], int(sys.argv[4])
process, is_of_index = os.getpid(), sys.argv[5] == "index"
for module in ("feedsvc.sync.commit", "feedsvc.store.portions", "feedsvc.sync.parallel"):
    importlib.import_module(module).PORTION = 3
parallel.SPOOL_FROM, parallel.PARALLEL_FROM = 0, 4
index_process._ROWS_AT_ONCE = 2
os.sched_getaffinity = lambda _pid: {0, 1}
assert index_process.can_be_forked()
if name:
    module, _, path = name.partition(":")
    *owners, function = path.split(".")
    owner = importlib.import_module(module)
    for each in owners:
        owner = getattr(owner, each)
    called, calls = getattr(owner, function), [0]

    def killed(*given, **named):
        is_meant = (os.getpid() != process) == is_of_index
        calls[0] += is_meant
        if is_meant and calls[0] == number:
            os.kill(os.getpid(), 9)
        return called(*given, **named)

    setattr(owner, function, killed)
state = root / ".feedsvc/content"
settings = Settings(content=root / "content", store=state / "store.sqlite3", state=state, media=state / "media")
report = sync(settings, load_site(settings.content, None, "http://127.0.0.1:8000"), Store(settings.store), now)
print(len(report.added), flush=True)
os._exit(0)
"""
# The process that syncs, at each of its steps.
STEPS = (
    ("feedsvc.sync.first_sync:SpooledOutcomes.add", 1),
    ("feedsvc.sync.first_sync:SpooledOutcomes.add", 4),
    ("feedsvc.sync.plan:Planner.plan_first", 1),
    ("feedsvc.sync.commit:complete_article", 1),
    ("feedsvc.store.commit.articles:ArticleWriter.put", 2),
    ("feedsvc.store.commit.articles:ArticleWriter.put", 4),
    ("feedsvc.store.sqlite.index_process:_empty", 1),
    ("feedsvc.store.sqlite.index_process:IndexProcess.__exit__", 1),
    ("feedsvc.store.file_records:FileRecords.save", 2),
    ("feedsvc.store.commit:Commit.finish", 2),
    ("feedsvc.sync:large_feeds", 1),
)
# The process that makes the index: without it, the sync makes the index itself.
STEPS_OF_THE_INDEX = (
    ("feedsvc.store.sqlite.index_process:_make", 1),
    ("feedsvc.store.sqlite.index_process:_rows", 1),
    ("feedsvc.store.sqlite.index_process:tempfile.mkstemp", 1),
    ("feedsvc.sync.commit:spooled_terms", 5),
)


def _write(publication: Publication) -> None:
    for number in range(14):
        publication.article(f"n{number}", f"Text {number} 推論。 [next](n{number + 1}.md)", tags=f"[t{number % 3}]")
    publication.article("copy", "Text 2 推論。 [next](n3.md)", title="n2")
    publication.article("taken", slug="n1")
    publication.article("draft", draft="true")
    publication.article("later", published="2027-05-01 10:00")


def _sync(publication: Publication, step: tuple[str, int], process: str) -> subprocess.CompletedProcess[str]:
    name, number = step
    command = [
        sys.executable,
        "-c",
        SYNC,
        str(publication.root),
        (publication.now + timedelta(minutes=1)).isoformat(),
        name,
        str(number),
        process,
    ]
    # The end of a pipe is the end of every process that has it: none is left behind.
    return subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Every row of a store that is made by one process alone."""
    publication = Publication(tmp_path_factory.mktemp("undisturbed"))
    _write(publication)
    publication.sync()
    found = tables(publication)
    publication.store.close()
    return found


def _files(publication: Publication) -> set[str]:
    return {each.name for each in publication.settings.state.iterdir()} - {"media"}


@pytest.mark.in_a_file
@pytest.mark.parametrize("step", STEPS)
def test_the_next_sync_completes_it(
    publication: Publication, undisturbed: dict[str, list[str]], step: tuple[str, int]
) -> None:
    _write(publication)
    killed = _sync(publication, step, "sync")
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, ""), killed.stderr
    assert _files(publication) <= {"store.sqlite3", "store.sqlite3-wal", "store.sqlite3-shm"}
    is_committed = step[0].endswith(":large_feeds")
    assert len(publication.sync().added) == (0 if is_committed else 14)
    assert tables(publication) == undisturbed


@pytest.mark.in_a_file
@pytest.mark.parametrize("step", [("", 0), *STEPS_OF_THE_INDEX])
def test_the_index_is_made_in_any_case(
    publication: Publication, undisturbed: dict[str, list[str]], step: tuple[str, int]
) -> None:
    _write(publication)
    done = _sync(publication, step, "index")
    assert (done.returncode, done.stdout) == (0, "14\n"), done.stderr
    assert ("has ended, so it is made anew" in done.stderr) == bool(step[0])
    assert tables(publication) == undisturbed
    assert publication.sync().added == ()
    # Later syncs go on with an index that was copied.
    publication.article("n3", "changed 記憶體")
    (publication.settings.content / "articles" / "n4.md").unlink()
    publication.sync()
    with publication.store.read() as snapshot:
        connection = snapshot._session.connection
        found = {
            word: {
                row.id for row in connection.execute(publication.store._engine.search.find(connection, [word]).ids())
            }
            for word in ("記憶體", "changed")
        }
        assert all(len(ids) == 1 for ids in found.values())
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
