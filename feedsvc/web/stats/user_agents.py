"""How many subscribers a reader says it has, in its User-Agent. Pure.

There is no standard for it; "123 subscribers" is what Feedly, Inoreader, NewsBlur, The Old Reader, Feedbin and others
write (tests/web/clients.toml has theirs with sources).
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

# As they stand in a User-Agent, in any case, and what the reader is called.
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
# More than any feed of any publication has in one reader: who says so is not believed.
MAX_SUBSCRIBERS: Final = 1_000_000
_PRODUCT: Final = re.compile(r"(?:Mozilla/5\.0 \(compatible; )?([A-Za-z][\w.-]{1,39})")
# In characters: many times what any reader sends, and all that is kept of one.
LONGEST: Final = 1000
KNOWN_READERS: Final = frozenset(_KNOWN.values())


class Report(NamedTuple):
    """What one reader says of itself."""

    reader: str
    subscribers: int


def report(user_agent: str) -> Report | None:
    """The reader and its count; None for a User-Agent that names none, or one that cannot be.

    What is said far behind is not heard.
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
