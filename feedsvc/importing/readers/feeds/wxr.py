"""Read a WordPress export (WXR 1.0 to 1.2, which is RSS with an extension): a draft for each post and page. Pure.

WordPress stores a post nearly as it was typed: blank lines separate paragraphs, and [shortcodes] stand for what a
plugin adds.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from urllib.parse import unquote

from feedsvc.articles.metadata import fields
from feedsvc.articles.metadata.fields import slug_from
from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.articles.metadata.marker_table import NO, squash
from feedsvc.articles.metadata.visibility import Visibility, is_yes, markers, of_word
from feedsvc.articles.source_text.code_ranges import Pairs
from feedsvc.importing.draft import Draft, FileNote, Item, SkippedEntry
from feedsvc.importing.output.html_to_markdown import renumber_headings
from feedsvc.importing.readers.feeds import entries, shortcodes
from feedsvc.importing.readers.feeds.attachments import Attachment, attachment_of, excerpt_tags, galleries_of, meta_of
from feedsvc.importing.readers.feeds.entries import Entry, FieldReader
from feedsvc.importing.readers.feeds.footnotes import Footnotes, footnotes_of, with_footnotes
from feedsvc.importing.readers.feeds.set_aside import SetAside, blocks_unwrapped, is_block
from feedsvc.importing.readers.feeds.uploads import Uploads, hosts_of
from feedsvc.importing.readers.feeds.wordpress_blocks import flattened, with_reusable_blocks, without_comments
from feedsvc.importing.readers.feeds.xml import CONTENT, DC, Document, Element, leaves, text_of
from feedsvc.importing.settings import ImportSettings
from feedsvc.importing.source_files import NO_FILES, FilesBeside
from feedsvc.model import Enclosure, Image, Person
from feedsvc.text import plain
from feedsvc.urls import FETCH_SCHEMES, resolve

_WP: Final = re.compile(r"\{(https?://(?:www\.)?wordpress\.org/export/[\w.-]+/)\}", re.IGNORECASE)
_POSTS: Final = ("post", "page")
# The types of entries that WordPress makes itself: files, menus, settings, parts of a theme.
_OF_WORDPRESS: Final = frozenset(
    "attachment custom_css customize_changeset nav_menu_item oembed_cache revision user_request wp_block wp_font_face "
    "wp_font_family wp_global_styles wp_navigation wp_template wp_template_part".split()
)
_SKIPPED_STATUSES: Final = ("auto-draft", "inherit")
_NO_DATE: Final = "0000-00-00 00:00:00"
_BLOCK: Final = (
    "address|article|aside|blockquote|dd|details|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|iframe|li|ol|p|pre|"
    "section|table|tbody|td|tfoot|th|thead|tr|ul"
)
_BLOCK_TAG: Final = re.compile(rf"</?(?:{_BLOCK})\b", re.IGNORECASE)
_WHOLE_ELEMENTS: Final = Pairs(
    {name: (rf"<{name}\b", f"</{name}>") for name in "pre script style table figure ul ol dl blockquote".split()}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Export:
    """The parts of an export that its posts refer to.

    `wp` is the namespace of this version in braces. `people` are authors by their logins, `attachments` files by
    their numbers. `post` makes what a post refers to of its number and post meta. `former` has the
    paths that a post had under another slug, by its number.
    """

    wp: str
    home: str
    people: Mapping[str, Person]
    attachments: Mapping[str, Attachment]
    post: Callable[..., shortcodes.Post]
    uploads: Uploads
    former: Mapping[str, Sequence[str]]
    language: str | None


def is_wxr(root: Element) -> bool:
    """Return whether a document is an export; its channel has the version."""
    return any(_WP.match(str(child.tag)) for child in root.iterfind("channel/*"))


def read_wxr(
    source: str, document: Document, settings: ImportSettings, beside: FilesBeside = NO_FILES
) -> Iterator[Item]:
    """Yield a draft for each post and page that is not in the trash, and each skipped entry.

    Pictures that the copy of the uploads in `beside` has are taken from there.

    Pages, and posts with a password, become drafts: they must not appear in a feed by themselves.
    """
    export = _export(document, beside)
    wp, kinds = export.wp, (*_POSTS, *settings.post_types)
    others: Counter[str] = Counter()
    for item in document.items("item"):
        name = f"{source}#{text_of(item, f'{wp}post_id') or text_of(item, 'title')}"
        status, kind = text_of(item, f"{wp}status"), text_of(item, f"{wp}post_type")
        if status == "trash" or (kind in kinds and status in _SKIPPED_STATUSES):
            yield SkippedEntry(name, status)
        elif kind in kinds:
            yield entries.guarded(name, partial(_post, name, item, export, settings))
            for comment in item.findall(f"{wp}comment"):
                if text_of(comment, f"{wp}comment_approved") == "1":
                    yield SkippedEntry(name, "comment")
        else:
            found = export.attachments.get(text_of(item, f"{wp}post_id")) if kind == "attachment" else None
            url = found.url if found and not export.uploads.has(found.url) else ""
            others.update([] if kind in _OF_WORDPRESS else [kind])
            yield SkippedEntry(name, kind or "unknown", url)
    for kind, count in others.items():
        number = "1 entry" if count == 1 else f"{count:,} entries"
        cure = f"--post-type {kind} imports them" if kind else "give them a type"
        yield FileNote(source, f"{number} of type {kind or 'none'!r}, neither posts nor pages, left out ({cure})")


def _export(document: Document, beside: FilesBeside) -> _Export:
    """Return what the posts of an export refer to, which may be anywhere in it. The items are read once for that."""
    channel = document.root.find("channel")
    wp = next(match[0] for child in channel if (match := _WP.match(str(child.tag))))
    home = text_of(channel, f"{wp}base_blog_url", f"{wp}base_site_url", "link")
    people: dict[str, Person] = {}
    for each in channel.findall(f"{wp}author"):
        name = plain(text_of(each, f"{wp}author_display_name", f"{wp}author_login")) or "?"
        people[text_of(each, f"{wp}author_login")] = Person(name=name)
    attachments: dict[str, Attachment] = {}
    reusable: dict[str, str] = {}
    paths: set[str] = set()
    former: dict[str, str] = {}
    for item in document.items("item"):
        number, kind = text_of(item, f"{wp}post_id"), text_of(item, f"{wp}post_type")
        if kind == "attachment" and (found := attachment_of(item, wp, home)):
            attachments[number] = found
        path = entries.path_of_link(text_of(item, "link"))
        paths.add(path)
        for each in former_paths(path, text_of(item, f"{wp}post_name"), meta_of(item, wp)):
            former.setdefault(each, number)
        is_public = of_word(text_of(item, f"{wp}status")) is Visibility.PUBLIC
        if kind == "wp_block" and is_public and not text_of(item, f"{wp}post_password"):
            reusable[number] = text_of(item, f"{CONTENT}encoded").replace("\r\n", "\n")
    language = text_of(channel, "language") or None
    return _Export(
        wp=wp,
        home=home,
        people=people,
        attachments=attachments,
        uploads=Uploads(hosts_of([home, *(each.url for each in attachments.values())]), beside),
        post=partial(shortcodes.Post, attachments=attachments, galleries=galleries_of(attachments), reusable=reusable),
        language=language,
        former=paths_of(former, paths),
    )


def paths_of(former: Mapping[str, str], known: Set[str]) -> Mapping[str, Sequence[str]]:
    """Return former paths by the number of their post, without those that an entry has now."""
    found: dict[str, list[str]] = {}
    for path, number in former.items():
        if path not in known:
            found.setdefault(number, []).append(path)
    return found


def former_paths(path: str, name: str, meta: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield the paths that a post had under its former slugs, which WordPress redirects to `path`, that of `name`."""
    before, _, last = path.rstrip("/").rpartition("/")
    for key, value in meta:
        # A permalink without the slug did not change with it.
        if key == "_wp_old_slug" and value and unquote(last) == unquote(name):
            yield f"{before}/{unquote(value)}{'/' if path.endswith('/') else ''}"


