"""Whether a store holds the publication that site.toml describes: a sync never mixes two of them in one store."""

from pathlib import Path

from feedsvc.errors import OtherPublication
from feedsvc.model import Site
from feedsvc.store import Snapshot


def other_publication(snapshot: Snapshot, site: Site) -> str:
    """Return why the store cannot take in `site`, with what to do in each case; "" where it can.

    Two publications are told apart by `tag_authority`, of which ids are made. A store without articles takes any.
    """
    if not snapshot.has_articles():
        return ""
    former = snapshot.site()
    known = former.tag_authority
    if known == site.tag_authority and former.sample and not site.sample:
        return (
            f"tag_authority is still {known!r}, that of the sample publication, so nothing is written "
            '(write one of your own, tag_authority = "a domain of yours,2026", and run feedsvc sync '
            "--new-publication; for the sample itself write sample = true again)"
        )
    if known == site.tag_authority:
        return ""
    return (
        f"tag_authority is {site.tag_authority!r}, but the store publishes articles of {known!r}, so nothing is "
        "written (if this is another publication: feedsvc sync --new-publication begins a new store and keeps the old "
        f'one beside it; if only the domain changed: write tag_authority = "{known}" again and change base_url alone, '
        "since ids do not depend on the address, or run feedsvc sync --same-publication: published articles keep "
        "their ids, new ones get the new tag_authority)"
    )


def refuse_other(snapshot: Snapshot, site: Site, content: Path) -> None:
    """Raise OtherPublication if the store holds another publication than `site`, that of the folder `content`."""
    if why := other_publication(snapshot, site):
        raise OtherPublication(f"{content / 'site.toml'}: {why}")
