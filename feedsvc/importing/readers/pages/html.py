"""Read a saved page. Pure.

`main_text` finds the main text, and `page_metadata` reads the metadata. The rules for plain text then cut what the page
puts around its text.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.articles.html.sanitize import sanitize
from feedsvc.articles.limits import check_markup, check_size, with_few_attributes
from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.analysis.boilerplate import cut_boilerplate, normalized
from feedsvc.importing.draft import Block, Cut, Draft
from feedsvc.importing.output import html_to_markdown
from feedsvc.importing.readers import bylines
from feedsvc.importing.readers.code_languages import with_languages
from feedsvc.importing.readers.line_breaks import BREAKS, without_edge_breaks
from feedsvc.importing.readers.pages.article_body import text_of_page
from feedsvc.importing.readers.pages.page_metadata import PageMetadata
from feedsvc.importing.settings import ImportSettings
from feedsvc.importing.source_files import NO_FILES, FilesBeside
from feedsvc.text import plain, shorten, xml_legal

# The base of a page that does not name its address: relative links are removed.
NO_BASE_URL: Final = "about:blank"
_WRAPPERS: Final = ("html", "body", "div", "section", "article", "main", "header", "footer", "span", "center")
_INNER_BLOCKS: Final = "p, section, article, h1, h2, h3, h4, h5, h6, ul, ol, dl, table, blockquote, pre, figure, hr"
_BLOCKS: Final = f"{_INNER_BLOCKS}, div"
_NEIGHBOURS: Final = re.compile(r"</(a|span|time)>(?=<(?:a|span|time)\b)")
# An element of a line about the article, not of a sentence: its page names it so, or it is a date.
_ITEM_NAME: Final = re.compile(r"author|byline|date|time|meta|read|categor|tag|source", re.IGNORECASE)
_ITEM_DATE: Final = re.compile(r"\d{4}\s?[-/.年]\s?\d{1,2}")
_BOLD: Final = re.compile(r"<(b|strong)>([^<]+)</\1>")
# What a page marks as bold is a heading if it is short and no sentence.
_MAX_LINE: Final = 120
_SENTENCE: Final = re.compile(r"[。！？；，]|[.!?;]['\")」』”’]*+(?:\s|$)")
_SENTENCE_END: Final = re.compile(r"[。！？；.!?;]['\")」』”’]*$")
_FROM_BOLD: Final = 'data-from="bold"'
# The reason of a cut whose text is the summary.
STANDFIRST: Final = "the standfirst again"
_STANDFIRST: Final = ".standfirst, .deck, .lead, .subtitle, .dek"
_LINK: Final = re.compile(r"\[[^\[\]]*+\]\([^()]*+\)")
# Scripts, styles, drawings and files within addresses may be most of a page, and none of them is text.
# An unclosed element extends to the end of the document (HTML §13.2.5), which also keeps this linear. An <svg> ends at
# the first element of HTML (§13.2.6.5).
_NO_PROSE: Final = re.compile(
    # JSON-LD may be in a comment within its script.
    r"(?P<kept><script\b(?=[^<>]{0,2000}ld\+json)[^>]*+>.*?(?:</script\b[^>]*+>|\Z))|"
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<script\b[^>]*+(?:>.*?(?:</script\b[^>]*+>|\Z)|\Z)|<style\b.*?(?:</style\b[^>]*+>|\Z)|"
    r"<!doctype\s[^<>\[]*+\[[^\]]{0,4000}+\]\s*+>|<svg\b[^<]*+(?:<(?!/svg\b|(?:p|div|ul|ol|table|h[1-6]|img|body)\b)[^<]*+)*+(?:</svg\s*+>)?+|<i\b[^<>]*+>\s*+</i>",
    re.DOTALL | re.IGNORECASE,
)
_DATA: Final = re.compile(r"data:[a-z]+/[^\s\"'()<>]{200,}", re.IGNORECASE)
# The line that Chromium and SingleFile write at the beginning of a saved page.
_SAVED_FROM: Final = re.compile(
    r"<!--\s*(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url:\s*)(https?://[^\s>]+)"
)
_BEGINNING: Final = 4096
# A page has more elements than its article, which has the limits of all articles: comments, menus, navigation boxes.
_PAGE_SCALE: Final = 2
_ABSOLUTE: Final = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_MAX_NAMES: Final = 5
# The names of the folders in which browsers save the files of a page.
_SAVED_FILES: Final = re.compile(r"(?:^|/)[^/]*(?:_files|\.files)/")


def read_html(source: str, html: str, settings: ImportSettings, beside: FilesBeside = NO_FILES) -> Draft:
    """Return the draft in a page. Raises ArticleError if no text is found, or a structural limit is exceeded."""
    saved_from = _SAVED_FROM.search(html[:_BEGINNING])
    html = without_ballast(html)
    about = PageMetadata(LexborHTMLParser(html), saved_from[1] if saved_from else None)
    found = text_of_page(html, about.body, beside.address_of)
    main = LexborHTMLParser(found.html)
    notes = _remove_lost_files(main, about.base)
    safe, enclosures = sanitize(_flat(main.body), about.base or NO_BASE_URL, is_published=False)
    blocks = [block for block in html_to_markdown.blocks_of(with_languages(safe, html)) if block.markdown]
    if not any(not block.level for block in blocks):
        raise ArticleError([Finding(message="no main text was found in the page (paste its text into a .txt file)")])
    title, standfirst = about.title, main.css_first(_STANDFIRST)
    summary = "" if _begins_with(main, about.summary) else about.summary
    repeats, body = _without_repeats(blocks, title, summary)
    meta, lines = bylines.split_bylines([(at, block.text) for at, block in enumerate(body)], settings, about.authors)
    link_lines, body = _without_link_lines([body[at] for at, _ in lines], settings)
    cleaned = cut_boilerplate(body, settings.rules)
    shown_above = (normalized(title), normalized(summary))
    end = max((at for at, block in enumerate(cleaned.blocks, 1) if not block.level), default=0)
    return Draft(
        source=source,
        title=title,
        summary=summary or (plain(standfirst.text(deep=True)) if standfirst else ""),
        blocks=html_to_markdown.renumber_headings(cleaned.blocks[:end]),
        published=about.published(settings, meta.published and replace(meta.published, found_in="the text")),
        updated=about.updated(settings) or meta.updated,
        authors=about.authors or meta.authors,
        tags=about.tags,
        image=about.image(about.base or NO_BASE_URL),
        enclosures=enclosures,
        language=about.language,
        disclosure=cleaned.disclosure,
        canonical=about.url,
        is_draft=not about.is_free,
        cuts=(
            *repeats,
            *(replace(cut, line=0) for cut in meta.cuts),
            *link_lines,
            *cleaned.cuts,
            *(Cut(kind="page", text=block.text, reason="heads nothing") for block in cleaned.blocks[end:]),
            *(cut for cut in found.left_out if normalized(cut.text) not in shown_above),
        ),
        notes=(*cleaned.notes, *notes, *filter(None, [found.doubt]), *about.notes),
    )


def without_ballast(html: str) -> str:
    """Return a page without scripts, embedded files and most attributes. Raises ArticleError if it is too large."""
    html = with_few_attributes(_DATA.sub("data:,", _NO_PROSE.sub(lambda found: found["kept"] or "", xml_legal(html))))
    check_size(html.encode("utf-8", "surrogatepass"))
    check_markup(html, _PAGE_SCALE)
    return html


def _flat(main: LexborNode | None) -> str:
    """Return the HTML of the blocks, without containers. Bold lines at the end head nothing and are paragraphs."""
    pieces = list(_flattened(main))
    last = len(pieces)
    begin = f"<h2 {_FROM_BOLD}>"
    while last and pieces[last - 1].startswith(begin):
        last -= 1
    bold = [f"<p><strong>{each.removeprefix(begin).removesuffix('</h2>')}</strong></p>" for each in pieces[last:]]
    return "".join((*pieces[:last], *bold))


def _flattened(node: LexborNode | None) -> Iterator[str]:
    """Yield the HTML of the blocks in a node, without containers. Text between double line breaks is a paragraph."""
    inline = ""
    for child in html_to_markdown.children(node):
        is_element = child.is_element_node
        has_blocks = is_element and child.tag in _WRAPPERS and child.css_first(_INNER_BLOCKS) is not None
        if not has_blocks and not (is_element and (child.tag == "center" or child.css_matches(_BLOCKS))):
            inline += html_to_markdown.outer_html(child)
            continue
        yield from _paragraphs(inline)
        inline = ""
        if has_blocks:
            yield from _flattened(child)
        elif child.tag in ("p", "div", "section", "article", "center"):
            yield from _paragraphs(child.inner_html or "")
        elif html_to_markdown.plain_text(child.html or "") or child.css_first("img"):
            yield child.html or ""
    yield from _paragraphs(inline)


def _paragraphs(inline: str) -> Iterator[str]:
    for part in BREAKS.split(inline):
        text = without_edge_breaks(part)
        said = html_to_markdown.plain_text(text)
        if not said and "<img" not in text:
            continue
        if len(said) <= _MAX_LINE and not _SENTENCE.search(said) and said.count(", ") < 2 and _has_item(text, said):
            # Neighbouring elements without a space are items of a line about the article: name, date, reading time.
            text = _NEIGHBOURS.sub(r"</\1> · ", text)
        bold = _BOLD.fullmatch(text)
        is_heading = bold and len(said) <= _MAX_LINE and not _SENTENCE_END.search(said)
        yield f"<h2 {_FROM_BOLD}>{bold[2]}</h2>" if bold and is_heading else f"<p>{text}</p>"


def _has_item(html: str, said: str) -> bool:
    """Return whether an element of a line is named as an item of a line about the article, or a date is in it."""
    tree = LexborHTMLParser(html)
    names = (
        each.attributes.get(name) or "" for each in tree.css("a, span") for name in ("class", "rel", "itemprop", "id")
    )
    return tree.css_first("time") is not None or bool(_ITEM_DATE.search(said)) or any(map(_ITEM_NAME.search, names))


def _begins_with(main: LexborHTMLParser, summary: str) -> bool:
    """Return whether a description is the first of the paragraphs of the text, and no standfirst above them."""
    known = normalized(summary)
    paragraph = next((each for each in main.css("p") if known and normalized(each.text(deep=True)) == known), None)
    if paragraph is None or paragraph.css_matches(_STANDFIRST):
        return False
    sibling = paragraph.next
    while sibling is not None and not html_to_markdown.text_of_node(sibling):
        sibling = sibling.next
    return sibling is not None and sibling.tag == "p"


def _without_repeats(blocks: list[Block], title: str, summary: str) -> tuple[list[Cut], list[Block]]:
    """Return the blocks without title and standfirst, which many pages repeat above their text."""
    known = {normalized(title): "the title again", normalized(summary): STANDFIRST}
    cuts: list[Cut] = []
    kept: list[Block] = []
    for at, block in enumerate(blocks):
        why = known.get(normalized(block.text)) if at < 4 else None
        if why and normalized(block.text):
            cuts.append(Cut(kind="repeat", text=block.text, reason=why))
        else:
            kept.append(block)
    return cuts, kept


def _without_link_lines(blocks: list[Block], settings: ImportSettings) -> tuple[list[Cut], list[Block]]:
    """Return the blocks without lines of links between them, such as "Read more: " with a link."""
    cuts: list[Cut] = []
    kept: list[Block] = []
    for block in blocks:
        said, links = _LINK.subn("", block.markdown)
        kind = settings.rules.kind_of(said.replace("*", "")) if links and not block.level else None
        if kind in (None, "label", "notice"):
            kept.append(block)
        else:
            cuts.append(Cut(kind=kind, text=block.text, reason="links of the page's own within the text"))
    return cuts, kept


def _remove_lost_files(tree: LexborHTMLParser, base: str | None) -> list[str]:
    """Remove images whose addresses have no meaning elsewhere, and return notes that name them.

    A browser saves some beside the page. Others are relative, and the page does not name its own address.
    """
    saved, lost = [], []
    for image in tree.css("img[src]"):
        source = image.attributes["src"] or ""
        if _SAVED_FILES.search(source) and not _ABSOLUTE.match(source):
            saved.append(source)
        elif base is None and not _ABSOLUTE.match(source):
            lost.append(source)
        else:
            continue
        image.decompose()
    hrefs = [] if base else [each.attributes["href"] or "" for each in tree.css("a[href]")]
    links = sum(not _ABSOLUTE.match(href) and not href.startswith("#") for href in hrefs)
    unknown = "since the page does not say its own address"
    cure = 'put <link rel="canonical" href="https://…"> into its head'
    notes = []
    if saved:
        notes.append(f"left out: images saved beside the page, {_first_names(saved)} (put them beside the article)")
    if lost:
        notes.append(f"left out: images, {unknown}, {_first_names(lost)} ({cure}, or them beside the article)")
    if links:
        notes.append(f"became text: relative links, {unknown}, {links} in all ({cure})")
    return notes


def _first_names(names: list[str]) -> str:
    shown = ", ".join(shorten(unquote(name), 60) for name in names[:_MAX_NAMES])
    return shown if len(names) <= _MAX_NAMES else f"{shown} … {len(names)} in all"
