"""Rewrite HTML as people save it so that it reads well in every feed reader. Pure. `sanitize` makes it safe.

The body of a whole document is taken; frames become links to what they showed, video and audio become links and
enclosures, images one cannot see go, lazily loaded ones get their address back, code in a text from right to left keeps
its own direction.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from html import escape

from selectolax.lexbor import LexborNode

from feedsvc.articles.assets import file_name, guess_media_type
from feedsvc.articles.html.data_pictures import is_data_url
from feedsvc.articles.html.embeds import replace_embeds
from feedsvc.articles.html.forms import replace_controls
from feedsvc.articles.html.formulas import formula
from feedsvc.articles.html.headings import name_headings
from feedsvc.articles.html.hidden import drop_hidden
from feedsvc.articles.html.nodes import body_of, host_of, link_to, replace, replace_all, unwrap
from feedsvc.articles.html.policy import ATTRIBUTES, EMBED_ATTRIBUTES, allowed_embed_value, allowed_value, candidates
from feedsvc.articles.limits import check_depth, check_elements, check_enclosures, check_markup
from feedsvc.model import Enclosure
from feedsvc.text import plain
from feedsvc.urls import FETCH_SCHEMES, resolve

Place = Callable[[str], str | None]
_LAZY = ("data-src", "data-lazy-src", "data-original")
_TINY_STYLE = re.compile(r"(?:^|;)\s*(?:width|height)\s*:\s*[01](?:px)?\s*(?:;|$)|display\s*:\s*none", re.IGNORECASE)
# A player inside a player is part of the outer one. Markdown has one mark for what is shown, ![](clip.mp4) too.
_PLAYERS = ":is(video, audio, img):not(:is(video, audio) *)"
# A task list's, of Markdown or of a saved page: readers keep no form control.
_TASK = "li input[type=checkbox i]"
# Code runs from left to right, also inside text of the other direction. In feeds only an attribute can express this.
_CODE = "[dir=rtl i] :is(pre, code, kbd, samp):not([dir], :is(pre, code, kbd, samp) *)"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The HTML of a body, and the media files that it showed."""

    html: str
    enclosures: tuple[Enclosure, ...]


def rewrite(
    html: str, page: str, place: Place, embed_hosts: Collection[str] = (), link: Place | None = None
) -> Rewritten:
    """Return the rewritten body of `html` on the page at the URL `page`. Raises ArticleError past a structural limit.

    `place` gives the URL of a file that a reference means, or None where it means none. Frames of `embed_hosts` stay.
    `link` does the same for links in an article's text, whose headings then get ids; "" says that the link leads
    nowhere: its text stays.
    """
    check_markup(html)
    body = body_of(html)
    _check_tree(body)
    drop_hidden(body)
    replace_embeds(body, html, page)
    replace_controls(body)
    for math in reversed(body.css("math")):
        replace_all(math, formula(math))
    # The inner before the outer, so that a fallback inside a fallback is found.
    for node in reversed(body.css("applet, canvas, embed, map, meter, object, progress, slot")):
        _leave_fallback(node, page, place)
    names = _place_all(body, place, link)
    enclosures = _replace_players(body, page, names)
    for frame in body.css("iframe"):
        _check_frame(frame, page, embed_hosts)
    for image in body.css("img"):
        _complete_image(image, page)
    if link is not None:
        name_headings(body)
    for code in body.css(_CODE):
        code.attrs["dir"] = "ltr"
    for box in body.css(_TASK):
        parted = box.next is not None and (box.next.html or "").startswith((" ", "\n"))
        replace(box, ("\u2611" if "checked" in box.attributes else "\u2610") + ("" if parted else " "))
    for anchor in body.css("a"):
        attributes = anchor.attributes
        if allowed_value("a", "href", attributes.get("href") or "", page) is not None and "href" in attributes:
            continue
        # A link without a target becomes a span, or its content: sanitizers would write `rel` on it.
        kept = {name: value for name, value in attributes.items() if name in ATTRIBUTES["span"]}
        if kept:
            replace(anchor, f"<span{_written(kept)}>{anchor.inner_html or ''}</span>")
        else:
            unwrap(anchor)
    return Rewritten(body.inner_html or "", enclosures)


def _check_tree(body: LexborNode) -> None:
    """Raise ArticleError if `body` has too many elements or too deep ones. A tree may be too deep for recursion."""
    elements = deepest = 0
    node, depth = body.child, 1
    while node is not None:
        if node.is_element_node:
            elements, deepest = elements + 1, max(deepest, depth)
        if node.child is not None:
            node, depth = node.child, depth + 1
            continue
        while node.next is None and depth > 1:
            assert node.parent is not None
            node, depth = node.parent, depth - 1
        node = node.next
    check_elements(elements)
    check_depth(deepest)


def _place_all(body: LexborNode, place: Place, link: Place | None) -> dict[str, str]:
    """Give links and files of ours their URLs. Return the names that the files' author uses for them, by URL."""
    names: dict[str, str] = {}
    for node in body.css("a, audio, img, source, video"):
        attributes = node.attributes
        if node.tag == "a" and link is not None:
            href = attributes.get("href")
            if href is None:
                continue
            url = link(f"[[{href}]]" if "data-wikilink" in attributes else href)
            if url:
                node.attrs["href"] = url
            elif url is not None:
                del node.attrs["href"]
            continue
        source = attributes.get("src") or ""
        if is_data_url(source) and any(attributes.get(name) for name in ("srcset", *_LAZY)):
            # What is shown until the picture itself is loaded.
            del node.attrs["src"]
            attributes = {name: value for name, value in attributes.items() if name != "src"}
        for name in ("href", "src", "poster", *_LAZY):
            reference = attributes.get(name) or ""
            url = place(reference) if name in attributes else None
            if url is not None:
                node.attrs[name] = url
                if not is_data_url(reference):
                    names[url] = file_name(reference)
        srcset = attributes.get("srcset")
        if srcset:
            node.attrs["srcset"] = ", ".join(f"{place(url) or url} {size}".strip() for url, size in candidates(srcset))
    return names


