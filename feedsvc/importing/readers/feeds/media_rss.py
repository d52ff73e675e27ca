"""Read the pictures, files and descriptions of Media RSS and of podcasts in an entry of RSS or Atom. Pure."""

from collections.abc import Iterator
from html import escape
from typing import Final

from feedsvc.articles.assets import guess_media_type
from feedsvc.importing.readers.feeds.entries import FieldReader
from feedsvc.importing.readers.feeds.xml import ITUNES, MEDIA, Element, text_of
from feedsvc.model import Enclosure, Image
from feedsvc.text import plain
from feedsvc.urls import FETCH_SCHEMES, resolve

# Players, which are no files.
_PLAYERS: Final = ("application/x-shockwave-flash", "text/html")


def _contents(entry: Element) -> Iterator[tuple[Element, str]]:
    """Yield each <media:content> with its kind: its type, else that of its address, else its medium and "/"."""
    for each in entry.iter(f"{MEDIA}content"):
        type_, medium = (each.get("type") or "").strip().lower(), each.get("medium") or ""
        guessed = guess_media_type((each.get("url") or "").partition("?")[0])
        yield each, type_ or guessed or f"{medium}/"


def image_of(entry: Element, page: str) -> Image | None:
    """Return the picture: the first that is content, else a thumbnail, else that of a podcast's episode."""
    pictures = [each for each, kind in _contents(entry) if kind.startswith("image/")]
    for each in [*pictures, *entry.iter(f"{MEDIA}thumbnail"), *entry.findall(f"{ITUNES}image")]:
        address = each.get("url") or each.get("href")
        url = resolve(address, page, FETCH_SCHEMES) if address else None
        if url:
            return Image(url=url, alt=plain(text_of(each, f"{MEDIA}title")))
    return None


def enclosures_of(reader: FieldReader, entry: Element, page: str) -> Iterator[Enclosure]:
    """Yield the files that are content. Those of a group are one file in several forms; its first or default counts."""
    taken: set[Element] = set()
    files = [(each, kind) for each, kind in _contents(entry) if not kind.startswith(("image/", *_PLAYERS))]
    # The sort is stable, so the defaults come before the others, and else the order of the document is kept.
    for each, kind in sorted(files, key=lambda file: file[0].get("isDefault") != "true"):
        parent = each.getparent()
        if parent in taken:
            continue
        if parent.tag == f"{MEDIA}group":
            taken.add(parent)
        type_ = "" if kind.endswith("/") else kind
        found = reader.enclosure(
            each.get("url") or "", type_, each.get("fileSize") or "", page, text_of(each, f"{MEDIA}title")
        )
        if found is not None:
            yield found


def description_of(entry: Element) -> str:
    """Return the description of a podcast's episode or of a video as HTML, "" if there is none."""
    described = [*entry.findall(f"{ITUNES}summary"), *entry.findall(f"{MEDIA}description")]
    described += entry.findall(f"{MEDIA}group/{MEDIA}description")
    for each in described:
        text = "".join(each.itertext()).strip()
        # Media RSS: a description is plain text unless its type says html. Podcasts write both without saying so.
        if text and (each.get("type") == "html" or (each.tag == f"{ITUNES}summary" and "</" in text)):
            return text
        if text:
            lines = (escape(part.strip(), quote=False).replace("\n", "<br>") for part in text.split("\n\n"))
            return "".join(f"<p>{line}</p>" for line in lines if line)
    return ""


def video_of(entry: Element, link: str) -> str:
    """Return a paragraph with the link to the video that an entry only describes, "" if it has none."""
    if entry.find(f"{MEDIA}group") is None or not link:
        return ""
    return f'<p><a href="{escape(link)}">{escape(link)}</a></p>'
