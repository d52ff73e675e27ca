"""Find the pictures of a WordPress site in a copy of its uploads, by their addresses. Pure, but for `FilesBeside`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from feedsvc.articles.assets import media_type_of
from feedsvc.articles.html.data_pictures import BEGINNING, picture_suffix
from feedsvc.articles.html.nodes import body_of
from feedsvc.articles.limits import check_markup
from feedsvc.errors import ArticleError
from feedsvc.importing.readers.feeds.entries import FieldReader, page_of
from feedsvc.importing.readers.pages.html import NO_BASE_URL
from feedsvc.importing.source_files import UPLOADS, FilesBeside
from feedsvc.model import Image
from feedsvc.text import nfc
from feedsvc.urls import FETCH_SCHEMES, resolve

# The host of files of sites at wordpress.com; the address there begins with the year.
_HOSTED: Final = ".files.wordpress.com"
# Jetpack shows pictures by these hosts; the path begins with the host of the site.
_PROXIES: Final = ("i0.wp.com", "i1.wp.com", "i2.wp.com", "i3.wp.com")
# What WordPress puts behind the name of a picture that it makes of another one.
_MADE: Final = re.compile(r"\d{1,5}x\d{1,5}|scaled|rotated")
_MAX_MADE: Final = 5
_MAX_NAMES: Final = 5


@dataclass(frozen=True, slots=True)
class Uploads:
    """The uploads of a site. `hosts` are those of the site and its attachments, without "www."."""

    hosts: frozenset[str]
    beside: FilesBeside

    def has(self, url: str) -> bool:
        """Return whether the file with that address is in the copy of the uploads."""
        path = self._path_of(url)
        return bool(path) and self.beside.located(f"{UPLOADS}{path}") is not None

    def in_post(self, html: str, image: Image | None, page: str, reader: FieldReader) -> tuple[str, Image | None]:
        """Return the text and the picture of a post with stand-ins for its pictures that are in the copy.

        A note names the others, if the person who imports named a copy. Raises ArticleError if the text is past a
        limit.
        """
        missing: dict[str, None] = {}
        if image and (address := self._address_of(image.url, missing)):
            image = replace(image, url=address)
        if "uploads/" in html or _HOSTED in html:
            check_markup(html)
            body = body_of(html)
            for node in body.css("img[src], a[href]"):
                name = "src" if node.tag == "img" else "href"
                url = resolve(node.attributes.get(name) or "", page, FETCH_SCHEMES)
                if url and (address := self._address_of(url, missing)):
                    node.attrs[name] = address
                    # The other sizes are not copied.
                    for size in {"srcset", "sizes"} & node.attributes.keys():
                        del node.attrs[size]
            html = body.inner_html or ""
        if missing and self.beside.has_uploads:
            names = ", ".join([*missing][:_MAX_NAMES]) + (", …" if len(missing) > _MAX_NAMES else "")
            one = len(missing) == 1
            what = "1 picture stays at its old address" if one else f"{len(missing):,} pictures stay at old addresses"
            cure = f"copy {'it' if one else 'them'} there, and import again"
            reader.notes.append(f"{what}, since the folder of --media has no such picture: {names} ({cure})")
        return html, image

    def _address_of(self, url: str, missing: dict[str, None]) -> str | None:
        """Return the stand-in for the picture with that address, or for the one that it was made of; None without.

        A picture that is not there, or is none by its bytes, becomes a key of `missing`.
        """
        path = self._path_of(url)
        if not (media_type_of(path) or "").startswith("image/"):
            return None
        stem, dot, suffix = path.rpartition(".")
        for _ in range(_MAX_MADE):
            before, _dash, end = stem.rpartition("-")
            stem = before if _MADE.fullmatch(end) else stem
        whole = f"{stem}{dot}{suffix}"
        for each in dict.fromkeys((path, whole, f"{stem}-scaled{dot}{suffix}")):
            try:
                located = self.beside.located(f"{UPLOADS}{each}") or f"{UPLOADS}{each}"
                beginning = self.beside.files.read(located, BEGINNING)
            except ArticleError:
                continue
            if picture_suffix(beginning) or (suffix.lower() == "svg" and b"<svg" in beginning):
                return self.beside.address_of(f"/{UPLOADS}{quote(each)}")
        missing.setdefault(path)
        return None

    def _path_of(self, url: str) -> str:
        """Return the path of a file below the uploads, decoded; "" if the address is of another site or folder."""
        if page_of(url) == NO_BASE_URL:
            return ""
        parts = urlsplit(page_of(url))
        host, path = parts.hostname or "", unquote(parts.path)
        if host in _PROXIES:
            host, _, path = path.lstrip("/").partition("/")
        if host.removeprefix("www.") not in self.hosts:
            return ""
        return nfc(path.lstrip("/") if host.endswith(_HOSTED) else f"/{path}".partition(f"/{UPLOADS}")[2])


def hosts_of(addresses: Iterable[str]) -> frozenset[str]:
    """Return the hosts of addresses, without "www."."""
    found = (urlsplit(page_of(each)).hostname or "" for each in addresses if page_of(each) != NO_BASE_URL)
    return frozenset(each.removeprefix("www.") for each in found)
