"""Find files that are copies of other files by their content: language, date, title and text (guarantee 13).

`copy_names` finds copies by their names. The record of a copy keeps its original, so that the copy is not
published when the original is edited or withdrawn.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace
from pathlib import Path

from feedsvc.articles.pages import FOLDERS
from feedsvc.articles.read import Parsed
from feedsvc.errors import Finding, Problem, printable
from feedsvc.store import Snapshot
from feedsvc.store.file_records import CopyOf, FileRecord
from feedsvc.store.rows import to_text
from feedsvc.sync.folder.walk import is_article, is_skipped, shown
from feedsvc.sync.reading import Outcome, copy_finding
from feedsvc.sync.recognition.copy_names import file_name, is_copy_name, why_unread
from feedsvc.sync.recognition.identity import Identified, IsThere
from feedsvc.sync.recognition.remaining_files import title_of
from feedsvc.sync.recognition.similarity import sketch, sketched_similarity
from feedsvc.sync.recognition.versions import (
    MAX_COMPARED,
    MIN_SIMILARITY,
    Head,
    Version,
    Versions,
    digest,
    head_of,
    is_unchanged_copy,
    names_of,
    text_of,
    version_of,
)


class Copies:
    """Finds the copies in one sync of `content`. `gone` has the `missing` files that count as deleted.

    It caches its results, so that a plan that is made again finds the same copies.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        content: Path,
        known: Mapping[str, FileRecord],
        *,
        missing: Set[str],
        gone: Set[str],
        is_there: IsThere,
    ) -> None:
        self._snapshot, self._content, self._known = snapshot, content, known
        self._missing, self._gone, self._is_there = missing, gone, is_there
        self._remembered = {path: each.copy_of for path, each in known.items() if each.copy_of}

    def remembered(self, outcomes: Iterable[Outcome]) -> dict[str, CopyOf]:
        """Return, by path, the unpublished files with the content of a copy that an earlier sync set aside.

        Such a file may be that copy, that copy under another name, or a copy of it.
        """
        by_head: dict[str, list[CopyOf]] = {}
        for each in self._remembered.values():
            by_head.setdefault(each.head, []).append(each)
        found = {}
        for path, parsed in _public(outcomes) if by_head else ():
            if self._is_published(path):
                continue
            head = digest(head_of(parsed.article))
            own = self._remembered.get(path)
            # A new file is not compared with a copy whose original is missing: it may be the moved original.
            copies = [each for each in by_head.get(head, ()) if each is not own and self._is_in_place(each.path)]
            if own and own.head == head:
                copies.insert(0, own)
            said = sketch(text_of(parsed.article)) if copies else ()
            for copy in copies[:MAX_COMPARED]:
                if path == copy.path or parsed.identity.written not in (None, copy.id):
                    continue
                names_no_other = names_of(parsed.article) in ("", copy.names)
                if names_no_other and sketched_similarity(said, copy.sketch) >= MIN_SIMILARITY:
                    found[path] = copy
                    break
        return found

    def original_of(self, copy: CopyOf, publishers: Mapping[str, str]) -> CopyOf | None:
        """Return the copy with the present path of its original; None if the content folder has no original any more.

        `publishers` has, by id, the files of this sync that continue to publish an article.
        """
        if copy.id in publishers:
            return replace(copy, path=publishers[copy.id])
        if copy.path in self._missing - self._gone or (copy.path not in self._gone and self._is_there(copy.path)):
            return copy
        holders = self._snapshot.files.publishers([copy.id]).get(copy.id, set()) - self._gone
        there = sorted(path for path in holders if path in self._missing or self._is_there(path))
        path = there[0] if there else self._unread(copy)
        return replace(copy, path=path) if path else None

    def _unread(self, copy: CopyOf) -> str:
        """Return the path of a withdrawn original: in a folder that is not read, or beside articles/; "" for none.

        A file that was moved there is withdrawn, not deleted. It has the same name, possibly with a prefix or suffix,
        or the same title under another name, for example without the date that Jekyll puts in front.
        """
        name = file_name(copy.path)
        titles = {each.title for each in self._snapshot.identities.briefs([copy.id]).values()}
        named = []
        for folder, folders, files in os.walk(self._content):
            folders[:] = sorted(each for each in folders if not is_skipped(each))
            for file in sorted(files):
                other = shown(Path(folder, file), self._content)
                is_read = other.partition("/")[0] in FOLDERS and not why_unread(other) and is_article(file)
                if is_read:
                    continue
                if name in file_name(other):
                    return other
                if is_article(file) and titles and title_of(Path(folder, file)) in titles:
                    named.append(other)
        return next(iter(named), "")

    def new(self, identified: Identified) -> dict[str, CopyOf]:
        """Return, by path, the new files with the content of an article or of another new file."""
        silent = (each.record.path for each in identified.outcomes if each.record.id is None)
        withdrawn = {self._known[path].id for path in silent if path in self._known}
        public = dict(_public(identified.outcomes))
        new = {path: each for path, each in public.items() if self._is_new(path, each, identified, withdrawn)}
        by_head: dict[Head, list[str]] = {}
        for path in sorted(new, key=_name_order):
            by_head.setdefault(head_of(new[path].article), []).append(path)
        versions = Versions()
        for each in self._published(by_head.keys(), new.keys(), identified):
            versions.add(each)
        found: dict[str, CopyOf] = {}
        for head, paths in by_head.items():
            for path in paths if len(paths) > 1 or head in versions else ():
                version = version_of(path, new[path].article)
                original = versions.original_of(version, new[path])
                if original is None:
                    versions.add(version)
                    continue
                found[path] = CopyOf(
                    id=original.article.id,
                    path=original.path,
                    head=digest(head),
                    names=names_of(version.article),
                    sketch=version.sketch,
                )
        found.update(self._of_removed({path: each for path, each in new.items() if path not in found}))
        self._remembered.update(found)
        return found

    def _of_removed(self, new: Mapping[str, Parsed]) -> dict[str, CopyOf]:
        """Return, by path, the new files with the content of a removed or withdrawn article.

        The file that published the article is not included, nor one that writes its id, names it as an alias, or has
        its address after that file was deleted: such a file publishes the article again.
        """
        by_head: dict[str, list[CopyOf]] = {}
        for trace in self._snapshot.identities.traces_at(digest(head_of(each.article)) for each in new.values()):
            by_head.setdefault(trace.head, []).append(trace)
        found = {}
        for path, parsed in new.items() if by_head else ():
            for trace in by_head.get(digest(head_of(parsed.article)), ())[:MAX_COMPARED]:
                if path == trace.path or parsed.identity.written == trace.id:
                    continue
                names = self._snapshot.identities.slugs_of(trace.id)
                takes_over = not names.isdisjoint(parsed.article.aliases)
                takes_over = takes_over or (parsed.article.slug in names and not self._is_in_place(trace.path))
                if not takes_over and is_unchanged_copy(trace, parsed):
                    found[path] = trace
                    break
        return found

    def _is_published(self, path: str) -> bool:
        record = self._known.get(path)
        return record is not None and record.id is not None

    def _is_new(self, path: str, parsed: Parsed, identified: Identified, withdrawn: Set[str | None]) -> bool:
        """Return whether a file published nothing before, and continues no published article.

        A file that would take an article over from one that is `withdrawn` in this sync also counts as new, unless it
        names that article as an alias: then the takeover is intended.
        """
        successor_of = identified.successors.get(path)
        if successor_of is None or successor_of not in withdrawn:
            return successor_of is None and not self._is_published(path)
        brief = identified.contemporaries.get(successor_of)
        return brief is not None and brief.slug not in parsed.article.aliases and not self._is_published(path)

    def _is_in_place(self, path: str) -> bool:
        return path not in self._missing and self._is_there(path)

    def _published(self, heads: Set[Head], new: Set[str], identified: Identified) -> Iterator[Version]:
        """Yield the articles with one of these heads, as they were published and as their files have them now."""
        dated = {(published, title) for _, published, title in heads}
        before = [
            each.id for each in identified.contemporaries.values() if (to_text(each.published), each.title) in dated
        ]
        holders = self._snapshot.files.publishers(before)
        successors = {id_: path for path, id_ in identified.successors.items() if path not in new}
        for id_, article in sorted(self._snapshot.identities.articles_of(before).items()):
            path = successors.get(id_) or min(filter(self._is_in_place, holders.get(id_, ())), default="")
            if path:
                yield version_of(path, article)
        for path, parsed in _public(identified.outcomes):
            if path not in new and head_of(parsed.article) in heads:
                yield version_of(path, parsed.article)


