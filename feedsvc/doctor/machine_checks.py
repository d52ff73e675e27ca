"""Checks of this machine: the store, the writer, the media, the disks, the limits of inotify and of open files."""

import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from feedsvc.config import Settings, place_name
from feedsvc.doctor.result import DEPLOY, HUB, MONITOR, NODES, WATCH, Result, error, ok, skipped, warning
from feedsvc.doctor.visit import Visit
from feedsvc.errors import StoreError
from feedsvc.hub.status import hub_numbers
from feedsvc.media import media_storage
from feedsvc.serve import MAX_CONNECTIONS, OTHER_FILES
from feedsvc.store import Store
from feedsvc.store.subscriptions import Subscriptions
from feedsvc.store.writer_problems import media_problems, problems_of

# A sync of a large publication writes a WAL of some 100 MB.
LOW_BYTES: Final = 1024**3
FULL_BYTES: Final = 100 * 1024**2
LOW_FILES: Final = 1000
MAX_FOLDERS: Final = 1_000_000
INOTIFY: Final = Path("/proc/sys/fs/inotify")
# The writer needs one instance, and others on the machine have theirs.
LOW_INSTANCES: Final = 16
# Self-tests are hourly.
TESTED_SECONDS: Final = 7200
_SEVERE: Final = ("stopped", "silent", "hung", "crashed", "failing")


def settings_of(visit: Visit) -> Settings:
    """Return the settings of the machine, for checks that are done only where there are some."""
    assert visit.settings is not None
    return visit.settings


def check_store(visit: Visit) -> Iterator[Result]:
    """The store can be read, and the media storage has every file of it."""
    settings = settings_of(visit)
    try:
        with closing(Store(settings.store)) as store, store.read() as snapshot:
            seen = snapshot.overview()
            lost = media_problems(snapshot.media, media_storage(settings))
    except StoreError as fault:
        yield error(f"{settings.store_name}: {fault}", "run feedsvc sync, or restore a backup", "docs/how-to/backup.md")
        return
    yield ok(f"{settings.store_name}: {seen.total} articles")
    if settings.read_store is not None:
        try:
            with closing(Store(settings.read_store, copy_of=settings.store)) as copy, copy.read():
                behind = copy.copy_lag()
        except StoreError as fault:
            yield error(str(fault), "correct FEEDSVC_READ_STORE, or unset it", NODES)
        else:
            lag = "" if behind is None else f", at most {behind:.0f} s behind"
            yield ok(f"{place_name(settings.read_store)}: a copy that web nodes read{lag}")
    for each in lost:
        remedy = "run feedsvc sync" if each.name == "media" else "let the user of the service read them"
        yield error(f"{each.summary}: {each.detail}", remedy, MONITOR)


def check_writer(visit: Visit) -> Iterator[Result]:
    """A writer runs and has no problem."""
    with closing(Store(settings_of(visit).store)) as store:
        state, now = store.writer_state(), datetime.now(UTC)
    if state is None:
        remedy = "start feedsvc serve or feedsvc watch, or run feedsvc sync by a timer"
        yield warning("no writer has run", remedy, MONITOR)
        return
    problems = problems_of(state, now)
    for each in problems:
        told = f"{each.name}: {each.summary}{f': {each.detail}' if each.detail else ''}"
        remedy = "see the table of the writer's problems"
        yield error(told, remedy, MONITOR) if each.name in _SEVERE else warning(told, remedy, MONITOR)
    if not problems:
        yield ok(f"the writer was seen {max(0.0, (now - state.seen_at).total_seconds()):.0f} s ago")


def check_deliveries(visit: Visit) -> Iterator[Result]:
    """A delivery worker of the hub runs, and the hub's last test of itself went well."""
    settings, now = settings_of(visit), datetime.now(UTC).timestamp()
    try:
        with closing(Store(settings.store)) as store, store.read() as snapshot:
            hub = snapshot.site().hub
        with closing(Subscriptions(settings.store, settings.state)) as subscriptions:
            numbers = hub_numbers(hub, subscriptions, now) if hub.enabled else None
    except StoreError as fault:
        yield error(str(fault), "see how the hub keeps its subscriptions", HUB)
        return
    if numbers is None:
        yield skipped("the publication has no hub of its own")
    elif numbers.self_test is None or now - numbers.self_test.begun_at > TESTED_SECONDS:
        yield warning("no delivery worker has tested the hub within two hours", "start feedsvc deliver or serve", HUB)
    elif numbers.self_test.problem:
        yield warning(f"the hub's test of itself: {numbers.self_test.problem}", "let the machine reach base_url", HUB)
    else:
        yield ok(f"the hub delivered to itself within {numbers.self_test.seconds or 0.0:.1f} s")


