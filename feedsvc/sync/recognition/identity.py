"""Decide which article each file continues to publish. The store keeps the ids of articles (guarantee 4).

An id is the one in front matter, else the one that the store already publishes for this file, its slug, its aliases
or its text, else the default. An id in front matter that contradicts a published one is not applied.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final

from feedsvc.articles.identity import last_segment
from feedsvc.articles.partial_article import PartialArticle
from feedsvc.model import Article
from feedsvc.store import Snapshot
from feedsvc.store.file_records import FileRecord
from feedsvc.store.snapshot.identities import Brief
from feedsvc.sync.reading import Outcome
from feedsvc.sync.recognition.copy_names import file_name, is_copy_name
from feedsvc.sync.recognition.ids import with_published_id
from feedsvc.sync.recognition.likeness import has_head, may_be
from feedsvc.sync.recognition.matching import find_matches, with_id_of_another, with_same_content
from feedsvc.sync.recognition.signs import RENAMED, Claim, Renamed, Sign
from feedsvc.sync.recognition.versions import MAX_COMPARED, is_unchanged_copy

# Returns whether a path below content/ exists, with the same result in all steps of one sync.
IsThere = Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """The outcomes with their ids settled.

    `successors` has, by path, the id of the existing article that a file continues to publish; `renamed` has the files
    that were recognised by their text; `readdressed` the ids of articles that get another slug. `left` has, by the path
    of the successor, the missing files that published its article: they count as deleted immediately, since their
    article has moved. `contemporaries` has the articles of the store, by id, with the date of publication of one of the
    new files.
    """

    outcomes: list[Outcome]
    successors: Mapping[str, str]
    renamed: Mapping[str, Renamed]
    readdressed: frozenset[str]
    left: Mapping[str, Set[str]]
    contemporaries: Mapping[str, Brief]


class Identifier:
    """Collects the signs, assigns each article to the file with the strongest sign, and gives the other files new ids.

    `known` has the records of these files and of the `missing` ones, of which those in `gone` count as deleted.
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
        self.parsed = {each.record.path: each.public for each in outcomes if each.public}
        self.broken = _broken(outcomes, known)
        slugs = {each.slug for each in self.broken.values()}
        names = {name for each in self.parsed.values() for name in _names(each.article)}
        self.by_name = snapshot.claims.of(names | slugs)
        present = self.parsed.keys() | self.broken.keys()
        own = {path: record.id for path, record in known.items() if record.id and path in present}
        said = {id_ for each in self.parsed.values() for id_ in (each.identity.written, each.identity.default) if id_}
        said |= {each.id for each in self.broken.values() if each.id}
        # A file that cannot be read may be any of the missing files.
        gone_ids = {known[path].id for path in missing} if self.broken.keys() - own.keys() else set()
        self.briefs = snapshot.identities.briefs(
            {*self.by_name.values(), *own.values(), *said, *filter(None, gone_ids)}
        )
        self.own = {path: id_ for path, id_ in own.items() if id_ in self.briefs}
        articles = {path: each.article for path, each in self.parsed.items()}
        own = {path: id_ for path, id_ in self.own.items() if path in articles}
        self.with_same_content = with_same_content(snapshot.identities, articles, own, self.briefs)
        written = {path: id_ for path in own if (id_ := self.parsed[path].identity.written) in self.briefs and id_}
        self.with_id_of_another = with_id_of_another(snapshot.identities, articles, own, written, self.briefs)
        unsure = {path: each for path, each in articles.items() if path not in self.with_same_content}
        # The traces of articles that files published before they became drafts, expired or were deleted.
        self.traces = snapshot.identities.traces_from(articles.keys() - own.keys())
        self.matches = find_matches(snapshot.identities, {**unsure, **self.broken})
        self.briefs.update(self.matches.briefs)
        self.holders = snapshot.files.publishers(self.briefs)
        elsewhere = {path for paths in self.holders.values() for path in paths} - known.keys()
        self.lost = missing | {path for path in elsewhere if not is_there(path)}
        self.rewritten = {each.record.path for each in outcomes if each.parsed or each.record.path in self.broken}
        self.originals = {each.record.path: each.original for each in outcomes if each.original}

    def identified(self) -> Identified:
        claims_ = [claim for path in self.parsed for claim in self._claims(path)]
        claims_ += [claim for path in self.broken for claim in self._claims_of_broken(path)]
        claims_.sort()
        successors: dict[str, str] = {}
        signs: dict[str, Sign] = {}
        given: set[str] = set()
        for claim in claims_:
            if claim.path not in successors and claim.id not in given and self._is_free(claim):
                successors[claim.path], signs[claim.path] = claim.id, claim.sign
                given.add(claim.id)
        unknown = [each for path, each in self.parsed.items() if path not in successors and not each.identity.written]
        names = {name for each in unknown for name in _names(each.article)}
        before = self.snapshot.identities.removed_at(names)
        ids = {path: successors.get(path) or self._new_id(path, successors, before) for path in self.parsed}
        left = {path: self.holders.get(id_, set()) & self.lost - {path} for path, id_ in successors.items()}
        renamed = {
            path: Renamed(path=path, before=min(left[path]), slug=self.briefs[successors[path]].slug)
            for path, sign in signs.items()
            if sign in RENAMED and path in self.parsed and left[path]
            # The article has lost its slug.
            if self.briefs[successors[path]].slug not in _names(self.parsed[path].article)
        }
        readdressed = frozenset(
            id_
            for path, id_ in successors.items()
            if path in self.parsed and self.parsed[path].article.slug != self.briefs[id_].slug
        )
        settled = [with_published_id(each, ids.get(each.record.path)) for each in self.outcomes]
        for at, outcome in enumerate(settled):
            path, record = outcome.record.path, outcome.record
            if path in self.broken:
                # The file keeps the article that it was recognised as, whose last good version stays published.
                kept = None if record.id in given else record.id
                settled[at] = replace(outcome, record=replace(record, id=successors.get(path, kept)))
        return Identified(
            outcomes=settled,
            successors=successors,
            renamed=renamed,
            readdressed=readdressed,
            left=left,
            contemporaries=self.matches.contemporaries,
        )

    def _claim_by_text(self, sign: Sign, path: str, id_: str) -> Claim:
        file = self.parsed[path].article if path in self.parsed else self.broken[path]
        moment = file.published.isoformat() if file.published else ""
        return Claim(sign, file.slug != self.briefs[id_].slug, is_copy_name(path), moment, path, id_)

    def _claims_of_broken(self, path: str) -> Iterator[Claim]:
        partial, own = self.broken[path], self.own.get(path)
        moment = partial.published.isoformat() if partial.published else ""
        others = [id_ for id_ in self.matches.near.get(path, ()) if id_ != own]
        is_other = bool(others) and own is not None and not has_head(partial, self.briefs[own])
        if own is not None:
            yield Claim(Sign.GIVEN_UP if is_other else Sign.SAME_FILE, False, False, moment, path, own)
        for id_ in others if own is None or is_other else ():
            yield self._claim_by_text(Sign.NEAR_TEXT, path, id_)
        if own is not None:
            return
        # The articles whose files are missing: the unreadable file may be any of them.
        ids = sorted(id_ for id_ in self.briefs if (paths := self.holders.get(id_)) and paths <= self.lost)
        named = [id_ for id_ in ids if partial.id == id_ or self.briefs[id_].slug == partial.slug]
        some = list(dict.fromkeys((*named, *ids)))[: MAX_COMPARED * 4]
        bodies = self.snapshot.identities.texts(some)
        for id_ in some:
            if may_be(partial, self.briefs[id_], bodies[id_]):
                yield self._claim_by_text(Sign.BROKEN, path, id_)

    def _claims(self, path: str) -> Iterator[Claim]:
        article, written = self.parsed[path].article, self.parsed[path].identity.written
        own = self.own.get(path)
        moment = article.published.isoformat()
        # The id of another article contradicts what is published, unless the file has the content of that article.
        is_other = written in self.briefs and written != own and path not in self.with_id_of_another
        if own is not None:
            if is_other:
                sign = Sign.GIVEN_UP
            elif written == own or path in self.with_same_content or path in self.with_id_of_another:
                sign = Sign.SAME_FILE
            else:
                sign = Sign.REWRITTEN
            yield Claim(sign, False, False, moment, path, own)
        if is_other:
            yield Claim(Sign.WRITTEN, False, False, moment, path, str(written))
        for id_ in self.matches.same.get(path, ()):
            yield self._claim_by_text(Sign.SAME_TEXT, path, id_)
        for id_ in self.matches.near.get(path, ()):
            yield self._claim_by_text(Sign.NEAR_TEXT, path, id_)
        # A file with a new id in front matter is another article, even if a removed one had its slug. A file that
        # names an alias is the same article, unless it was set aside because of that alias.
        if written is None and article.slug in self.by_name:
            yield Claim(Sign.SLUG, False, False, moment, path, self.by_name[article.slug])
        if written is None or (written not in self.briefs and path not in self.known):
            for alias in _names(article)[1:]:
                if alias in self.by_name:
                    yield Claim(Sign.ALIAS, False, False, moment, path, self.by_name[alias])

    def _is_free(self, claim: Claim) -> bool:
        """Return whether no other file keeps the article of the claim.

        A file that was set aside gets the article of a missing file only when that file counts as deleted, since it may
        be written back soon. A file with the same text was moved and does not wait.
        """
        holders = self.holders.get(claim.id, set()) - {claim.path}
        if claim.path in self.originals:
            # A copy by its name is still the file of a published article if that file was moved.
            if self.originals[claim.path] in holders:
                return False
            has_moved = any(file_name(each) == file_name(claim.path) for each in holders & self.lost)
            if claim.sign not in (Sign.WRITTEN, *RENAMED) and not has_moved:
                return False
        others = holders - self.rewritten
        record = self.known.get(claim.path)
        was_set_aside = record is not None and record.retry and record.id is None
        return others <= (self.gone if was_set_aside and claim.sign not in RENAMED else self.lost)

    def _new_id(self, path: str, successors: Mapping[str, str], before: Mapping[str, str]) -> str:
        """Return the id of a file that continues no article: in front matter, of a removed article, or the default.

        A default id that another article has, whose address this file takes over, gets a number at its end.
        """
        parsed = self.parsed[path]
        trace = self.traces.get(path)
        if trace and is_unchanged_copy(replace(trace, id=parsed.identity.written or trace.id), parsed):
            return trace.id
        if parsed.identity.written:
            return parsed.identity.written
        names = _names(parsed.article)
        returning = next((before[name] for name in names if name in before), None)
        if returning is not None:
            return returning
        default = parsed.identity.default
        if default not in self.briefs:
            return default
        successor = next((each for each, given in successors.items() if given == default), None)
        if successor in self.parsed:
            has_its_name = not set(names).isdisjoint(_names(self.parsed[successor].article))
        else:
            has_its_name = any(self.by_name.get(name) == default for name in names)
        if has_its_name:
            return default
        number = 2
        while self.snapshot.identities.is_used(f"{default}{_NUMBERED}{number}"):
            number += 1
        return f"{default}{_NUMBERED}{number}"


# A slug contains no ";", so the numbered id is not the default of another article. RFC 4151 allows ";" in a tag URI.
_NUMBERED: Final = ";"


def _broken(outcomes: Iterable[Outcome], known: Mapping[str, FileRecord]) -> dict[str, PartialArticle]:
    """Return the readable parts of unreadable files, by path, without the files that a marker withdraws."""
    published = {path: record.id for path, record in known.items()}
    return {
        each.record.path: each.partial
        for each in outcomes
        if each.partial and not each.is_withdrawn and each.record.id == published.get(each.record.path)
    }


def _names(article: Article) -> tuple[str, ...]:
    """Return the names by which an article is recognised: its slug, its aliases, and the slugs at their ends."""
    ends = (end for alias in article.aliases if (end := last_segment(alias)) is not None)
    return tuple(dict.fromkeys((article.slug, *article.aliases, *ends)))
