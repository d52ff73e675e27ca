"""Surrogate keys and the document cache agree on what a commit outdated."""

import string
from collections.abc import Set

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.store import Touched, Version
from feedsvc.store.facets import Facet
from feedsvc.store.snapshot.surrogate_keys import ALL, MAX_KEYS, SITE, keys_of, keys_touched
from tests.conftest import Publication

FACETS = st.tuples(st.sampled_from(("all", "topic", "tag", "author", "lang", "id")), st.text(max_size=3))
MADE_OF = st.none() | st.frozensets(FACETS, max_size=MAX_KEYS + 3)


@given(MADE_OF, st.builds(Touched, everything=st.booleans(), facets=st.frozensets(FACETS, max_size=9)))
def test_a_response_is_purged_where_the_cache_renders_its_document_again(
    made_of: Set[Facet] | None, touched: Touched
) -> None:
    is_purged = not keys_touched(touched).isdisjoint(keys_of(made_of))
    # What has very many facets is purged by every commit.
    assert is_purged == (touched.includes(made_of) or len(made_of or ()) >= MAX_KEYS)


@given(MADE_OF)
def test_keys_are_few_and_short_and_every_cdn_takes_them(made_of: Set[Facet] | None) -> None:
    found = keys_of(made_of)
    assert len(found) <= MAX_KEYS
    assert all(len(each) <= 10 and set(each) <= {*string.ascii_lowercase, *string.digits} for each in found)


def test_keys_never_change() -> None:
    """Responses of an earlier version of feedsvc are still in the CDN."""
    assert keys_of({("topic", "晶片")}) == (SITE, "uvx36teisa")
    assert keys_of(frozenset()) == (SITE,)
    assert keys_of(None) == (ALL,)


@pytest.mark.usefixtures("old_files")
def test_a_version_that_the_store_does_not_know_purges_everything(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    with publication.store.read() as snapshot:
        now = snapshot.version()
        assert snapshot.surrogate_keys_since(now) == frozenset()
        for unknown in (None, now._replace(epoch="other"), now._replace(commit=now.commit + 1), Version("", 0, 0)):
            assert snapshot.surrogate_keys_since(unknown) == {ALL, SITE}
    publication.write(
        "site.toml",
        (publication.settings.content / "site.toml")
        .read_text()
        .replace("[topics.chips]", 'redirects = { "/a" = "/feeds.opml" }\n\n[topics.chips]', 1),
    )
    publication.sync()
    with publication.store.read() as snapshot:
        # No document shows a redirect, but an address answers differently.
        assert snapshot.version().seq == now.seq
        assert snapshot.surrogate_keys_since(now) == {ALL}
