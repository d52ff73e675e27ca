"""Read posts of Tumblr: the JSON of its API, and the pages of its own export. Pure.

https://www.tumblr.com/docs/en/api/v2: a post has fields of its type, or a list of blocks (NPF).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from html import escape
from pathlib import PurePath
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from feedsvc.articles.limits import check_markup
from feedsvc.articles.metadata import fields
from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.importing.draft import Draft, Item
from feedsvc.importing.readers.feeds import entries
from feedsvc.importing.readers.feeds.entries import Entry, FieldReader
from feedsvc.importing.settings import ImportSettings
from feedsvc.importing.source_files import FilesBeside
from feedsvc.text import plain, shorten

Table = Mapping[str, Any]
# Fields of the API that say nothing about who may read a post.
_TEXTS: Final = frozenset(
    "answer asking_name asking_url audio_url blog blog_name body can_blaze can_ignite can_like can_reblog can_reply "
    "can_send_in_message caption content date description dialogue display_avatar embed embed_url excerpt followed "
    "format genesis_post_id html5_capable id id_string image_permalink interactability_blaze interactability_reblog "
    "is_blaze_pending is_blazed is_blocks_post_format layout liked link_image note_count notes object_type "
    "original_type parent_post_id permalink_url photo_url photos player post_author post_url publisher question reblog "
    "reblog_key reblogged_from_id recommended_color recommended_source short_url should_open_in_legacy slug source "
    "source_title source_url summary tags text timestamp title track_name trail type url video_url".split()
)
_EXPORTED: Final = re.compile(r"<div id=\"footer\">\s*<span id=\"timestamp\">")
_ORDINAL: Final = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
_CLOCK: Final = re.compile(r"(?<=\d)(?=[ap]m\b)", re.IGNORECASE)
# In seconds since 1970: the year 2286.
_MAX_TIME: Final = 10_000_000_000
_TITLE_LENGTH: Final = 80
_HEADINGS: Final = {"heading1": "h2", "heading2": "h3", "quote": "blockquote", "indented": "blockquote"}


def posts_in(document: Any) -> list[Table]:
    """Return the posts in an answer of the API, a list of posts, or one post; none if it is of another kind."""
    found = document
    for key in ("response", "posts"):
        found = found[key] if isinstance(found, dict) and key in found else found
    posts = found if isinstance(found, list) else [found]
    return [
        each
        for each in posts
        if isinstance(each, dict) and "blog_name" in each and ("post_url" in each or "state" in each)
    ]


def read_posts(source: str, posts: Sequence[Table], settings: ImportSettings, beside: FilesBeside) -> Iterator[Item]:
    """Yield a draft for each post, in their order."""
    for number, post in enumerate(posts, 1):
        name = f"{source}#{_text(post, 'id_string') or _text(post, 'id') or number}"
        yield entries.guarded(name, partial(post_draft, name, post, settings, beside))


def post_draft(source: str, post: Table, settings: ImportSettings, beside: FilesBeside) -> Draft:
    """Return the draft of a post of the API. Raises ArticleError if it is over a limit."""
    said: list[tuple[str, Value]] = [(key, _text(post, key)) for key in post.keys() - _TEXTS if _text(post, key)]
    # Post+ of Tumblr: what follows such a block is for supporters.
    has_paywall = isinstance(post.get("paywall"), dict) or any(
        _text(each, "type") == "paywall" for each in _list(post, "content")
    )
    reader = FieldReader(sorted(entries.draft_reasons([*said, ("paywall", "true" if has_paywall else "")])))
    link, kind = _text(post, "post_url"), _text(post, "type")
    title = plain(_text(post, "title")) if kind in ("text", "link", "chat") else ""
    if kind == "photo":
        # Its text begins with the pictures, which may have captions of their own.
        title = shorten(entries.text_of_html(_text(post, "caption")), _TITLE_LENGTH)
    stamp = post.get("timestamp")
    stamped = datetime.fromtimestamp(stamp, UTC).isoformat() if isinstance(stamp, int) and 0 < stamp < _MAX_TIME else ""
    entry = Entry(
        source=source,
        title=title,
        link=link,
        home=link,
        full=html_of(post),
        published=("date", _text(post, "date") or stamped),
        id=link or _text(post, "id_string") or _text(post, "id"),
        slug=entries.slug_of(f"/{_text(post, 'slug')}") or entries.slug_of(link),
        labels=[("", each) for each in _list(post, "tags") if isinstance(each, str)],
        is_draft=bool(reader.notes),
        place=beside.address_of,
    )
    return entries.draft_of(entry, reader, settings)


def html_of(post: Table) -> str:
    """Return the text of a post as HTML."""
    if _list(post, "content"):
        return "".join(_block(each) for each in _list(post, "content") if isinstance(each, dict))
    parts = [_picture(each) for each in _list(post, "photos") if isinstance(each, dict)]
    if _text(post, "type") == "quote":
        parts.append(f"<blockquote>{_text(post, 'text')}</blockquote><p>{_text(post, 'source')}</p>")
    for name in ("url", "permalink_url", "video_url", "audio_url"):
        if address := _text(post, name):
            parts.append(f'<p><a href="{escape(address)}">{escape(plain(_text(post, "title")) or address)}</a></p>')
            break
    if question := _text(post, "question"):
        parts.append(f"<blockquote><p>{_text(post, 'asking_name')}</p><p>{question}</p></blockquote>")
    return "".join((*parts, *(_text(post, each) for each in ("caption", "body", "description", "answer"))))


def _block(block: Table) -> str:
    kind, text = _text(block, "type"), escape(_text(block, "text"), quote=False)
    if kind == "text":
        tag = _HEADINGS.get(_text(block, "subtype"), "p")
        listed = {"ordered-list-item": "ol", "unordered-list-item": "ul"}.get(_text(block, "subtype"))
        return f"<{listed}><li>{text}</li></{listed}>" if listed else f"<{tag}>{text}</{tag}>"
    if kind == "image":
        sizes = [each for each in _list(block, "media") if isinstance(each, dict)]
        return _picture({"original_size": sizes[0], **block}) if sizes else ""
    url = _text(block, "url") or _text(block.get("media") if isinstance(block.get("media"), dict) else {}, "url")
    shown = _text(block, "title") or _text(block, "display_url") or url
    about = escape(_text(block, "description"), quote=False)
    return (f'<p><a href="{escape(url)}">{escape(shown)}</a></p>' if url else "") + (f"<p>{about}</p>" if about else "")


def _picture(photo: Table) -> str:
    size = photo.get("original_size")
    url = _text(size if isinstance(size, dict) else photo, "url")
    caption = escape(_text(photo, "caption"), quote=False)
    shown = f'<img src="{escape(url)}" alt="{escape(_text(photo, "alt_text"))}">'
    return f"<figure>{shown}{f'<figcaption>{caption}</figcaption>' if caption else ''}</figure>" if url else ""


def _text(table: Any, key: str) -> str:
    value = table.get(key) if isinstance(table, dict) else None
    return (
        value.strip()
        if isinstance(value, str)
        else ""
        if value is None or isinstance(value, list | dict)
        else str(value)
    )


def _list(table: Table, key: str) -> list[Any]:
    value = table.get(key)
    return value if isinstance(value, list) else []


def is_exported(html: str) -> bool:
    """Return whether a page is a post in Tumblr's own export."""
    return _EXPORTED.search(html) is not None


