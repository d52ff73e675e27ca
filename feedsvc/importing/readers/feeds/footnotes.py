"""Footnotes of WordPress and Substack, which stand beside the text or in shortcodes, as footnotes of Markdown. Pure.

A mark stands for each reference until the text is Markdown. It is punctuation, as "[^1]" is: emphasis beside it stays.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from feedsvc.articles.html.sanitize import sanitize
from feedsvc.articles.markup import render_markdown
from feedsvc.articles.source_text.code_ranges import Pairs
from feedsvc.importing.draft import Block, Draft, join_blocks
from feedsvc.importing.output.html_to_markdown import blocks_of, content_tokens
from feedsvc.importing.readers.feeds.entries import FieldReader
from feedsvc.importing.readers.feeds.set_aside import SetAside
from feedsvc.syntax.nesting import load_json

_OPEN: Final = "\u27e6\ue000"
_CLOSE: Final = "\ue000\u27e7"
_MARK: Final = re.compile(rf"{_OPEN}(\d+){_CLOSE}")
_REFERENCE: Final = re.compile(r'<sup class="footnote-ref"><a href="#fn-(\d+)"[^<>]*>\d+</a></sup>')
_BLOCKS: Final = ("<p>", "<p ", "<ul", "<ol", "<blockquote", "<figure", "<div", "<h")
_SECTION: Final = '<hr />\n<div class="footnotes">'
# Of the plugins Easy Footnotes, Modern Footnotes, FD Footnotes and their like.
_NAMES: Final = ("efn_note", "mfn", "footnote", "ref", "fn")
_SHORTCODES: Final = Pairs({name: (rf"\[{name}(?:\s[^\[\]]{{0,500}}+)?\]", rf"\[/{name}\]") for name in _NAMES})


@dataclass(slots=True)
class Footnotes:
    """The footnotes of a post: `written` are those beside its text by id, `referred` those in the text, in order."""

    written: dict[str, str] = field(default_factory=dict)
    referred: dict[str, str] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    def mark(self, key: str, reader: FieldReader) -> str:
        """Return the mark of a reference to a `written` footnote; "", with a note, if it is not there."""
        if key not in self.written:
            reader.notes.append("footnotes: one has no text in the export (write it, or delete its number)")
            return ""
        return self._mark(key, self.written[key])

    def _mark(self, key: str, html: str) -> str:
        self.referred.setdefault(key, html)
        return f"{_OPEN}{self._numbers.setdefault(key, len(self.referred))}{_CLOSE}"

    def without_shortcodes(self, text: str) -> str:
        """Return a text with marks in place of [footnote]text[/footnote] and its like."""

        def made(whole: str) -> str:
            html = whole[whole.index("]") + 1 : whole.rindex("[/")].strip()
            return self._mark(f"in the text: {html}", html) if html else ""

        return _SHORTCODES.replaced(text, made)

    def restore(self, aside: SetAside) -> None:
        """Restore what was set aside in the footnotes."""
        self.referred = {key: aside.restored(html) for key, html in self.referred.items()}


def footnotes_of(meta: Sequence[tuple[str, str]], reader: FieldReader) -> Footnotes:
    """Return the footnotes in the post meta `footnotes`, which is a JSON array of objects with `id` and `content`."""
    written: dict[str, str] = {}
    for name, value in meta:
        if name != "footnotes" or not value:
            continue
        try:
            written |= {str(each["id"]): reader.public(str(each["content"])) for each in load_json(value)}
        except (ValueError, KeyError, TypeError):
            reader.notes.append("footnotes: left out, since they are not as WordPress writes them (write them anew)")
    return Footnotes(written)


def with_footnotes(draft: Draft, footnotes: Footnotes, page: str) -> Draft:
    """Return a draft with footnotes in place of marks. Those that nothing refers to are paragraphs at its end.

    Markdown has no footnotes in HTML. If a mark stands there, all of them become HTML. Raises ArticleError if a
    footnote is past a structural limit.
    """

    def blocks(html: str) -> tuple[Block, ...]:
        # WordPress writes the words of a footnote alone, Substack paragraphs.
        whole = html if html.lstrip().startswith(_BLOCKS) else f"<p>{html}</p>"
        return blocks_of(sanitize(whole, page)[0])

    unused = [each for key, html in footnotes.written.items() if key not in footnotes.referred for each in blocks(html)]
    found = [blocks(html) for html in footnotes.referred.values()]
    if not found:
        return replace(draft, blocks=(*draft.blocks, *unused))
    texts = [" ".join(each.text for each in parts) for parts in found]
    plain = [replace(each, text=_MARK.sub("", each.text)) for each in draft.blocks]
    referring = [replace(each, markdown=_MARK.sub(r"[^\1]", each.markdown)) for each in plain]
    for number, parts in enumerate(found, 1):
        markdown = join_blocks(parts).replace("\n", "\n    ")
        referring.append(Block(text=texts[number - 1], markdown=f"[^{number}]: {markdown}"))
    shown, _, notes = render_markdown(join_blocks(referring)).partition(_SECTION)
    same = _REFERENCE.sub(rf"{_OPEN}\1{_CLOSE}", shown)
    if content_tokens(same) != content_tokens(render_markdown(draft.body)) or notes.count("<li id=") != len(found):
        seen: set[str] = set()

        def reference(mark: re.Match[str]) -> str:
            own = "" if mark[1] in seen else f' id="fnref-{mark[1]}"'
            seen.add(mark[1])
            return f'<sup><a href="#fn-{mark[1]}"{own}>{mark[1]}</a></sup>'

        referring = [replace(each, markdown=_MARK.sub(reference, each.markdown)) for each in plain]
        contents = [sanitize(html, page)[0] for html in footnotes.referred.values()]
        listed = "".join(f'<li id="fn-{number}">{html}</li>' for number, html in enumerate(contents, 1))
        one_line = re.sub(r"\s+", " ", listed)
        referring.append(Block(text=" ".join(texts), markdown=f"<ol>{one_line}</ol>"))
    return replace(draft, title=_MARK.sub("", draft.title), blocks=(*referring, *unused))
