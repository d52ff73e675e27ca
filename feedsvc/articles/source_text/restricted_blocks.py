"""Blocks of WordPress's editor that are hidden, or that only some readers see: they are left out. Pure.

A block is HTML between comments: `<!-- wp:NAME {"attribute": …} -->` and `<!-- /wp:NAME -->`, or one comment that ends
in `/-->`. Guarantee 13: an attribute of such a name with an unknown value restricts.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from feedsvc.syntax.nesting import load_json

ADVICE: Final = "is for members only, and is left out of what is published (remove the marks to publish it)"
_HIDDEN: Final = (
    "is hidden, or not for all readers, and is left out of what is published (remove the attribute to publish it)"
)
_BEGINNING: Final = re.compile(r"<!--\s*+(?P<closing>/?+)wp:(?P<name>[a-z][\w-]*+(?:/[a-z][\w-]*+)?+)", re.IGNORECASE)
# Blocks for readers who are no members, and parts around both. Behind Jetpack's paywall, all is for members:
# `members_only` reads it.
_OPEN_NAMES: Final = re.compile(
    r"premium-content/(?:container|logged-out-view|buttons|login-button)|jetpack/paywall|"
    r".*\b(?:non|not|team|our|staff)-?members?\b.*"
)
# WooCommerce Memberships, MemberPress, Restrict Content (Pro), Jetpack, Paid Memberships Pro, Passster, Members,
# Ultimate Member, Content Control, PPWP … by the words in their names.
_CLOSED_NAMES: Final = re.compile(
    r"\bmember(?:s|ship|ships)?\b|memberpress|restrict|paywall|protect|private|\bgated?\b|premium-content|premium-only|"
    r"subscriber-view|subscribers?-only|logged-?in|passster|content-?lock|locker|patreon|access-control|\bsecure"
)
_CLOSED_CLASS: Final = re.compile(
    r"(?:.*[-_])?(?:(?:members?|subscribers?|paid|patrons?|vip)[-_]?only|(?:is[-_]|user[-_])?logged[-_]?in(?:[-_]only)?|"
    r"paywall(?:ed)?|restrict(?:ed)?|(?:premium|protected|private|gated|locked|restricted?|member|members|paid)[-_]"
    r"(?:content|area|post|text|block|section))|private|protected|members"
)
# Names of attributes, without marks and in lower case.
_CLOSED_ATTRIBUTE: Final = re.compile(
    r"condition|permission|restrict|paywall|member|user(?:role|state|status)|logged(?:in|out)|hideblock|premiumcontent|"
    r"protect|visib|accesscontrol|contentgate|contentcontrol|password"
)
_FOR_ALL: Final = frozenset(
    "0 no off false all any everybody everyone public none default visible logged-out logged_out loggedout visitors "
    "guest guests web disabled".split()
)
# These hide a block on some devices, from nobody altogether.
_OF_DEVICES: Final = frozenset(
    "desktop laptop tablet mobile phone screensize browserdevice hideondesktop hideonlaptop hideontablet hideonmobile "
    "hideonscreensize viewport".split()
)
_VIEWPORTS: Final = frozenset(("desktop", "tablet", "mobile"))
_SWITCHES: Final = ("enable", "enabled", "active")
# What a set of rules has besides its rules.
_OF_SETS: Final = frozenset(("enable", "id", "title", "name"))


@dataclass(frozen=True, slots=True)
class RestrictedBlock:
    """A block with its comments, `text[start:end]`. `end` is None if nothing closes it.

    `attribute` is what restricts it; "" if its name does.
    """

    name: str
    attribute: str
    start: int
    end: int | None

    @property
    def message(self) -> str:
        """Return what is left out, and why."""
        by_attribute, reason = (f" ({self.attribute})", _HIDDEN) if self.attribute else ("", ADVICE)
        what, but = ("what follows", ", which nothing closes,") if self.end is None else ("what", " shows")
        return f"{what} the block {self.name}{by_attribute}{but} {reason}"


def restricted_blocks(text: str) -> Iterator[RestrictedBlock]:
    """Yield the outermost restricted blocks in order, in time linear in the length of `text`."""
    name, attribute, start, depth, position = "", "", 0, 0, 0
    while found := _BEGINNING.search(text, position):
        # HTML, too, ends a comment here.
        position = text.find("-->", found.end()) + 3
        if position < 3:
            break
        own, rest = found["name"].lower().removeprefix("core/"), text[found.end() : position - 3].strip()
        is_whole = rest.endswith("/")
        if depth:
            depth += 0 if own != name or is_whole else -1 if found["closing"] else 1
            if not depth:
                yield RestrictedBlock(name, attribute, start, position)
        elif not found["closing"]:
            is_closed = _CLOSED_NAMES.search(own) is not None and not _OPEN_NAMES.fullmatch(own)
            attribute = "" if is_closed else restricting_attribute(rest.removesuffix("/"))
            if (is_closed or attribute) and is_whole:
                yield RestrictedBlock(own, attribute, found.start(), position)
            elif is_closed or attribute:
                name, start, depth = own, found.start(), 1
    if depth:
        yield RestrictedBlock(name, attribute, start, None)


def restricting_attribute(written: str) -> str:
    """Return the first of the attributes of a block, as they are written, that restricts it; "" if none does."""
    try:
        attributes = load_json(written or "{}")
    except ValueError:
        attributes = None
    if not isinstance(attributes, dict):
        return "attributes that are not JSON" if _CLOSED_ATTRIBUTE.search(_squashed(written)) else ""
    for key, value in attributes.items():
        squashed = _squashed(key)
        is_open = _OPEN.get(squashed) or (_is_for_all if _CLOSED_ATTRIBUTE.search(squashed) else None)
        if is_open is not None and not is_open(value):
            return str(key)
    classes = str(attributes.get("className", "")).lower().split()
    return next((f"class {each}" for each in classes if _CLOSED_CLASS.fullmatch(each)), "")


def _squashed(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _is_for_all(value: Any) -> bool:
    """Return whether a value restricts nobody: nothing, a word for everybody, or a list or table of such values."""
    if isinstance(value, Mapping):
        keys = {_squashed(key): each for key, each in value.items()}
        is_off = any(keys.get(each) is False for each in _SWITCHES)
        return is_off or all(_is_for_all(each) for key, each in keys.items() if key not in _OF_DEVICES | _OF_SETS)
    if isinstance(value, list):
        return all(map(_is_for_all, value))
    return not value or (isinstance(value, str) and value.strip().lower() in _FOR_ALL)


def _is_visible(value: Any) -> bool:
    """Read WordPress's own `metadata.blockVisibility`: false, or since version 7 a table of viewports.

    The plugin Block Visibility has a table of that name with `hideBlock` and `controlSets`.
    """
    if not isinstance(value, Mapping):
        return value is not False
    viewports = value.get("viewport")
    if isinstance(viewports, Mapping) and all(viewports.get(each) is False for each in _VIEWPORTS):
        return False
    return _is_for_all(value)


def _is_shown_to_visitors(value: Any) -> bool:
    """Read the table of EditorsKit, in which true for both groups of readers is what it writes by default."""
    return not isinstance(value, Mapping) or (
        value.get("loggedout") is not False and not value.get("acf_visibility") and not value.get("logic")
    )


_OPEN: Final[Mapping[str, Callable[[Any], bool]]] = {
    "metadata": lambda value: not isinstance(value, Mapping) or _is_visible(value.get("blockVisibility")),
    "blockvisibility": _is_visible,
    "editorskit": _is_shown_to_visitors,
    "blockopts": _is_shown_to_visitors,
    # Newsletter Glue.
    "showinblog": lambda value: value is not False,
    "showblog": lambda value: value is not False,
    # Spectra: its other attributes say which readers do not see the block.
    "uagloggedout": lambda value: not value,
}