def _post(source: str, item: Element, export: _Export, settings: ImportSettings) -> Draft:
    wp = export.wp
    reader = FieldReader([*_draft_reasons(item, wp)])
    is_draft = of_word(text_of(item, f"{wp}status")) is not Visibility.PUBLIC or bool(reader.notes)
    page = entries.page_of(link := text_of(item, "link"))
    meta = meta_of(item, wp)
    labels = [_label(each, settings) for each in item.findall("category") if each.get("domain") != "post_format"]
    name = text_of(item, f"{wp}post_name")
    slug = None
    # WordPress stores the slug percent-encoded.
    with suppress(ValueError):
        slug = slug_from(unquote(name)) if name else None
    post = export.post(number=text_of(item, f"{wp}post_id"), meta=meta)
    footnotes = footnotes_of(meta, reader)
    login = plain(text_of(item, f"{DC}creator"))
    html = _html(text_of(item, f"{CONTENT}encoded"), post, footnotes, reader)
    image, figure = _image(dict(meta).get("_thumbnail_id", ""), export, page, reader)
    html, image = export.uploads.in_post(figure + html, image, page, reader)
    entry = Entry(
        source=source,
        title=entries.title_text(text_of(item, "title")),
        link=link,
        home=export.home,
        full=html,
        summary=entries.title_text(text_of(item, *excerpt_tags(item))),
        published=_published(item, wp),
        updated=("post_modified_gmt", _gmt(text_of(item, f"{wp}post_modified_gmt"))),
        id=text_of(item, "guid"),
        slug=slug,
        authors=(export.people.get(login) or Person(name=login),) if login else (),
        labels=[("", label) for label in labels if label.lower() not in _UNCATEGORIZED],
        image=image,
        enclosures=tuple(_enclosures(meta, reader, page)),
        language=export.language,
        language_is_sure=False,
        is_draft=is_draft,
        # PublishPress Future (Post Expirator): `_expiration-date`, in seconds since 1970.
        said=[(key.lstrip("_"), value.strip()) for key, value in meta],
    )
    draft = with_footnotes(entries.draft_of(entry, reader, settings), footnotes, page)
    old = list(draft.old_addresses)
    for path in export.former.get(post.number, ()):
        with suppress(ValueError):
            old += fields.aliases([path], settings.site.base_url)
    return replace(draft, blocks=renumber_headings(draft.blocks), old_addresses=tuple(dict.fromkeys(old)))


