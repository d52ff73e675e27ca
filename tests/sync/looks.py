"""How tests look at a publication: through its pages and feeds."""

from dataclasses import dataclass

import feedparser

from feedsvc.store.schema import article_facets, article_media, articles, media
from tests.conftest import Publication


@dataclass(frozen=True)
class Validators:
    """What a poller keeps of an answer."""

    etag: str
    last_modified: str


def validators(publication: Publication, slice_: str = "all", suffix: str = "atom") -> Validators:
    """The validators of a feed."""
    answer = publication.client().get(f"/feeds/{slice_}.{suffix}")
    assert answer.status_code == 200
    return Validators(answer.headers["ETag"], answer.headers["Last-Modified"])


def all_validators(publication: Publication) -> dict[str, Validators]:
    """The validators of every feed, by slice and format."""
    slices = ["all", *(topic.name for topic in publication.site.topics)]
    return {
        f"{name}.{suffix}": validators(publication, name, suffix)
        for name in slices
        for suffix in ("atom", "rss", "json")
    }


def titles(publication: Publication, slice_: str = "all") -> list[str]:
    """The titles of a feed's entries, in their order."""
    return [entry.title for entry in feedparser.parse(feed(publication, slice_)).entries]


def feed(publication: Publication, slice_: str = "all", suffix: str = "atom") -> bytes:
    """A feed's bytes."""
    return bytes(publication.client().get(f"/feeds/{slice_}.{suffix}").data)


def status(publication: Publication, slug: str) -> int:
    """The status of an article's page."""
    return publication.client().get(f"/articles/{slug}").status_code


def tombstones(publication: Publication, slice_: str = "all") -> int:
    """How many tombstones a slice's Atom feed carries."""
    return feed(publication, slice_).count(b"<at:deleted-entry")


def rows(publication: Publication) -> dict[str, list[tuple[object, ...]]]:
    """Everything the store knows of articles, without its history."""
    tables = {"articles": articles, "facets": article_facets, "uses": article_media}
    with publication.store.read() as snapshot:
        found = {
            name: sorted(map(tuple, snapshot._session.connection.execute(table.select())))
            for name, table in tables.items()
        }
        names = snapshot._session.connection.execute(media.select().with_only_columns(media.c.name, media.c.digest))
        return found | {"media": sorted(map(tuple, names))}


def last_modified(publication: Publication, slice_: str = "all") -> str:
    """Last-Modified of a feed."""
    return validators(publication, slice_).last_modified


def now(publication: Publication) -> str:
    """The publication's clock as Last-Modified says it."""
    return publication.now.strftime("%a, %d %b %Y %H:%M:%S GMT")
