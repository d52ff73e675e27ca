"""Write what an export's target lacks, in an order that leaves it consistent for readers wherever it is interrupted.

First come files that were not there: nothing leads to them yet. Then those that changed, which may lead to the new
ones: feeds first, which are polled. In a first export, pages of articles come first, and the front page last. What
nothing leads to any more is deleted at the end. A file counts as written only after the target has it, and the version
of the store is noted last: an interrupted export is completed by the next one.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from feedsvc.config import Settings
from feedsvc.errors import ConfigError, StoreUnavailable, UnknownFacet
from feedsvc.export.folder import LOCK_SECONDS
from feedsvc.export.keys import FRONT_PAGE
from feedsvc.export.manifest import LOST, NEW, Manifest, Written, open_manifest
from feedsvc.export.plan import ARTICLE, Plan, Planned, exported_slices, interface_languages, place_of
from feedsvc.export.rendering import Content, Renderer
from feedsvc.export.servers import server_files
from feedsvc.export.servers.rules import rules_of
from feedsvc.export.servers.static_hosts import too_many
from feedsvc.export.target import Target
from feedsvc.export.writing import Done, Task, Writer
from feedsvc.files import open_lock, take_lock
from feedsvc.media import media_storage
from feedsvc.model import Article, Site
from feedsvc.slices.grammar import slice_of_site, spelled
from feedsvc.slices.slice import Slice
from feedsvc.store import MediaFile, Snapshot, Store, Touched
from feedsvc.store.facets import Facet
from feedsvc.text import folded
from feedsvc.urls import Addresses

_MEDIA: Final = "media"
_SERVERS: Final = "servers"
# What the files look like also depends on this; another number renders all of them again.
FORMAT: Final = "3"
_NO_CODING: Final = "[export] in site.toml: compress does not count in a folder, which has .gz and .br beside each text"
# Files after which the target is made durable and the manifest is saved.
_SAVED_AFTER: Final = 4000
_PIECE: Final = 1024 * 1024
# The articles of a commit that is exported promptly: more are exported as a whole.
_FEW: Final = 20


@dataclass(slots=True)
class ExportReport:
    """What an export did: the numbers of files written, deleted, and rendered again with the same bytes.

    `total` is the number of all files of the target. `left_out` has a line for each document that cannot be a file,
    `notes` one for each host that does not take all redirects, and for a setting that does not count. `base_url` is the
    address of the publication in links. `is_cut` says that the export ended early.
    """

    written: int = 0
    deleted: int = 0
    same: int = 0
    total: int = 0
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    base_url: str = ""
    is_cut: bool = False


# Is told how many of how many documents are done.
Progress = Callable[[int, int], None]


@contextmanager
def open_export(target: Target, settings: Settings) -> Iterator[Manifest]:
    """Yield the manifest of a target while no other export of this machine writes to it. Raises ConfigError."""
    name = hashlib.sha256(str(target).encode()).hexdigest()[:16]
    path = settings.state / f"export-{name}.sqlite3"
    # First, so that nothing is left in the state folder of a target that is refused.
    with target.reserved():
        try:
            settings.state.mkdir(mode=0o750, parents=True, exist_ok=True)
            lock = open_lock(path.with_suffix(".lock"))
        except OSError as error:
            raise StoreUnavailable(f"{settings.state}: {error.strerror} (make it writable)") from error
        with lock:
            if not take_lock(lock, LOCK_SECONDS):
                raise ConfigError(f"{target}: another export writes to it (wait until it has ended, or stop it)")
            with open_manifest(path) as manifest:
                yield manifest


def export(
    store: Store,
    target: Target,
    manifest: Manifest,
    settings: Settings,
    renderer: Renderer,
    *,
    more: Sequence[str] = (),
    compress: str | None = None,
    is_checked: bool = True,
    is_prompt: bool = False,
    is_cut: Callable[[], bool] = lambda: False,
    progress: Progress = lambda _done, _all: None,
) -> ExportReport:
    """Make the target show the store's last commit. `more` are slices beside those of site.toml. `compress` is "gzip",
    or "none", in place of what site.toml says. `renderer` may be used for all exports of the same settings.

    With `is_checked`, files of the target that somebody else changed or deleted are written again. With `is_prompt`,
    the pages of lists that new or removed articles only shifted stay as they are, and the manifest has them as pending:
    the next export without it writes them. `is_cut` is asked after each document whether to end early, which the next
    export completes. Raises ConfigError for an option that cannot be had, and what the store and the target raise.
    """
    with store.read() as snapshot:
        is_ignored = snapshot.site().export.compress is not None and not target.takes_coding
        site, slices = _shown(snapshot, target, more, compress)
        exported = renderer.show(snapshot, site)
        frame = "\n".join([FORMAT, site.base_url, repr(site.export), *sorted(site.exported or ())])
        version, is_same = manifest.version(), manifest.value("frame") == frame
        # If this is interrupted, files of two frames are there, also for an export with the former one.
        manifest.put_value("frame", frame if is_same else "")
        touched = snapshot.touched_since(version) if version and is_same else Touched(everything=True)
        now = snapshot.version()
        writer = Writer(settings, target, renderer, now, exported, is_idle=version == now)
        run = _Run(writer, manifest, touched, is_cut, progress)
        if is_checked:
            run.find_lost()
        plan = Plan(snapshot, exported, interface_languages(site), slices)
        is_prompt = run.plan(plan, is_prompt=is_prompt)
        run.write()
        if run.report.is_cut:
            return run.report
        run.end(frame, manifest.pending() | touched.facets if is_prompt else frozenset())
        run.report.left_out, run.report.base_url = plan.left_out, site.base_url
        run.report.notes += [_NO_CODING] * is_ignored
        return run.report


def _shown(snapshot: Snapshot, target: Target, more: Sequence[str], compress: str | None) -> tuple[Site, list[Slice]]:
    """Return the site that an export shows, with the coding of its target, and its slices (see `export`)."""
    site = snapshot.site()
    if compress == "gzip" and not target.takes_coding:
        cure = "leave out --compress: .gz and .br are beside each text in it"
        raise ConfigError(f"{target}: --compress is for object storage, and this is a folder ({cure})")
    wanted = compress or site.export.compress
    options = replace(site.export, compress=wanted if target.takes_coding and wanted != "none" else None)
    slices = exported_slices(snapshot, site, _wanted(snapshot, [*site.export.slices, *more]))
    return replace(site, exported=frozenset(map(spelled, slices)), export=options), slices


def check_address(store: Store, base_url: str) -> None:
    """Raise ConfigError if the store was made for another address than `base_url`: texts of articles have it too."""
    with store.read() as snapshot:
        known = snapshot.site().base_url
    if known != base_url:
        cure = f"run feedsvc sync with the address {base_url} before, or leave out --base-url and FEEDSVC_BASE_URL"
        raise ConfigError(f"the store was made for {known}, not for {base_url} ({cure})")


def _wanted(snapshot: Snapshot, written: Iterable[str]) -> list[Slice]:
    found = []
    for text in written:
        try:
            slice_ = slice_of_site(text, snapshot.site())
            snapshot.slices.check(slice_)
        except (ValueError, UnknownFacet) as error:
            where = "--slice, or [export] in site.toml"
            raise ConfigError(f"slice {unquote(text)!r}: {error} (correct {where})") from error
        found.append(slice_)
    return found


class _Run:
    """One export: what is planned, compared with what was written."""

    def __init__(
        self,
        writer: Writer,
        manifest: Manifest,
        touched: Touched,
        is_cut: Callable[[], bool],
        progress: Progress,
    ) -> None:
        self._writer, self._target, self._manifest = writer, writer.target, manifest
        self._touched, self._asked, self._progress = touched, is_cut, progress
        self._ids = {value for facet, value in touched.facets if facet == "id"}
        # What other commits left, if this one is to be exported with that.
        self._pending = manifest.pending()
        self._is_rest = bool(self._pending) and manifest.version() == writer.version
        # Of the groups that are planned: the documents to render, the files to copy or write as they are, the keys to
        # delete.
        self._new: list[Task] = []
        self._changed: list[Task] = []
        self._media: list[MediaFile] = []
        self._plain: dict[str, Content] = {}
        self._obsolete: list[str] = []
        self._forgotten: list[str] = []
        self._unsaved: list[str] = []
        self.report = ExportReport()

    def _is_cut(self) -> bool:
        self.report.is_cut = self.report.is_cut or self._asked()
        return self.report.is_cut

    def find_lost(self) -> None:
        """Note the files that the target has no longer as they were written."""
        known = self._manifest.files()
        lost = self._target.changed({key: each.stamp for key, each in known.items()})
        self._manifest.mark(lost, LOST)
        if lost:
            # What is missing may be in any group.
            self._touched = Touched(everything=True)

    def plan(self, plan: Plan, *, is_prompt: bool) -> bool:
        """Find the documents that may differ from those that were written.

        Return whether these are not all: with `is_prompt`, those that show the articles of a small commit are enough.
        """
        is_few = self._touched.is_of_articles and len(self._ids) <= _FEW and not self._touched.everything
        is_exact = self._touched.is_in_place and not self._touched.everything and not self._pending
        is_prompt = is_prompt and is_few and not is_exact
        if is_exact or is_prompt:
            self._plan_edits(plan, is_exact=is_exact)
        else:
            if self._pending and not self._touched.everything:
                self._touched = Touched(everything=False, facets=self._touched.facets | self._pending)
                self._ids = {value for facet, value in self._touched.facets if facet == "id"}
            self._plan_groups(plan)
        if self._target.ignores_case:
            self._leave_out_same_names(plan.left_out)
        return is_prompt

    def _plan_groups(self, plan: Plan) -> None:
        groups: set[str] = set()
        for group, documents in plan.groups(self._touched):
            self._compare(group, documents)
            groups.add(group)
            if self._is_cut():
                return
        self._plan_articles(plan, groups)
        self._plan_media(plan.snapshot)
        self._plan_servers(plan)
        if self._touched.everything:
            for group in self._manifest.groups() - groups - {_MEDIA, _SERVERS}:
                self._obsolete += self._manifest.files(group)
        if self._manifest.version() is None:
            # What was exported before is forgotten, but what was taken back must go.
            self._forgotten = list(plan.former_pages())

    def _leave_out_same_names(self, left_out: list[str]) -> None:
        """Leave out new files whose names differ from those of others in case alone: one would replace the other."""
        obsolete = set(self._obsolete)
        kept = {folded(key): key for key in self._manifest.files() if key not in obsolete}
        new: list[Task] = []
        for task in self._new:
            key = task.planned.key
            other = kept.setdefault(folded(key), key)
            if other == key:
                new.append(task)
            else:
                cure = "use one spelling, or export to a file system where case counts"
                left_out.append(f"{key} is the same file as {other} in {self._target} ({cure})")
        self._new = new
        # The file that a new spelling has replaced.
        written = {folded(task.planned.key) for task in new}
        renamed = {key for key in obsolete if folded(key) in written}
        self._manifest.delete(renamed)
        self._obsolete = [key for key in self._obsolete if key not in renamed]

    def _plan_edits(self, plan: Plan, *, is_exact: bool) -> None:
        """Find the documents that show the articles that changed, or showed them: all that an edit in place changes,
        which `is_exact` stands for.
        """
        articles = [each for some in plan.snapshot.catalogue.articles(self._ids) for each in some]
        known = {id_: self._manifest.files(f"{ARTICLE}{id_}") for id_ in self._ids}
        shown = [written.shows for files in known.values() for written in files.values() if written.shows]
        former = [] if is_exact else sorted({place for place, topics in map(place_of, shown) if topics})
        self._plan_articles(plan, set())
        tasks: dict[str, Task] = {}
        new: dict[str, Task] = {}
        for group, documents in plan.edited(self._touched, articles, former, self._manifest.keys_that_show):
            for each in documents:
                written = self._manifest.file(each.key)
                if written is None or written.digest == NEW:
                    # An edit in place adds no document: one that is not there was left out.
                    if not is_exact:
                        new[each.key] = Task(group, each, "", "")
                elif is_exact or each.shows is None:
                    planned = replace(each, shows=written.shows, facets=written.facets)
                    if self._is_outdated(planned, written):
                        tasks[each.key] = Task(group, planned, written.digest, written.stamp)
                elif not each.shows:
                    # An archive, which is compared with all its articles later.
                    planned = replace(each, shows=written.shows)
                    tasks[each.key] = Task(group, planned, written.digest, written.stamp)
                elif not self._ids.isdisjoint((*each.shows, *(written.shows or ()))):
                    tasks[each.key] = Task(group, each, written.digest, written.stamp)
        self._changed += tasks.values()
        self._new += new.values()
        if is_exact:
            now = {task.planned.shows for task in (*self._new, *self._changed) if task.group.startswith(ARTICLE)}
            if any(shows not in now for shows in shown):
                self._plan_media(plan.snapshot)
                self._plan_servers(plan)
        else:
            self._plan_moves(plan, articles, known)

    def _plan_moves(self, plan: Plan, articles: Sequence[Article], known: Mapping[str, Iterable[str]]) -> None:
        """Plan the media of `articles`, what servers must know of those that have other addresses than the files that
        were `known`, and what must stay until all lists are planned.
        """
        for media in plan.snapshot.catalogue.public_media(self._ids):
            written = self._manifest.file(f"{_MEDIA}/{media.name}")
            if written is None or written.digest in (NEW, LOST):
                self._media.append(media)
        if plan.is_emptied:
            # A page without articles leads to one that was removed, and other pages to that page.
            self._obsolete = []
        if not {key for each in articles for key in known[each.id]}.isdisjoint(self._obsolete):
            self._plan_servers(plan)

    def _compare(self, group: str, documents: Sequence[Planned]) -> None:
        known = self._manifest.files(group)
        self._obsolete += known.keys() - {each.key for each in documents}
        for each in documents:
            written = known.get(each.key)
            if written is None or written.digest == NEW:
                self._new.append(Task(group, each, "", ""))
            elif self._is_outdated(each, written):
                self._changed.append(Task(group, each, written.digest, written.stamp))

    def _is_outdated(self, planned: Planned, known: Written) -> bool:
        if self._touched.everything or known.digest == LOST:
            return True
        if planned.shows is not None:
            return planned.shows != known.shows or not self._ids.isdisjoint(planned.shows)
        # What depends on facets was exported with the commit, but for parts of the sitemap that it only shifted.
        return self._touched.includes(planned.facets) and (planned.is_late or not self._is_rest)

    def _plan_articles(self, plan: Plan, groups: set[str]) -> None:
        """Plan the pages of articles: those that changed, and those that may lead to them or did."""
        if self._touched.everything:
            for group, documents in plan.articles():
                self._plan_article(group, documents)
                groups.add(group)
            return
        # What their pages showed, and show.
        before = {id_: next(iter(self._manifest.files(f"{ARTICLE}{id_}").values()), None) for id_ in self._ids}
        now = dict(plan.articles(self._ids))
        around = {group.removeprefix(ARTICLE) for group in self._manifest.groups_that_show(self._ids)}
        for id_ in self._ids:
            documents = now.get(f"{ARTICLE}{id_}", [])
            shown = [each.shows for each in (before[id_], *documents[:1]) if each]
            around |= self._around(plan, [shows for shows in shown if shows])
            if not documents:
                self._obsolete += self._manifest.files(f"{ARTICLE}{id_}")
        for group, documents in (*now.items(), *plan.articles(around - self._ids)):
            self._plan_article(group, documents)

    def _plan_article(self, group: str, documents: Sequence[Planned]) -> None:
        self._compare(group, documents)
        self._manifest.put_shown(group, {each for each in (documents[0].shows or ())[:3] if each})

    def _around(self, plan: Plan, shown: Sequence[tuple[str, ...]]) -> set[str]:
        """Return the ids of the articles around one that came, went or moved: their pages may lead to others now.

        `shown` are what its pages showed and show.
        """
        if len(shown) == 2 and shown[0][3] == shown[1][3]:
            return set()
        found = set[str]()
        for place, topics in map(place_of, shown):
            for topic in topics:
                found |= plan.snapshot.catalogue.near(topic, place)
        return found

    def _plan_media(self, snapshot: Snapshot) -> None:
        known = self._manifest.files(_MEDIA)
        public = {f"{_MEDIA}/{each.name}": each for each in snapshot.catalogue.public_media()}
        self._media = [each for key, each in public.items() if key not in known or known[key].digest in (NEW, LOST)]
        self._obsolete += known.keys() - public.keys()

    def _plan_servers(self, plan: Plan) -> None:
        """Plan what tells servers of addresses, types and errors, and the pages of errors."""
        home = Addresses(plan.site.base_url).home
        rules = rules_of(plan)
        self._plain = server_files(rules)
        self.report.notes = [f"_redirects: {each}" for each in too_many(rules)]
        if self._touched.everything:
            self._plain["404.html"] = self._writer.renderer.error(404, f"no such page (see {home})")
            self._plain["410.html"] = self._writer.renderer.error(410, f"this article was removed (see {home})")

    def write(self) -> None:
        """Write new files, then changed ones, then delete what is obsolete."""
        if self.report.is_cut:
            return
        done, total = 0, len(self._new) + len(self._changed) + len(self._media)
        self._note_new()
        for media in self._media:
            self._copy(media)
            self._progress(done := done + 1, total)
        # Readers come to a first export by its front page alone.
        is_first = self._manifest.version() is None
        front = [each for each in self._new if is_first and each.planned.key == FRONT_PAGE]
        new = [each for each in self._new if each not in front]
        for tasks in (new, front, self._changed):
            # From the newest on, those that share entries one after another.
            tasks.sort(key=lambda task: task.planned.latest, reverse=True)
            tasks.sort(key=lambda task: task.planned.stage)
            if is_first:
                # The feeds that an export whose memory was lost replaces are polled already.
                tasks.sort(key=lambda task: not task.group.startswith(ARTICLE))
            for each in self._writer.write(tasks, self._is_cut):
                self._note_done(each)
                self._progress(done := done + 1, total)
            self._settle()
            if self.report.is_cut:
                return
        known = self._manifest.files(_SERVERS)
        for key, content in self._plain.items():
            if key not in known or known[key].digest != content.digest:
                stamp = self._target.put(key, content, known[key].stamp if key in known else "")
                self._manifest.put(_SERVERS, key, Written(content.digest, stamp, None, None))
                self.report.written += 1
                self._unsaved.append(key)
        self._settle()
        planned = {task.planned.key for task in (*self._new, *self._changed)}
        obsolete = [key for key in dict.fromkeys(self._obsolete) if key not in planned]
        # If this is interrupted, nothing leads to these files, as to new ones: one that is needed again comes first.
        self._manifest.mark(obsolete, NEW)
        self._manifest.save()
        self._target.delete([*obsolete, *(key for key in self._forgotten if key not in planned)])
        self._manifest.delete(obsolete)
        self._manifest.save()
        self.report.deleted = len(obsolete)
        self.report.total = self._manifest.count()

    def end(self, frame: str, pending: Set[Facet]) -> None:
        """Note that the target shows the version of the store in this frame, but for what `pending` facets touched."""
        now = self._writer.version
        self._manifest.put_pending(pending)
        self._manifest.put_value("frame", frame)
        self._manifest.put_value("version", f"{now.epoch} {now.commit} {now.seq}")
        self._manifest.save()

    def _note_new(self) -> None:
        """Note the files that are written for the first time: an interrupted export must not leave unknown ones."""
        for group, planned, *_ in self._new:
            self._manifest.put(group, planned.key, Written(NEW, "", planned.shows, planned.facets))
        for media in self._media:
            self._manifest.put(_MEDIA, f"{_MEDIA}/{media.name}", Written(NEW, "", None, None))
        self._manifest.save()

    def _note_done(self, done: Done) -> None:
        """Note what a document shows now, and its stamp if it was written."""
        group, planned, _, before = done.task
        stamp = before if done.stamp is None else done.stamp
        self._manifest.put(group, planned.key, Written(done.digest, stamp, planned.shows, planned.facets))
        if done.stamp is None:
            self.report.same += 1
            return
        self.report.written += 1
        self._unsaved.append(planned.key)
        if len(self._unsaved) >= _SAVED_AFTER:
            self._settle()

    def _copy(self, media: MediaFile) -> None:
        key = f"{_MEDIA}/{media.name}"
        opened = media_storage(self._writer.settings).open(media.name, media.length)
        with opened.open("rb") if isinstance(opened, Path) else opened as file:
            pieces = iter(lambda: file.read(_PIECE), b"")
            stamp = self._target.put_pieces(key, pieces, media.type, media.filename)
        self._manifest.put(_MEDIA, key, Written(media.digest.hex(), stamp, None, None))
        self.report.written += 1
        self._unsaved.append(key)

    def _settle(self) -> None:
        if self._unsaved:
            self._target.settle(self._unsaved)
        self._manifest.save()
        self._unsaved = []
