"""Read Markdown with or without front matter. The body stays unchanged, but for what other systems add to it. Pure."""

import re
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import Final

from feedsvc.articles.markup import READERS
from feedsvc.articles.metadata.registry import FIELDS, extra_values
from feedsvc.articles.metadata.systems import System
from feedsvc.articles.source_text.code_ranges import Pairs, without_code, without_markup
from feedsvc.articles.source_text.foreign_markup import foreign_markup
from feedsvc.articles.source_text.private_comments import without_private_comments
from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.draft import Block, Draft, Item, SkippedEntry, SourceDate
from feedsvc.importing.output import html_to_markdown
from feedsvc.importing.readers.local_references import with_stand_ins
from feedsvc.importing.readers.markdown.bodies import own_markdown
from feedsvc.importing.readers.markdown.detection import DATED_NAME, system_of
from feedsvc.importing.readers.markdown.foreign_fields import ForeignFields
from feedsvc.importing.readers.markdown.heads import HASH, read_head
from feedsvc.importing.readers.markdown.link_targets import LinkTargets
from feedsvc.importing.readers.markdown.obsidian import tags_in
from feedsvc.importing.readers.markdown.of_site import (
    as_private,
    is_page,
    is_resource,
    of_site,
    path_of_source,
    with_inherited,
)
from feedsvc.importing.readers.markdown.references import NAMES_ALONE, slug_of_file
from feedsvc.importing.readers.sites.find import site_of
from feedsvc.importing.settings import ImportSettings
from feedsvc.importing.source_files import NO_FILES, FilesBeside
from feedsvc.text import shorten

_HEADINGS: Final = Pairs({f"h{level}": (rf"<h{level}\b[^<>]*+>", f"</h{level}>") for level in range(1, 7)}, re.NOFLAG)
_TITLE: Final = re.compile(r"\s*#[ \t]++([^\n]++)(?:\n|$)|\s*(\S[^\n]*)\n=++[ \t]*(?:\n|$)")
_TITLE_LENGTH: Final = 80
# Where Pelican puts a file of the site.
_OF_PELICAN: Final = re.compile(r"^(?:\{|\|)(?:static|attach|filename)(?:\}|\|)")
_HTML: Final = (".html", ".htm", ".xhtml")
# Where the files may be that a text names: Hexo has a folder for each post, a note of Obsidian names one in any folder.
_FOLDERS: Final = {"hexo": ("", "{}/"), "obsidian": ("", "/", "/attachments/", "/assets/", "/files/", "/images/")}


def read_markdown(
    source: str, text: str, settings: ImportSettings, beside: FilesBeside = NO_FILES, *, with_links: bool = True
) -> Item:
    """Return the draft in a Markdown file, with stand-ins for the files beside it; or the entry that is skipped.

    A file with fields may have HTML below them. `with_links` says that links lead to the articles that other files
    become. Raises ArticleError if its front matter is broken or it has no title.
    """
    name = PurePath(source).name
    if name.split(".")[0] == "_index":
        return SkippedEntry(source, "section")  # Of Hugo and Zola: it lists articles.
    site, path = site_of(beside), path_of_source(source, beside)
    written = read_head(source, text, settings.system or (site.system if site else ""))
    system = system_of(source, text, written, settings.system or (site.system if site else ""))
    if is_resource(path, name, beside, site, system):
        return SkippedEntry(source, "resource")
    front, note = with_inherited(written, text, site.inherited(path) if site else ())
    links = LinkTargets(path, beside, settings, site, partial(read_markdown, with_links=False))
    body = own_markdown(front.body if front else text, system, links if with_links else NAMES_ALONE)
    if front and PurePath(source).suffix.lower() in _HTML:
        body = html_to_markdown.markdown_of(body)

    def address_of(reference: str) -> str | None:
        reference = _OF_PELICAN.sub("", reference)
        names = [folder.format(PurePath(source).stem) + reference for folder in _FOLDERS.get(system.name, ("",))]
        if site and site.base_path and reference.startswith(f"{site.base_path}/"):
            names.append(reference.removeprefix(site.base_path))
        return next(filter(None, map(beside.address_of, names)), None)

    body = with_stand_ins(body, address_of)
    has_title = front is not None and any(each.lower() == "title" and value for each, value in front.fields.items())
    title, below = ("", body) if has_title else split_title(body)
    draft = _body(source, below, system)
    title = title or ("" if has_title else title_of_untitled(source, draft, system, has_fields=written is not None))
    fields = ForeignFields(front, settings, system, address_of) if front else None
    draft = replace(draft, title=title, notes=(*draft.notes, *filter(None, [note])))
    draft = _with_fields(draft, fields, settings.now) if fields else draft
    if site is not None:
        date = next((str(value) for _, value in fields.dates), "") if fields else ""
        draft = of_site(draft, front.fields if front else {}, date, site=site, links=links, system=system)
    draft = replace(draft, is_page=is_page(path, front.fields if front else {}, site))
    if system.is_private or (site is not None and site.is_private):
        draft = as_private(draft, front, settings)
    tags = tags_in(below) if system.name == "obsidian" else ()
    return replace(draft, tags=tuple(dict.fromkeys((*draft.tags, *tags))))


