"""Markers by which other systems say who may read a file → whether it is for the public. Pure.

Guarantee 13: nothing that was not meant for the public is published. A marker whose value is in neither column of the
tables below is therefore not public either. Where markers contradict each other, the least public one wins.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from feedsvc.articles.frontmatter import Value
from feedsvc.errors import ArticleError, Finding


class Visibility(IntEnum):
    """Who may read what a marker stands in, the least public first."""

    NOT_PUBLIC = 0
    UNKNOWN = 1
    PUBLIC = 2


class NotPublic(ArticleError):
    """A file with something wrong in it that is not for the public either: no version of it may be published.

    `is_marked` says that a marker we know says so; otherwise one has a value that we do not know.
    """

    def __init__(self, findings: Sequence[Finding], *, is_marked: bool) -> None:
        super().__init__(findings)
        self.is_marked = is_marked


@dataclass(frozen=True, slots=True)
class Marker:
    """One marker of a file: the field as written, and in words what it says."""

    field: str
    said: str
    visibility: Visibility


def _words(text: str) -> frozenset[str]:
    return frozenset(filter(None, (each.strip() for each in text.split(","))))


YES: Final = _words("true, yes, on, 1, y, t, 是, 對, 对, はい, 예, 네")
NO: Final = _words("false, no, off, 0, n, f, 否, 不, いいえ, 아니요, 아니오")
# What a field of words says. Sources: WordPress post_status; Ghost status and visibility; Substack audience; Pelican
# status (published, draft, hidden, skip); Blogger; Movable Type; YouTube and Notion (unlisted, private); Medium;
# Contentful, Sanity, Decap CMS and Strapi (draft, in review, published, archived).
_PUBLIC_WORDS: Final = _words(
    "publish, published, public, publicly, live, final, open, everyone, everybody, anyone, all, world, free, listed, "
    "visible, released, future, scheduled, "
    "公開, 公开, 公開済み, 已發布, 已發佈, 已发布, 發布, 發佈, 发布, 公開中, 공개, 발행, 발행됨"
)
_NOT_PUBLIC_WORDS: Final = _words(
    "draft, drafts, private, hidden, secret, unlisted, unpublished, unpublish, pending, pending review, in review, "
    "review, skip, hide, none, nobody, never, trash, trashed, deleted, removed, archive, archived, auto draft, "
    "inherit, wip, in progress, todo, idea, outline, withdrawn, retracted, embargo, embargoed, internal, confidential, "
    "restricted, protected, password, members, member, members only, subscribers, subscribers only, paid, "
    "paid members, only paid, only free, founding, tiers, premium, friends, followers, contacts, me, self, owner, "
    "staff, team, "
    "registered, logged in, login, disabled, inactive, offline, suspended, rejected, not public, nonpublic, "
    "non public, sent, "
    "草稿, 草案, 私密, 私人, 不公開, 不公开, 非公開, 非公开, 未公開, 未發布, 未發佈, 未发布, "
    "隱藏, 隐藏, 會員, 会员, 付費, 付费, 下書き, 限定公開, 会員限定, 초안, 비공개, 숨김, 임시저장, 회원"
)
# A field that is true or false: what true says. Names are compared without case, spaces, "_" and "-".
_FLAGS: Final[Mapping[str, Visibility]] = {
    **dict.fromkeys(
        ("publish", "published", "ispublished", "listed", "islisted", "public", "ispublic"), Visibility.PUBLIC
    ),
    **dict.fromkeys(
        (
            *("draft", "isdraft", "private", "isprivate", "hidden", "ishidden", "hide", "unlisted", "isunlisted"),
            *("unpublished", "secret", "confidential", "membersonly", "subscribersonly", "paidonly", "onlypaid"),
            # Hugo: a bundle without a page, in no list. Eleventy: in no collection, so in no feed.
            *("headless", "eleventyexcludefromcollections"),
        ),
        Visibility.NOT_PUBLIC,
    ),
}
_WORD_FIELDS: Final = frozenset(("status", "poststatus", "state", "visibility", "access", "audience", "contentaccess"))
# What it says is a secret; only nothing, or no, is public.
_SECRETS: Final = frozenset(("password", "passwd", "passphrase", "postpassword"))
# Hugo's build options, called _build before 0.145: https://gohugo.io/content-management/build-options/
_BUILD: Final = frozenset(("build",))
_BUILD_VALUES: Final[Mapping[str, Visibility]] = {
    "always": Visibility.PUBLIC,
    "true": Visibility.PUBLIC,
    "never": Visibility.NOT_PUBLIC,
    "false": Visibility.NOT_PUBLIC,
    "local": Visibility.NOT_PUBLIC,
    "link": Visibility.NOT_PUBLIC,
}


# Folders whose files are not for the public, and why. Compared without case.
UNREAD_FOLDERS: Final = {
    **dict.fromkeys(
        ("_drafts", "_draft", "_unpublished", "_private"), "a folder for what is not published"
    ),  # Jekyll: https://jekyllrb.com/docs/posts/#drafts
    **dict.fromkeys(("_archive", "_archives", "_archived", "_trash"), "a folder for what is no longer published"),
    **dict.fromkeys(("_templates", "_includes", "_layouts"), "a folder of templates"),  # Obsidian, Jekyll, Eleventy
    "node_modules": "a folder of programs",  # npm
    **dict.fromkeys(("@eadir", "#recycle", "#snapshot"), "a folder of a network drive"),  # Synology DSM
    **dict.fromkeys(("$recycle.bin", "lost+found", "__macosx"), "a folder of an operating system"),
}


def unread_folder(path: str) -> str | None:
    """Return the first folder in a relative `path` (forward slashes) whose files are not for the public, as written."""
    return next((each for each in path.split("/")[:-1] if each.lower() in UNREAD_FOLDERS), None)


def markers(fields: Mapping[str, Value]) -> Iterator[Marker]:
    """Yield the markers among the front matter's fields; an empty one says nothing, and `published` may be a date."""
    for field, value in fields.items():
        name = _name(field)
        if value in ("", [], {}):
            continue
        if name in _BUILD and isinstance(value, dict):
            yield from _of_build(field, value)
        elif name in _SECRETS:
            is_none = isinstance(value, str) and word(value) in NO | {"none"}
            # Never the value itself: what is said of a file turns up in logs.
            yield Marker(field, "a password", Visibility.PUBLIC if is_none else Visibility.NOT_PUBLIC)
        elif name in _FLAGS or name in _WORD_FIELDS:
            yield from _of_field(field, name, value)
        elif name == "permalink" and isinstance(value, str) and word(value) in NO:  # Eleventy writes no page then
            yield Marker(field, repr(value), Visibility.NOT_PUBLIC)


