"""The front matter fields of an article that formats and pages show as the registry says. Pure."""

from collections.abc import Iterator
from datetime import datetime
from html import escape

from feedsvc.articles.metadata.field_definition import Field
from feedsvc.articles.metadata.registry import FIELDS
from feedsvc.model import Article, ExtraValue, Image
from feedsvc.offsets import rfc3339


def notes(article: Article) -> Iterator[tuple[Field, str]]:
    """Yield the fields that are shown below the content of an article, and their values as plain texts."""
    for each in FIELDS.values():
        if each.is_note and not each.is_absent(value := each.value_in(article)):
            yield each, ", ".join(as_texts(value))


def lead_figure(article: Article) -> str:
    """Return the image of an article with its caption as HTML; "" without a caption, and if the content shows it."""
    image = article.lead_image
    if image is None or not image.caption:
        return ""
    return f"{figure(image, escape(image.caption, quote=False))}\n"


def figure(image: Image, caption: str) -> str:
    """Return a figure of an image with a caption, which is HTML."""
    shown = f'<img src="{escape(image.url)}" alt="{escape(image.alt)}">'
    return f"<figure>{shown}<figcaption>{caption}</figcaption></figure>"


def extras(article: Article) -> Iterator[tuple[Field, ExtraValue]]:
    """Yield the fields of an article that have no attribute of their own, and their values."""
    for name, value in article.extra.items():
        if name in FIELDS:
            yield FIELDS[name], value


def as_texts(value: ExtraValue) -> tuple[str, ...]:
    """Return a value as plain texts: times in RFC 3339, "true" or "false", the digits of a number."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, bool):
        return ("true" if value else "false",)
    return (rfc3339(value) if isinstance(value, datetime) else str(value),)
