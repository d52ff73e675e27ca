"""The URL grammar of a slice, and the list of a site's feeds. Pure.

`/feeds/<name>.<format>?…`: the path names a topic or "all", and the query narrows it. An article must match all
parameters, and one of the values of each; `not` excludes. Empty values are ignored, since forms send them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeVar, cast
from urllib.parse import parse_qsl, quote, unquote, urlencode

from feedsvc import languages
from feedsvc.errors import BadParameter, GoneTopic, RenamedTopic, UnknownResource
from feedsvc.model import Site
from feedsvc.offsets import YEARS
from feedsvc.routes import FEEDS
from feedsvc.slices import search_terms
from feedsvc.slices.cursor import Cursor, parse_cursor
from feedsvc.slices.slice import ALL, MAX_LIMIT, Body, Slice
from feedsvc.suggestions import nearest
from feedsvc.text import MAX_NAME, lowered, plain
from feedsvc.urls import segment

T = TypeVar("T")
# The parameters that may be repeated, and the field of a Slice with their values.
FACETS: Final[Mapping[str, str]] = {"topic": "topics", "tag": "tags", "author": "authors", "lang": "languages"}
SINGLE: Final = ("q", "since", "until", "limit", "body")
# Not part of a slice: it asks for the changes after a cursor.
AFTER: Final = "after"
PARAMETERS: Final = (*FACETS, "not", *SINGLE)
MAX_QUERY: Final = 200
# Every name and every tag can be a value.
MAX_VALUE: Final = MAX_NAME
MAX_VALUES: Final = 50
_BODIES: Final = ("full", "summary")


def slice_named(name: str, site: Site) -> Slice:
    """Return the slice of a path's name. Raises RenamedTopic, GoneTopic, and UnknownResource with the known names."""
    if name == ALL:
        return Slice()
    if site.topic(name) is None:
        check_renamed(name, site)
        check_gone(name, site)
        raise UnknownResource(f"unknown topic {name[:80]!r} ({nearest(name, [each.name for each in slices(site)])})")
    return Slice(name)


def slices(site: Site) -> Iterator[Slice]:
    """Yield the slices of the OPML and the home page: all, then the topics in their order."""
    yield Slice()
    for topic in site.topics:
        yield Slice(topic.name)


def parse(name: str, pairs: Sequence[tuple[str, str]], beside: Sequence[str] = ()) -> Slice:
    """Return the slice of a path's name and a query's pairs. Does not check whether its topics and tags exist.

    `beside` are other parameters that the caller reads. Raises BadParameter with the parameter, the fault and the
    remedy.
    """
    given: dict[str, list[str]] = {}
    for key, value in pairs:
        if key == AFTER and AFTER not in beside:
            raise BadParameter(f"parameter {AFTER!r}: only a current feed has changes (remove it)")
        if key not in PARAMETERS and key not in beside:
            raise BadParameter(f"unknown parameter {key[:80]!r} ({nearest(key, (*PARAMETERS, *beside))})")
        if plain(value) and key not in beside:
            given.setdefault(key, []).append(plain(value))
    if sum(map(len, given.values())) > MAX_VALUES:
        raise BadParameter(f"more than {MAX_VALUES} values (remove some)")
    values: dict[str, Any] = {field: _each(given, key, _value(key)) for key, field in FACETS.items()}
    for key, reader in _READERS.items():
        found = _each(given, key, reader)
        if len(found) > 1:
            raise BadParameter(f"parameter {key!r} is given twice (keep one)")
        values[key] = found[0] if found else None
    try:
        return Slice(
            None if name == ALL else name,
            **{field: tuple(values[field]) for field in FACETS.values()},
            without=tuple(_each(given, "not", _exclusion)),
            terms=values["q"] or (),
            since=values["since"],
            until=values["until"],
            limit=values["limit"],
            body=values["body"] or "full",
        )
    except ValueError as error:
        raise BadParameter(f"parameter 'since': {error}") from error


def parse_after(slice_: Slice, values: Sequence[str]) -> Cursor:
    """Return the cursor of the parameter `after`. Raises BadParameter."""
    if len(values) > 1:
        raise BadParameter(f"parameter {AFTER!r} is given twice (keep one)")
    if slice_.terms:
        raise BadParameter(f"parameter {AFTER!r}: a search has no changes (remove q)")
    return parse_cursor(values[0])


def _each(given: Mapping[str, list[str]], key: str, reader: Callable[[str], T]) -> list[T]:
    found = []
    for value in given.get(key, []):
        try:
            found.append(reader(value))
        except ValueError as error:
            raise BadParameter(f"parameter {key!r}: {error}") from error
    return found


def _value(key: str) -> Callable[[str], str]:
    # Names of topics are in lower case.
    readers: dict[str, Callable[[str], str]] = {"lang": languages.range_of, "topic": lambda value: _name(value).lower()}
    return readers.get(key, _name)


def _name(value: str) -> str:
    if len(value) > MAX_VALUE:
        raise ValueError(f"longer than {MAX_VALUE} characters (shorten it)")
    return value


def _exclusion(value: str) -> tuple[str, str]:
    key, colon, rest = value.partition(":")
    if not colon or not rest:
        raise ValueError(f"{value[:80]!r} has no name (write topic:…, tag:…, author:… or lang:…)")
    if key not in FACETS:
        raise ValueError(f"unknown {key[:80]!r} ({nearest(key, list(FACETS))})")
    return key, _value(key)(rest)


