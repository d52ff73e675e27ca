"""Read the number of subscribers that a reader reports in its User-Agent. Pure.

There is no standard for it; Feedly, Inoreader, NewsBlur, The Old Reader, Feedbin and others write "123 subscribers"
(tests/web/clients.toml has their User-Agents with sources).
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

# A part of the User-Agent in lower case → the name of the reader.
_KNOWN: Final = {
    "feedly": "Feedly",
    "inoreader": "Inoreader",
    "newsblur": "NewsBlur",
    "theoldreader": "The Old Reader",
    "feedbin": "Feedbin",
    "bazqux": "BazQux",
    "feedspot": "Feedspot",
    "netvibes": "Netvibes",
    "bloglovin": "Bloglovin",
    "feed wrangler": "Feed Wrangler",
    "feedhq": "FeedHQ",
    "g2reader": "G2Reader",
    "blogtrottr": "Blogtrottr",
    "commafeed": "CommaFeed",
    "minireader": "Minireader",
}
_COUNT: Final = re.compile(r"(?<![\w.,+-])(\d{1,3}(?:,\d{3})+|\d{1,9}) (?:subscribers?|readers?)\b", re.IGNORECASE)
# More than any feed has in one reader; higher numbers are ignored.
MAX_SUBSCRIBERS: Final = 1_000_000
_PRODUCT: Final = re.compile(r"(?:Mozilla/5\.0 \(compatible; )?([A-Za-z][\w.-]{1,39})")
# In characters: many times the length of any reader's User-Agent. It bounds the keys of the cache.
LONGEST: Final = 1000
KNOWN_READERS: Final = frozenset(_KNOWN.values())


class Report(NamedTuple):
    """The number of subscribers that a reader reports."""

    reader: str
    subscribers: int


def report(user_agent: str) -> Report | None:
    """Return the reader and its count; None for a User-Agent without a count or with an impossible one.

    Text after the first LONGEST characters is ignored.
    """
    return _report(user_agent[:LONGEST])


@lru_cache(maxsize=4096)
def _report(user_agent: str) -> Report | None:
    count = _COUNT.search(user_agent)
    if count is None:
        return None
    subscribers = int(count[1].replace(",", ""))
    if subscribers > MAX_SUBSCRIBERS:
        return None
    lower = user_agent.lower()
    known = next((name for sign, name in _KNOWN.items() if sign in lower), None)
    product = _PRODUCT.match(user_agent)
    name = known or (product[1] if product else None)
    return Report(name, subscribers) if name else None
