"""Which lines of a page are no part of its article, and cutting them off. Pure.

The rules stand in boilerplate.toml beside this file, which also says what they mean.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from feedsvc.importing.analysis.line_shapes import width
from feedsvc.importing.draft import Block, Cut
from feedsvc.languages import canonical
from feedsvc.site.values import KEYS, unknown_key

# In the order they are tried.
KINDS: Final = {
    "notice": "says how the text was made; kept as the disclosure",
    "related": "a list of other articles",
    "comments": "a box for comments",
    "paywall": "says who may read on",
    "sign_in": "a line to sign in",
    "share": "a line to share or follow",
    "navigation": "where the page stands in its site",
    "counts": "how often it was read or liked",
    "credit": "says who completed it",
    "subscribe": "a line to subscribe",
    "copyright": "a line about rights",
    "advert": "a line around advertising",
    "reading": "how long it takes to read",
    "label": "a label of the page's own",
}
FEED: Final = "feed"
LABELS: Final = ("byline", "date", "updated")
# What may stand above a title.
ABOVE_TITLE: Final = frozenset({"navigation", "counts", "share", "sign_in", "subscribe", "advert", "reading"})
_SWALLOWS: Final = ("related", "comments")
# Beyond this a line is a paragraph, whatever it says.
_LONGEST_LINE: Final = 160
_LONGEST: Final = {"notice": 600, FEED: 400}
# A count behind a text has at most so many characters.
_LONGEST_COUNT: Final = 40
_COUNT: Final = re.compile(r"[\s:]*[(\[]?\d+[)\]]?$")


@dataclass(frozen=True, slots=True)
class Rules:
    """Per kind: the phrases a whole line may say, normal (see `normal`), and the expressions it may hold."""

    phrases: Mapping[str, frozenset[str]]
    expressions: Mapping[str, re.Pattern[str] | None]

    def kind_of(self, text: str, kinds: Iterable[str] = KINDS) -> str | None:
        """The first of `kinds` that `text` is, or None for a line of the article."""
        if len(text) > max(_LONGEST.values()):
            return None
        columns, said, even = width(text), normal(text), _even(text)
        fitting = (kind for kind in kinds if columns <= _LONGEST.get(kind, _LONGEST_LINE))
        return next((kind for kind in fitting if self._says(kind, said, even)), None)

    def _says(self, kind: str, said: str, even: str) -> bool:
        expression = self.expressions.get(kind)
        return said in self.phrases[kind] or (expression is not None and expression.search(even) is not None)

    def labels(self, kind: str) -> frozenset[str]:
        """The labels of a byline or date, normal."""
        return self.phrases[kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """The blocks of the article, what was cut, the notice found (or ""), and what looked cuttable but stayed."""

    blocks: tuple[Block, ...]
    cuts: tuple[Cut, ...]
    disclosure: str
    notes: tuple[str, ...] = ()


@cache
def _shipped() -> dict[str, Any]:
    return tomllib.loads(files("feedsvc.importing").joinpath("boilerplate.toml").read_text("utf-8"))


def load_rules(own: Any) -> Rules:
    """The shipped rules with a site's `own`: a table per language, kind → phrases. Raises ValueError."""
    kinds = (*KINDS, *LABELS, FEED)
    if not isinstance(own, dict):
        raise ValueError("must be a table per language (write [import.boilerplate.zh-Hant])")
    said: dict[str, list[str]] = {kind: [] for kind in kinds}
    for tables in (_shipped(), own):
        for language, table in tables.items():
            for kind, phrase in _phrases(language, table, kinds):
                said[kind].append(phrase)
    return Rules(
        phrases={kind: frozenset(normal(each) for each in said[kind] if not _is_expression(each)) for kind in kinds},
        expressions={
            kind: _compiled(kind, [each[1:-1] for each in said[kind] if _is_expression(each)]) for kind in kinds
        },
    )


