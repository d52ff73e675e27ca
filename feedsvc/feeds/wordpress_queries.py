"""The feeds that WordPress has at addresses with a query, such as `/?feed=rss2&tag=gpu` and `/feed/?cat=3`. Pure.

Source: wp-includes/class-wp.php (`$public_query_vars`) and get_feed_link(), get_term_feed_link() of WordPress 6.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

PRESET: Final = "wordpress"
FEED: Final = "feed"
# The values of `feed`, and what WordPress appends to a path for the same feed.
ENDINGS: Final[Mapping[str, str]] = {
    "feed": "/feed",
    "rss2": "/feed/rss2",
    "rss": "/feed/rss",
    "rdf": "/feed/rdf",
    "atom": "/feed/atom",
    "json": "/feed/json",
}
# What stands before every path where the web server rewrites none.
_SCRIPT: Final = "/index.php"
COMMENTS: Final = "comments-"
# Parameters with a number of the old database, by placeholder. A redirect of site.toml may say what it meant:
# "/?cat=3" = "/topics/chips".
NUMBERS: Final[Mapping[str, str]] = {"category_number": "cat", "tag_number": "tag_id", "author_number": "author"}
# Placeholders of redirect_presets.toml, and those for numbers, by the parameter that holds their value.
PLACEHOLDERS: Final[Mapping[str, str]] = {
    "category_name": "category",
    "tag": "tag",
    "author_name": "author",
    "lang": "language",
    "s": "search",
    **{parameter: placeholder for placeholder, parameter in NUMBERS.items()},
}
# Other parameters that narrow a feed. This publication has no such feeds.
_NARROWING: Final = frozenset(
    "m p w year monthnum day hour minute second name pagename page_id attachment attachment_id taxonomy term "
    "post_type post_format paged page subpost subpost_id withcomments search".split()
)
# All parameters that mean something in the address of a feed.
MEANINGFUL: Final = _NARROWING | PLACEHOLDERS.keys() | {FEED}
# Values that ask for no less: the first page, and posts.
_HARMLESS: Final = frozenset({("paged", "1"), ("page", "1"), ("post_type", "post"), ("withcomments", "0")})


def asks_for_feed(pairs: Sequence[tuple[str, str]]) -> bool:
    """Return whether a query asks for a feed of WordPress, of articles or of comments."""
    return any(name == FEED and value.removeprefix(COMMENTS) in ENDINGS for name, value in pairs)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address asks WordPress for: the path of a feed, and placeholders that narrow it.

    `asks_for_feed` says whether the query alone asks for a feed. `has_place` is False if this publication has no such
    feed: of comments, of a later page, of a day.
    """

    path: str
    narrowing: Sequence[tuple[str, str]]
    asks_for_feed: bool
    has_place: bool


def split(key: str) -> Wanted:
    """Return what an old address (`urls.address_of`) with a query asks for."""
    path, _, query = key.partition("?")
    path = path.removeprefix(_SCRIPT) or "/"
    pairs = parse_qsl(query)
    feed = dict(pairs).get(FEED)
    if feed is not None and feed in ENDINGS:
        path = f"{path.rstrip('/')}{ENDINGS[feed]}"
    narrowing = [(PLACEHOLDERS[name], value) for name, value in pairs if name in PLACEHOLDERS]
    lost = any(name in _NARROWING and (name, value) not in _HARMLESS for name, value in pairs)
    return Wanted(path, narrowing, asks_for_feed(pairs), has_place=not lost and (feed is None or feed in ENDINGS))
