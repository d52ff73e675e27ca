"""Read Markdown with or without front matter. The body stays unchanged, but for what other systems add to it. Pure."""

import re
from dataclasses import replace
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
from feedsvc.importing.readers.markdown.obsidian import tags_in
from feedsvc.importing.readers.markdown.references import slug_of_file
from feedsvc.importing.settings import ImportSettings
from feedsvc.importing.source_files import NO_FILES, FilesBeside
from feedsvc.text import shorten

_HEADINGS: Final = Pairs({f"h{level}": (rf"<h{level}\b[^<>]*+>", f"</h{level}>") for level in range(1, 7)}, re.NOFLAG)
_TITLE: Final = re.compile(r"\s*#[ \t]++([^\n]++)(?:\n|$)|\s*(\S[^\n]*)\n=++[ \t]*(?:\n|$)")
_TITLE_LENGTH: Final = 80
# Where the files may be that a text names: Hexo has a folder for each post, a note of Obsidian names one in any folder.
_FOLDERS: Final = {"hexo": ("", "{}/"), "obsidian": ("", "/", "/attachments/", "/assets/", "/files/", "/images/")}


def read_markdown(source: str, text: str, settings: ImportSettings, beside: FilesBeside = NO_FILES) -> Item:
    """Return the draft in a Markdown file, with stand-ins for the files beside it; or the entry that is skipped.

    Raises ArticleError if its front matter is broken or it has no title.
    """
    # Hugo and Zola: the page of a section, which lists articles.
    if PurePath(source).name == "_index.md":
        return SkippedEntry(source, "section")
    front = read_head(source, text, settings.system)
    system = system_of(source, text, front, settings.system)
    body = own_markdown(front.body if front else text, system)
    name = HASH.sub("", PurePath(source).stem)

    def address_of(reference: str) -> str | None:
        names = (folder.format(PurePath(source).stem) + reference for folder in _FOLDERS.get(system.name, ("",)))
        return next(filter(None, map(beside.address_of, names)), None)

    body = with_stand_ins(body, address_of)
    title, below = "", body
    has_title = front is not None and any(name.lower() == "title" and value for name, value in front.fields.items())
    if not has_title and (found := _TITLE.match(body)) is not None:
        title = html_to_markdown.plain_text(READERS[".md"](f"# {found[1] or found[2]}"))
        below = body[found.end() :]
    draft = _body(source, below, system)
    if not title and not has_title:
        if system.has_titles_in_names:
            title = name
        elif system.name == "microblog":
            title = shorten(next((each.text for each in draft.blocks), ""), _TITLE_LENGTH)
        elif front is None:
            message = "no title: begin the file with '# Title', or with front matter"
            raise ArticleError([Finding(line=1, message=message)])
    draft = replace(draft, title=title)
    if front is not None:
        draft = _with_fields(draft, ForeignFields(front, settings, system, address_of))
    if system.name == "obsidian":
        draft = replace(draft, tags=tuple(dict.fromkeys((*draft.tags, *tags_in(below)))))
    return draft


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


def _with_fields(draft: Draft, read: ForeignFields) -> Draft:
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
    left_out = ("image: a file, left out (put it beside the article and name it there)",)
    has_image = values.get("image") or "image" not in values
    given = {FIELDS[name].attribute: value for name, value in values.items() if FIELDS[name].attribute}
    given |= {
        "published": SourceDate(at=date, found_in=dates[date]) if date else None,
        "expires": min(read.times(read.expiries), default=None),
        "topics": tuple(topic for topic in topics if topic in known),
        "tags": (*tags, *(topic for topic in topics if topic not in known)),
        "language_is_sure": "language" in values,
        "old_addresses": read.old_addresses,
        "proposed_slug": read.proposed_slug or draft.proposed_slug,
        "is_draft": read.is_draft,
        "extra": extra_values(values),
        "notes": (*draft.notes, *read.notes, *(() if has_image else left_out)),
    }
    return replace(draft, **given)
