"""The findings about markers, and the times in markers. Pure: no function here reads a clock."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from feedsvc.articles.findings import Findings
from feedsvc.articles.metadata.dates import WrittenDate
from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.articles.metadata.visibility import Marker, Visibility, expiries, is_yes, visibility, wanted

ReadDate = Callable[[Value], WrittenDate]


def note_markers(found: Sequence[Marker], findings: Findings) -> None:
    """Note what keeps a file from the public, but for our own `draft: true`, and markers that are misspelled."""
    as_a_whole = visibility(found)
    for each in found:
        is_ours = each.field == "draft" and is_yes(each.value_text)
        like = f"; it is read as {each.like!r}, which it is like" if each.like else ""
        if each.visibility is Visibility.NOT_PUBLIC and not is_ours:
            cure = "write draft: true, or remove this line to publish it"
            findings.warn(each.field, f"{each.value_text} is not for the public, so this is a draft ({cure}{like})")
        elif each.visibility is Visibility.UNKNOWN:
            note = findings.warn if as_a_whole is Visibility.NOT_PUBLIC else findings.error
            note(each.field, f"{each.value_text} does not say whether this is for the public ({wanted(each)}{like})")
        elif each.like:
            findings.warn(each.field, f"is an unknown field and is read as {each.like!r} (write {each.like})")


def with_times(found: Iterable[Marker], read_date: ReadDate) -> Iterator[Marker]:
    """Yield the markers with the times in them. A marker with an unreadable time has the visibility UNKNOWN."""
    for each in found:
        try:
            yield replace(each, at=read_date(each.date).at) if each.date else each
        except ValueError:
            yield replace(each, visibility=Visibility.UNKNOWN) if each.is_sure else each


def embargoes_of(found: Iterable[Marker], published: datetime) -> dict[str, datetime]:
    """Return the fields that say a later time than `published` before which the file is not public, and those times.

    Hugo publishes nothing before `publishDate`, and a press office nothing before the end of an `embargo`.
    """
    return {each.field: each.at for each in found if each.at is not None and each.at > published}


def first_expiry(front: Mapping[str, Value], read_date: ReadDate, findings: Findings) -> datetime | None:
    """Return the earliest time (UTC) at which a file is taken down, under any of the names that systems have for it.

    Guarantee 13: what its editor took down elsewhere does not come up again here for the name of a field.
    """
    times: list[datetime] = []
    for name, value in expiries(front):
        try:
            times.append(read_date(value).at)
        except ValueError as error:
            findings.error(name, str(error))
    return min(times, default=None)
