"""The picture that a list shows beside an article. Pure."""

import re
from html import unescape
from typing import Final

from feedsvc.model import Article
from feedsvc.urls import Addresses

_SRC: Final = re.compile(r'<img(?: [a-z-]+="[^"]*")*? src="([^"]*)"')


def picture_of(article: Article, base: Addresses) -> str | None:
    """Return the URL of an article's image, else of the first picture of its text; None where it has neither.

    Of the text, only files of this publication count: a list never asks another host for what may be a counting pixel.
    """
    if article.image:
        return article.image.url
    found = (unescape(match[1]) for match in _SRC.finditer(article.content))
    return next((each for each in found if each.startswith(base.media(""))), None)
