"""The links of the files of an export, and where they lead in it."""

import json
import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any
from urllib.parse import quote, unquote, urljoin

from lxml import etree, html

BASE = "https://example.org"
# What has no file: a namespace is no link, and a search or a cursor needs a service.
_ATTRIBUTES = ("href", "src", "action", "xmlUrl", "htmlUrl", "url", "data-ask")


def links(key: str, body: bytes) -> Iterator[str]:
    """Yield the URLs of this publication in a file, without fragments. The text of articles is not looked at."""
    if key.startswith((".", "_")):
        return
    own = f"{BASE}/{quote(key)}"
    if key.endswith(".html"):
        page: Any = html.document_fromstring(body)
        found = [value for _, name, value, _ in page.iterlinks() if name != "style"]
        found += map(unescape, re.findall('content="(https://example[.]org[^"]*)"', body.decode()))
    elif key.endswith((".atom", ".rss", ".opml", ".xml")):
        root = etree.fromstring(body)
        found = [value for each in root.iter() for name, value in each.items() if name in _ATTRIBUTES]
        found += [each.text for each in root.iter("{*}link", "{*}loc", "{*}uri") if each.text]
    elif key.endswith(".json") and not key.startswith("openapi"):
        found = list(_strings(json.loads(body)))
    elif key.endswith(".css"):
        found = re.findall(rb"url\(([^)]+)\)", body)
    elif key == "robots.txt":
        found = re.findall(rb"^Sitemap: (.+)$", body, re.MULTILINE)
    else:
        return
    for each in found:
        text = each.decode() if isinstance(each, bytes) else each
        # A link to a place in the same page.
        url = urljoin(own, text).partition("#")[0]
        if url.startswith(f"{BASE}/") and url != own:
            yield url


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _strings(each) if not name.startswith(("content", "summary", "title")) else ()
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, str) and value.startswith(BASE):
        yield value


def asked_for(key: str) -> tuple[str, list[tuple[str, str]]]:
    """Return what the service has instead of a feed or an archive of the export: the path, and the parameters."""
    stem, dot, suffix = key.rpartition(".")
    path, parameters = [], []
    for part in stem.split("/"):
        if found := re.fullmatch("(author|lang|limit|not|since|tag|topic|until)-(.+)", part):
            value = re.sub(r"~\(([0-9a-f]{2})\)", lambda number: chr(int(number[1], 16)), found[2])
            parameters.append((found[1], value))
        else:
            path.append(part)
    return f"{'/'.join(path)}{dot}{suffix}", parameters


def file_at(url: str, keys: object) -> str | None:
    """Return the file that a web server finds at a URL; None if there is none."""
    path = unquote(url.removeprefix(BASE)).strip("/")
    assert isinstance(keys, set | dict)
    return next((each for each in (f"{path}.html", path, f"{path}/index.html".lstrip("/")) if each in keys), None)


def reachable(found: dict[str, bytes], entries: Iterable[str]) -> set[str]:
    """Return the keys of the files that links lead to from some of them."""
    seen: set[str] = set()
    waiting = [key for key in entries if key in found]
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting += [each for url in links(key, found[key]) if (each := file_at(url, found)) is not None]
    return seen


def dangling(found: dict[str, bytes], there: dict[str, bytes] | None = None) -> dict[str, str]:
    """Return the URLs in files of an export that lead to no file of `there`, each with a file that has it."""
    lost = {}
    for key, body in found.items():
        for url in links(key, body):
            if file_at(url, there or found) is None:
                lost[url] = key
    return lost
