"""Which feeds there are, and what a URL's name for one means."""

import pytest

from feedsvc.errors import UnknownResource
from feedsvc.feeds.slices import slice_named, slices
from feedsvc.model import Slice
from tests.feeds.cases import SITE


def test_all_comes_first_then_the_topics_in_the_order_of_site_toml() -> None:
    assert list(slices(SITE)) == [Slice(), Slice("chips"), Slice("cloud")]


@pytest.mark.parametrize("slice_", list(slices(SITE)), ids=lambda slice_: slice_.name)
def test_every_slice_is_found_by_its_name(slice_: Slice) -> None:
    assert slice_named(slice_.name, SITE) == slice_


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("chip", "unknown topic 'chip' (did you mean 'chips'?)"),
        ("al", "unknown topic 'al' (did you mean 'all'?)"),
        ("x", "unknown topic 'x' (known: all, chips, cloud)"),
        ("", "unknown topic '' (known: all, chips, cloud)"),
        ("CHIPS", "unknown topic 'CHIPS' (known: all, chips, cloud)"),
    ],
)
def test_an_unknown_name_is_answered_with_those_that_exist(name: str, message: str) -> None:
    with pytest.raises(UnknownResource) as caught:
        slice_named(name, SITE)
    assert str(caught.value) == message
