"""Find new articles that look like ones whose files are missing: they were renamed and edited in one step, probably.

They are too different for `identity` to continue the article by itself, so the report says it to the editor.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Final

from feedsvc.articles.identity import written_text
from feedsvc.errors import printable
from feedsvc.slices.search_terms import body_text
from feedsvc.store import Snapshot
from feedsvc.sync.folder.scope import Scope
from feedsvc.sync.reading import Outcome
from feedsvc.sync.recognition.similarity import comparable, similarity
from feedsvc.sync.spool import content_of

# Of missing files, and of new ones. More of them at a time are no rename by hand.
_MAX_FILES: Final = 20
_MIN_SIMILARITY: Final = 0.5
# Shorter texts are alike by chance. In characters without white space.
_MIN_TEXT: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class LooksRenamed:
    """The new file at `path` looks like the missing one at `before`; `cure` says what to add."""

    path: str
    before: str
    cure: str

    def line(self) -> str:
        """Return the line of the report."""
        return (
            f"looks renamed: {printable(self.before)} -> {printable(self.path)} "
            f"(add {printable(self.cure)} there, so that the old address leads to it)"
        )


def find_lookalikes(
    snapshot: Snapshot, scope: Scope, settled: Iterable[Outcome], moved: Set[str]
) -> tuple[LooksRenamed, ...]:
    """Return the new articles of a sync that look like articles whose files are missing, and not `moved`.

    `snapshot` is the store before the sync, which still has both kinds of missing files: the deleted ones, and those
    that may come back.
    """
    missing = {path: id_ for path in scope.missing - moved if (id_ := scope.known[path].id)}
    public = [each for each in settled if each.public] if missing else []
    if not public:
        return ()
    publishers = snapshot.files.publishers(set(missing.values()))
    lost = sorted(path for path, id_ in missing.items() if publishers.get(id_, set()) <= scope.missing)[:_MAX_FILES]
    known = snapshot.claims.existing({each.public.article.id for each in public if each.public})
    added = [each for each in public if each.public and each.public.article.id not in known][:_MAX_FILES]
    briefs = snapshot.identities.briefs({missing[path] for path in lost}) if added else {}
    texts = {id_: comparable(text) for id_, text in snapshot.identities.texts(briefs).items()}
    found: dict[str, LooksRenamed] = {}
    for outcome in added:
        assert outcome.parsed is not None
        article = outcome.parsed.article
        text = comparable(body_text(content_of(article)))
        scores = {
            path: (
                briefs[id_].title == article.title,
                similarity(texts[id_], text) if min(len(texts[id_]), len(text)) >= _MIN_TEXT else 0.0,
            )
            for path in lost
            if (id_ := missing[path]) in briefs and path not in found and briefs[id_].slug not in article.aliases
        }
        before = max(scores, key=lambda path: scores[path], default=None)
        if before is not None and (scores[before][0] or scores[before][1] >= _MIN_SIMILARITY):
            slug = briefs[missing[before]].slug
            name = written_text(slug, is_toml=outcome.parsed.identity.is_toml)
            field = f"aliases = [{name}]" if outcome.parsed.identity.is_toml else f"aliases: [{name}]"
            cure = f"{slug} to aliases" if article.aliases else field
            found[before] = LooksRenamed(path=outcome.record.path, before=before, cure=cure)
    return tuple(found[path] for path in sorted(found))
