"""A slice for people: in words, and as links that change it. Each link is an address; nothing needs a script.

The one place of the web side that knows what a slice is made of beside the URL grammar itself (`feeds.slices`).
"""

from dataclasses import dataclass

from flask_babel import gettext

from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.slices import slices
from feedsvc.model import Slice
from feedsvc.web.page import Face


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value a control can have: its name, and the address of the feed that has it."""

    name: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One side of a slice, and what it can be."""

    name: str
    choices: tuple[Choice, ...]


def in_words(face: Face, slice_: Slice) -> str:
    """What a slice holds, as a sentence."""
    number, name = face.site.feed_size, face.site.title.in_(face.ui)
    topic = face.site.topic(slice_.topic) if slice_.topic else None
    if topic is None:
        return str(gettext("The newest %(number)s articles of %(name)s.", number=number, name=name))
    named = {"number": number, "name": name, "topic": topic.title.in_(face.ui)}
    return str(gettext("The newest %(number)s articles of %(name)s about %(topic)s.", **named))


def controls(face: Face, slice_: Slice, suffix: str) -> tuple[Control, ...]:
    """What can be changed about a feed, in the order it is shown."""
    topics = (
        Choice(
            name=slice_name(face, each),
            url=face.to(face.base.feed(each.name, suffix)),
            current=each == slice_,
        )
        for each in slices(face.site)
    )
    formats = (
        Choice(name=each.name, url=face.to(face.base.feed(slice_.name, each.suffix)), current=each.suffix == suffix)
        for each in FORMATS.values()
    )
    return (
        Control(name=gettext("Topic"), choices=tuple(topics)),
        Control(name=gettext("Format"), choices=tuple(formats)),
    )


def slice_name(face: Face, slice_: Slice) -> str:
    """A slice's short name."""
    topic = face.site.topic(slice_.topic) if slice_.topic else None
    return topic.title.in_(face.ui) if topic else str(gettext("All topics"))