def set_aside(outcome: Outcome, copy: CopyOf, *, is_removed: bool) -> Outcome:
    """Return the outcome of a file that is a copy, set aside with its original in the record. Each sync reads it again.

    `is_removed` says that its original was removed or withdrawn before.
    """
    parsed = outcome.parsed
    assert parsed is not None, "only files that were read are compared"
    own_id = parsed.identity.field(parsed.identity.default)
    is_own = f"if it is an article of its own, write {own_id}"
    message = (
        f"is a copy of {printable(copy.path)} by its language, date, title and text (delete it; or, {is_own}, or a "
        "canonical or translation_of that differs from the original's)"
    )
    if is_removed:
        message = (
            f"has the content of {printable(copy.path)}, whose article was removed or withdrawn (delete it; or, to "
            f"publish that article again, write {parsed.identity.field(copy.id)}; or, {is_own})"
        )
    finding = Finding(line=parsed.lines.get("title", 0), message=message)
    aside = outcome.set_aside(copy_finding(outcome.original) if outcome.original else finding, None)
    return replace(aside, record=replace(aside.record, copy_of=copy))


def copy_by_name(outcome: Outcome) -> Outcome:
    """Return the outcome of a file that is a copy by its name, set aside. Each sync reads it again."""
    return outcome.set_aside(copy_finding(outcome.original), None)


def published_copies(settled: Iterable[Outcome]) -> Iterator[Problem]:
    """Yield a warning for each published file that repeats another one, because a new store would set it aside."""
    public = dict(_public(settled))
    heads = Counter(head_of(each.article) for each in public.values())
    versions = Versions()
    for path in sorted((path for path, each in public.items() if heads[head_of(each.article)] > 1), key=_name_order):
        parsed = public[path]
        version = version_of(path, parsed.article)
        original = versions.original_of(version, parsed)
        versions.add(version)
        if original is not None:
            message = (
                f"is a copy of {printable(original.path)} by its language, date, title and text, but published already "
                f"(delete one of them, or write {parsed.identity.field(parsed.article.id)}, so that a new store "
                "publishes both)"
            )
            finding = Finding(line=parsed.lines.get("title", 0), message=message, severity="warning")
            yield Problem(path=path, finding=finding)


def _public(outcomes: Iterable[Outcome]) -> Iterator[tuple[str, Parsed]]:
    for each in outcomes:
        if each.public:
            yield each.record.path, each.public


def _name_order(path: str) -> tuple[bool, int, int, str]:
    """Return a sort key for new files: names without a copy's marks first, then the shorter ones, then by name."""
    return is_copy_name(path), len(file_name(path)), len(path), path
