"""Which article each file goes on publishing: identity is remembered by the store, not made anew (guarantee 4).

An id is the one that front matter writes, else the one that the store already publishes for this file, its slug, its
aliases or its text, else the default. A written id that contradicts what is published is not applied.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from feedsvc.articles.identity import last_segment
from feedsvc.errors import printable
from feedsvc.model import Article
from feedsvc.slices.search_terms import body_text
from feedsvc.store import Snapshot
from feedsvc.store.file_records import FileRecord
from feedsvc.store.snapshot.identities import Brief
from feedsvc.sync.copy_names import file_name, is_copy_name
from feedsvc.sync.ids import with_published_id
from feedsvc.sync.reading import Outcome
from feedsvc.sync.spool import content_of

# Whether a path below content/ is there, whoever looks at it in this sync.
IsThere = Callable[[str], bool]


class _Sign(IntEnum):
    """Why a file should go on publishing an article, the surest sign first."""

    # The file published it before, and writes its id, or no id that is published and still its title or its text.
    SAME_FILE = 0
    # The file writes the id of an article that another file published; if it published another one, it says what that
    # one said.
    WRITTEN = 1
    # Title, dates and text are the same: the file was moved or renamed.
    SAME_TEXT = 2
    # The file published it before, and says something else now.
    REWRITTEN = 3
    SLUG = 4
    ALIAS = 5
    # The file published it before, and writes the id of another article that is published.
    DISOWNED = 6


class _Claim(NamedTuple):
    sign: _Sign
    # Of two new files with the same text, the one with the plain name goes on.
    has_copy_name: bool
    published: str
    path: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """A file that was recognised by its title, dates and text alone. `slug` is the address it had."""

    path: str
    before: str
    slug: str

    def line(self) -> str:
        """What the report says of it."""
        return (
            f"{printable(self.path)} is {printable(self.before)} renamed: the article keeps its id, and its old "
            f"address leads to it (write aliases: [{self.slug}] so that a new store knows that, too)"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """The outcomes with their ids settled.

    `heirs` says, by path, which existing article a file goes on publishing; `renamed` those recognised by their text;
    `readdressed` the ids of articles that get another slug. `left` are, by the path of the heir, the missing files
    that published its article: they are gone at once, since their article has moved. `contemporaries` are the articles
    of the store, by id, that were published when one of the new files says that it is published.
    """

    outcomes: list[Outcome]
    heirs: Mapping[str, str]
    renamed: Mapping[str, Renamed]
    readdressed: frozenset[str]
    left: Mapping[str, Set[str]]
    contemporaries: Mapping[str, Brief]


class Identifier:
    """Collects the signs, gives each article to the file with the surest one, and names the rest.

    `known` are the records of these files and of the `missing` ones, of which those in `gone` are believed to be gone.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        outcomes: Sequence[Outcome],
        known: Mapping[str, FileRecord],
        *,
        missing: Set[str],
        gone: Set[str],
        is_there: IsThere,
    ) -> None:
        self.snapshot, self.outcomes, self.known = snapshot, outcomes, known
        self.missing, self.gone = missing, gone
        self.parsed = {each.record.path: each.parsed for each in outcomes if each.parsed and not each.parsed.draft}
        self.by_name = snapshot.claims.of({name for each in self.parsed.values() for name in _names(each.article)})
        own = {path: record.id for path, record in known.items() if record.id and path in self.parsed}
        said = {id_ for each in self.parsed.values() for id_ in (each.identity.written, each.identity.default) if id_}
        self.briefs = snapshot.identities.briefs({*self.by_name.values(), *own.values(), *said})
        self.own = {path: id_ for path, id_ in own.items() if id_ in self.briefs}
        self.recognised = self._recognised()
        self.contradicting = self._contradicting()
        self.same = self._same_texts()
        self.holders = snapshot.files.publishers(self.briefs)
        elsewhere = {path for paths in self.holders.values() for path in paths} - known.keys()
        self.lost = missing | {path for path in elsewhere if not is_there(path)}
        self.rewritten = {each.record.path for each in outcomes if each.parsed}
        self.originals = {each.record.path: each.original for each in outcomes if each.original}

    def identified(self) -> Identified:
        claims_ = sorted(claim for path in self.parsed for claim in self._claims(path))
        heirs: dict[str, str] = {}
        signs: dict[str, _Sign] = {}
        given: set[str] = set()
        for claim in claims_:
            if claim.path not in heirs and claim.id not in given and self._is_free(claim):
                heirs[claim.path], signs[claim.path] = claim.id, claim.sign
                given.add(claim.id)
        before = self.snapshot.identities.removed_at(self._names_without(heirs))
        ids = {path: heirs.get(path) or self._new_id(path, heirs, before) for path in self.parsed}
        left = {path: self.holders.get(id_, set()) & self.lost - {path} for path, id_ in heirs.items()}
        renamed = {
            path: Renamed(path=path, before=min(left[path]), slug=self.briefs[heirs[path]].slug)
            for path, sign in signs.items()
            if sign is _Sign.SAME_TEXT and left[path] and self._has_lost_its_slug(path, heirs[path])
        }
        readdressed = frozenset(
            id_ for path, id_ in heirs.items() if self.parsed[path].article.slug != self.briefs[id_].slug
        )
        settled = [with_published_id(each, ids.get(each.record.path)) for each in self.outcomes]
        return Identified(
            outcomes=settled,
            heirs=heirs,
            renamed=renamed,
            readdressed=readdressed,
            left=left,
            contemporaries=self.contemporaries,
        )

    def _same_texts(self) -> dict[str, list[str]]:
        """By path: the articles that have the title, the dates and the text of a file; finds their briefs, too."""
        unsure = {path: each.article for path, each in self.parsed.items() if path not in self.recognised}
        self.contemporaries = self.snapshot.identities.briefs_at({each.published for each in unsure.values()})
        found = self.contemporaries
        by_head: dict[object, list[str]] = {}
        for brief in found.values():
            by_head.setdefault((brief.title, brief.published, brief.updated), []).append(brief.id)
        pairs = {
            path: ids
            for path, each in unsure.items()
            if (ids := by_head.get((each.title, each.published, each.updated)))
        }
        matched = {id_ for ids in pairs.values() for id_ in ids}
        self.briefs.update({id_: found[id_] for id_ in matched})
        bodies = self.snapshot.identities.texts(matched)
        return {
            path: sorted(id_ for id_ in ids if _is_same(unsure[path], found[id_], bodies[id_]))
            for path, ids in pairs.items()
        }

    def _recognised(self) -> set[str]:
        """The files that still have the title or the text of the article that they published before."""
        titled = {path for path, id_ in self.own.items() if self.briefs[id_].title == self.parsed[path].article.title}
        others = {path: id_ for path, id_ in self.own.items() if path not in titled}
        bodies = self.snapshot.identities.texts(others.values())
        return titled | {path for path, id_ in others.items() if _says(self.parsed[path].article, bodies[id_])}

    def _contradicting(self) -> set[str]:
        """The files that write the id of another article, and say no more of what that one said than of their own.

        Whoever swaps or moves files moves their texts, too. An id alone is not applied, even when the other article's
        file goes in the same sync.
        """
        others = {
            path: (own, written)
            for path, own in self.own.items()
            if (written := self.parsed[path].identity.written) in self.briefs and written not in (None, own)
        }
        bodies = self.snapshot.identities.texts({id_ for ids in others.values() for id_ in ids if id_})

        def likeness(path: str, id_: str) -> int:
            article, brief = self.parsed[path].article, self.briefs[id_]
            same_head = (article.title == brief.title) + (article.published == brief.published)
            return same_head + 2 * _says(article, bodies[id_])

        return {path for path, (own, other) in others.items() if likeness(path, own) >= likeness(path, str(other))}

    def _claims(self, path: str) -> Iterator[_Claim]:
        article, written = self.parsed[path].article, self.parsed[path].identity.written
        own = self.own.get(path)
        moment = article.published.isoformat()
        # Such an id contradicts what is published, unless the file says what that other article says.
        is_other = written in self.briefs and written != own and path not in self.contradicting
        if own is not None:
            if is_other:
                sign = _Sign.DISOWNED
            elif written == own or path in self.recognised or path in self.contradicting:
                sign = _Sign.SAME_FILE
            else:
                sign = _Sign.REWRITTEN
            yield _Claim(sign, False, moment, path, own)
        if is_other:
            yield _Claim(_Sign.WRITTEN, False, moment, path, str(written))
        for id_ in self.same.get(path, ()):
            yield _Claim(_Sign.SAME_TEXT, is_copy_name(path), moment, path, id_)
        # A file that writes an id of its own is another article, even if a removed one had its slug. Whoever names
        # an alias says that it is the same one; not a file that was set aside because of that alias.
        if written is None and article.slug in self.by_name:
            yield _Claim(_Sign.SLUG, False, moment, path, self.by_name[article.slug])
        if written is None or (written not in self.briefs and path not in self.known):
            for alias in _names(article)[1:]:
                if alias in self.by_name:
                    yield _Claim(_Sign.ALIAS, False, moment, path, self.by_name[alias])

    def _is_free(self, claim: _Claim) -> bool:
        """Whether no other file keeps the article that a claim is for.

        A file that was set aside gets the article of a missing file only when that is believed to be gone: it may be
        written back in a moment. A file with the same text was moved, and need not wait.
        """
        holders = self.holders.get(claim.id, set()) - {claim.path}
        if claim.path in self.originals and not self._has_moved(claim, holders):
            return False
        others = holders - self.rewritten
        if claim.sign is _Sign.SAME_TEXT or not _was_set_aside(self.known.get(claim.path)):
            return others <= self.lost
        return others <= self.gone

    def _has_moved(self, claim: _Claim, holders: Set[str]) -> bool:
        """Whether a file that is a copy by its name is the file of a published article all the same, moved."""
        if self.originals[claim.path] in holders:
            return False
        is_told = claim.sign in (_Sign.WRITTEN, _Sign.SAME_TEXT)
        return is_told or any(file_name(each) == file_name(claim.path) for each in holders & self.lost)

    def _names_without(self, heirs: Mapping[str, str]) -> set[str]:
        unknown = [each for path, each in self.parsed.items() if path not in heirs and not each.identity.written]
        return {name for each in unknown for name in _names(each.article)}

    def _new_id(self, path: str, heirs: Mapping[str, str], before: Mapping[str, str]) -> str:
        """The id of a file that publishes no existing article: written, or that of a removed one, or the default.

        A default that another article is known by, whose address the file takes over, gets a number behind it.
        """
        parsed = self.parsed[path]
        if parsed.identity.written:
            return parsed.identity.written
        names = _names(parsed.article)
        returning = next((before[name] for name in names if name in before), None)
        if returning is not None:
            return returning
        default = parsed.identity.default
        if default not in self.briefs or self._claims_one_of(default, names, heirs):
            return default
        number = 2
        while self.snapshot.identities.is_used(f"{default}{_NUMBERED}{number}"):
            number += 1
        return f"{default}{_NUMBERED}{number}"

    def _claims_one_of(self, id_: str, names: Sequence[str], heirs: Mapping[str, str]) -> bool:
        """Whether the article with this id has, or will have, one of these names."""
        heir = next((path for path, given in heirs.items() if given == id_), None)
        if heir is not None:
            return not set(names).isdisjoint(_names(self.parsed[heir].article))
        return any(self.by_name.get(name) == id_ for name in names)

    def _has_lost_its_slug(self, path: str, id_: str) -> bool:
        return self.briefs[id_].slug not in _names(self.parsed[path].article)


# A slug has no ";" in it, so this is no other article's default. RFC 4151 allows it in a tag URI.
_NUMBERED: Final = ";"


def _names(article: Article) -> tuple[str, ...]:
    """What an article may be recognised by: its slug first, its aliases, the slugs at the end of those."""
    ends = (end for alias in article.aliases if (end := last_segment(alias)) is not None)
    return tuple(dict.fromkeys((article.slug, *article.aliases, *ends)))


def _is_same(article: Article, brief: Brief, text: str) -> bool:
    """Whether the text is that of an article with the same title and dates. Pictures are compared where none is."""
    return _says(article, text) and (bool(text.split()) or article.media == brief.media)


def _says(article: Article, text: str) -> bool:
    return body_text(content_of(article)).split() == text.split()


def _was_set_aside(record: FileRecord | None) -> bool:
    return record is not None and record.retry and record.id is None
