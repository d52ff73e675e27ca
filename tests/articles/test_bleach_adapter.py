"""bleach's tree is walked as html5lib walks it, without a look at all the siblings of each element."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock
from xml.etree.ElementTree import Element

import bleach
from bleach.html5lib_shim import getTreeWalker
from hypothesis import example, given

from feedsvc.articles.html import policy
from feedsvc.articles.html.bleach_adapter import LinearWalker
from feedsvc.articles.html.sanitize import _bleach
from tests.fuzz.inputs import HTML


class Watched(Element):
    """An element that counts how often all its children were looked at."""

    looks = 0

    def __iter__(self) -> Iterator[Any]:
        Watched.looks += 1
        return (self[place] for place in range(len(self)))


@given(HTML)
@example("")
@example("a")
@example("<p>a</p>")
@example("<ul><li>a<b>b</b>c</li>d<li><i></i></li></ul>e<p><b>f</b></p>")
def test_the_walk_is_the_one_of_html5lib(html: str) -> None:
    tree = bleach.Cleaner(tags=policy.ELEMENTS).parser.parseFragment(html)
    assert list(LinearWalker(tree)) == list(getTreeWalker("etree")(tree))


def test_no_element_is_looked_for_among_its_siblings() -> None:
    Watched.looks = 0
    root = Watched("DOCUMENT_FRAGMENT")
    for _ in range(100):
        child = Watched("p")
        child.append(Watched("b"))
        root.append(child)
    list(getTreeWalker("etree")(root))
    assert Watched.looks == 200
    assert len(list(LinearWalker(root))) == 400
    assert Watched.looks == 200


def test_bleach_is_given_that_walk() -> None:
    assert _bleach(()).walker is LinearWalker


def test_what_the_adapter_takes_of_bleach_is_there() -> None:
    """It replaces the walker of a cleaner, which is called with the tree, and overrides three methods of html5lib's."""
    made, original = bleach.Cleaner(), getTreeWalker("etree")
    assert made.walker.__mro__[1] is original.__mro__[1]
    for name in ("getFirstChild", "getNextSibling", "getParentNode"):
        assert name in vars(original)
    made.walker = Mock(wraps=original)
    assert made.clean("<b>a</b>") == "<b>a</b>"
    made.walker.assert_called_once()
    root = made.parser.parseFragment("a<b>b</b>")
    assert original(root).getFirstChild((root, None, [], None)) == (root, None, [], "text")
