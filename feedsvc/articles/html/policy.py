"""The elements, attributes and URL schemes that an article may have. docs/reference/sanitizing.md describes them."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from feedsvc import languages
from feedsvc.urls import FETCH_SCHEMES, resolve

ELEMENTS: Final = frozenset(
    "a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt "
    "em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li mark ol p pre q rb rp rt rtc ruby s samp "
    "section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr".split()
)
# Elements whose content is no prose: it goes with them. All others that are not allowed leave their content behind.
CONTENT_GOES_TOO: Final = frozenset(
    "applet audio button canvas datalist embed frameset head iframe input link map math meta meter noembed noframes "
    "noscript object optgroup option param plaintext progress script select slot style svg template textarea title "
    "track video xmp".split()
)
# A frame from a host that the editor trusts may run its own scripts, and leave neither its box nor this page.
EMBED_SANDBOX: Final = "allow-popups allow-presentation allow-same-origin allow-scripts"
EMBED_ATTRIBUTES: Final = frozenset({"allowfullscreen", "height", "src", "title", "width"})
ID_PREFIX: Final = "c-"
LINK_REL: Final = "noopener"

_COMMON = frozenset({"dir", "id", "lang", "title"})
_ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {
    "a": frozenset({"href", "hreflang"}),
    "bdo": frozenset({"dir"}),
    "blockquote": frozenset({"cite"}),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
    "del": frozenset({"cite", "datetime"}),
    "details": frozenset({"open"}),
    "img": frozenset({"alt", "height", "sizes", "src", "srcset", "width"}),
    "ins": frozenset({"cite", "datetime"}),
    "li": frozenset({"value"}),
    "ol": frozenset({"reversed", "start", "type"}),
    "q": frozenset({"cite"}),
    "td": frozenset({"align", "colspan", "headers", "rowspan"}),
    "th": frozenset({"abbr", "align", "colspan", "headers", "rowspan", "scope"}),
    "time": frozenset({"datetime"}),
}
ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {tag: _ATTRIBUTES.get(tag, frozenset()) | _COMMON for tag in ELEMENTS}

# HTML §4.8.4.2.1: a candidate's URL runs to white space; commas at its end end the candidate, else descriptors follow.
_CANDIDATE_URL = re.compile(r"[\s,]*([^\s,]\S*)")
_DESCRIPTORS = re.compile(r"((?:\([^)]*\)?|[^,(])*),?")
_SIZE = re.compile(r"((?:\d+(?:\.\d+)?|\.\d+)x|\d+w)?(?: \d+h)?", re.ASCII)


def allowed_value(tag: str, name: str, value: str, page: str) -> str | None:
    """Return the value that the attribute may have on an article at the URL `page`, or None to drop the attribute.

    URLs come out absolute, ids prefixed (a name of the page's own cannot be taken), fragments point into `page`.
    A second call with the result changes nothing.
    """
    if (tag, name) == ("a", "rel"):
        return LINK_REL
    if name not in ATTRIBUTES.get(tag, ()):
        return None
    check = _CHECKS.get(name)
    return check(value, page) if check else value


def allowed_embed_value(name: str, value: str, page: str, hosts: Collection[str]) -> str | None:
    """Return the same for an attribute of a frame: only https URLs of `hosts`, with the default port and no user."""
    if name == "sandbox":
        return EMBED_SANDBOX
    if name == "src":
        url = resolve(value, page, ("https",))
        return url if url and urlsplit(url).netloc in hosts else None
    if name == "allowfullscreen":
        return ""
    return allowed_value("img", name, value, page) if name in EMBED_ATTRIBUTES else None


def _href(value: str, page: str) -> str | None:
    url = resolve(value, page)
    if url is None:
        return None
    place, hash_, fragment = url.partition("#")
    if place != page or not fragment or fragment.startswith(ID_PREFIX):
        return url
    return f"{place}{hash_}{ID_PREFIX}{fragment}"


def _fetched(value: str, page: str) -> str | None:
    return resolve(value, page, FETCH_SCHEMES) if value.strip() else None


def candidates(srcset: str) -> Iterator[tuple[str, str]]:
    """Yield the valid image candidates of a srcset attribute: (URL, descriptor or ""), as written."""
    position = 0
    while match := _CANDIDATE_URL.match(srcset, position):
        position = match.end()
        url, descriptors = match[1].rstrip(","), ""
        if url == match[1] and (rest := _DESCRIPTORS.match(srcset, position)):
            position = rest.end()
            descriptors = " ".join(rest[1].split())
        if size := _SIZE.fullmatch(descriptors):
            yield url, size[1] or ""


def _srcset(value: str, page: str) -> str | None:
    """Return the candidates that are allowed; the others are left out."""
    kept: list[str] = []
    for written, size in candidates(value):
        url = _fetched(written, page)
        if url is not None:
            # HTML §4.8.4.2.1: a comma inside an address is part of it, one at its end would end the candidate.
            bare = url.rstrip(",")
            kept.append(f"{bare}{'%2C' * (len(url) - len(bare))} {size}".strip())
    return ", ".join(kept) or None


def _id(value: str, _page: str) -> str | None:
    name = "".join(value.split())
    return name if name.startswith(ID_PREFIX) else f"{ID_PREFIX}{name}" if name else None


def _lang(value: str, _page: str) -> str | None:
    try:
        return languages.canonical(value)
    except ValueError:
        return None


def _matching(pattern: str) -> Callable[[str, str], str | None]:
    compiled = re.compile(pattern, re.IGNORECASE | re.ASCII)
    return lambda value, _page: value if compiled.fullmatch(value) else None


_CHECKS: Final[Mapping[str, Callable[[str, str], str | None]]] = {
    # HTML calls it obsolete, but Markdown has no other word for it, and a feed no style.
    "align": _matching(r"left|center|right"),
    "cite": _fetched,
    "colspan": _matching(r"[1-9]\d{0,2}"),
    "datetime": _matching(r"[\dTZPWYMDHS:+\-. ]{1,40}"),
    "dir": _matching(r"ltr|rtl|auto"),
    "headers": lambda value, page: " ".join(filter(None, (_id(each, page) for each in value.split()))) or None,
    "height": _matching(r"\d{1,5}"),
    "href": _href,
    "hreflang": _lang,
    "id": _id,
    "lang": _lang,
    "open": lambda _value, _page: "",
    "reversed": lambda _value, _page: "",
    "rowspan": _matching(r"\d{1,3}"),
    "scope": _matching(r"row|col|rowgroup|colgroup"),
    "sizes": _matching(r"[\w\s(),.:<>=/*+\-]{1,500}"),
    "span": _matching(r"[1-9]\d{0,2}"),
    "src": _fetched,
    "srcset": _srcset,
    "start": _matching(r"-?\d{1,9}"),
    "type": _matching(r"[1aAiI]"),
    "value": _matching(r"-?\d{1,9}"),
    "width": _matching(r"\d{1,5}"),
}
