"""An export that is killed, and one that follows the store."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection
from functools import partial
from pathlib import Path
from random import Random

import pytest

from feedsvc.export.folder import Folder
from feedsvc.export.keys import MARK
from feedsvc.export.rendering import Content
from feedsvc.files import take_lock
from tests.conftest import SITE_TOML, Publication
from tests.export.links import dangling, reachable
from tests.export.publications import exported, exported_to, files, fill, fresh
from tests.live import wait_for
from tests.web.random_edits import Edits

POINTS = int(os.environ.get("FEEDSVC_KILLS", "10"))


ENTRIES = ("index.html", "sitemap.xml", "feeds.opml", "feeds/chips.atom", "feeds/all.json")


class Interrupted(BaseException):
    """As a signal that ends the process."""


class Faulty(Folder):
    """A folder that ends the process before a write or a deletion."""

    left = 0

    def put(self, key: str, content: Content, former: str = "", /) -> str:
        self._count()
        return super().put(key, content, former)

    def delete(self, keys: object) -> None:
        assert isinstance(keys, list)
        for key in keys:
            self._count()
            super().delete([key])

    @classmethod
    def _count(cls) -> None:
        cls.left -= 1
        if cls.left < 0:
            raise Interrupted


@pytest.mark.parametrize("seed", [1, 2])
def test_links_lead_to_files_wherever_an_export_is_interrupted(
    publication: Publication, tmp_path: Path, seed: int
) -> None:
    edits, random = Edits(publication, Random(seed)), Random(seed)
    edits.one()
    exported(publication, tmp_path / "out")
    settings = publication.settings
    target = Faulty(tmp_path / "out", [settings.content, settings.state])
    interruptions = 0
    for _ in range(POINTS):
        edits.one()
        Faulty.left = random.randrange(60)
        before = reachable(files(tmp_path / "out"), ENTRIES)
        try:
            exported_to(publication, target)
        except Interrupted:
            interruptions += 1
        # What readers come to from what they had: files that nothing leads to yet may be incomplete.
        found = files(tmp_path / "out")
        seen = reachable(found, [*ENTRIES, *(before & found.keys())])
        assert dangling({key: found[key] for key in seen}, found) == {}
    assert interruptions > POINTS // 3
    exported(publication, tmp_path / "out")
    assert files(tmp_path / "out") == fresh(publication, tmp_path / "fresh")


class EndsAfterDeleting(Folder):
    """A folder that ends the process when it has deleted files, before that is noted."""

    def delete(self, keys: Collection[str]) -> None:
        super().delete(keys)
        raise Interrupted


class EndsAtArchives(Folder):
    """A folder that ends the process before it writes an archive."""

    def put(self, key: str, content: Content, former: str = "", /) -> str:
        if key.startswith("feeds/all/2026-09."):
            raise Interrupted
        return super().put(key, content, former)


class EndsAtFeeds(Folder):
    """A folder that ends the process before it writes a feed."""

    def put(self, key: str, content: Content, former: str = "", /) -> str:
        if key.startswith("feeds/"):
            raise Interrupted
        return super().put(key, content, former)


def test_an_export_without_memory_writes_articles_before_feeds(publication: Publication, tmp_path: Path) -> None:
    """The feeds of the export before are polled: they must lead to no page that comes after them."""
    fill(publication, 3)
    exported(publication, tmp_path / "out")
    for memory in publication.settings.state.glob("export-*.sqlite3*"):
        memory.unlink()
    publication.article("latest", "Of today.", topics="[chips]")
    publication.sync()
    with pytest.raises(Interrupted):
        exported_to(publication, EndsAtFeeds(tmp_path / "out", []))
    assert (tmp_path / "out/articles/latest.html").exists()


def test_a_file_that_comes_back_after_an_interrupted_deletion_is_new(publication: Publication, tmp_path: Path) -> None:
    """Nothing leads to it before it is there: it is written before the feeds that do."""
    publication.article("october")
    file = publication.article("september", published="2026-09-20 10:00")
    publication.sync()
    exported(publication, tmp_path / "out")
    file.rename(tmp_path / "september.md")
    publication.sync(allow_removals=True)
    with pytest.raises(Interrupted):
        exported_to(publication, EndsAfterDeleting(tmp_path / "out", []))
    assert not (tmp_path / "out/feeds/all/2026-09.atom").exists()
    (tmp_path / "september.md").rename(file)
    publication.sync()
    with pytest.raises(Interrupted):
        exported_to(publication, EndsAtArchives(tmp_path / "out", []))
    found = files(tmp_path / "out")
    assert dangling({key: found[key] for key in reachable(found, ENTRIES)}, found) == {}
    exported(publication, tmp_path / "out")
    assert files(tmp_path / "out") == fresh(publication, tmp_path / "fresh")


def _has_front_page(out: Path, begun: int, process: subprocess.Popen[bytes]) -> bool:
    page = out / "index.html"
    return (page.exists() and page.stat().st_ctime_ns > begun) or process.poll() is not None


def _says(page: Path, text: str) -> bool:
    return page.exists() and text in page.read_text("utf-8")


def _has_written(folder: Path, before: int, count: int, process: subprocess.Popen[bytes]) -> bool:
    try:
        changed = sum(1 for each in folder.rglob("*") if each.is_file() and each.stat().st_ctime_ns > before)
    except FileNotFoundError:
        # The export deletes files and folders meanwhile.
        changed = 0
    return changed >= count or process.poll() is not None


def test_a_killed_export_is_completed_by_the_next_one(publication: Publication, tmp_path: Path) -> None:
    """At 10 points, or at 50 with FEEDSVC_KILLS=50: readers come to no link that leads nowhere after any."""
    edits, random = Edits(publication, Random(3)), Random(3)
    edits.one()
    settings, out = publication.settings, tmp_path / "out"
    exported(publication, out)
    environment = {**os.environ, "FEEDSVC_STATE": str(settings.state), "FEEDSVC_MEDIA": str(settings.media)}
    command = [sys.executable, "-m", "feedsvc", "export", str(out), "--store", str(settings.store)]
    command += ["--content", str(settings.content)]
    killed = 0
    for number in range(POINTS):
        edits.one()
        begun, before = time.time_ns(), reachable(files(out), ENTRIES)
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
            count = random.randrange(1, 120)
            wait_for(partial(_has_written, out, begun, count, process), f"kill {number} at {count} files")
            process.send_signal(signal.SIGKILL)
        killed += process.returncode == -signal.SIGKILL
        found = files(out)
        seen = reachable(found, [*ENTRIES, *(before & found.keys())])
        assert dangling({key: found[key] for key in seen}, found) == {}, number
    assert killed > POINTS // 3
    exported(publication, out)
    assert files(out) == fresh(publication, tmp_path / "new")


def _has_ended(out: Path) -> bool:
    """Return whether the processes of a killed export have: they hold its lock, and write until then."""
    if not (out / MARK).exists():
        return True
    with (out / MARK).open("r+b") as lock:
        return take_lock(lock, 0)


def test_a_first_export_that_is_killed_shows_everything_or_nothing(publication: Publication, tmp_path: Path) -> None:
    """At 5 points, by several processes, with edits in between. Readers come by the front page, which is the last."""
    fill(publication, 40)
    settings, out = publication.settings, tmp_path / "out"
    environment = {**os.environ, "FEEDSVC_STATE": str(settings.state), "FEEDSVC_MEDIA": str(settings.media)}
    command = [sys.executable, "-m", "feedsvc", "export", str(out), "--store", str(settings.store)]
    command += ["--content", str(settings.content)]
    shown, killed, points = 0, 0, POINTS // 2
    for number in range(points):
        begun, before = time.time_ns(), reachable(files(out), ENTRIES) if (out / "index.html").exists() else set()
        # At the end, after the front page has come.
        there = partial(_has_written, out, begun, 1 + 211 * number % 1266)
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
            if number % 3 == 2:
                wait_for(partial(_has_front_page, out, begun, process), "the front page")
            else:
                wait_for(partial(there, process), f"kill {number}")
            process.send_signal(signal.SIGKILL)
        killed += process.returncode == -signal.SIGKILL
        wait_for(partial(_has_ended, out), "the processes of the export")
        found = files(out)
        if "index.html" in found:
            seen = reachable(found, [*ENTRIES, *(before & found.keys())])
            assert dangling({key: found[key] for key in seen}, found) == {}, number
            shown += 1
        name, slug = f"n{4 + number % 3}", f"s{number}"
        publication.article(name, f"Text {number}.", slug=slug, topics="[chips]", tags=f"[t{number}]")
        publication.sync()
    assert killed > points // 2
    assert 0 < shown < points
    exported(publication, out)
    found = files(out)
    assert dangling(found) == {}
    assert found == fresh(publication, tmp_path / "new")


def test_watch_exports_each_commit(publication: Publication, tmp_path: Path) -> None:
    fill(publication, 3)
    settings, out = publication.settings, tmp_path / "out"
    environment = {**os.environ, "FEEDSVC_STATE": str(settings.state), "FEEDSVC_MEDIA": str(settings.media)}
    command = [sys.executable, "-m", "feedsvc", "export", str(out), "--watch", "--store", str(settings.store)]
    command += ["--content", str(settings.content)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            wait_for((out / ".servers/Caddyfile").exists, "the first export")
            for number in range(3):
                publication.article("fresh", f"Edit {number}.", topics="[chips]")
                publication.sync()
                wait_for(partial(_says, out / "articles/fresh.html", f"Edit {number}."), f"edit {number}")
            wanted = fresh(publication, tmp_path / "fresh")
            # The pages that only have another number of articles come later.
            wait_for(lambda: files(out) == wanted, "the rest")
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
    assert files(out) == wanted


def test_watch_goes_on_after_a_commit_that_cannot_be_exported(publication: Publication, tmp_path: Path) -> None:
    """A slice of site.toml with a tag that no article has: said once, and exported as soon as one has it."""
    fill(publication, 3)
    settings, out, said = publication.settings, tmp_path / "out", tmp_path / "said"
    environment = {**os.environ, "FEEDSVC_STATE": str(settings.state), "FEEDSVC_MEDIA": str(settings.media)}
    command = [sys.executable, "-m", "feedsvc", "export", str(out), "--watch", "--store", str(settings.store)]
    command += ["--content", str(settings.content)]
    with (
        said.open("wb") as log,
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=log) as process,
    ):
        try:
            wait_for((out / ".servers/Caddyfile").exists, "the first export")
            publication.write("site.toml", f'{SITE_TOML}\n[export]\nslices = ["all?tag=新製程"]\n')
            publication.sync()
            wait_for(lambda: "slice 'all?tag=新製程'" in said.read_text("utf-8"), "the fault")
            before = files(out)
            publication.article("fresh", "Not yet.", topics="[chips]")
            publication.sync()
            publication.article("tagged", "Text.", topics="[chips]", tags="[新製程]")
            assert files(out) == before
            publication.sync()
            wait_for((out / "feeds/all/tag-新製程.atom").exists, "the slice")
            wanted = fresh(publication, tmp_path / "fresh")
            wait_for(lambda: files(out) == wanted, "the rest")
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
    faults = [line for line in said.read_text("utf-8").splitlines() if "slice 'all?tag=新製程'" in line]
    assert len(faults) == 1
    assert "the target stays as it is, and the next commit is tried" in faults[0]