def check_disks(visit: Visit) -> Iterator[Result]:
    """The file systems of the store and of the media have space and inodes left."""
    settings = settings_of(visit)
    done: set[int] = set()
    folders = [settings.state]
    if isinstance(settings.media, Path):
        folders.append(settings.media)
    if isinstance(settings.store, Path):
        folders.insert(0, settings.store.parent)
    for folder in folders:
        try:
            device = folder.stat().st_dev
            free, seen = shutil.disk_usage(folder).free, os.statvfs(folder)
        except OSError as fault:
            yield skipped(f"{folder}: {fault.strerror}")
            continue
        if device in done:
            continue
        done.add(device)
        told = f"{folder}: {free / 1024**2:,.0f} MB free"
        # Some file systems, such as Btrfs, have no fixed number of inodes, and give 0.
        is_out_of_files = bool(seen.f_files) and seen.f_favail < LOW_FILES
        remedy = "make space: feedsvc sync --full deletes media that no article uses, or give it a larger disk"
        if free < FULL_BYTES:
            yield error(f"{told}; a sync fails without space", remedy, DEPLOY)
        elif free < LOW_BYTES or is_out_of_files:
            yield warning(f"{told}, {seen.f_favail:,} files" if is_out_of_files else told, remedy, DEPLOY)
        else:
            yield ok(told)


def check_inotify(visit: Visit) -> Iterator[Result]:
    """The limits of inotify suffice for the folders of the publication."""
    try:
        watches = int((INOTIFY / "max_user_watches").read_text())
        instances = int((INOTIFY / "max_user_instances").read_text())
    except (OSError, ValueError):
        yield skipped("no limits of inotify can be read here (not Linux, or hidden from a container)")
        return
    content = settings_of(visit).content
    folders = sum(1 for _ in islice(os.walk(content), MAX_FOLDERS))
    remedy = "raise it by a file in /etc/sysctl.d, then sysctl --system"
    told = f"fs.inotify.max_user_watches is {watches:,}, and {content} has {folders:,} folders"
    if folders > watches:
        yield error(told, remedy, WATCH)
    elif folders * 2 > watches:
        yield warning(f"{told}; other programs of the user need some too", remedy, WATCH)
    else:
        yield ok(told)
    if instances < LOW_INSTANCES:
        yield warning(f"fs.inotify.max_user_instances is {instances}", remedy, WATCH)


def check_open_files(visit: Visit) -> Iterator[Result]:
    """The limit of open files suffices for the connections of a worker."""
    with closing(Store(settings_of(visit).store)) as store:
        state = store.writer_state()
    limit, whose = resource.getrlimit(resource.RLIMIT_NOFILE)[1], "of this shell"
    if limit == resource.RLIM_INFINITY:
        limit = MAX_CONNECTIONS + OTHER_FILES
    try:
        # The writer of `feedsvc serve` has the limits of its server.
        lines = Path(f"/proc/{state.pid if state is not None and state.is_here else 0}/limits").read_text().splitlines()
        line = next(each for each in lines if each.startswith("Max open files"))
        limit, whose = int(line.split()[4]), "of the writer"
    except (OSError, ValueError, StopIteration):
        # It does not run, is another user's, or has no limit.
        pass
    told = f"the limit {whose} is {limit:,} open files"
    if limit < MAX_CONNECTIONS + OTHER_FILES:
        remedy = "raise it: LimitNOFILE of systemd, ulimit -n, --ulimit of a container"
        yield warning(f"{told}: each worker takes {max(1, limit - OTHER_FILES):,} connections", remedy, DEPLOY)
    else:
        yield ok(told)
