"""How often a feed has new articles, in words."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from flask_babel import ngettext

# With fewer articles than this, an average says nothing.
_FEWEST: Final = 3
_DAY: Final = timedelta(days=1)


def frequency(published: Sequence[datetime]) -> str:
    """Return the average frequency of articles that were published at these times; "" for too few, or all of one day.

    It is the number of articles in the smallest period (a day, a week, a month, a year) that has at least one.
    """
    if len(published) < _FEWEST or max(published) - min(published) < _DAY:
        return ""
    interval = (max(published) - min(published)) / (len(published) - 1)
    if interval <= _DAY:
        number = round(_DAY / interval)
        return str(ngettext("About %(num)s article a day.", "About %(num)s articles a day.", number))
    if interval <= 7 * _DAY:
        number = round(7 * _DAY / interval)
        return str(ngettext("About %(num)s article a week.", "About %(num)s articles a week.", number))
    if interval <= 31 * _DAY:
        number = max(1, round(30.44 * _DAY / interval))
        return str(ngettext("About %(num)s article a month.", "About %(num)s articles a month.", number))
    number = max(1, round(365.25 * _DAY / interval))
    return str(ngettext("About %(num)s article a year.", "About %(num)s articles a year.", number))
