"""Turn what systems add to Markdown into Markdown: links of Obsidian, callouts, shortcodes, Liquid. Pure.

What stands in code stays as it is. `foreign_markup` names what is left.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

from feedsvc.articles.assets import media_type_of
from feedsvc.articles.metadata.systems import System
from feedsvc.articles.source_text.code_ranges import without_code
from feedsvc.importing.readers.markdown.obsidian import callout, wiki_link
from feedsvc.importing.readers.markdown.references import NAMES_ALONE, Links
from feedsvc.importing.readers.markdown.shortcodes import fenced, replaced

# A part of a pattern: where a file of Markdown is, relative to another one.
_REFERENCE: Final = r"@?[^\s<>()#?:]*?\.(?:md|mdx|markdown)"


def own_markdown(body: str, system: System, links: Links = NAMES_ALONE) -> str:
    """Return the body as our Markdown. Raises ArticleError past the limits of Markdown."""
    for pattern, made in (*_SHARED, *_OF_SYSTEMS.get(system.name, ())):
        if not pattern.search(body):
            continue
        masked = without_code(body, is_markdown=True)
        parts: list[str] = []
        position = 0
        for found in pattern.finditer(masked):
            # The mask hides code inside of it. A mark of a private comment must not get lost.
            written = pattern.fullmatch(body, *found.span())
            if written is None or ("%%" in written[0] and made is not fenced):
                continue
            parts += [body[position : found.start()], made(written, links)]
            position = found.end()
        body = "".join((*parts, body[position:]))
    return body


def file_link(found: re.Match[str], links: Links) -> str:
    """Return a link to the file of an article as one to its address; the text alone if that is not for the public."""
    path, text = found["path"].removeprefix("@"), found["text"]
    if links.is_hidden(path):
        return "](#)" if text is None else text
    slug = links.slug_of(path)
    beginning = "]" if text is None else f"[{text}]"
    return f"{beginning}({quote(slug)}{found['part'] or ''}{found['title'] or ''})" if slug else found[0]


def pelican_link(found: re.Match[str], links: Links) -> str:
    """Return a link of Pelican as one to the address of the article, or to the file as the text beside it names it."""
    path, part = found["path"], found["part"] or ""
    if found["kind"] == "index":
        return f"{found['before']}/{part}"
    if found["kind"] != "filename" or media_type_of(path):
        return f"{found['before']}{path}{part}"
    if links.is_hidden(path):
        return f"{found['before']}#"
    slug = links.slug_of(re.sub(r"\.rst$", ".md", path))
    return f"{found['before']}{quote(slug) if slug else path}{part}"


Made = Callable[[re.Match[str], Links], str]
_SHARED: Final[tuple[tuple[re.Pattern[str], Made], ...]] = (
    (
        re.compile(
            r"\{\{[<%] *+highlight(?P<arguments>[^{}]*?)[>%]\}\}(?P<code>(?:(?!\{\{[<%] *+highlight).)*?)"
            r"\{\{[<%] */ *highlight *[>%]\}\}",
            re.DOTALL,
        ),
        fenced,
    ),
    (
        re.compile(
            r"\{%-? *+(?:highlight|codeblock)(?P<arguments>[^{}]*?)-?%\}"
            r"(?P<code>(?:(?!\{%-? *+(?:highlight|codeblock)).)*?)\{%-? *end(?:highlight|codeblock) *-?%\}",
            re.DOTALL,
        ),
        fenced,
    ),
    (re.compile(r"\{\{[<%] *+(?P<name>\w++)(?P<arguments>[^{}]*?)/?[>%]\}\}"), replaced),
    (re.compile(r"\{%-? *+(?P<name>\w++)(?P<arguments>[^{}%]*?)-?%\}"), replaced),
    # Pelican's links to files; {index} is the front page. https://docs.getpelican.com/en/latest/content.html
    (
        re.compile(
            r"(?P<before>\]\(<?|\]:[ \t]{1,9}<?|\b(?:src|href|poster)=[\"']?)"
            r"(?:\{|\|)(?P<kind>filename|static|attach|index)(?:\}|\|)"
            r"(?P<path>[^\s<>()\"'#?]*+)(?P<part>#[^\s()<>\"']*+)?"
        ),
        pelican_link,
    ),
    # Jekyll's addresses of the site, before a path.
    (re.compile(r"\{\{ *site\.(?:baseurl|url) *\}\}"), lambda _found, _links: ""),
    (
        re.compile(r"\{\{ *+(?P<quote>[\"'])(?P<path>[^\"'{}]*+)(?P=quote) *+\| *+(?:relative|absolute)_url *+\}\}"),
        lambda found, _links: found["path"],
    ),
    (
        re.compile(
            rf"(?:(?<!!)\[(?P<text>[^\[\]\n]{{0,300}}+)\]|\])\(<?(?P<path>{_REFERENCE})(?P<part>#[^\s()<>]*)?>?"
            r"(?P<title> +\"[^\"\n]*\")?\)",
            re.IGNORECASE,
        ),
        file_link,
    ),
)
_OF_SYSTEMS: Final[Mapping[str, tuple[tuple[re.Pattern[str], Made], ...]]] = {
    "obsidian": (
        (re.compile(r"(?P<embed>!?)\[\[(?P<target>[^\[\]\n]+)\]\]"), wiki_link),
        (
            re.compile(r"^(?P<marks>(?:[ \t]*>)+[ \t]*)\[!(?P<kind>[\w-]+)\][+-]?(?P<title>[^\n]*)$", re.MULTILINE),
            callout,
        ),
        (
            re.compile(r"(?<![=\w])==(?P<text>[^\s=](?:[^=\n]*[^\s=])?)==(?![=\w])"),
            lambda found, _links: f"<mark>{found['text']}</mark>",
        ),
        # The name of a block, which links lead to.
        (re.compile(r"(?<![ \t])[ \t]+\^[A-Za-z0-9-]+[ \t]*$", re.MULTILINE), lambda _found, _links: ""),
    ),
    # Components and values of programs. A line of prose may begin with "import" or "export".
    "astro": (
        (
            re.compile(r"^import (?:[^\n\"']{1,500} from )?[\"'][^\n\"']{1,500}[\"'];?[ \t]*+(?:\n|\Z)", re.MULTILINE),
            lambda _found, _links: "",
        ),
        (
            re.compile(r"^export (?:const|let|default) [^\n]{1,500}[;})][ \t]*+(?:\n|\Z)", re.MULTILINE),
            lambda _found, _links: "",
        ),
    ),
}
