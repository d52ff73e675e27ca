"""Find the lines of a page that are not part of its article, and cut them. Pure.

The rules are in boilerplate.toml in the package above, which also explains them.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from feedsvc.importing.analysis.line_shapes import width
from feedsvc.importing.analysis.word_finder import normalize_width
from feedsvc.importing.draft import Block, Cut
from feedsvc.languages import canonical
from feedsvc.site.values import KEYS, unknown_key

# In the order in which they are tried.
KINDS: Final = {
    "notice": "a notice about how the text was made; becomes the disclosure",
    "related": "a list of other articles",
    "comments": "a box for comments",
    "paywall": "a line that limits who may read on",
    "sign_in": "a line to sign in",
    "share": "a line to share or follow",
    "navigation": "the place of the page in its site",
    "counts": "a count of views or likes",
    "credit": "the credit of an editor",
    "subscribe": "a line to subscribe",
    "copyright": "a line about rights",
    "advert": "a line about advertising",
    "reading": "the time it takes to read",
    "label": "a label of the page",
}
FEED: Final = "feed"
LABELS: Final = ("byline", "date", "updated")
# The kinds of lines that may be above a title.
ABOVE_TITLE: Final = frozenset({"navigation", "counts", "share", "sign_in", "subscribe", "advert", "reading"})
_CLOSING_KINDS: Final = ("related", "comments")
# A longer line is a paragraph with any text. In columns.
_MAX_LINE: Final = 160
_MAX_COLUMNS: Final = {"notice": 600, FEED: 400}
# The longest count after a text, in characters.
_MAX_COUNT_LENGTH: Final = 40
_COUNT: Final = re.compile(r"[\s:]*[(\[]?\d+[)\]]?$")


@dataclass(frozen=True, slots=True)
class Rules:
    """For each kind: phrases that are a whole line (normalized), and expressions that a line may contain."""

    phrases: Mapping[str, frozenset[str]]
    expressions: Mapping[str, re.Pattern[str] | None]

    def kind_of(self, text: str, kinds: Iterable[str] = KINDS) -> str | None:
        """Return the first of `kinds` that `text` is, or None for a line of the article."""
        if len(text) > max(_MAX_COLUMNS.values()):
            return None
        columns, phrase, even = width(text), normalized(text), normalize_width(text)
        for kind in kinds:
            expression = self.expressions.get(kind)
            if columns <= _MAX_COLUMNS.get(kind, _MAX_LINE) and (
                phrase in self.phrases[kind] or (expression is not None and expression.search(even) is not None)
            ):
                return kind
        return None

    def labels(self, kind: str) -> frozenset[str]:
        """Return the normalized labels of a byline or a date."""
        return self.phrases[kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanedBlocks:
    """The blocks of the article, the cuts, the notice (or ""), and notes about lines that look like cuts but stay."""

    blocks: tuple[Block, ...]
    cuts: tuple[Cut, ...]
    disclosure: str
    notes: tuple[str, ...] = ()


@cache
def _shipped_rules() -> dict[str, Any]:
    return tomllib.loads(files("feedsvc.importing").joinpath("boilerplate.toml").read_text("utf-8"))


def load_rules(site_rules: Any) -> Rules:
    """Return the shipped rules with those of a site: language → kind → list of phrases. Raises ValueError."""
    kinds = (*KINDS, *LABELS, FEED)
    if not isinstance(site_rules, dict):
        raise ValueError("must be a table per language (write [import.boilerplate.zh-Hant])")
    listed: dict[str, list[str]] = {kind: [] for kind in kinds}
    for tables in (_shipped_rules(), site_rules):
        for language, table in tables.items():
            if language in (*kinds, *KEYS) and not isinstance(table, dict):
                cure = unknown_key(language, ()) if language in KEYS else "is not in the table of a language"
                raise ValueError(f"{language}: {cure} (write rules in a table such as [import.boilerplate.zh-Hant])")
            canonical(language)
            if not isinstance(table, dict):
                raise ValueError(f"{language}: must be a table (write [import.boilerplate.{language}])")
            for kind, phrases in table.items():
                if kind not in kinds:
                    raise ValueError(f"{language}: {unknown_key(kind, kinds)}")
                if not isinstance(phrases, list) or not all(isinstance(each, str) and each for each in phrases):
                    raise ValueError(f'{language}.{kind}: must be a list of texts (write {kind} = ["…"])')
                listed[kind] += phrases
    expressions: dict[str, re.Pattern[str] | None] = {}
    for kind in kinds:
        alternatives = "|".join(f"(?:{each[1:-1]})" for each in listed[kind] if _is_expression(each))
        try:
            expressions[kind] = re.compile(alternatives, re.IGNORECASE) if alternatives else None
        except re.error as error:
            cure = "correct it, or write a plain phrase"
            raise ValueError(f"{kind}: not a regular expression: {error} ({cure})") from error
    phrases = {kind: frozenset(normalized(each) for each in listed[kind] if not _is_expression(each)) for kind in kinds}
    return Rules(phrases=phrases, expressions=expressions)


def _is_expression(phrase: str) -> bool:
    return len(phrase) > 2 and phrase[0] == phrase[-1] == "/"


def normalized(text: str) -> str:
    """Return `text` for comparing: in one case and width, without marks and emoji at its ends and without a count."""
    even = normalize_width(text).casefold()
    even = even[: _end(even, lambda c: c.isalnum() or c in ")]")]
    without_count = even[:-_MAX_COUNT_LENGTH] + _COUNT.sub("", even[-_MAX_COUNT_LENGTH:]) or even
    end = _end(without_count, str.isalnum)
    return without_count[next((at for at, c in enumerate(without_count) if c.isalnum()), end) : end]


def _end(text: str, is_kept: Callable[[str], bool]) -> int:
    """Return the index after the last character that is kept. A regular expression would take quadratic time."""
    return next((at + 1 for at in range(len(text) - 1, -1, -1) if is_kept(text[at])), 0)


def cut_boilerplate(blocks: Sequence[Block], rules: Rules) -> CleanedBlocks:
    """Return the blocks without boilerplate: the closing part of a page, and the lines that `rules` name."""
    kinds = [rules.kind_of(block.text) for block in blocks]
    closing, notes = _closing(blocks, kinds)
    kept: list[Block] = []
    cuts: list[Cut] = []
    why = ""
    for at, (block, kind) in enumerate(zip(blocks, kinds, strict=True)):
        inside = at >= closing
        why = kind or why if inside else kind or ""
        if inside or _is_cut(at, kinds, kept, len(blocks)):
            cuts.append(Cut(kind=why, text=block.text, reason=KINDS[why], line=block.line))
        else:
            kept.append(block)
    if any(cut.kind == "paywall" for cut in cuts):
        notes = (*notes, "a line limits who may read on, so the text may be incomplete (compare it with the page)")
    notices = [cut.text for cut in cuts if cut.kind == "notice" and rules.kind_of(cut.text) == "notice"]
    return CleanedBlocks(blocks=tuple(kept), cuts=tuple(cuts), disclosure=" ".join(dict.fromkeys(notices)), notes=notes)


def _closing(blocks: Sequence[Block], kinds: Sequence[str | None]) -> tuple[int, tuple[str, ...]]:
    """Return where the closing part begins, and a note if something that looks like it stays."""
    sizes = [width(block.text) for block in blocks]
    note: tuple[str, ...] = ()
    for at, kind in enumerate(kinds):
        if kind not in _CLOSING_KINDS:
            continue
        after = sum(size for size, each in zip(sizes[at + 1 :], kinds[at + 1 :], strict=True) if each is None)
        if after <= sum(sizes[:at]):
            first = at
            while first and kinds[first - 1] == "label":
                first -= 1
            return first, note
        note = (
            f"{blocks[at].text!r} looks like the end, but more text follows than precedes it; only that line was cut",
        )
    return len(blocks), note


def _is_cut(at: int, kinds: Sequence[str | None], kept: Iterable[Block], total: int) -> bool:
    """Return whether the block at `at`, before the closing part, is cut."""
    kind = kinds[at]
    if kind is None:
        return False
    if kind == "label":
        return at + 1 < total and kinds[at + 1] is not None
    if kind == "notice":
        # Within the text, it is a sentence of the author; above and below the text, it belongs to the page.
        return (
            not any(not block.level for block in kept)
            or all(each is not None for each in kinds[at:])
            or (next((each for each in kinds[at + 1 :]), "") in _CLOSING_KINDS)
        )
    return True
