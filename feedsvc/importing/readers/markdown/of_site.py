"""What the site of a Markdown file says about it: inherited fields, who may read it, its language and address. Pure."""

import posixpath
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from feedsvc.articles.metadata import fields, marker_table
from feedsvc.articles.metadata.field_names import own_name
from feedsvc.articles.metadata.frontmatter import FrontMatter, Value
from feedsvc.articles.metadata.marker_table import squash
from feedsvc.articles.metadata.registry import FIELDS
from feedsvc.articles.metadata.systems import System
from feedsvc.articles.metadata.visibility import Marker, Visibility, is_marker, markers, visibility
from feedsvc.importing.draft import Draft
from feedsvc.importing.readers.markdown.foreign_values import leaves, prepared
from feedsvc.importing.readers.markdown.link_targets import LinkTargets
from feedsvc.importing.readers.markdown.references import slug_of_file
from feedsvc.importing.readers.sites.section_pages import fields_of_page
from feedsvc.importing.readers.sites.source_site import Inherited, Page, SourceSite, tag_of, text_in
from feedsvc.importing.settings import ImportSettings
from feedsvc.importing.source_files import FilesBeside

# What an article has of itself alone.
_OWN: Final = frozenset(map(squash, ("title", "slug", "id", "guid", "aliases", "url")))
# Names of the marker table that say that the file itself, and not a field of it, is published.
_PUBLISHING: Final = frozenset(map(squash, ("publish", "published", "public", "draft", "visibility")))
_TEXTS: Final = (".md", ".markdown", ".mdx", ".mkd", ".mdown")


def with_inherited(
    front: FrontMatter | None, text: str, inherited: Iterable[Inherited]
) -> tuple[FrontMatter | None, str]:
    """Return the fields of a file with those that it inherits, and a note if these make a draft of it, or ""."""
    found: dict[str, tuple[str, str, Value]] = {}
    for each in inherited:
        for name, value in each.fields.items():
            is_known = name in FIELDS or own_name(name) is not None or is_marker(name, value) or squash(name) == "build"
            if is_known and squash(name) not in _OWN:
                found[squash(name)] = (each.path, name, value)
    own = front.fields if front else {}
    given = {squash(name) for name in own}
    taken = {key: each for key, each in found.items() if key not in given}
    if not taken:
        return front, ""
    merged = {**own, **{name: value for _, name, value in taken.values()}}
    note = ""
    if visibility(markers(own)) is Visibility.PUBLIC and visibility(markers(merged)) is not Visibility.PUBLIC:
        hidden = [
            f"{path} says {name}"
            for path, name, value in taken.values()
            if visibility(markers({name: value})) is not Visibility.PUBLIC
        ]
        note = f"{'; '.join(hidden)}: made a draft (remove draft: true to publish it)"
    if front is None:
        front = FrontMatter(
            fields={}, lines={}, commented=frozenset(), body=text, body_line=1, forbidden_line=0, is_toml=False
        )
    return replace(front, fields=merged), note


def says_public(found: Iterable[Marker]) -> bool:
    """Return whether markers say that a file is published, and none says that it is not."""
    known = list(found)
    if visibility(known) is not Visibility.PUBLIC:
        return False
    matched = (marker_table.match(each.field.rpartition(".")[2]) for each in known if not each.date)
    return any(each is not None and each.name in _PUBLISHING and not each.is_like for each in matched)


