"""Make the content of an article, sanitized HTML, of the body of its file. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from feedsvc import languages
from feedsvc.articles.assets import Assets
from feedsvc.articles.attachments import Attachments
from feedsvc.articles.findings import Findings
from feedsvc.articles.html.code_languages import code_languages
from feedsvc.articles.html.links import Links, MissingFile, OwnLink
from feedsvc.articles.html.lost_elements import lost_elements
from feedsvc.articles.html.sanitize import sanitize
from feedsvc.articles.markup import READERS, SOURCE_READERS, read_markdown
from feedsvc.articles.metadata.frontmatter import FrontMatter
from feedsvc.articles.source_text.file_references import with_encoded_references
from feedsvc.model import Enclosure, SafeHTML, Site

_SHOWS_NOTHING: Final = re.compile(r"(?:<(?!img|iframe)[^>]*+>|\s|&nbsp;)*+")
EMPTY: Final = "the body shows nothing, so readers get the title alone (write the text below the front matter)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The content of an article, the media files that it shows, and its links to other articles.

    `code` has the languages of its blocks of code (`code_languages`).
    """

    html: SafeHTML
    shown: tuple[Enclosure, ...]
    links: tuple[OwnLink, ...]
    missing: tuple[MissingFile, ...]
    code: tuple[str, ...]


def body_to_html(
    front: FrontMatter,
    *,
    suffix: str,
    slug: str,
    language: str,
    site: Site,
    assets: Assets,
    attachments: Attachments,
    findings: Findings,
    is_public: bool,
) -> Content:
    """Return the content of the article at `slug`; `suffix` is that of its file, a key of READERS.

    The body is that of `front`. What readers would not see as it is written is noted in `findings`.
    """
    reader = READERS[suffix]
    if reader is read_markdown:
        html = read_markdown(with_encoded_references(front.body), wikilinks=site.wikilinks)
    else:
        html = reader(front.body)
    if languages.direction(language) == "rtl" and " dir=" not in html:
        # Feeds have no word for a direction, and a reader shows the content on a page of its own.
        html = f'<div dir="rtl" lang="{language}">{html}</div>'
    links = Links(slug, site, assets, attachments, findings)
    page = site.addresses.article(slug)
    content, shown = sanitize(html, page, attachments.place, site.embed_hosts, links.place)
    attachments.check_pictures(content)
    source = SOURCE_READERS[suffix]
    for line, message in lost_elements(front.body, front.body_line, source, frozenset(site.embed_hosts)):
        findings.warn_at(line, message)
    if _SHOWS_NOTHING.fullmatch(content) and is_public:
        findings.warn_at(front.body_line, EMPTY)
    links.check_fragments(content)
    return Content(html=content, shown=shown, links=links.found, missing=links.missing, code=code_languages(html))
