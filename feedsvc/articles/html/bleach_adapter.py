"""The adapter for bleach: a cleaner with a tree walker that takes linear time. Pure.

html5lib looks for an element among all its siblings whenever the walk comes back up to it, which is quadratic where
many siblings have children. `LinearWalker` remembers its place on the way down. It replaces `Cleaner.walker`, which
bleach does not document, and the class comes from the copy of html5lib inside bleach: hence the upper bound in
pyproject.toml.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bleach.html5lib_shim import getTreeWalker
from bleach.sanitizer import Cleaner as BleachCleaner


class LinearWalker(getTreeWalker("etree")):  # type: ignore[misc]
    """Yields the same tokens. A node is the root or (element, index, ancestors, "text", "tail" or None)."""

    def __init__(self, tree: Any) -> None:
        super().__init__(tree)
        self._places: dict[Any, int] = {}

    def getFirstChild(self, node: Any) -> Any:
        """Return what html5lib returns, and note its place."""
        return self._noted(super().getFirstChild(node))

    def getNextSibling(self, node: Any) -> Any:
        """Return what html5lib returns, and note its place."""
        return self._noted(super().getNextSibling(node))

    def getParentNode(self, node: Any) -> Any:
        """Return what html5lib returns, without its search for the place of the parent."""
        _, _, ancestors, part = node
        if part == "text" or len(ancestors) == 1:
            return super().getParentNode(node)
        parent = ancestors.pop()
        return parent, self._places[parent], ancestors, None

    def _noted(self, node: Any) -> Any:
        if node is not None:
            self._places[node[0]] = node[1]
        return node


def bleach_cleaner(
    *, tags: Collection[str], attributes: Mapping[str, Sequence[str]], protocols: Collection[str]
) -> BleachCleaner:
    """Return a cleaner that keeps these elements, their attributes and URL schemes, and takes linear time."""
    made = BleachCleaner(
        tags=tags,
        attributes=attributes,
        protocols=protocols,
        strip=True,
        strip_comments=True,
    )
    made.walker = LinearWalker
    return made
