"""Read the attachments of a WordPress export: their addresses, descriptions and captions. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import quote

from feedsvc.articles.assets import guess_media_type
from feedsvc.articles.metadata.visibility import Visibility, of_word
from feedsvc.importing.readers.feeds.entries import page_of, title_text
from feedsvc.importing.readers.feeds.xml import Element, text_of
from feedsvc.importing.readers.pages.html import NO_BASE_URL

_EXCERPT: Final = re.compile(r"\{https?://(?:www\.)?wordpress\.org/export/[\w.-]+/excerpt/\}encoded", re.IGNORECASE)
# The status of nearly all attachments: they are as public as the post that they belong to.
_INHERITED: Final = ("", "inherit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that was uploaded. `caption` is HTML, `place` the order within a gallery of the post `parent`."""

    url: str
    title: str = ""
    alt: str = ""
    caption: str = ""
    parent: str = ""
    place: tuple[int, int] = (0, 0)

    @property
    def is_picture(self) -> bool:
        """Return whether the file is a picture, by its name."""
        return (guess_media_type(self.url) or "").startswith("image/")

    def html(self) -> str:
        """Return a picture with its caption, or a link to another file."""
        if not self.is_picture:
            return f'<p><a href="{escape(self.url)}">{escape(self.title or self.url)}</a></p>'
        picture = f'<img src="{escape(self.url)}" alt="{escape(self.alt)}">'
        caption = self.caption.strip()
        return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>" if caption else f"<p>{picture}</p>"


def attachment_of(item: Element, wp: str, home: str) -> Attachment | None:
    """Return the attachment that an item of an export describes, or None if it has no address or is in the trash.

    `wp` is the namespace of the export in braces, `home` the address of its site.
    """
    status, url = text_of(item, f"{wp}status"), _address(item, wp, home)
    if page_of(url) == NO_BASE_URL or (status not in _INHERITED and of_word(status) is not Visibility.PUBLIC):
        return None
    return Attachment(
        url=url,
        title=title_text(text_of(item, "title")),
        alt=title_text(dict(meta_of(item, wp)).get("_wp_attachment_image_alt", "")),
        caption=text_of(item, *excerpt_tags(item)),
        parent=text_of(item, f"{wp}post_parent"),
        place=(_number(text_of(item, f"{wp}menu_order")), _number(text_of(item, f"{wp}post_id"))),
    )


def _number(written: str) -> int:
    return int(written) if re.fullmatch(r"-?\d{1,15}", written, re.ASCII) else 0


def meta_of(item: Element, wp: str) -> Sequence[tuple[str, str]]:
    """Return the names and values of an entry's post meta."""
    return [
        (text_of(each, f"{wp}meta_key"), text_of(each, f"{wp}meta_value")) for each in item.findall(f"{wp}postmeta")
    ]


def excerpt_tags(item: Element) -> list[str]:
    """Return the names that the element of the excerpt has, in any version of the format."""
    return [child.tag for child in item if _EXCERPT.fullmatch(str(child.tag))]


def _address(item: Element, wp: str, home: str) -> str:
    """Return an attachment's address: its own, else its file below the uploads, else its guid if that is a file."""
    file = dict(meta_of(item, wp)).get("_wp_attached_file", "")
    uploaded = f"{home.rstrip('/')}/wp-content/uploads/{quote(file)}" if file and home else ""
    guid = text_of(item, "guid")
    return text_of(item, f"{wp}attachment_url") or uploaded or (guid if guess_media_type(guid) else "")


def galleries_of(attachments: Mapping[str, Attachment]) -> dict[str, list[Attachment]]:
    """Return the pictures that were uploaded to each post, by its number, in the order of its gallery."""
    found: dict[str, list[Attachment]] = {}
    for each in sorted(attachments.values(), key=lambda each: each.place):
        if each.parent.strip("0") and each.is_picture:
            found.setdefault(each.parent, []).append(each)
    return found
