"""Give each picture of a saved page the address that a script, `<picture>` or `<noscript>` has for it. Pure."""

from collections.abc import Callable, Iterator
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.articles.html.policy import candidates

# A script loads the picture from these addresses when it is scrolled into view.
_LATER: Final = ("data-src", "data-original", "data-lazy-src", "data-actualsrc")
_LATER_SETS: Final = ("data-srcset", "data-lazy-srcset", "srcset")
# What counts a reader is 1 pixel wide or high.
_OF_COUNTERS: Final = ("0", "1")


def show_pictures(page: LexborHTMLParser, address_of: Callable[[str], str | None]) -> None:
    """Set `src` of pictures that have none, or a placeholder; take those out of `<noscript>` that are nowhere else.

    `address_of` gives the stand-in for the file that was saved beside the page. Its other sizes were not.
    """
    for image in page.css("img[src]"):
        if address := address_of(image.attributes["src"] or ""):
            image.attrs["src"] = address
            for name in (*_LATER, *_LATER_SETS):
                if name in image.attributes:
                    del image.attrs[name]
    for image in page.css("img"):
        if not _has_address(image) and (address := next(_addresses(image), None)):
            image.attrs["src"] = address
    for fallback in page.css("noscript"):
        inner = fallback.css_first("img[src]")
        if inner is None or {inner.attributes.get("width"), inner.attributes.get("height")} & {*_OF_COUNTERS}:
            continue
        neighbours = [each for each in (_neighbour(fallback, -1), _neighbour(fallback, 1)) if each is not None]
        # `css` finds the element itself, too.
        beside = [image for each in neighbours for image in each.css("img")]
        if not beside:
            fallback.unwrap()
        elif not any(map(_has_address, beside)):
            beside[0].attrs["src"] = inner.attributes["src"] or ""


def _has_address(image: LexborNode) -> bool:
    """Whether a picture has an address of its own: a relative one may be a placeholder if there is another."""
    source = image.attributes.get("src") or ""
    has_other = source.startswith("data:") or any(image.attributes.get(name) for name in (*_LATER, *_LATER_SETS))
    return source.startswith(("http:", "https:", "//")) or bool(source and not has_other)


def _addresses(image: LexborNode) -> Iterator[str]:
    yield from filter(None, (image.attributes.get(name) for name in _LATER))
    sets = [image.attributes.get(name) or "" for name in _LATER_SETS]
    parent = image.parent
    if parent is not None and parent.tag == "picture":
        # The sources before the image are for browsers that know their format; the image itself is for all.
        sets += [each.attributes.get(name) or "" for each in parent.css("source") for name in _LATER_SETS]
    for each in sets:
        if found := list(candidates(each)):
            yield max(found, key=lambda candidate: float(candidate[1].rstrip("wx") or 1))[0]


def _neighbour(node: LexborNode, step: int) -> LexborNode | None:
    """Return the element before or behind a node, if only white space is between them."""
    sibling = node.prev if step < 0 else node.next
    while sibling is not None and sibling.tag == "-text" and not (sibling.text(deep=False) or "").strip():
        sibling = sibling.prev if step < 0 else sibling.next
    is_picture = sibling is not None and sibling.is_element_node and sibling.tag != "noscript"
    return sibling if is_picture else None