def of_site(
    draft: Draft, given: Mapping[str, Value], date: str, *, site: SourceSite, links: LinkTargets, system: System
) -> Draft:
    """Return the draft with the language, the original, the old address and the id that it had in its site."""
    path = links.path
    place = site.translation(path)
    language = draft.language or place.language
    written = text_in(given, "slug")
    page = Page(
        path=path,
        fields=given,
        title=draft.title,
        slug=written if "/" not in written else "",
        date=date,
        categories=_categories(given, system),
        language=language or "",
    )
    if place.plain and draft.proposed_slug == slug_of_file(path):
        draft = replace(draft, proposed_slug=slug_of_file(place.plain))
    original = place.original or (_original(page, site, links) if language else "")
    draft = replace(draft, language=language, language_is_sure=draft.language_is_sure or bool(place.language))
    if original and (target := links.at(original)) and target.slug and (target.is_public or draft.is_draft):
        draft = replace(draft, translation_of=draft.translation_of or target.slug)
        if (draft.slug or draft.proposed_slug or target.slug) == target.slug:
            draft = replace(draft, slug=None, proposed_slug=f"{target.slug}-{(language or '').lower()}".rstrip("-"))
    address = site.address(page)
    if not address:
        return draft
    with suppress(ValueError):
        added = fields.aliases([address], links.base_url)
        draft = replace(draft, old_addresses=tuple(dict.fromkeys((*added, *draft.old_addresses))))
    if draft.id is None:
        # The default id has the last part of an alias alone, and /en/fab/ is another article than /fab/.
        id_ = site.feed_id(page, address) or f"tag:{links.tag_authority}:{quote(address)}"
        with suppress(ValueError):
            draft = replace(draft, id=fields.identifier(id_))
    return draft


def _categories(given: Mapping[str, Value], system: System) -> tuple[str, ...]:
    found: list[str] = []
    for name in ("categories", "category"):
        value = next((each for key, each in given.items() if squash(key) == name), "")
        for each in leaves(prepared("topics", value, system)):
            found += [part.strip() for part in each.split(",")] if isinstance(each, str) else []
    return tuple(dict.fromkeys(filter(None, found)))


def _original(page: Page, site: SourceSite, links: LinkTargets) -> str:
    """Return the path of the text of which a page is a translation, by a field that the two have in common."""
    main = site.language
    if not main or not page.language or page.language == main:
        return ""
    for name in site.group_fields:
        value = text_in(page.fields, name)
        if value and (found := _originals(site, links.beside, name).get(value)) and found != page.path:
            return found
    return ""


def _originals(site: SourceSite, beside: FilesBeside, name: str) -> Mapping[str, str]:
    """Return the paths of the texts in the main language of a site by the value of a field."""
    key = f"originals by {name} in {site.root}"
    if key not in beside.known:
        found: dict[str, str] = {}
        for path in beside.files.paths:
            if path.endswith(_TEXTS) and (not site.root or path.startswith(f"{site.root}/")):
                given = fields_of_page(beside.files, path, site.system)
                language = tag_of(text_in(given, "lang", "language", "locale")) or site.translation(path).language
                if language in (None, site.language) and (value := text_in(given, name)):
                    found.setdefault(value, path)
        beside.known[key] = found
    originals: Mapping[str, str] = beside.known[key]
    return originals


def as_private(draft: Draft, front: FrontMatter | None, settings: ImportSettings) -> Draft:
    """Return a note of a system whose notes nobody sees but their author: a draft, unless it says that it is public."""
    if draft.is_draft or says_public(markers(front.fields if front else {})):
        return draft
    return replace(draft, is_draft=not settings.publishes_unmarked, is_unmarked=True)


def path_of_source(source: str, beside: FilesBeside) -> str:
    """Return the path of a file among those around it."""
    return posixpath.join(beside.folder, posixpath.basename(source.replace("\\", "/")))


def is_resource(path: str, name: str, beside: FilesBeside, site: SourceSite | None, system: System) -> bool:
    """Return whether a file is a part of the page of its folder: Hugo's leaf bundle, an `index.md` and its files."""
    if site is not None:
        return site.is_resource(path)
    is_index = name.split(".", maxsplit=1)[0] == "index"
    return system.name == "hugo" and not is_index and beside.files.has(posixpath.join(beside.folder, "index.md"))


def is_page(path: str, given: Mapping[str, Value], site: SourceSite | None) -> bool:
    """Return whether a file is a page such as an imprint: by its place, or by a layout or type of themes."""
    is_named = "page" in (text_in(given, "layout"), text_in(given, "type"))
    return is_named or (site is not None and site.is_page(path))