def read_exported(source: str, html: str, settings: ImportSettings, beside: FilesBeside) -> Draft:
    """Return the draft of a page of Tumblr's own export, which does not say who may read it.

    Raises ArticleError if it is over a limit.
    """
    check_markup(html)
    page = LexborHTMLParser(html)
    stamp, title = page.css_first("#timestamp"), page.css_first("body > h1")
    written = plain(stamp.text(deep=True)) if stamp else ""
    tags = [plain(each.text(deep=True)) for each in page.css("#footer .tag")]
    heading = plain(title.text(deep=True)) if title else ""
    for node in page.css("#footer, body > h1"):
        node.decompose()
    number = PurePath(source).stem
    entry = Entry(
        source=source,
        title=heading,
        full=(page.body.inner_html or "") if page.body else "",
        published=("timestamp", _CLOCK.sub(" ", _ORDINAL.sub("", written))),
        id=f"tag:{settings.site.tag_authority}:post/{number}" if number.isdecimal() else "",
        labels=[("", each) for each in tags],
        is_draft=not settings.publishes_unmarked,
        place=beside.address_of,
    )
    cure = "remove draft: true to publish it, or import all with --publish-unmarked"
    why = f"Tumblr's export does not say whether a post was private: made a draft ({cure})"
    reader = FieldReader([why] if entry.is_draft else [])
    draft = replace(entries.draft_of(entry, reader, settings), is_unmarked=True)
    with suppress(ValueError):
        old = fields.aliases([f"/post/{number}"] if number.isdecimal() else [], settings.site.base_url)
        draft = replace(draft, old_addresses=old)
    return draft
