"""Write MathML as HTML that every feed reader shows: its TeX source, else a line of text. Pure."""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Final

from selectolax.lexbor import LexborNode

from feedsvc.text import plain

# application/x-tex, TeX, LaTeX; not text/plain.
_TEX: Final = re.compile(r"tex\b", re.IGNORECASE)
# MathML Core §3.2: elements that hold text.
_TOKENS: Final = frozenset({"mi", "mn", "mo", "ms", "mtext"})
_LEFT_OUT: Final = frozenset({"annotation", "annotation-xml", "mphantom", "mprescripts", "none"})


def formula(math: LexborNode) -> str:
    """Return HTML for a `<math>` element: its TeX annotation or `alttext` in `<code>`, else text with `sub` and `sup`.

    Fractions and roots are written with marks (`(a+b)/2`, `√x`): side by side, 1 and 2 would read as 12.
    """
    for each in reversed(math.css("script, style")):
        each.decompose()
    tex = (
        each.text(deep=True) for each in math.css("annotation") if _TEX.search(each.attributes.get("encoding") or "")
    )
    source = next(filter(None, map(plain, tex)), "") or plain(math.attributes.get("alttext") or "")
    return f"<code>{escape(source)}</code>" if source else _line(math)


def _line(node: LexborNode) -> str:
    tag = node.tag or ""
    if tag in _TOKENS:
        return escape(plain(node.text(deep=True)), quote=False)
    parts = [each for each in node.iter(include_text=False) if each.tag not in _LEFT_OUT]
    if not parts:
        return " " if tag == "mspace" else escape(plain(node.text(deep=True)), quote=False)
    written = _WRITTEN.get(tag)
    return written(parts) if written else "".join(map(_line, parts))


def _operand(node: LexborNode) -> str:
    """Return the operand in parentheses, unless it is one token."""
    inner = node
    while inner.tag not in _TOKENS:
        children = list(inner.iter(include_text=False))
        if len(children) != 1:
            return f"({_line(node)})"
        inner = children[0]
    return _line(node)


def _root(parts: list[LexborNode]) -> str:
    return f"<sup>{''.join(map(_line, parts[1:]))}</sup>√{_operand(parts[0])}"


def _square_root(parts: list[LexborNode]) -> str:
    return f"√{_operand(parts[0])}" if len(parts) == 1 else f"√({''.join(map(_line, parts))})"


def _scripts(*tags: str) -> Callable[[list[LexborNode]], str]:
    def write(parts: list[LexborNode]) -> str:
        scripts = (f"<{tag}>{_line(each)}</{tag}>" for tag, each in zip(tags, parts[1:], strict=False))
        return _line(parts[0]) + "".join(scripts)

    return write


def _separated(
    separator: str, opening: str = "", closing: str = "", part: Callable[[LexborNode], str] = _line
) -> Callable[[list[LexborNode]], str]:
    return lambda parts: opening + separator.join(map(part, parts)) + closing


_WRITTEN: Final[Mapping[str, Callable[[list[LexborNode]], str]]] = {
    "maction": lambda parts: _line(parts[0]),
    "mfenced": _separated(", ", "(", ")"),
    "mfrac": _separated("/", part=_operand),
    "mmultiscripts": _separated(" "),
    "mover": _scripts("sup"),
    "mroot": _root,
    "msqrt": _square_root,
    "msub": _scripts("sub"),
    "msubsup": _scripts("sub", "sup"),
    "msup": _scripts("sup"),
    "mtable": _separated("; ", "[", "]"),
    "mtr": _separated(", "),
    "munder": _scripts("sub"),
    "munderover": _scripts("sub", "sup"),
    "semantics": lambda parts: _line(parts[0]),
}