def _of_field(field: str, name: str, value: Value) -> Iterator[Marker]:
    each = value if isinstance(value, list) else [value]
    for item in each:
        visibility = _of_word(name, word(item)) if isinstance(item, str) else Visibility.UNKNOWN
        if name != "published" or visibility is not Visibility.UNKNOWN:
            yield Marker(field, repr(item[:40]) if isinstance(item, str) else "a table", visibility)


def _of_word(name: str, written: str) -> Visibility:
    if name in _FLAGS:
        if written in YES:
            return _FLAGS[name]
        if written in NO:
            return Visibility.PUBLIC if _FLAGS[name] is Visibility.NOT_PUBLIC else Visibility.NOT_PUBLIC
        # A word in the place of true or false counts where it means less of the public.
        return Visibility.NOT_PUBLIC if written in _NOT_PUBLIC_WORDS else Visibility.UNKNOWN
    return of_word(written)


def of_word(written: str) -> Visibility:
    """Return what a word says in a field such as `status`."""
    found = word(written)
    if found in _NOT_PUBLIC_WORDS:
        return Visibility.NOT_PUBLIC
    return Visibility.PUBLIC if found in _PUBLIC_WORDS else Visibility.UNKNOWN


def _of_build(field: str, value: Mapping[str, Value]) -> Iterator[Marker]:
    for key, each in value.items():
        if word(key) in ("list", "render"):
            said = word(each) if isinstance(each, str) else "a table"
            yield Marker(field, f"{key}: {said}", _BUILD_VALUES.get(said, Visibility.UNKNOWN))


def is_marker(field: str, value: Value) -> bool:
    """Return whether a field of this name and value is read here, if only to find that it says nothing."""
    name = _name(field)
    if name in _WORD_FIELDS | _SECRETS or (name in _FLAGS and name != "published"):
        return True
    return any(markers({field: value}))


def visibility(found: Iterable[Marker]) -> Visibility:
    """Return the least public of the markers; without any, a file is public."""
    return min((each.visibility for each in found), default=Visibility.PUBLIC)


def word(written: str) -> str:
    """Return a word for comparing: `STATUS`, `In-Review`, `only_paid` and full-width letters are read alike."""
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFKC", written).casefold()).strip(" '\"")


def _name(field: str) -> str:
    return word(field).replace(" ", "")


def wanted(field: str) -> str:
    """Return in words what a marker with an unknown value may say instead."""
    name = _name(field)
    if name in _FLAGS:
        return "write true or false"
    if name in _BUILD:
        return "write list: always or never, render: always or never"
    return "write published or draft"
