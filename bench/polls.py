"""Measure the rate of polls, and that of nginx with a file, granian alone, Django, and feedgen at each request."""

import json
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bench.measure import Row, paired, polls_per_second, rival_guard, slowest_percent
from bench.publication import write
from bench.servers import Server, feedsvc, nginx, rival, wsgi

ARTICLES: Final = 200
GZIP: Final = {"Accept-Encoding": "gzip"}
BR: Final = {"Accept-Encoding": "br"}


def rows(seconds: float, rounds: int) -> Iterator[Row]:
    """Measure one worker of each program on one core; requests come from the other core."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        folder.chmod(0o755)
        write(folder / "content", ARTICLES)
        ours = stack.enter_context(feedsvc(folder / "content"))
        bodies = {coding: fetch(ours.url, coding)[1] for coding in ("identity", "gzip", "br")}
        (folder / "entries.json").write_text(json.dumps(_entries(ours)))
        files = rival(stack, "nginx", nginx(folder, bodies, "application/atom+xml"))
        (folder / "answers.json").write_text(json.dumps(_answers(ours)))
        granian = rival(stack, "granian alone", wsgi("granian alone", "from_memory", folder / "answers.json"))
        django = rival(stack, "Django", wsgi("Django", "django_feed", folder / "entries.json"))
        flask = rival(stack, "Flask and feedgen", wsgi("Flask and feedgen", "flask_feed", folder / "entries.json"))
        for case in _cases(ours, files, granian, django, flask):
            yield case.measured(seconds, rounds)
        yield _latency(ours, files, seconds, rounds)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A server and a path, the header fields of each poll, and the number of concurrent clients.

    A poll that is `knowing` has the validators of a response before.
    """

    server: Server
    path: str
    fields: Mapping[str, str]
    connections: int = 64
    knowing: bool = False

    def rate(self, seconds: float) -> float:
        """Return the responses per second. Raises RuntimeError if the server did not start."""
        if self.server.fault:
            raise RuntimeError(self.server.fault)
        url, fields = f"{_base(self.server)}{self.path}", dict(self.fields)
        if self.knowing:
            fields["If-None-Match"] = fetch(url, fields["Accept-Encoding"])[0]["ETag"]
        return polls_per_second(url, fields, seconds, self.connections)


@dataclass(frozen=True, slots=True)
class _Case:
    """A pair of programs to measure, and the poll. Without an aim, half of the rounds suffice."""

    name: str
    ours: _Asked
    rivals: _Asked
    aim: str = ""

    def measured(self, seconds: float, rounds: int) -> Row:
        """Measure both in turn."""
        return paired(
            f"polls: {self.name}",
            lambda: self.ours.rate(seconds),
            self.rivals.server.name,
            lambda: self.rivals.rate(seconds),
            unit="/s",
            rounds=rounds if self.aim else max(1, rounds // 2),
            aim=self.aim,
        )


def _cases(ours: Server, files: Server, granian: Server, django: Server, flask: Server) -> Iterator[_Case]:
    gzip, br = _Asked(ours, ours.path, GZIP), _Asked(ours, ours.path, BR)
    known = replace(gzip, knowing=True)
    sent = _Asked(files, "/feed-gzip", GZIP)
    yield _Case("200 with gzip", gzip, sent, "≥ 1.0×")
    yield _Case("200 with br", br, replace(sent, path="/feed-br", fields=BR), "≥ 1.0×")
    yield _Case("304 by ETag", known, replace(sent, knowing=True), "≥ 1.0×")
    # No application in Python can do better than that.
    limit = _Asked(granian, granian.path, GZIP)
    yield _Case("200 with gzip", gzip, limit)
    yield _Case("304 by ETag", known, replace(limit, knowing=True))
    yield _Case("200 with gzip", gzip, _Asked(django, django.path, GZIP, connections=8), "≥ 60×")
    yield _Case("200 with gzip", gzip, _Asked(flask, flask.path, GZIP, connections=8))


def _latency(ours: Server, files: Server, seconds: float, rounds: int) -> Row:
    theirs = f"{_base(files)}/feed-gzip"
    with rival_guard():
        limit = polls_per_second(theirs, GZIP, seconds)
    half = min(polls_per_second(ours.url, GZIP, seconds), limit) / 2
    # hey on one core cannot send more requests than this on time.
    rate = min(half, 8_000)
    return paired(
        f"p99 at {rate:,.0f} polls/s",
        lambda: slowest_percent(ours.url, GZIP, rate, seconds),
        "nginx",
        lambda: slowest_percent(theirs, GZIP, rate, seconds),
        unit="ms",
        rounds=rounds,
        aim="≤ 1.5×",
    )


def _base(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}"


def fetch(url: str, coding: str = "identity", **headers: str) -> tuple[Mapping[str, str], bytes]:
    """Return header fields and body as they were sent."""
    asked = {"Accept-Encoding": coding, **{name.replace("_", "-"): value for name, value in headers.items()}}
    with urllib.request.urlopen(urllib.request.Request(url, headers=asked)) as answer:  # noqa: S310
        return answer.headers, answer.read()


def _answers(server: Server) -> dict[str, object]:
    """Write the responses for granian alone: our 200 with gzip and our 304, without the fields that the server adds."""
    fields, body = fetch(server.url, "gzip")
    full = [(name, text) for name, text in fields.items() if name not in ("date", "server", "connection")]
    bare = [(name, text) for name, text in full if not name.startswith("content-") and name != "last-modified"]
    return {"full": full, "bare": bare, "body": body.hex()}


def _entries(server: Server) -> list[dict[str, object]]:
    """Return the data of the rivals: the entries of our JSON Feed."""
    feed = json.loads(fetch(f"{_base(server)}/feeds/all.json")[1])
    return [
        {
            "id": item["id"],
            "url": item["url"],
            "title": item["title"],
            "content": item["content_html"],
            "published": item["date_published"].replace("Z", "+00:00"),
            "updated": item["date_modified"].replace("Z", "+00:00"),
            "categories": item.get("tags", []),
        }
        for item in feed["items"]
    ]