def _phrases(language: str, table: Any, kinds: Sequence[str]) -> Iterator[tuple[str, str]]:
    if language in (*kinds, *KEYS) and not isinstance(table, dict):
        cure = unknown_key(language, ()) if language in KEYS else "stands below no language"
        raise ValueError(f"{language}: {cure} (rules stand below a language: [import.boilerplate.zh-Hant])")
    canonical(language)
    if not isinstance(table, dict):
        raise ValueError(f"{language}: must be a table (write [import.boilerplate.{language}])")
    for kind, phrases in table.items():
        if kind not in kinds:
            raise ValueError(f"{language}: {unknown_key(kind, kinds)}")
        if not isinstance(phrases, list) or not all(isinstance(each, str) and each for each in phrases):
            raise ValueError(f'{language}.{kind}: must be a list of texts (write {kind} = ["…"])')
        for phrase in phrases:
            yield kind, phrase


def _is_expression(phrase: str) -> bool:
    return len(phrase) > 2 and phrase[0] == phrase[-1] == "/"


def _compiled(kind: str, expressions: Sequence[str]) -> re.Pattern[str] | None:
    try:
        return re.compile("|".join(f"(?:{each})" for each in expressions), re.IGNORECASE) if expressions else None
    except re.error as error:
        raise ValueError(f"{kind}: not a regular expression: {error} (mend it, or write a plain phrase)") from error


def _even(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def normal(text: str) -> str:
    """`text` for comparing: one case and width, without marks and emoji at its ends, without a count behind it."""
    even = _even(text).casefold()
    even = even[: _end(even, lambda c: c.isalnum() or c in ")]")]
    without_count = even[:-_LONGEST_COUNT] + _COUNT.sub("", even[-_LONGEST_COUNT:]) or even
    end = _end(without_count, str.isalnum)
    return without_count[next((at for at, c in enumerate(without_count) if c.isalnum()), end) : end]


def _end(text: str, is_kept: Callable[[str], bool]) -> int:
    """The index behind the last character that is kept; a regular expression would try each run from each character."""
    return next((at + 1 for at in range(len(text) - 1, -1, -1) if is_kept(text[at])), 0)


def clean(blocks: Sequence[Block], rules: Rules) -> Cleaned:
    """The blocks without what the rules name."""
    kinds = [rules.kind_of(block.text) for block in blocks]
    closing, note = _closing(blocks, kinds)
    kept: list[Block] = []
    cuts: list[Cut] = []
    why = ""
    for at, (block, kind) in enumerate(zip(blocks, kinds, strict=True)):
        inside = at >= closing
        why = kind or why if inside else kind or ""
        if inside or _goes(at, kinds, kept, len(blocks)):
            cuts.append(Cut(kind=why, text=block.text, why=KINDS[why], line=block.line))
        else:
            kept.append(block)
    if any(cut.kind == "paywall" for cut in cuts):
        note = (*note, "a line says who may read on, so the text may not be all there (compare it with the page)")
    notices = [cut.text for cut in cuts if cut.kind == "notice" and rules.kind_of(cut.text) == "notice"]
    return Cleaned(blocks=tuple(kept), cuts=tuple(cuts), disclosure=" ".join(dict.fromkeys(notices)), notes=note)


def _closing(blocks: Sequence[Block], kinds: Sequence[str | None]) -> tuple[int, tuple[str, ...]]:
    """Where the closing part begins, and a note when something that looks like it stays."""
    sizes = [width(block.text) for block in blocks]
    note: tuple[str, ...] = ()
    for at, kind in enumerate(kinds):
        if kind not in _SWALLOWS:
            continue
        after = sum(size for size, each in zip(sizes[at + 1 :], kinds[at + 1 :], strict=True) if each is None)
        if after <= sum(sizes[:at]):
            return _with_its_labels(at, kinds), note
        note = (f"{blocks[at].text!r} looks like the end, but more follows than stands before; only that line was cut",)
    return len(blocks), note


def _with_its_labels(at: int, kinds: Sequence[str | None]) -> int:
    while at and kinds[at - 1] == "label":
        at -= 1
    return at


def _goes(at: int, kinds: Sequence[str | None], kept: Iterable[Block], total: int) -> bool:
    """Whether the block at `at`, in front of the closing part, is cut."""
    kind = kinds[at]
    if kind is None:
        return False
    if kind == "label":
        return at + 1 < total and kinds[at + 1] is not None
    if kind == "notice":
        # Within the text it is the author speaking; above and below it, the page.
        return (
            not any(not block.level for block in kept)
            or all(each is not None for each in kinds[at:])
            or (next((each for each in kinds[at + 1 :]), "") in _SWALLOWS)
        )
    return True