def _draft_reasons(item: Element, wp: str) -> Iterator[str]:
    """Yield the reasons why a post that WordPress counts as published, or will publish, becomes a draft."""
    cure = "made a draft (remove draft: true to publish it"
    if text_of(item, f"{wp}post_password"):
        yield f"protected by a password: {cure} to everybody)"
    if text_of(item, f"{wp}post_type") == "page":
        yield f"a page of the site rather than a post: {cure}, or delete it)"
    yield from entries.scheduled("status", text_of(item, f"{wp}status"))
    for name, value in meta_of(item, wp):
        if _restricts(name, value.strip()):
            yield f"post meta {name}: {plain(value)[:40]!r} is not for the public: {cure} to everybody)"
    # Names that mean nothing else, also where a plugin or theme made them.
    meta: dict[str, Value] = {
        f"{number}": {name.lstrip("_"): value} for number, (name, value) in enumerate(meta_of(item, wp))
    }
    said: dict[str, Value] = {name: value for name, value in leaves(item) if name not in _OF_ENTRIES}
    for each in markers({"entry-fields": {"meta-fields": said, **meta}}):
        if each.visibility is not Visibility.PUBLIC:
            yield f"{each.field.rpartition('.')[2]}: {each.value_text} is not for the public: {cure} to everybody)"


# The elements of every entry, which are read elsewhere or say nothing of who may read it.
_OF_ENTRIES: Final = frozenset(
    "title link pubDate creator guid description encoded post_id post_date post_date_gmt post_modified "
    "post_modified_gmt comment_status ping_status post_name status post_parent menu_order post_type post_password "
    "is_sticky category postmeta comment attachment_url".split()
)
# Post meta by which plugins restrict who reads a post: Jetpack, Members, Restrict Content Pro, Paid Memberships Pro,
# MemberPress, WishList Member, Patreon, s2Member, Groups, Ultimate Member, PPWP, ARMember, Newspack …
_ACCESS: Final = re.compile(
    r"newsletter_access|members_access|restrict|paywall|members?_only|memberful_acl|wpmem_block|(?:^|_)emember|"
    r"^_?(?:mepr|wlm|wishlist_?member|s2member|groups|patreon)[_-]|^_?(?:rcp|pmpro|swpm|ihc|ppwp?|pda|arm_access)_|"
    r"um_accessible|content_(?:gate|access)|(?:^|_)membership(?:_level)?$|^_?(?:is_)?(?:paid|premium)$|"
    r"hide_(?:on|from|in)_(?:rss|feed)",
    re.IGNORECASE,
)
# Names that end so are about many things: what they say must be yes, or a word that is not public.
_FLAGS: Final = re.compile(r"(?:^|_)(?:private|draft|unlisted|protected)(?:_post)?$|^_?hidden$", re.IGNORECASE)
_WORDS: Final = re.compile(r"(?:visibility|access|audience|privacy)$", re.IGNORECASE)
# Ultimate Member writes its table to every post. Without settings of its own, a post is for everybody.
_NO_SETTINGS: Final = re.compile(r'"_?um_custom_access_settings";(?:s:1:"0"|b:0|i:0);')
# Their values for a post that everybody may read. An empty array is one of PHP's.
_OF_ALL: Final = frozenset(("", "0", "no", "off", "false", "all", "everybody", "everyone", "public", "none", "a:0:{}"))


