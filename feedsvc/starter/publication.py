"""Make the files of a new publication: site.toml, an article for each language, .gitignore."""

import json
import os
import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from feedsvc import languages, toml
from feedsvc.articles.metadata.front_matter_writer import fields_with, file_of
from feedsvc.errors import ConfigError
from feedsvc.site import values
from feedsvc.slices.slice import ALL
from feedsvc.storage import atomic_write
from feedsvc.urls import FETCH_SCHEMES, resolve

_FOLDER: Final = Path(__file__).parent
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9]+")
_PLACE: Final = re.compile(r"\{[a-z_]+\}")
_OTHER_THAN_HOST: Final = re.compile(r"[/?#@]")


@dataclass(frozen=True, slots=True)
class NewTopic:
    """A topic: the name in addresses (a-z, 0-9 and -) and the title for readers."""

    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPublication:
    """The answers to the questions of `feedsvc init`. The first language is the main one.

    `domain` is in ASCII, as in URLs; empty if there is none yet.
    """

    title: str
    domain: str
    languages: Sequence[str]
    timezone: str
    topics: Sequence[NewTopic]


def domain_of(written: str) -> str:
    """Return the host of a domain or URL, in ASCII; "" for an empty text. Raises ValueError."""
    text = written.strip()
    if not text:
        return ""
    url = resolve(text if "://" in text else f"https://{text}", "invalid:", FETCH_SCHEMES)
    host = _OTHER_THAN_HOST.split(url.partition("://")[2])[0] if url else ""
    if "." not in host or ":" in host or host.replace(".", "").isdigit():
        raise ValueError(f"{written!r} is not a domain (write news.example.org, or nothing while there is none)")
    return host


def topic_of(written: str, number: int) -> NewTopic:
    """Return the topic of NAME=TITLE, or of a title alone; it is the `number`th one, counted from 1.

    A title without Latin letters or digits gives the name topic-1, topic-2 and so on. Raises ValueError, also if title
    and name are exchanged.
    """
    name, sign, title = written.strip().partition("=")
    title = values.plain_text(title.strip() if sign else name)
    if sign and not _name_in_addresses(name) and (right := _name_in_addresses(title)) not in ("", ALL):
        raise ValueError(f"{written.strip()!r}: the name in addresses comes first (write {right}={name.strip()})")
    names = (made for each in (name, title) if (made := _name_in_addresses(each)) not in ("", ALL))
    return NewTopic(next(names, f"topic-{number}"), title)


def _name_in_addresses(text: str) -> str:
    """Return the Latin letters and digits of a text. Letters with accents lose them: Économie is economie."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_NAMES.sub("-", ascii_text).strip("-")[:64].strip("-")


def first_topic(language: str) -> str:
    """Return the title of the topic that is proposed in a language, as NAME=TITLE."""
    return f"news={_starter(language)['topic']}"


def authority_of(domain: str, today: datetime) -> str:
    """Return the beginning of the ids: a domain and a day (UTC) on which it was the editor's (RFC 4151 §2.1).

    Without a domain, it is a random one that nobody can have (RFC 6761 §6.4).
    """
    return f"{domain or f'publication-{secrets.token_hex(4)}.invalid'},{today.astimezone(UTC):%Y-%m-%d}"


def files_of(new: NewPublication, now: datetime) -> dict[str, bytes]:
    """Return the files of a publication by path, with forward slashes. `now` is in the time zone of `new`."""
    return {
        "content/site.toml": _site(new, now).encode(),
        **dict(_article(new, language, now) for language in new.languages),
        # The store is made of content/ and need not be in git.
        ".gitignore": b".feedsvc/\n",
    }


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write files below `folder`. Raises ConfigError, and leaves none of them if one exists or cannot be written."""
    written = []
    try:
        for path in files:
            if os.path.lexists(folder / path):
                raise _taken(folder / path)
        for path, data in files.items():
            if not atomic_write.create(folder / path, data):
                raise _taken(folder / path)
            written.append(folder / path)
    except BaseException:
        for each in written:
            each.unlink(missing_ok=True)
        raise


def _taken(file: Path) -> ConfigError:
    return ConfigError(f"{file} exists already (name another folder, or move the file away)")


def _site(new: NewPublication, now: datetime) -> str:
    base_url = f"https://{new.domain or 'news.example.org'}"
    settings = {
        "{title}": new.title,
        "{base_url}": base_url,
        "{tag_authority}": authority_of(new.domain, now),
        "{language}": new.languages[0],
        "{timezone}": new.timezone,
    }
    text = (_FOLDER / "site_template.toml").read_text("utf-8")
    # In one pass, since a title may be `{language}`.
    text = _PLACE.sub(lambda match: _quoted(settings[match[0]]), text)
    for topic in new.topics:
        text += f'\n[topics.{topic.name}]\ntitle = {_quoted(topic.title)}\n# description = "…"\n'
    return text


def _article(new: NewPublication, language: str, now: datetime) -> tuple[str, bytes]:
    starter = _starter(language)
    path = f"content/articles/{'first' if language == new.languages[0] else f'first-{language}'}.md"
    fields = {
        "title": starter["title"],
        "published": now,
        "language": language,
        "topics": [topic.name for topic in new.topics[:1]],
        **({} if language == new.languages[0] else {"translation_of": "first"}),
    }
    front_matter = fields_with(fields, ZoneInfo(new.timezone))
    return path, file_of(front_matter, starter["text"].replace("{path}", path), "yaml")


def _quoted(value: str) -> str:
    """Return a TOML string. A JSON string without control characters is one."""
    return json.dumps(value, ensure_ascii=False)


def _starter(language: str) -> Mapping[str, str]:
    """Return title, text and topic in the best language that there is.

    For another language, title and text are its own name: a text in English would have the wrong language.
    """
    texts: Mapping[str, Mapping[str, str]] = toml.loads((_FOLDER / "articles.toml").read_text("utf-8"))
    best = languages.best(language, list(texts))
    if best is not None and languages.language_and_script(best) == languages.language_and_script(language):
        return texts[best]
    name = languages.endonym(language)
    return {"title": name, "topic": texts["en"]["topic"], "text": f"\n{name}\n"}
