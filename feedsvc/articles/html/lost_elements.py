"""Report the elements that `rewrite` and `sanitize` drop from an article's HTML, with their lines.

Pure. Positions are lost when HTML is parsed. So where a body names an element that does not stay, it is read a second
time, for this report alone, with the line of each such tag written into it as an attribute.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.articles.findings import also_on
from feedsvc.articles.html.embeds import address_of, is_custom, may_be_embed
from feedsvc.articles.html.hidden import drop_hidden
from feedsvc.articles.html.policy import ELEMENTS

# Elements whose marks go and whose text stays: it is all they show.
_LEAVE_THEIR_TEXT: Final = frozenset(
    "acronym basefont big center data dialog fieldset font hgroup label legend listing main map marquee menu nav nobr "
    "output picture search slot strike tt".split()
)
# Elements of which browsers show nothing, either, and those that belong to another one, which is reported or stays.
_SHOW_NOTHING: Final = frozenset(
    "base bgsound body command datalist head html image keygen link meta noembed noframes param rbc source template "
    "title track".split()
)
QUIET: Final = ELEMENTS | _LEAVE_THEIR_TEXT | _SHOW_NOTHING

_CONTROLS: Final = frozenset("button input optgroup option select textarea".split())
_PLUGINS: Final = frozenset("applet audio embed object video".split())
# Elements whose content is no report of its own, and those of which only such elements are none.
_GO_AS_A_WHOLE: Final = frozenset("button math noscript select svg".split())
_PARTS: Final[Mapping[str, frozenset[str]]] = {
    "form": _CONTROLS,
    **dict.fromkeys(_PLUGINS, _PLUGINS),
}

_CONTROL: Final = "is left out: feeds have no forms (write what it shows, or link to a page that has the form)"
_TEXT: Final = "becomes its text: feeds have no forms (link to a page that has the form)"
_EMBED: Final = (
    "becomes a link to what it shows, since feeds and pages run no scripts (write the link and what it shows)"
)
_EMPTY: Final = "is left out: only a script could fill it (write what it shows, or link to it)"
_PLUGIN: Final = "becomes what stands inside it, else a link (link to the file yourself: <a href=…>)"
_PLAYER: Final = "without an address becomes what stands inside it (name the file: <{} src=…>)"
_RAW: Final = "is left out with its text (write <pre>, and &lt; for <)"
_FRAMES: Final = "is left out (link to the pages: <a href=…>)"
# Why, and what to write instead, by element. "{}" is its name.
ADVICE: Final[Mapping[str, str]] = {
    "applet": _PLUGIN,
    "area": "is left out: its link is lost (write the links below the picture)",
    "audio": _PLAYER,
    "canvas": "becomes what stands inside it: feeds have no scripts (save the drawing as a picture)",
    "embed": _PLUGIN,
    "form": "is left out but for its text: feeds have no forms (link to a page that has it)",
    **dict.fromkeys(sorted(_CONTROLS), _CONTROL),
    **dict.fromkeys(("button", "option", "select", "textarea"), _TEXT),
    **dict.fromkeys(("frame", "frameset"), _FRAMES),
    "img": "without an address is left out (name the file: <img src=…>)",
    "iframe": "becomes a link to what it shows (to keep the frame, name its host in embed_hosts in site.toml)",
    "math": "becomes a line of text, or its TeX in <code> (make sure that it reads well, or show it as a picture)",
    **dict.fromkeys(("meter", "progress"), "becomes the text inside it (write the figure there)"),
    "noscript": "is left out (write what it shows outside of it)",
    "object": _PLUGIN,
    **dict.fromkeys(("plaintext", "xmp"), _RAW),
    "script": "is left out: feeds and pages run no scripts (link to what it shows)",
    "style": "is left out: feeds and pages have styles of their own (what it hides is shown)",
    "svg": "is left out (save it as a file and show it: <img src=…>)",
    "video": _PLAYER,
}
_UNKNOWN: Final = "is no element of HTML: only its text stays (write &lt;{}&gt;, or put it in `code`)"

# What the relative address of an embed is resolved against here, where only its being there counts.
_PAGE: Final = "https://own.invalid/"
_LINE: Final = "data-feedsvc-line"
_TAG: Final = re.compile(r"<([a-zA-Z][^\s/<>]*+)(?=[\s/>])([^<>]*+)", re.ASCII)
# Pictures are too many to parse each body that has one twice: only where one seems to have no address.
_BARE_IMAGE: Final = re.compile(r"<img(?=[\s/>])(?![^<>]*src(?:set)?\s*=\s*[\"']?[^\s\"'<>])", re.ASCII | re.IGNORECASE)
# A parser ignores these tags in a body; under another name it keeps them.
_IGNORED: Final = frozenset({"frame", "frameset"})
_KEPT_AS: Final = "feedsvc-kept-"


def lost_elements(
    body: str, first_line: int, read: Callable[[str], str], embed_hosts: frozenset[str] = frozenset()
) -> Iterator[tuple[int, str]]:
    """Yield the line and the description of each kind of element in `body` that is dropped, by line.

    `body` begins on line `first_line` of its file, and `read` makes HTML of it.
    """
    quiet = QUIET - {"img"} if _BARE_IMAGE.search(body) else QUIET
    if all(_is_quiet(tag, quiet) for tag in _TAG.finditer(body)):
        return
    parser = LexborHTMLParser(f"<body>{read(_with_lines(body, first_line, quiet))}")
    assert parser.body is not None
    drop_hidden(parser.body)
    lines: dict[str, list[int]] = {}
    pictures = _values(parser.body)
    for node in _outermost(parser.body):
        name = (node.tag or "").removeprefix(_KEPT_AS)
        if _is_harmless(node, name, pictures, embed_hosts):
            continue
        if name in ADVICE:
            advice = ADVICE[name].format(name)
        elif address_of(node, _PAGE):
            advice = _EMBED
        else:
            advice = _EMPTY if is_custom(name) else _UNKNOWN.format(name)
        lines.setdefault(f"<{name}> {advice}", []).append(int(node.attributes[_LINE] or 0))
    for message, found in lines.items():
        first, *others = dict.fromkeys(found)
        yield first, f"{message}{also_on(others)}"


def _is_quiet(tag: re.Match[str], quiet: Set[str]) -> bool:
    """Return whether an element is not reported."""
    return (tag[1].lower() in quiet or ":" in tag[1]) and not may_be_embed(tag[2])


def _with_lines(body: str, first_line: int, quiet: Set[str]) -> str:
    """Return `body` with the line of each tag not in `quiet`. No Markdown and no title ends in unquoted attributes."""
    parts: list[str] = []
    position, line = 0, first_line
    for match in _TAG.finditer(body):
        if _is_quiet(match, quiet):
            continue
        line += body.count("\n", position, match.start())
        kept = _KEPT_AS if match[1].lower() in _IGNORED else ""
        parts += [body[position : match.start()], f"<{kept}{match[1]} {_LINE}={line} "]
        position = match.end(1)
    return "".join((*parts, body[position:]))


def _outermost(body: LexborNode) -> Iterator[LexborNode]:
    """Yield the marked elements below `body`, without those that are part of another one."""
    for node in body.css(f"[{_LINE}]"):
        name, around = node.tag or "", node.parent
        while around is not None:
            outer = around.tag or ""
            if outer in _GO_AS_A_WHOLE or name in _PARTS.get(outer, ()):
                break
            around = around.parent
        else:
            yield node


def _is_harmless(node: LexborNode, name: str, pictures: Counter[str], embed_hosts: frozenset[str]) -> bool:
    """Return whether a reader misses nothing when the element is dropped."""
    attributes = node.attributes
    if name != "img" and (is_custom(name) or name in QUIET or name.startswith("amp-")):
        # Its text stays; with an address for a script, it becomes a link.
        is_empty = is_custom(name) and not (node.text(deep=True) or "").strip() and node.css_first("a, img") is None
        return not is_empty and address_of(node, _PAGE) is None
    check = _HARMLESS.get(name)
    return check is not None and check(node, attributes, pictures, embed_hosts)


def _holds_a_source(node: LexborNode, attributes: Mapping[str, str | None], *_: object) -> bool:
    return bool(attributes.get("src") or node.css_first("source[src]"))


def _has_an_address(node: LexborNode, attributes: Mapping[str, str | None], *_: object) -> bool:
    around = node.parent
    is_in_picture = around is not None and around.tag == "picture" and around.css_first("source[srcset]") is not None
    return is_in_picture or any(value for name, value in attributes.items() if "src" in name or name == "data-original")


def _is_no_control(node: LexborNode, attributes: Mapping[str, str | None], *_: object) -> bool:
    """Return whether a control is hidden, or is the box of a task list, which becomes a mark."""
    kind = (attributes.get("type") or "").lower()
    return kind == "hidden" or (kind == "checkbox" and bool(node.css_matches("li input")))


def _shows_nothing_new(node: LexborNode, _: object, pictures: Counter[str], *__: object) -> bool:
    """A `noscript` with nothing but pictures that stand beside it, too, or cannot be seen: what lazy loading needs."""
    own = _values(node)
    images = [each.attributes for each in node.css("img")]
    sources = [each.get("src") or "" for each in images if {each.get("width"), each.get("height")} != {"1"}]
    return not (node.text(deep=True) or "").strip() and all(pictures[each] > own[each] for each in sources)


def _values(node: LexborNode) -> Counter[str]:
    """Count the values of the attributes of the pictures below `node`."""
    return Counter(value for image in node.css("img") for value in image.attributes.values() if value)


_HARMLESS: Final[Mapping[str, Callable[..., bool]]] = {
    "area": lambda _, attributes, *__: not attributes.get("href"),
    "audio": _holds_a_source,
    "iframe": lambda _, attributes, __, hosts: any(f"//{host}/" in (attributes.get("src") or "") for host in hosts),
    "img": _has_an_address,
    "input": _is_no_control,
    "noscript": _shows_nothing_new,
    "video": _holds_a_source,
}
