"""Read the blocks of WordPress's editor: reusable blocks, blocks without content, and the HTML around content. Pure.

A block is HTML between comments: https://developer.wordpress.org/block-editor/explanations/architecture/key-concepts/
"""

import re
from collections.abc import Mapping
from html import escape
from typing import Any, Final

from feedsvc.articles.html.nodes import body_of, replace_all, unwrap
from feedsvc.articles.html.nodes import replace as replace_node
from feedsvc.articles.limits import MAX_BYTES, check_markup
from feedsvc.articles.source_text.code_ranges import Pairs
from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.output.html_to_markdown import children, plain_text
from feedsvc.importing.readers.feeds.entries import FieldReader
from feedsvc.importing.readers.feeds.footnotes import Footnotes
from feedsvc.importing.readers.feeds.set_aside import SetAside
from feedsvc.importing.readers.feeds.shortcodes import Post
from feedsvc.syntax.nesting import load_json

_MAX_DEPTH: Final = 20
_COMMENTS: Final = Pairs({"comment": ("<!--", "-->")})
_BLOCK: Final = re.compile(r"<!--\s+wp:((?:[a-z][\w-]*/)?[a-z][\w-]*)\s+(\{.*\}\s+)?/-->", re.DOTALL)
# Blocks that have no content anywhere, and the one whose content is in the post meta.
_EMPTY: Final = frozenset("footnotes more nextpage paragraph separator spacer".split())
_GALLERIES: Final = "figure.wp-block-gallery, ul.wp-block-gallery, ul.blocks-gallery-grid, li.blocks-gallery-item"
_OF_FIGURES: Final = frozenset("blockquote div p pre table ul".split())


def _empty_block(comment: str) -> tuple[str, Mapping[str, Any]]:
    """Return the name and the attributes of a block without content; "" for another comment."""
    found = _BLOCK.fullmatch(comment)
    try:
        attributes = load_json(found[2] or "{}") if found else {}
    except ValueError:
        attributes = {}
    return found[1].removeprefix("core/") if found else "", attributes


def with_reusable_blocks(text: str, post: Post, reader: FieldReader) -> str:
    """Return a post's text with the content of reusable blocks in their places.

    Raises ArticleError if they are too large together.
    """
    left, reusable = MAX_BYTES, post.reusable

    def expanded(part: str, around: tuple[str, ...]) -> str:
        def made(comment: str) -> str:
            nonlocal left
            name, attributes = _empty_block(comment)
            if name != "block":
                return comment
            number = str(attributes.get("ref", ""))
            if number not in reusable or number in around or len(around) > _MAX_DEPTH:
                why = "it is in itself" if number in reusable else "the export has no public block of that number"
                reader.notes.append(f"the reusable block {number} is left out, since {why} (paste its text)")
                return ""
            left -= len(reusable[number])
            if left < 0:
                message = f"its reusable blocks are larger than {MAX_BYTES:,} characters (leave some of them out)"
                raise ArticleError([Finding(message=message)])
            return f"\n\n{expanded(reusable[number], (*around, number))}\n\n"

        return _COMMENTS.replaced(part, made)

    return expanded(text, ())


def without_comments(text: str, post: Post, reader: FieldReader, aside: SetAside) -> str:
    """Return a post's text without comments. A note names the blocks that only WordPress fills."""
    unfilled: dict[str, None] = {}

    def made(comment: str) -> str:
        name, attributes = _empty_block(comment)
        url, ids = attributes.get("url"), attributes.get("ids")
        if isinstance(url, str) and (name == "embed" or name.startswith("core-embed/")):
            return aside.block(post.link(url))
        if name == "gallery" and isinstance(ids, list) and ids:
            return f'\n\n[gallery ids="{",".join(str(each) for each in ids if str(each).isdecimal())}"]\n\n'
        if name and name not in _EMPTY:
            unfilled.setdefault(name)
        return ""

    text = _COMMENTS.replaced(text, made)
    if unfilled:
        names = ", ".join(sorted(unfilled))
        reader.notes.append(f"blocks that only WordPress fills are left out: {names} (write what they showed)")
    return text


def flattened(html: str, footnotes: Footnotes, reader: FieldReader) -> str:
    """Return the HTML of blocks without what is around their content, and with marks in place of footnotes.

    Embeds become links with their title or caption, galleries their pictures. A figure without a caption becomes what
    is in it. Raises ArticleError if the HTML is past a limit.
    """
    if "wp-block" not in html and "blocks-gallery" not in html and "data-fn" not in html:
        return html
    check_markup(html)
    body = body_of(html)
    for node in body.css("sup[data-fn]"):
        mark = footnotes.mark(node.attributes.get("data-fn") or "", reader)
        replace_node(node, mark or f"<sup>{plain_text(node.inner_html or '')}</sup>")
    for node in body.css("a.wp-block-file__button, object.wp-block-file__embed"):
        # The link beside it leads to the same file.
        if node.parent is not None and len(node.parent.css("a[href]")) > 1:
            node.decompose()
    for node in reversed(body.css(_GALLERIES)):
        for child in children(node):
            if child.tag == "figcaption":
                replace_all(child, f"<p>{child.inner_html or ''}</p>")
        unwrap(node)
    for node in reversed(body.css("figure[class*=wp-block]")):
        is_embed = "wp-block-embed" in (node.attributes.get("class") or "")
        caption = next((each for each in children(node) if each.tag == "figcaption"), None)
        inner = (caption.inner_html or "").strip() if caption is not None else ""
        if caption is not None and (is_embed or not inner):
            caption.decompose()
        link = node.css_first("a[href]")
        if is_embed and link is not None:
            url, title = link.attributes.get("href") or "", plain_text(link.inner_html or "")
            is_title = bool(inner) and title == url and "<" not in inner
            shown = f'<a href="{escape(url)}">{inner if is_title else escape(title)}</a>'
            replace_all(node, f"<p>{shown}</p>{'' if is_title or not inner else f'<p>{inner}</p>'}")
        elif not inner:
            has_blocks = any(each.tag in _OF_FIGURES for each in children(node))
            inside = node.inner_html or ""
            replace_all(node, inside if has_blocks else f"<p>{inside}</p>")
    return body.inner_html or ""
