"""Complete a draft: propose the fields that its source does not have, or say which ones are missing. Pure."""

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import Final

from feedsvc.articles.metadata.fields import MAX_NAMES, MAX_TEXT, slug_from
from feedsvc.errors import Finding
from feedsvc.importing.analysis.language import choose_language
from feedsvc.importing.analysis.names import tags_in
from feedsvc.importing.analysis.topics import TopicScore, classify
from feedsvc.importing.draft import Draft, SourceDate
from feedsvc.importing.settings import ImportSettings
from feedsvc.text import MAX_NAME, plain, shorten

# File systems allow 255 bytes for a name. A suffix and a number are appended.
MAX_SLUG_BYTES: Final = 180
_NAME_DATE: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")

_NO_TEXT: Final = "has no text (paste the text below its title, or leave the file out)"
_BIDI_OVERRIDES: Final = re.compile("[\u202d\u202e]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """The values that the person who imports gives, in place of those of the source.

    `published` is only for drafts without a date. `topics` are names of topics of the site, `language` is a tag of
    BCP 47, `slug` a valid slug. With `canonical`, the address of an entry at another site is its canonical address.
    `started_at` is the time of the import (UTC), which becomes the date of a draft that has none.
    """

    published: SourceDate | None = None
    topics: tuple[str, ...] = ()
    language: str | None = None
    slug: str | None = None
    canonical: bool = False
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedDraft:
    """A draft with all its fields, and the reasons: the language in words, the topics with their keywords.

    `missing` has one finding for each field that was neither found nor proposed; no article is made then. `proposed`
    are the names of front matter fields that neither the source nor the person who imports gave.
    """

    draft: Draft
    slug: str
    language: str
    published: SourceDate | None
    language_reason: str
    topic_scores: tuple[TopicScore, ...]
    proposed: frozenset[str] = frozenset()
    missing: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The language, topics and tags that are proposed for a draft."""

    language: str
    language_reason: str
    topic_scores: tuple[TopicScore, ...]
    topics: tuple[str, ...]
    tags: tuple[str, ...]


def propose(draft: Draft, settings: ImportSettings, overrides: Overrides = Overrides()) -> Proposal:
    """Propose language, topics and tags. If the source names topics of ours, the draft keeps its topics and tags."""
    text = f"{draft.title}\n{draft.summary}\n{draft.text}"
    if overrides.language:
        language, why = overrides.language, "from --language"
    else:
        language, why = choose_language(
            text, draft.language, sure=draft.language_is_sure, default=settings.site.language
        )
    topic_scores = classify(
        title=draft.title,
        headings=draft.headings,
        text=f"{draft.summary}\n{draft.text}",
        language=language,
        keywords=settings.keywords,
        threshold=settings.threshold,
    )
    topics = overrides.topics or draft.topics or tuple(each.topic for each in topic_scores if each.chosen)
    found = () if draft.topics else tags_in(draft.title, f"{' '.join(draft.headings)}\n{text}", settings.names)
    given = {tag.casefold() for tag in draft.tags}
    tags = (*draft.tags, *(tag for tag in found if tag.casefold() not in given))[:MAX_NAMES]
    return Proposal(language=language, language_reason=why, topic_scores=topic_scores, topics=topics, tags=tags)


def complete(draft: Draft, settings: ImportSettings, overrides: Overrides) -> CompletedDraft:
    """Return the draft with every field that an article needs, and findings for the missing ones."""
    draft = replace(draft, title=_without_bidi_overrides(draft.title), summary=_without_bidi_overrides(draft.summary))
    draft = _within_limits(draft)
    proposal = propose(draft, settings, overrides)
    published = draft.published or _date_in_name(draft.source, settings) or overrides.published
    if substitute := None if published else _substitute(draft, overrides.started_at):
        note = f"published: a draft without a date got {substitute.found_in} (correct it before you publish the draft)"
        draft = replace(draft, notes=(*draft.notes, note))
    slug = overrides.slug or draft.slug or draft.proposed_slug
    with suppress(ValueError):
        slug = slug or slug_from(draft.title)
    given = {
        "published": published,
        "language": overrides.language or draft.language_is_sure,
        "topics": overrides.topics or draft.topics,
        "tags": draft.topics,
        "slug": overrides.slug or draft.slug,
        # An import of version 0.1 wrote no old addresses. Its article counts as the same without them.
        "aliases": draft.aliases,
    }
    missing = tuple(
        Finding(field=field, message=message)
        for field, present, message in (
            ("title", draft.title, "none was found (put one on the first line)"),
            ("", draft.blocks or draft.enclosures, _NO_TEXT),
            ("published", published or substitute, _no_date(draft)),
            ("topics", proposal.topics, _no_topic(draft, proposal.topic_scores, slug)),
            ("slug", slug or not draft.title, "no address can be made of the title (give it letters or digits)"),
        )
        if not present
    )
    canonical = draft.canonical or (draft.link if overrides.canonical else None)
    return CompletedDraft(
        draft=replace(draft, topics=proposal.topics, tags=proposal.tags, canonical=canonical),
        slug=slug.encode()[:MAX_SLUG_BYTES].decode(errors="ignore").rstrip("-."),
        language=proposal.language,
        published=published or substitute,
        language_reason=proposal.language_reason,
        topic_scores=proposal.topic_scores,
        proposed=frozenset(name for name, value in given.items() if not value),
        missing=missing,
    )


def _within_limits(draft: Draft) -> Draft:
    """Return the draft with at most as many tags and authors, and as long texts, as an article may have, and notes."""
    notes: list[str] = []
    summary, authors = draft.summary, draft.authors[:MAX_NAMES]
    if len(summary) > MAX_TEXT:
        notes.append(f"summary: its {len(summary):,} characters are shortened to {MAX_TEXT:,} (write a shorter one)")
        # An ellipsis follows.
        summary = shorten(summary, MAX_TEXT - 1)
    longest = max((len(author.name) for author in authors), default=0)
    if longest > MAX_NAME:
        notes.append(f"authors: a name of {longest:,} characters is shortened to {MAX_NAME} (write it as it is)")
        authors = tuple(replace(author, name=shorten(author.name, MAX_NAME - 1)) for author in authors)
    tags = tuple(tag for tag in draft.tags if len(tag) <= MAX_NAME)
    for name, found, kept in (("authors", draft.authors, authors), ("tags", draft.tags, tags[:MAX_NAMES])):
        if len(kept) < len(found):
            notes.append(f"{name}: {len(kept)} of {len(found)} are kept (choose others, if readers look for them)")
    return replace(draft, summary=summary, authors=authors, tags=tags[:MAX_NAMES], notes=(*draft.notes, *notes))


def _without_bidi_overrides(text: str) -> str:
    """Return `text` without U+202D and U+202E, which reverse text that is written in another direction."""
    return plain(_BIDI_OVERRIDES.sub("", text)) if _BIDI_OVERRIDES.search(text) else text


def _substitute(draft: Draft, started_at: datetime | None) -> SourceDate | None:
    """Return the time of the last change of a draft, else that of the import: its text must not be lost for a date."""
    if draft.is_draft and draft.updated:
        return SourceDate(at=draft.updated, found_in="the time of its last change")
    return SourceDate(at=started_at, found_in="the time of the import") if draft.is_draft and started_at else None


def _date_in_name(source: str, settings: ImportSettings) -> SourceDate | None:
    """Return the date in a file's name (2026-03-12-title.txt, 20260312.html), for files with one article."""
    match = None if "#" in source else _NAME_DATE.search(PurePath(source).name)
    with suppress(ValueError):
        if match is not None:
            return SourceDate(at=settings.date(f"{match[1]}-{match[3]}-{match[4]}"), found_in="the file's name")
    return None


def _no_topic(draft: Draft, topic_scores: tuple[TopicScore, ...], slug: str) -> str:
    scores = ", ".join(f"{each.topic} {each.score:g} of {each.needed:g}" for each in topic_scores)
    if draft.is_page:
        # A page of ours has no topics, and no date unless it appears later.
        return (
            f"a page of its site, and no topic has enough points ({scores}): write its title and text into "
            f"content/pages/{slug or 'about'}.md, or name a topic with --topic if it is an article"
        )
    return f"no topic has enough points ({scores}): name one with --topic, or add keywords to site.toml"


def _no_date(draft: Draft) -> str:
    read = "; ".join(note for note in draft.notes if note.startswith(("published", "pubDate", "date", "post_date")))
    if draft.updated and not read:
        read = f"only that of its last change, {draft.updated:%Y-%m-%d}"
    return (
        f"no date was found{f' ({read})' if read else ''}; import makes up none (name one with --published 2026-03-01)"
    )
