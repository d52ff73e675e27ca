"""Polls: what an answer costs, beside nginx sending a file, granian alone, Django, and feedgen each time."""

import json
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bench.measure import Row, paired, polls_per_second, slowest_percent
from bench.publication import write
from bench.servers import Server, feedsvc, nginx, wsgi

ARTICLES: Final = 200
GZIP: Final = {"Accept-Encoding": "gzip"}
BR: Final = {"Accept-Encoding": "br"}


def rows(seconds: float, rounds: int) -> Iterator[Row]:
    """One worker on one core each, asked from the other core."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        folder.chmod(0o755)
        write(folder / "content", ARTICLES)
        ours = stack.enter_context(feedsvc(folder / "content"))
        bodies = {coding: fetch(ours.url, coding)[1] for coding in ("identity", "gzip", "br")}
        (folder / "entries.json").write_text(json.dumps(_entries(ours)))
        files = stack.enter_context(nginx(folder, bodies, "application/atom+xml"))
        (folder / "answers.json").write_text(json.dumps(_answers(ours)))
        granian = stack.enter_context(wsgi("granian alone", "from_memory", folder / "answers.json"))
        django = stack.enter_context(wsgi("Django", "django_feed", folder / "entries.json"))
        flask = stack.enter_context(wsgi("Flask and feedgen", "flask_feed", folder / "entries.json"))
        for case in _cases(ours, files, granian, django, flask):
            yield case.measured(seconds, rounds)
        yield _latency(ours, files, seconds, rounds)


@dataclass(frozen=True, slots=True)
class _Asked:
    """An address, the fields that go with each poll of it, and how many ask at a time."""

    server: str
    url: str
    fields: Mapping[str, str]
    connections: int = 64

    def knowing(self) -> "_Asked":
        """As a poller asks who has polled before."""
        tag = fetch(self.url, self.fields["Accept-Encoding"])[0]["ETag"]
        return replace(self, fields={**self.fields, "If-None-Match": tag})

    def rate(self, seconds: float) -> float:
        """Answers a second."""
        return polls_per_second(self.url, self.fields, seconds, self.connections)


@dataclass(frozen=True, slots=True)
class _Case:
    """What is asked for, of whom. Where nothing is aimed at, half the rounds do."""

    name: str
    ours: _Asked
    rivals: _Asked
    aim: str = ""

    def measured(self, seconds: float, rounds: int) -> Row:
        """Both, in turn."""
        return paired(
            f"polls: {self.name}",
            lambda: self.ours.rate(seconds),
            self.rivals.server,
            lambda: self.rivals.rate(seconds),
            unit="/s",
            rounds=rounds if self.aim else max(1, rounds // 2),
            aim=self.aim,
        )


def _cases(ours: Server, files: Server, granian: Server, django: Server, flask: Server) -> Iterator[_Case]:
    gzip, br = _Asked(ours.name, ours.url, GZIP), _Asked(ours.name, ours.url, BR)
    sent = _Asked(files.name, f"{_base(files)}/feed-gzip", GZIP)
    yield _Case("200 with gzip", gzip, sent, "≥ 1.0×")
    yield _Case("200 with br", br, replace(sent, url=f"{_base(files)}/feed-br", fields=BR), "≥ 1.0×")
    yield _Case("304 by ETag", gzip.knowing(), sent.knowing(), "≥ 1.0×")
    # No application in Python can do better than that.
    limit = _Asked(granian.name, granian.url, GZIP)
    yield _Case("200 with gzip", gzip, limit)
    yield _Case("304 by ETag", gzip.knowing(), limit.knowing())
    yield _Case("200 with gzip", gzip, _Asked(django.name, django.url, GZIP, connections=8), "≥ 60×")
    yield _Case("200 with gzip", gzip, _Asked(flask.name, flask.url, GZIP, connections=8))


def _latency(ours: Server, files: Server, seconds: float, rounds: int) -> Row:
    theirs = f"{_base(files)}/feed-gzip"
    half = min(polls_per_second(ours.url, GZIP, seconds), polls_per_second(theirs, GZIP, seconds)) / 2
    # hey, on the one core that asks, sends no more than this without being late itself.
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
    """Fields and body, as sent."""
    asked = {"Accept-Encoding": coding, **{name.replace("_", "-"): value for name, value in headers.items()}}
    with urllib.request.urlopen(urllib.request.Request(url, headers=asked)) as answer:  # noqa: S310
        return answer.headers, answer.read()


def _answers(server: Server) -> dict[str, object]:
    """What granian alone sends: our 200 with gzip and our 304, but for what the server adds itself."""
    fields, body = fetch(server.url, "gzip")
    full = [(name, text) for name, text in fields.items() if name not in ("date", "server", "connection")]
    bare = [(name, text) for name, text in full if not name.startswith("content-") and name != "last-modified"]
    return {"full": full, "bare": bare, "body": body.hex()}


def _entries(server: Server) -> list[dict[str, object]]:
    """What the rivals serve: the entries of our JSON Feed."""
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
