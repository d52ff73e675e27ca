"""The functions that read values of front matter fields. Pure. Each raises ValueError with the remedy."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, unquote

from feedsvc import languages, routes
from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.articles.metadata.marker_table import NO, YES, squash
from feedsvc.model import Person, Site, Topic
from feedsvc.suggestions import nearest
from feedsvc.syntax import full_width
from feedsvc.text import MAX_NAME, checked_name, plain
from feedsvc.urls import FETCH_SCHEMES, is_uri, old_address, resolve

MAX_TEXT: Final = 2000
# Feeds repeat them with each article, pages lead from each to a page of its own.
MAX_NAMES: Final = 100
MAX_PERSONS_URI: Final = 500
# Each may not be anybody else's, for ever.
MAX_ALIASES: Final = 100
MAX_SLUG: Final = 200
# What file systems take as a name. Each byte may be three characters of an address, and each link of an article may
# repeat its address.
MAX_SLUG_BYTES: Final = 255
# In characters.
MAX_ADDRESS: Final = 1000
# What has one of these is an address of another system, not a slug.
_ADDRESS: Final = re.compile(r"[/?]")


def text(value: Value) -> str:
    """Read one line of plain text."""
    if not isinstance(value, str):
        raise ValueError("must be one text, not a list or table (quote it)")
    if len(value) > MAX_TEXT:
        raise ValueError(f"longer than {MAX_TEXT} characters (shorten it)")
    return plain(value)


def required_text(value: Value) -> str:
    """Read one line of plain text that is not empty."""
    found = text(value)
    if not found:
        raise ValueError("is empty (write something)")
    return found


def texts(value: Value) -> tuple[str, ...]:
    """Read a list of texts, or one text with commas; empty ones and repetitions are dropped."""
    items: list[Value] = list(re.split("[,\uff0c\u3001]", value)) if isinstance(value, str) else []
    if isinstance(value, list):
        items = value
    elif isinstance(value, dict):
        raise ValueError("must be a list (write [one, two])")
    found = tuple(dict.fromkeys(filter(None, map(text, items))))
    for each in found if isinstance(value, str) else ():
        # Else a bracket or quote around the list would be part of two texts.
        if character := full_width.unbalanced(each):
            raise ValueError(f"{each!r} is a part of a list ({full_width.remedy(character)})")
    return found


def flag(value: Value) -> bool:
    """Read true or false, as words or in the other ways that people write yes and no."""
    word = squash(text(value))
    if word not in YES | NO:
        raise ValueError(f"{text(value)!r} is neither yes nor no (write true or false)")
    return word in YES


def number(value: Value) -> int | float:
    """Read a number of at most 11 digits before the point and 4 behind it."""
    written = required_text(value)
    if not re.fullmatch(r"-?\d{1,11}(?:\.\d{1,4})?", written, re.ASCII):
        raise ValueError(f"{written!r} is not a number (write 12 or 4.5)")
    return float(written) if "." in written else int(written)


def name(value: Value) -> str:
    """Read a tag or the name of a person: it is short, and a URL can end with it."""
    return checked_name(required_text(value))


def tags(value: Value) -> tuple[str, ...]:
    """Read tags, in the order in which they were written."""
    written = texts(value)
    if len(written) > MAX_NAMES:
        raise ValueError(f"more than {MAX_NAMES} (keep those that readers would look for)")
    return tuple(map(name, written))


def topics(value: Value, site: Site, warn: Callable[[str, str], None]) -> tuple[str, ...]:
    """Read names of topics, in the order of site.toml. What else `topic` accepts gets a warning."""
    known = [topic.name for topic in site.topics]
    names: set[str] = set()
    for written in texts(value):
        name = topic(written, site).name
        if name != written:
            what = "is a former name of" if site.renamed_topic(written) else "counts as"
            warn("topics", f"{written!r} {what} the topic {name} (write {name})")
        names.add(name)
    if not names:
        raise ValueError(f"is empty (name at least one of: {', '.join(known)})")
    return tuple(name for name in known if name in names)


def topic(written: str, site: Site) -> Topic:
    """Read the name of a topic, its name in another case, a former name, or a title that no other topic has."""
    if found := site.topic(written):
        return found
    if written in site.gone_topics:
        raise ValueError(f"the topic {written!r} was closed: gone_topics in site.toml names it (name another topic)")
    called = site.topics_called(written)
    if not called:
        if character := full_width.first(written):
            raise ValueError(f"unknown topic {written!r} ({full_width.remedy(character)})")
        raise ValueError(f"unknown topic {written!r} ({nearest(written, [each.name for each in site.topics])})")
    if len(called) > 1:
        names = ", ".join(each.name for each in called)
        raise ValueError(f"{written!r} is the title of several topics (write one of: {names})")
    return called[0]


def language(value: Value) -> str:
    """Read a language tag, and return it in its usual case."""
    return languages.canonical(required_text(value))


def slug(value: Value) -> str:
    """Read a path segment of letters, digits and - _ . ~ in any script, as written."""
    written = required_text(value)
    right = slug_from(written)
    if written != right:
        raise ValueError(f"{written!r} cannot be an address (write {right!r})")
    return written


def aliases(value: Value, base_url: str = "") -> tuple[str, ...]:
    """Read old slugs, and old addresses in other systems as `urls.old_address` returns them.

    An address below /articles/ is a slug, decoded.
    """
    written = texts(value)
    if len(written) > MAX_ALIASES:
        raise ValueError(f"more than {MAX_ALIASES} (name the addresses that others link to)")
    # Without repetitions, in the order in which they were written.
    found: dict[str, None] = {}
    for each in written:
        if not _ADDRESS.search(each.rstrip("/")):
            found[slug(unquote(each.rstrip("/")))] = None
            continue
        address = old_address(each, base_url)
        if address == "/" or len(address) > MAX_ADDRESS:
            raise ValueError(f"{each[:80]!r} is no address of an old page (write its path, such as /2026/01/old.html)")
        name = address.removeprefix(routes.ARTICLE.prefix)
        found[name if name != address and is_slug(name) else address] = None
    return tuple(found)


def is_slug(text: str) -> bool:
    """Return whether `text` can be a slug as it is."""
    try:
        return slug_from(text) == text
    except ValueError:
        return False


def slug_from(name: str) -> str:
    """Return the slug that is made of a file or folder name, or any text. Raises ValueError if it would be empty."""
    kept = "".join(
        c if c.isalnum() or unicodedata.category(c)[0] in "MN" or c in "-_.~" else " "
        for c in unicodedata.normalize("NFC", name)
    )
    made = "-".join(kept.split()).strip("-.")[:MAX_SLUG]
    made = made.encode()[:MAX_SLUG_BYTES].decode("utf-8", "ignore").rstrip("-.")
    if not made:
        raise ValueError(f"no slug can be made of {name!r} (write slug: with letters or digits)")
    return made


def identifier(value: Value) -> str:
    """Read a URI, which stays as written except what is not ASCII (RFC 4287 §4.2.6), or a name without a space.

    A name is what an article brought along from elsewhere: RSS and JSON Feed know it so, and its readers with them.
    """
    written = required_text(value)
    if any(map(str.isspace, written)):
        raise ValueError(f"{written!r} has a space in it (write urn:uuid:…, tag:… or https://…)")
    return quote(written, safe="!#$%&'()*+,/:;=?@[]~") if is_uri(written) else written


def url(value: Value) -> str:
    """Read an absolute http or https URL, and return it in ASCII."""
    found = resolve(required_text(value), "invalid:", FETCH_SCHEMES)
    if found is None:
        raise ValueError(f"{text(value)!r} is not a web address (write https://…)")
    return found


def people(value: Value) -> tuple[Person, ...]:
    """Read names, or tables with name, uri and email."""
    items = value if isinstance(value, list) else [value] if isinstance(value, dict) else list(texts(value))
    if len(items) > MAX_NAMES:
        raise ValueError(f"more than {MAX_NAMES} (name those who wrote most of it, or whom they wrote for)")
    return tuple(dict.fromkeys(person(each) for each in items if each != ""))


def person(value: Value) -> Person:
    """Read a name, or a table with name, uri and email."""
    if isinstance(value, str):
        return Person(name=name(value))
    table = table_of(value, {"name": name, "uri": _short(url, MAX_PERSONS_URI), "email": _short(text, MAX_NAME)})
    if "name" not in table:
        raise ValueError("an author needs a name (write {name: …})")
    return Person(name=table["name"], uri=table.get("uri"), email=table.get("email") or None)


def _short(reader: Callable[[Value], str], most: int) -> Callable[[Value], str]:
    """Return `reader` with a limit for the length of what it reads."""

    def read(value: Value) -> str:
        found = reader(value)
        if len(found) > most:
            raise ValueError(f"{found[:20]!r}… is longer than {most} characters as an address (write a shorter one)")
        return found

    return read


def table_of(value: Value, readers: Mapping[str, Callable[[Value], str]]) -> dict[str, str]:
    """Read a table with known keys, each by its reader."""
    if not isinstance(value, dict):
        raise ValueError(f"must be a table with {', '.join(readers)}")
    for key in value:
        if key not in readers:
            raise ValueError(f"unknown key {key!r} ({nearest(key, list(readers))})")
    return {key: readers[key](each) for key, each in value.items() if each != ""}


def media_type(value: Value) -> str:
    """Read a media type such as audio/mpeg."""
    written = required_text(value).lower()
    if not re.fullmatch(r"[a-z]+/[a-z0-9.+\-]+", written):
        raise ValueError(f"{written!r} is not a media type (write audio/mpeg, video/mp4, …)")
    return written


def length(value: Value) -> str:
    """Read a number of bytes, and return its digits."""
    written = required_text(value)
    if not re.fullmatch(r"\d{1,15}", written, re.ASCII):
        raise ValueError(f"{written!r} is not a number of bytes (write 12345)")
    return written