def split_title(body: str) -> tuple[str, str]:
    """Return the heading of level 1 at the beginning of Markdown as plain text, and the text below; "" for none."""
    found = _TITLE.match(body)
    if found is None:
        return "", body
    return html_to_markdown.plain_text(READERS[".md"](f"# {found[1] or found[2]}")), body[found.end() :]


def title_of_untitled(source: str, draft: Draft, system: System, *, has_fields: bool) -> str:
    """Return the title of a text without one, from its name or beginning, as its system does; "" if it has fields.

    Raises ArticleError if nothing says that the text is an article.
    """
    if system.has_titles_in_names:
        return HASH.sub("", PurePath(source).stem)
    if system.name == "microblog":
        return shorten(next((each.text for each in draft.blocks), ""), _TITLE_LENGTH)
    if has_fields:
        return ""
    raise ArticleError([Finding(line=1, message="no title: begin the file with '# Title', or with front matter")])


def _body(source: str, body: str, system: System) -> Draft:
    """Return a draft with the Markdown of the body, and with its blocks as plain text, for proposals."""
    html = READERS[".md"](body)
    blocks: list[Block] = []
    position = 0
    for heading in _HEADINGS.find(html):
        if heading.end is None:
            continue
        blocks.append(Block(text=html_to_markdown.plain_text(html[position : heading.start]), markdown=""))
        text = html_to_markdown.plain_text(html[heading.start : heading.end])
        blocks.append(Block(text=text, markdown="", level=int(heading.kind[1])))
        position = heading.end
    blocks.append(Block(text=html_to_markdown.plain_text(html[position:]), markdown=""))
    with_text = tuple(block for block in blocks if block.text)
    is_named = system.has_slugs_in_names or system.has_titles_in_names or DATED_NAME.fullmatch(PurePath(source).stem)
    slug = slug_of_file(PurePath(source).as_posix()) if is_named else ""
    shown = partial(without_markup, is_markdown=True)
    public = without_private_comments(body, shown).body
    left = foreign_markup(public, partial(without_code, is_markdown=True), shown)
    notes = tuple(dict.fromkeys(message for _, message in left))
    return Draft(source=source, title="", blocks=with_text, markdown=body.strip("\n"), proposed_slug=slug, notes=notes)


def _with_fields(draft: Draft, read: ForeignFields, now: datetime | None) -> Draft:
    # No system publishes an article before the last of these dates, or keeps it up past the first of the others.
    dates = dict(zip(read.times(read.dates), (name for name, _ in read.dates), strict=True))
    date = max(dates, default=None)
    values = read.values()
    known = [topic.name for topic in read.site.topics]
    topics, tags = values.get("topics", ()), values.get("tags", ())
    if not topics:
        # Eleventy and Obsidian have tags alone.
        topics = tuple(each for each in read.topics(list(tags)) if each in known)
        tags = tuple(each for each in tags if not set(read.topics([each])) & set(known))
    expires = min(read.times(read.expiries), default=None)
    is_expired = expires is not None and now is not None and expires <= now
    if expires and is_expired and not read.is_draft:
        read.notes.append(
            f"was taken down on {expires:%Y-%m-%d}: made a draft (remove draft and expires to publish it)"
        )
    left_out = ("image: a file, left out (put it beside the article and name it there)",)
    has_image = values.get("image") or "image" not in values
    given = {FIELDS[name].attribute: value for name, value in values.items() if FIELDS[name].attribute}
    given |= {
        "published": SourceDate(at=date, found_in=dates[date]) if date else None,
        "expires": expires,
        "topics": tuple(topic for topic in topics if topic in known),
        "tags": (*tags, *(topic for topic in topics if topic not in known)),
        "language_is_sure": "language" in values,
        "old_addresses": read.old_addresses,
        "proposed_slug": read.proposed_slug or draft.proposed_slug,
        "is_draft": read.is_draft or is_expired,
        "extra": extra_values(values),
        "notes": (*draft.notes, *read.notes, *(() if has_image else left_out)),
    }
    return replace(draft, **given)