def _terms(value: str) -> tuple[str, ...]:
    if len(value) > MAX_QUERY:
        raise ValueError(f"longer than {MAX_QUERY} characters (shorten it)")
    found = search_terms.parsed(value)
    if not found:
        raise ValueError(f"{value!r} has no word (write one or more words)")
    return found


def _day(value: str) -> date:
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or len(value) != 10 or found.year not in YEARS:
        raise ValueError(f"{value[:80]!r} is not a day (write 2026-03-01)")
    return found


def _limit(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 7 and 1 <= int(value) <= MAX_LIMIT):
        raise ValueError(f"{value[:80]!r} is not a number from 1 to {MAX_LIMIT}")
    return int(value)


def _body(value: str) -> Body:
    if value.lower() not in _BODIES:
        raise ValueError(f"unknown {value[:80]!r} ({nearest(value, _BODIES)})")
    return cast(Body, value.lower())


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "q": _terms,
    "since": _day,
    "until": _day,
    "limit": _limit,
    "body": _body,
}


def spelled(slice_: Slice) -> str:
    """Return what stands below /feeds/ in the address of a slice, without the suffix of a format: chips?tag=hbm."""
    asked = query(slice_)
    return f"{segment(slice_.name)}{'?' if asked else ''}{asked}"


def slice_written(text: str) -> Slice:
    """Return the slice of what `spelled` returns, in any spelling. Raises ValueError with the fault and the remedy."""
    path, _, asked = text.partition("?")
    name = unquote(path.strip().removeprefix(f"{FEEDS}/"))
    if not name or "/" in name or "." in name:
        raise ValueError(f"{text[:80]!r} is not a feed (write chips or chips?lang=en, with a topic or all)")
    try:
        return parse(lowered(name), parse_qsl(asked, keep_blank_values=True))
    except BadParameter as error:
        raise ValueError(f"{text[:80]!r}: {error}") from error


def check_renamed(name: str, site: Site) -> None:
    """Raise RenamedTopic for the former name of a topic."""
    if site.topic(name) is None and site.renamed_topic(name) is not None:
        names = {alias: topic.name for topic in site.topics for alias in topic.aliases}
        raise RenamedTopic(names, site.base_url)


def check_gone(name: str, site: Site) -> None:
    """Raise GoneTopic for a name in `gone_topics`."""
    if name in site.gone_topics:
        raise GoneTopic(f"the topic {name} was closed (see {site.addresses.home})")


def check_topics(slice_: Slice, site: Site) -> None:
    """Raise RenamedTopic, GoneTopic or BadParameter for a topic that the site does not have.

    GoneTopic is only for a feed of that topic alone: a feed of several topics still has the others.
    """
    for name in filter(None, (slice_.topic, *slice_.topics)):
        check_renamed(name, site)
    if slice_.topic and not slice_.topics:
        check_gone(slice_.topic, site)
    for name in filter(None, (slice_.topic, *slice_.topics)):
        _check_topic("topic", name, site)
    for key, name in slice_.without:
        if key == "topic":
            check_renamed(name, site)
            _check_topic("not", name, site)


def _check_topic(parameter: str, name: str, site: Site) -> None:
    known = [topic.name for topic in site.topics]
    if name in site.gone_topics:
        raise BadParameter(f"parameter {parameter!r}: the topic {name} was closed (remove it)")
    if name not in known:
        raise BadParameter(f"parameter {parameter!r}: unknown topic {name[:80]!r} ({nearest(name, known)})")


def slice_of_site(text: str, site: Site) -> Slice:
    """Return the slice of what `spelled` returns, in any spelling.

    Raises ValueError with the fault and the remedy, also for a topic that the site does not have.
    """
    slice_ = slice_written(text)
    try:
        check_topics(slice_, site)
    except RenamedTopic as error:
        named = [slice_.topic, *slice_.topics, *(name for key, name in slice_.without if key == "topic")]
        now = ", ".join(f"{error.names[name]} for {name}" for name in named if name in error.names)
        raise ValueError(f"{unquote(text)[:80]!r}: the topic has another name now (write {now})") from error
    except GoneTopic as error:
        raise ValueError(f"{unquote(text)[:80]!r}: the topic {slice_.topic} was closed (remove the feed)") from error
    except BadParameter as error:
        raise ValueError(f"{unquote(text)[:80]!r}: {error}") from error
    return slice_


def is_search(slice_: Slice) -> bool:
    """Return whether clients can make up any number of such slices, and finding one may take long.

    All slices but a topic, and a topic's articles with one tag, author or language, which an index answers.
    """
    values = len(slice_.tags) + len(slice_.authors) + len(slice_.languages)
    return bool(slice_.terms or slice_.without or slice_.topics) or values > 1


def query(slice_: Slice) -> str:
    """Return the canonical query string of `slice_`, percent-encoded; "" if its path is enough."""
    pairs = [(key, value) for key, field in FACETS.items() for value in getattr(slice_, field)]
    pairs += [("not", f"{key}:{value}") for key, value in slice_.without]
    single = {
        "q": " ".join(slice_.terms),
        "since": slice_.since,
        "until": slice_.until,
        "limit": slice_.limit,
        "body": None if slice_.body == "full" else slice_.body,
    }
    pairs += [(key, str(value)) for key, value in single.items() if value]
    return urlencode(pairs, quote_via=quote, safe=":")
