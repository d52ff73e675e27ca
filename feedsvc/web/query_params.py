"""The parameters of addresses: names in paths, names of a query that HTML spoiled on their way here, known values."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import BaseConverter

from feedsvc.errors import BadParameter
from feedsvc.suggestions import nearest
from feedsvc.tracking import is_ignored

# What a feed's address may say to its page in a browser; the document is the same.
PAGE_PARAMETERS: Final = ("ui", "view")
# "&" as HTML writes it (HTML §13.1.4), without its first character, which parted the parameters. WordPress writes
# &#038;.
_AMPERSAND: Final = re.compile(r"(?:amp;|#0*38;|#x0*26;)+", re.IGNORECASE)


def corrected_name(name: str) -> str:
    """Return the name that a parameter was meant to have: links copied out of HTML name `amp;tag` instead of `tag`."""
    found = _AMPERSAND.match(name)
    return name[found.end() :] if found else name


class CorrectedRequest(Request):
    """A request whose query is read as it was meant: `?lang=en&amp;tag=no` has `lang` and `tag`."""

    @cached_property
    def args(self) -> ImmutableMultiDict[str, str]:
        """The query's pairs, in their order."""
        return ImmutableMultiDict([(corrected_name(name), value) for name, value in super().args.items(multi=True)])


def query_pairs(request: Request) -> list[tuple[str, str]]:
    """Return the query's pairs, but for cache-busters and campaign marks."""
    return [(name, value) for name, value in request.args.items(multi=True) if not is_ignored(name)]


def page_number(request: Request) -> int:
    """Return the number of the page of a list: 1 without `page`. Raises BadParameter."""
    written = request.args.get("page", "1")
    if not (written.isascii() and written.isdigit() and len(written) <= 7 and int(written)):
        raise BadParameter(f"parameter 'page': {written[:80]!r} is not a page number (write 1, 2, …)")
    return int(written)


def check_known(name: str, value: str, known: Sequence[str]) -> None:
    """Raise BadParameter for a value of the parameter `name` that is not one of the `known` ones."""
    if value not in known:
        raise BadParameter(f"parameter {name!r}: unknown {value[:80]!r} ({nearest(value, known)})")


class NameConverter(BaseConverter):
    """The name of a tag or a person in a path: any text, with its slashes.

    werkzeug's own converter accepts no slash at the beginning.
    """

    regex = ".+"
    part_isolating = False
