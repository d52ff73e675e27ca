"""The documents of a slice: the current feed, its changes after a cursor, and its archives."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from feedsvc.documents.cache_control import ARCHIVE_MAX_AGE, cache_control
from feedsvc.documents.context import RenderContext
from feedsvc.documents.document import Rendered
from feedsvc.errors import BadParameter, UnknownResource
from feedsvc.feeds.feed import Chain, Changes, Feed, Tombstone, assemble
from feedsvc.feeds.format import Format
from feedsvc.feeds.formats import format_named, format_of_changes
from feedsvc.model import Site
from feedsvc.slices.cursor import Cursor
from feedsvc.slices.grammar import AFTER, check_topics, query, slice_named
from feedsvc.slices.period import Period, period_named
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot
from feedsvc.store.facets import made_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRequest:
    """What a feed's address asks for, before it is known whether that exists. `name` is the path's."""

    name: str
    suffix: str
    slice: Slice

    def check(self, snapshot: Snapshot, site: Site) -> Format:
        """The format, when all that is asked for exists. Raises UnknownResource, BadParameter, UnknownFacet."""
        check_slice(snapshot, site, self.name, self.slice)
        return format_named(self.suffix)


def check_slice(snapshot: Snapshot, site: Site, name: str, slice_: Slice) -> None:
    """Raise for what an address asks for that does not exist; `name` is the one in its path.

    Raises UnknownResource for the name, RenamedTopic, GoneTopic, BadParameter for a topic of the query, and
    UnknownFacet for a tag, an author or a language.
    """
    slice_named(name, site)
    check_topics(slice_, site)
    snapshot.slices.check(slice_)


def render_feed(snapshot: Snapshot, asked_for: FeedRequest, context: RenderContext) -> Rendered:
    """Return the current document of a slice. Raises UnknownResource, BadParameter, SearchTooSlow, StoreError."""
    site, slice_ = snapshot.site(), asked_for.slice
    format_ = asked_for.check(snapshot, site)
    made, modified = snapshot.once(("feed", slice_), lambda: _current_feed(snapshot, slice_))
    body = format_.render(made, context.entries)
    return replace(_document(site, made, format_, body, modified), made_of=made_of(slice_))


def _current_feed(snapshot: Snapshot, slice_: Slice) -> tuple[Feed, datetime]:
    """Return the current feed of a slice, and when the slice changed last."""
    site = snapshot.site()
    articles = snapshot.archives.current(slice_)
    modified = snapshot.slices.last_change(slice_)
    running = snapshot.archives.running()
    # The past goes on from the current feed, but not from one that is cut off at a number of articles.
    previous = snapshot.archives.neighbours(slice_, running)[0] if running and slice_.limit is None else None
    made = assemble(
        site,
        slice_,
        articles,
        # A search's own last change: that of what it was searched in moves with articles it does not find.
        updated=snapshot.slices.last_change_of_any(articles) if slice_.terms else modified,
        tombstones=[Tombstone(id=id_, at=at) for id_, at in snapshot.slices.tombstones(slice_)],
        translations=snapshot.translations.of(articles),
        chain=Chain(previous=_label(previous)),
        cursor=None if slice_.terms else str(snapshot.changes.cursor(slice_)),
    )
    return made, modified


def render_changes(snapshot: Snapshot, asked_for: FeedRequest, after: Cursor, context: RenderContext) -> Rendered:
    """Return what changed in a slice after a cursor. Raises as `render_feed`, BadParameter for a foreign cursor."""
    site, slice_ = snapshot.site(), asked_for.slice
    format_ = asked_for.check(snapshot, site)
    if not snapshot.changes.is_known(after):
        current = site.addresses.feed(slice_.name, format_.suffix, query(slice_))
        raise BadParameter(f"parameter {AFTER!r}: this store never gave {str(after)!r} (start again at {current})")
    limit = slice_.limit or site.feed_size
    changes = snapshot.changes.after(slice_, after.seq, limit + 1)
    shown, more = changes[:limit], len(changes) > limit
    articles = [each.article for each in shown if each.article is not None]
    own = snapshot.changes.cursor(slice_)
    modified = snapshot.slices.last_change(slice_)
    made = assemble(
        site,
        slice_,
        articles,
        updated=modified,
        translations=snapshot.translations.of(articles),
        cursor=str(snapshot.changes.cursor_at(shown[-1].seq) if more else own),
        changes=Changes(
            after=str(after),
            gone=tuple(Tombstone(id=each.id, at=each.at) for each in shown if each.article is None),
            more=more,
        ),
    )
    body = format_.render(made, context.entries)
    return replace(_document(site, made, format_, body, modified), made_of=made_of(slice_))


def _document(site: Site, made: Feed, format_: Format, body: bytes, modified: datetime) -> Rendered:
    rendered = _rendered(site, body, format_.media_type, modified)
    url = made.next_changes(format_of_changes(format_).suffix)
    # The cursor first, as in version 0.1: a script may take the first one.
    links = [(url, made.addresses.cursor)] if url else []
    # WebSub §4: 'at least one Link Header with rel=hub … as well as exactly one Link Header with rel=self'.
    links += [(hub, "hub") for hub in made.hubs]
    links += [(made.self_url(format_.suffix), "self")] if made.hubs else []
    link = {"Link": ", ".join(f'<{target}>; rel="{relation}"' for target, relation in links)} if links else {}
    return replace(rendered, headers={**rendered.headers, **link})


def render_archive(snapshot: Snapshot, asked_for: FeedRequest, label: str, context: RenderContext) -> Rendered:
    """Return the archive of a closed period (RFC 5005 §4). Raises as `render_feed`, UnknownResource for the period."""
    site, slice_ = snapshot.site(), asked_for.slice
    format_ = asked_for.check(snapshot, site)
    period, running = period_named(label, site), snapshot.archives.running()
    if slice_.limit is not None:
        raise BadParameter("parameter 'limit': an archive is whole (leave it away)")
    if running is None or period.start >= running.start:
        current = site.addresses.feed(asked_for.name, asked_for.suffix)
        raise UnknownResource(f"the period {period.label} is not closed yet (its articles are in {current})")

    def make() -> tuple[Feed, datetime]:
        articles = snapshot.archives.archive(slice_, period)
        previous, following = snapshot.archives.neighbours(slice_, period)
        updated = snapshot.archives.last_change_within(slice_, period.start, period.end)
        made = assemble(
            site,
            slice_,
            articles,
            updated=snapshot.slices.last_change_of_any(articles) if slice_.terms else updated,
            translations=snapshot.translations.of(articles),
            chain=Chain(own=label, previous=_label(previous), following=_label(following)),
        )
        # Its links change with the periods around it, so its date does.
        start = previous.start if previous else datetime(1, 1, 1, tzinfo=UTC)
        end = following.end if following else datetime(9999, 1, 1, tzinfo=UTC)
        return made, max(updated, snapshot.archives.last_change_within(slice_, start, end))

    # An export renders its formats one after another.
    made, modified = snapshot.once_in_a_row(("archive", slice_, label), make)
    rendered = _rendered(site, format_.render(made, context.entries), format_.media_type, modified, ARCHIVE_MAX_AGE)
    return replace(rendered, made_of=made_of(slice_))


def _label(period: Period | None) -> str | None:
    return period.label if period else None


def _rendered(
    site: Site, body: bytes, media_type: str, last_modified: datetime, max_age: int | None = None
) -> Rendered:
    return Rendered(
        media_type=f"{media_type}; charset=utf-8",
        body=body,
        headers={"Cache-Control": cache_control(site.cache, max_age)},
        last_modified=last_modified,
    )
