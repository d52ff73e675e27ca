"""Read content/site.toml, and the pictures beside it, into a frozen `Site`. Every error names the file and the key."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from feedsvc import languages, toml
from feedsvc.errors import ConfigError, Finding, Problem
from feedsvc.files import NotRegular, open_regular
from feedsvc.model import CachePolicy, Export, Localized, Person, Site, Theme, Topic
from feedsvc.site import values
from feedsvc.site.faults import KeyFaults
from feedsvc.site.pictures import Key, is_file, read_picture
from feedsvc.site.redirects import old_source, presets, redirects
from feedsvc.site.topics import former_name_faults, former_names
from feedsvc.site.topics import topics as read_topics
from feedsvc.site.values import KEYS
from feedsvc.suggestions import nearest
from feedsvc.syntax.toml_mistakes import mistake_of
from feedsvc.urls import Addresses

T = TypeVar("T")
MAX_BYTES: Final = 1_000_000

# Settings without a default, and what to write.
_REQUIRED: Final[Mapping[str, str]] = {
    "title": 'title = "…"',
    "tag_authority": 'tag_authority = "example.org,2026" with a domain of yours and a year in which you own it',
    "topics": "a table [topics.NAME], such as [topics.news]",
}
# Settings that are independent of others: the reader and the default of each.
_PLAIN: Final[Mapping[str, tuple[Callable[[Any], Any], Any]]] = {
    "redirect_presets": (presets, ()),
    "embed_hosts": (values.hosts, ()),
    "wikilinks": (values.flag, False),
    "keep_location": (values.flag, False),
    "picture_sizes": (values.flag, True),
    "sample": (values.flag, False),
    "feed_size": (values.feed_size, 50),
    "feed_bytes": (values.feed_bytes, 2_000_000),
    "tombstone_days": (values.tombstone_days, 30),
    "archives": (values.archives, "month"),
    "cache": (values.cache, CachePolicy()),
    "theme": (values.theme, Theme()),
}


def read_table(content: Path) -> dict[str, Any]:
    """Return the table of site.toml as it is written. Raises ConfigError."""
    return read_both(content)[0]


def read_both(content: Path) -> tuple[dict[str, Any], str]:
    """Return site.toml as a table and as text. Raises ConfigError."""
    path = content / "site.toml"
    try:
        with open_regular(path) as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ValueError(f"more than {MAX_BYTES:,} bytes (remove what no setting needs)")
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        return toml.loads(text), text
    except FileNotFoundError as error:
        raise no_publication(path) from error
    except NotRegular as error:
        raise ConfigError(f"{path}: not a regular file (put the file itself there)") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 (save the file as UTF-8)") from error
    except tomllib.TOMLDecodeError as error:
        mistake = mistake_of(text, str(error))
        said = f"{mistake.problem} ({mistake.remedy}; the last good state is served)"
        raise _error(path, [Finding(line=mistake.line, message=said)]) from error
    except (OSError, ValueError) as error:
        said = f"{error} (correct the file; the last good state is served)"
        raise _error(path, [Finding(message=said)]) from error


def no_publication(path: Path) -> ConfigError:
    """Return the error that there is no site.toml at `path`, so that the folder is not one of a publication."""
    cure = "change to its folder, begin one with feedsvc init DIR, or name its content folder with --content"
    return ConfigError(f"{path}: not found, so this is not the folder of a publication ({cure})")


def redirect_lines(content: Path, base_url: str) -> dict[str, int]:
    """Return the line of each valid redirect in site.toml. Raises ConfigError."""
    table, text = read_both(content)
    found: dict[str, int] = {}
    for each in table.get("redirects", {}):
        # A broken one is named by `read_site`.
        with suppress(ValueError):
            found[old_source(each, base_url)] = toml.line_of(text, ("redirects", each))
    return found


def line_of_key(content: Path, key: str) -> int:
    """Return the line of a key of site.toml, counted from 1; 0 if it is not found. Raises ConfigError."""
    return toml.line_of(read_both(content)[1], (key,))


def load_site(content: Path, base_url: str | None, own_url: str) -> Site:
    """Return the publication that `content`/site.toml describes.

    `base_url` overrides the one in the file; `own_url` is used if neither exists. Raises ConfigError with the file and
    all its errors, each with line and key.
    """
    reader = _SiteReader(content)
    site = reader.site(base_url, own_url)
    if site is None or reader.findings:
        raise _error(content / "site.toml", reader.findings)
    return site


def read_site(content: Path, base_url: str | None, own_url: str, kept: Site | None) -> tuple[Site, Sequence[Finding]]:
    """Return the publication and all errors of site.toml.

    Where a value is wrong, the publication has the value of `kept`, else the default: good enough to check articles,
    never to be published. Raises ConfigError if not even the topics are known.
    """
    try:
        reader = _SiteReader(content, kept)
    except ConfigError as error:
        if kept is None or not error.findings:
            raise
        return kept, error.findings
    site = reader.site(base_url, own_url)
    if site is None:
        raise _error(content / "site.toml", reader.findings)
    return site, reader.findings


def _error(path: Path, findings: Sequence[Finding]) -> ConfigError:
    return ConfigError("; ".join(str(Problem(path=str(path), finding=each)) for each in findings), findings)


class _SiteReader:
    """Reads site.toml in `content` key by key. `findings` are its errors; values of `kept` replace wrong ones.

    Raises ConfigError if it is no TOML.
    """

    def __init__(self, content: Path, kept: Site | None = None) -> None:
        self._table, self._text = read_both(content)
        self._content, self._kept = content, kept
        self.findings: list[Finding] = []

    def site(self, base_url: str | None, own_url: str) -> Site | None:
        """Return the publication; None if no topic is known."""
        for key in self._table:
            if key not in KEYS:
                self._note(key, f"unknown key ({nearest(key, KEYS)})")
        language = self._get("language", lambda value: languages.canonical(values.plain_text(value)), "en")
        base = self._base_url(base_url, own_url)
        zone = self._get("timezone", lambda value: values.zone(values.plain_text(value)).key, "UTC")
        title = self._get("title", lambda value: values.title(value, language), Localized({language: "?"}))
        authority = self._get("tag_authority", values.authority, "invalid,2000")
        no_topics: tuple[Topic, ...] = ()
        topics = self._get("topics", lambda value: read_topics(value, language), no_topics)
        gone_topics: tuple[str, ...] = self._get("gone_topics", former_names, ())
        for fault in former_name_faults(topics, gone_topics):
            self._note(fault.key, str(fault))
        for key, example in _REQUIRED.items():
            if key not in self._table:
                self._note(key, f"is missing (write {example})")
        if not topics:
            return None
        site = Site(
            title=title,
            subtitle=self._get("subtitle", lambda value: values.localized(value, language), Localized({language: ""})),
            base_url=base,
            tag_authority=authority,
            language=language,
            timezone=zone,
            # RFC 4287 §4.1.1: every entry has an author, its own or the feed's.
            authors=self._get("authors", values.authors, ()) or (Person(name=title.in_(language)),),
            topics=topics,
            gone_topics=gone_topics,
            redirects=self._get("redirects", lambda value: redirects(value, base), ()),
            established=self._get(
                "established", lambda value: values.moment(value, values.zone(zone)), datetime(2000, 1, 1, tzinfo=UTC)
            ),
            rights=self._get("rights", lambda value: values.localized(value, language), None),
            hub=self._get("hub", lambda value: values.hub(value, base), values.hub({}, base)),
            footer=self._get("footer", lambda value: values.footer(value, language), ()),
            **self._picture("icon", base),
            **self._picture("logo", base),
            **{key: self._get(key, reader, default) for key, (reader, default) in _PLAIN.items()},
        )
        return replace(site, export=self._get("export", lambda value: values.export(value, site), Export()))

    def _picture(self, key: Key, base: str) -> dict[str, Any]:
        """Return the settings of the icon or the logo: its URL, and its description if it is a file."""

        def read(value: Any) -> dict[str, Any]:
            written = values.plain_text(value)
            if not is_file(written):
                return {key: values.web_url(written, f"{base}/"), f"{key}_file": None}
            picture, _ = read_picture(self._content, written, key)
            return {key: Addresses(base).media(picture.name), f"{key}_file": picture}

        kept = {name: getattr(self._kept, name, None) for name in (key, f"{key}_file")}
        return self._get(key, read, {}, kept)

    def _base_url(self, given: str | None, own_url: str) -> str:
        if given:
            return given_url("FEEDSVC_BASE_URL or --base-url", given)
        return self._get("base_url", values.base_url, "") or given_url("FEEDSVC_OWN_URL", own_url)

    def _get(self, key: str, reader: Callable[[Any], T], default: T, kept: T | None = None) -> T:
        stand_in: T = default if self._kept is None else kept or getattr(self._kept, key)
        if key not in self._table:
            return stand_in if key in _REQUIRED else default
        try:
            return reader(self._table[key])
        except KeyFaults as error:
            for fault in error.faults:
                self._note(fault.key, str(fault), fault.shown)
            good: T = error.good
            return good or stand_in
        except ValueError as error:
            self._note(key, str(error))
            return stand_in

    def _note(self, key: str | Sequence[str], message: str, shown: str = "") -> None:
        parts = key.split(".") if isinstance(key, str) else key
        line = toml.line_of(self._text, parts)
        self.findings.append(Finding(line=line, field=shown or ".".join(parts), message=message))


def given_url(origin: str, value: str) -> str:
    """Return a publication's address that `origin` gives, in its usual form. Raises ConfigError for no URL."""
    try:
        return values.base_url(value)
    except ValueError as error:
        raise ConfigError(f"{origin}: {error}") from error