def _leave_fallback(node: LexborNode, page: str, place: Place) -> None:
    """Replace an element that no reader shows by its content; if it is empty, by a link to what it would show."""
    if (node.text(deep=True) or "").strip() or node.css_first("a, audio, iframe, img, video"):
        unwrap(node)
        return
    written = node.attributes.get("src") or node.attributes.get("data") or ""
    url = (place(written) or resolve(written, page, FETCH_SCHEMES)) if written.strip() else None
    replace(node, link_to(url, node.attributes.get("title")))


def _written(attributes: Mapping[str, str | None]) -> str:
    """Return the attributes as they are written in a tag, each with a space in front."""
    return "".join(f' {name}="{escape(value or "")}"' for name, value in attributes.items())


def _source(node: LexborNode, page: str) -> str | None:
    for name in ("src", *_LAZY):
        written = node.attributes.get(name)
        if written and (url := resolve(written, page, FETCH_SCHEMES)):
            return url
    return None


def _check_frame(frame: LexborNode, page: str, embed_hosts: Collection[str]) -> None:
    """Replace a frame by a link to what it showed. A frame of an allowed host stays, with its source only."""
    source = _source(frame, page)
    if source is None or allowed_embed_value("src", source, page, embed_hosts) is None:
        replace(frame, link_to(source, plain(frame.attributes.get("title") or "") or host_of(source)))
        return
    kept = {name: value for name, value in frame.attributes.items() if name in EMBED_ATTRIBUTES} | {"src": source}
    replace(frame, f"<iframe{_written(kept)}></iframe>")


def _label(written: str | None, own_name: str | None) -> str | None:
    """Return the text of a link to what was shown: the words of its author about it, and the name of a file of ours."""
    text = plain(written or "")
    if not own_name or own_name in text:
        return text
    return f"{text} ({own_name})" if text else own_name


def _replace_players(body: LexborNode, page: str, names: Mapping[str, str]) -> tuple[Enclosure, ...]:
    """Replace video and audio by links, and return them as enclosures.

    So is a picture that is video or audio; a picture that is another file of ours, a PDF, becomes a link only.
    """
    enclosures: dict[str, Enclosure] = {}
    for node in body.css(_PLAYERS):
        if node.tag != "img":
            shown = _replace_player(node, page, names)
            enclosures.update({each.url: each for each in shown})
        elif url := _source(node, page):
            type_ = guess_media_type(url) or ""
            plays = type_.startswith(("audio/", "video/"))
            if plays or (type_ and url in names and not type_.startswith("image/")):
                replace(node, link_to(url, _label(node.attributes.get("alt"), names.get(url))))
            if plays:
                enclosures[url] = Enclosure(url=url, type=type_, title=names.get(url, ""))
        check_enclosures(len(enclosures))
    return tuple(enclosures.values())


def _replace_player(player: LexborNode, page: str, names: Mapping[str, str]) -> list[Enclosure]:
    sources = [
        (url, node.attributes.get("type"))
        for node in [player, *player.css("video, audio, source")]
        if (url := _source(node, page)) is not None
    ]
    if not sources:
        # Without an address there is nothing to play, and what stands inside is what a browser would show at most.
        for each in (*reversed(player.css("video, audio")), player):
            unwrap(each)
        return []
    poster = allowed_value("img", "src", player.attributes.get("poster") or "", page)
    inside = f'<img src="{escape(poster)}" alt="">' if poster else ""
    first = sources[0][0]
    replace(player, link_to(first, _label(player.attributes.get("title"), names.get(first)), inside))
    enclosures: list[Enclosure] = []
    for url, written in sources:
        # The media type as written, else by the file's suffix, else the commonest of its kind.
        type_ = (written or "").partition(";")[0].strip().lower()
        if not re.fullmatch(r"(?:video|audio)/[\w.+\-]+", type_, re.ASCII):
            type_ = guess_media_type(url) or ""
            if not type_.startswith(("video/", "audio/")):
                type_ = "video/mp4" if player.tag == "video" else "audio/mpeg"
        enclosures.append(Enclosure(url=url, type=type_, title=names.get(url, "")))
    return enclosures


def _complete_image(image: LexborNode, page: str) -> None:
    attributes = image.attributes
    tiny = all((attributes.get(side) or "").strip().removesuffix("px") in ("0", "1") for side in ("width", "height"))
    if tiny or _TINY_STYLE.search(attributes.get("style") or ""):
        image.decompose()
        return
    source = _source(image, page)
    if source is not None:
        image.attrs["src"] = source
    elif not allowed_value("img", "srcset", attributes.get("srcset") or "", page):
        # HTML §4.8.4.3 lets <source> alone name the picture. The last one is the fallback, in the commonest format.
        candidates = image.parent.css("source[srcset]") if image.parent and image.parent.tag == "picture" else []
        shown = (
            allowed_value("img", "srcset", candidates[-1].attributes.get("srcset") or "", page) if candidates else None
        )
        if shown:
            image.attrs["srcset"] = shown
        else:
            image.decompose()