def _restricts(name: str, value: str) -> bool:
    """Return whether post meta says that not everybody may read its post."""
    if _ACCESS.search(name):
        # ARMember's plan 0 is any plan.
        is_open = value.lower() in _OF_ALL or squash(value) in NO or _NO_SETTINGS.search(value) is not None
        return not is_open or (bool(value) and name.endswith("arm_access_plan"))
    if _FLAGS.search(name):
        return is_yes(value)
    return _WORDS.search(name) is not None and of_word(value) is Visibility.NOT_PUBLIC


_UNCATEGORIZED: Final = ("uncategorized", "uncategorised", "未分類", "未分类", "미분류", "分類なし")


def _label(category: Element, settings: ImportSettings) -> str:
    """Return the name of a category or tag, or the name in its address if a topic of ours has that one."""
    label = "".join(category.itertext()).strip()
    in_address = unquote(category.get("nicename") or "") if category.get("domain") == "category" else ""
    return (
        in_address if in_address and not settings.topic_called(label) and settings.topic_called(in_address) else label
    )


def _published(item: Element, wp: str) -> tuple[str, str]:
    """Return the date in GMT. A draft has none, and keeps the local time of its last change."""
    at = _gmt(text_of(item, f"{wp}post_date_gmt"))
    if at:
        return "post_date_gmt", at
    local = text_of(item, f"{wp}post_date")
    return "post_date", "" if local == _NO_DATE else local or text_of(item, "pubDate")


def _gmt(written: str) -> str:
    return f"{written}Z" if written and written != _NO_DATE else ""


def _image(thumbnail: str, export: _Export, page: str, reader: FieldReader) -> tuple[Image | None, str]:
    """Return the post's picture, and its figure if its caption needs one: "" if not.

    An export of posts alone does not have the picture.
    """
    found = export.attachments.get(thumbnail)
    url = resolve(found.url, page, FETCH_SCHEMES) if found else None
    if found and url:
        return entries.captioned(Image(url=url, alt=found.alt), found.caption)
    if thumbnail.strip("0"):
        reader.notes.append(
            f"image: left out, since the export does not say where attachment {thumbnail} is "
            "(export the media too, or name it under image)"
        )
    return None, ""


def _enclosures(meta: Sequence[tuple[str, str]], reader: FieldReader, page: str) -> Iterator[Enclosure]:
    """Yield enclosures. The value has address, length and type on a line each."""
    for key, value in meta:
        url, length, type_ = [*(line.strip() for line in value.splitlines()), "", "", ""][:3]
        found = reader.enclosure(url, type_, length, page) if key == "enclosure" else None
        if found is not None:
            yield found


def _html(typed: str, post: shortcodes.Post, footnotes: Footnotes, reader: FieldReader) -> str:
    """Return a post's text, as it was typed, as the HTML that WordPress would show, with marks for footnotes."""
    aside = SetAside()
    # A reusable block may be restricted where it is shown, or in itself.
    typed = reader.public(typed.replace("\r\n", "\n").replace("\0", ""))
    typed = with_reusable_blocks(typed, post, reader)
    text = shortcodes.set_code_aside(reader.public(typed), aside)
    text = footnotes.without_shortcodes(without_comments(text, post, reader, aside))
    text = blocks_unwrapped(shortcodes.expand_shortcodes(text, post, reader, aside))
    footnotes.restore(aside)
    return flattened(aside.restored(_paragraphs(text, aside)), footnotes, reader)


def _paragraphs(html: str, aside: SetAside) -> str:
    """Return a post's HTML with its paragraphs marked, as WordPress does (wpautop).

    Text between blank lines that is not a block is a paragraph. A line break becomes <br>.
    """
    parts: list[str] = []
    for part in map(str.strip, re.split(r"\n[^\S\n]*+\n", _WHOLE_ELEMENTS.replaced(html, aside.block))):
        if is_block(part) or _BLOCK_TAG.search(part):
            parts.append(part)
        elif part:
            parts.append(f"<p>{part.replace(chr(10), '<br>' + chr(10))}</p>")
    return "\n".join(parts)
