"""Find published articles with the content of a file. Only the texts of possible matches are read from the store."""

from collections.abc import Mapping
from dataclasses import dataclass

from feedsvc.articles.partial_article import PartialArticle
from feedsvc.model import Article
from feedsvc.store.snapshot.identities import Brief, Identities
from feedsvc.sync.recognition.likeness import has_text, is_near, is_same, likeness
from feedsvc.sync.recognition.versions import MAX_COMPARED


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """By path: the ids of the articles with the head and the text of a file, and of those with a similar text.

    `briefs` has these articles, `contemporaries` all articles with the date of publication of one of the files, by id.
    """

    same: Mapping[str, list[str]]
    near: Mapping[str, list[str]]
    briefs: Mapping[str, Brief]
    contemporaries: Mapping[str, Brief]


def find_matches(identities: Identities, files: Mapping[str, Article | PartialArticle]) -> Matches:
    """Find the articles that have the title, the date of publication and the text of a file."""
    contemporaries = identities.briefs_at({each.published for each in files.values() if each.published})
    by_head: dict[object, list[str]] = {}
    for brief in sorted(contemporaries.values(), key=lambda each: each.id):
        by_head.setdefault((brief.title, brief.published), []).append(brief.id)
    pairs = {path: ids for path, each in files.items() if (ids := by_head.get((each.title, each.published)))}
    briefs = {id_: contemporaries[id_] for ids in pairs.values() for id_ in ids}
    bodies = identities.texts(briefs)
    same: dict[str, list[str]] = {}
    near: dict[str, list[str]] = {}
    for path, ids in pairs.items():
        file = files[path]
        if isinstance(file, Article):
            same[path] = [id_ for id_ in ids if is_same(file, briefs[id_], bodies[id_])]
        others = [id_ for id_ in ids if id_ not in same.get(path, ())][:MAX_COMPARED]
        near[path] = [id_ for id_ in others if is_near(file, briefs[id_], bodies[id_])]
    return Matches(same=same, near=near, briefs=briefs, contemporaries=contemporaries)


def with_same_content(
    identities: Identities, articles: Mapping[str, Article], own: Mapping[str, str], briefs: Mapping[str, Brief]
) -> set[str]:
    """Return the files that still have the title or the text of the article that they published (`own`, by path)."""
    titled = {path for path, id_ in own.items() if briefs[id_].title == articles[path].title}
    others = {path: id_ for path, id_ in own.items() if path not in titled}
    bodies = identities.texts(others.values())
    return titled | {path for path, id_ in others.items() if has_text(articles[path], bodies[id_])}


def with_id_of_another(
    identities: Identities,
    articles: Mapping[str, Article],
    own: Mapping[str, str],
    written: Mapping[str, str],
    briefs: Mapping[str, Brief],
) -> set[str]:
    """Return the files that write the id of another article but are not more similar to it than to their own article.

    A person who swaps or moves files moves their texts also. An id alone is not applied, even if the file of the other
    article is deleted in the same sync.
    """
    others = {path: (own[path], id_) for path, id_ in written.items() if id_ != own[path]}
    bodies = identities.texts({id_ for ids in others.values() for id_ in ids})

    def like(path: str, id_: str) -> int:
        return likeness(articles[path], briefs[id_], bodies[id_])

    return {path for path, (before, other) in others.items() if like(path, before) >= like(path, other)}
