"""Articles in other languages: the groups that `translation_of` makes."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, Select, bindparam, func, or_, select

from feedsvc.model import Article
from feedsvc.store.schema import addresses, articles
from feedsvc.store.session import Session
from feedsvc.store.snapshot.queries import SliceQueries

MAX_TRANSLATIONS: Final = 50


def _first_of_groups() -> Select[Any]:
    """Select the ids of the first articles of each group of translations, by the slugs of its original."""
    slugs: BindParameter[Any] = bindparam("slugs", expanding=True)
    # The first articles of each slug include those of the group. One more, since an article is no translation of
    # itself.
    place = func.row_number().over(
        partition_by=func.coalesce(articles.c.translation_of, articles.c.slug),
        order_by=(articles.c.language, articles.c.id),
    )
    is_mate = or_(articles.c.slug.in_(slugs), articles.c.translation_of.in_(slugs))
    ranked = select(articles.c.id, place.label("place")).where(articles.c.live, is_mate).subquery("ranked")
    return select(ranked.c.id).where(ranked.c.place <= MAX_TRANSLATIONS + 1)


_ONE_OF_ANY: Final = select(articles.c.id).where(articles.c.translation_of > "").limit(1)
_FIRST_OF_GROUPS: Final = _first_of_groups()
_IDS_AT: Final = select(addresses).where(addresses.c.slug.in_(bindparam("slugs", expanding=True)))
_ADDRESSES: Final = select(addresses).where(addresses.c.id.in_(bindparam("ids", expanding=True)))


class Translations:
    """The translations of articles."""

    def __init__(self, session: Session, queries: SliceQueries) -> None:
        self._connection = session.connection
        self._queries = queries
        self._is_any: bool | None = None

    def of(self, some: Sequence[Article]) -> dict[str, list[Article]]:
        """Return the live articles in other languages for each article that has them, by its id.

        The first MAX_TRANSLATIONS by language and id.
        """
        # Most publications have none.
        if self._is_any is None:
            self._is_any = self._connection.scalar(_ONE_OF_ANY) is not None
        if not self._is_any:
            return {}
        keys = self.slugs_of_originals(some)
        wanted = list({slug for slugs in keys.values() for slug in slugs})
        ids = self._connection.scalars(_FIRST_OF_GROUPS, {"slugs": wanted}).all()
        at_hand = {each.id: each for each in some}
        found = [at_hand[id_] for id_ in ids if id_ in at_hand]
        found += self._queries.with_ids([id_ for id_ in ids if id_ not in at_hand])
        named: dict[str | None, list[Article]] = {}
        for each in found:
            named.setdefault(each.slug, []).append(each)
            if each.translation_of is not None:
                named.setdefault(each.translation_of, []).append(each)
        translations: dict[str, list[Article]] = {}
        for id_, slugs in keys.items():
            # Most articles have no translation: they are alone in their group.
            group = {each.id: each for slug in slugs for each in named.get(slug, ())}
            group.pop(id_, None)
            if group:
                others = sorted(group.values(), key=lambda each: (each.language, each.id))
                translations[id_] = others[:MAX_TRANSLATIONS]
        return translations

    def groups(self) -> dict[str, list[tuple[str, str]]]:
        """Return (slug, language) of each live article of a group of translations, by the slug of each of them.

        Groups are sorted by language and slug.
        """
        original = articles.alias()
        pairs = (
            select(original.c.slug.label("first"), original.c.language.label("spoken"), articles.c.slug)
            .add_columns(articles.c.language)
            .join_from(articles, addresses, addresses.c.slug == articles.c.translation_of)
            .join(original, original.c.id == addresses.c.id)
            # With IS NOT NULL alone, SQLite would read every article instead of the index.
            .where(articles.c.translation_of > "", articles.c.live, original.c.live)
        )
        named: dict[str, set[tuple[str, str]]] = {}
        for row in self._connection.execute(pairs):
            named.setdefault(row.first, {(row.spoken, row.first)}).add((row.language, row.slug))
        found = {}
        for group in named.values():
            members = [(slug, language) for language, slug in sorted(group)][: MAX_TRANSLATIONS + 1]
            found.update({slug: members for slug, _ in members})
        return found

    def slugs_of_originals(self, of: Sequence[Article]) -> dict[str, set[str]]:
        """Return, for each article, every present and former slug of the original of its translations."""
        named = list({each.translation_of for each in of if each.translation_of})
        rows = self._connection.execute(_IDS_AT, {"slugs": named}) if named else ()
        originals = {row.slug: row.id for row in rows}
        keys: dict[str, set[str]] = {}
        for each in of:
            keys[each.id] = {each.translation_of} if each.translation_of else {each.slug, *each.aliases}
        ids = {each.id: originals.get(each.translation_of) if each.translation_of else each.id for each in of}
        slugs: dict[str | None, set[str]] = {}
        known = self._connection.execute(_ADDRESSES, {"ids": list(set(ids.values()) - {None})})
        for row in known:
            slugs.setdefault(row.id, set()).add(row.slug)
        return {id_: {*keys[id_], *slugs.get(original, ())} for id_, original in ids.items()}
