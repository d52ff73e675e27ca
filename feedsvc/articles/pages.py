"""Pages of the publication, such as /about: the files in content/pages. Pure.

The slug of a page is the path of its address and begins with a slash, which no slug of an article does. So both are
kept in the same tables, and an article may have the slug `about` beside the page `/about`.
"""

import re
from typing import Final

from feedsvc import routes

ARTICLES: Final = "articles"
PAGES: Final = "pages"
# The folders below content/ that are read.
FOLDERS: Final = (ARTICLES, PAGES)
# The first part of the path of every address that feedsvc itself answers.
_OWN: Final = {each.split("/")[1] for each in (routes.FEEDS, *(route.rule for route in routes.ROUTES))}
# What an export has beside pages: numbered lists, the front page, pages of errors, rules of static hosts.
_OF_EXPORTS: Final = {"page", "index", "404", "410", "_headers", "_redirects"}
# An export has the pages in another language of the interface below its tag: /en/, /zh-Hant/.
_LANGUAGE: Final = re.compile(r"[a-z]{2}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?")


def is_page(path: str) -> bool:
    """Return whether the file at a path relative to content/ is a page, not an article."""
    return path.startswith(f"{PAGES}/")


def page_slug(name: str, path: str) -> str:
    """Return the slug of the page called `name`, in the file at `path`. Raises ValueError if the name is reserved."""
    if path.rpartition(".")[0] == f"{PAGES}/index":
        raise ValueError("the front page is made by feedsvc (give the file the name of the page, such as about.md)")
    if "." in name:
        raise ValueError(f"/{name} would be the address of a file (write slug: {name.replace('.', '-').strip('-')})")
    if _LANGUAGE.fullmatch(name):
        raise ValueError(f"/{name} is the address of a language of the pages (write slug: with a longer name)")
    if name.lower() in _OWN | _OF_EXPORTS:
        raise ValueError(f"/{name} is an address of feedsvc itself (give the file another name, or write slug: …)")
    return f"/{name}"
