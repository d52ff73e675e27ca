"""Polls: what an answer costs, beside nginx sending a file, Django's syndication framework, and feedgen each time."""

import json
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.measure import Row, paired, polls_per_second, slowest_percent
from bench.publication import write
from bench.servers import Server, feedsvc, nginx, wsgi

ARTICLES: Final = 200
GZIP: Final = {"Accept-Encoding": "gzip"}


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
        django = stack.enter_context(wsgi("Django", "django_feed", folder / "entries.json"))
        flask = stack.enter_context(wsgi("Flask and feedgen", "flask_feed", folder / "entries.json"))
        yield from _rates(ours, files, seconds, rounds)
        yield from _against(ours, django, "≥ 60×", seconds, rounds)
        yield from _against(ours, flask, "", seconds, rounds)
        yield _latency(ours, files, seconds, rounds)


@dataclass(frozen=True, slots=True)
class _Asked:
    """An address, and the fields that go with each poll of it."""

    url: str
    fields: Mapping[str, str]

    def knowing(self) -> "_Asked":
        """As a poller asks who has polled before."""
        tag = fetch(self.url, self.fields["Accept-Encoding"])[0]["ETag"]
        return _Asked(self.url, {**self.fields, "If-None-Match": tag})

    def rate(self, seconds: float, connections: int = 64) -> float:
        """Answers a second."""
        return polls_per_second(self.url, self.fields, seconds, connections)


def _rates(ours: Server, files: Server, seconds: float, rounds: int) -> Iterator[Row]:
    gzip, br = (
        (
            _Asked(ours.url, {"Accept-Encoding": coding}),
            _Asked(f"{_base(files)}/feed-{coding}", {"Accept-Encoding": coding}),
        )
        for coding in ("gzip", "br")
    )
    cases = {"200 with gzip": gzip, "200 with br": br, "304 by ETag": (gzip[0].knowing(), gzip[1].knowing())}
    for name, (mine, theirs) in cases.items():
        yield paired(
            f"polls: {name}",
            lambda: mine.rate(seconds),  # noqa: B023
            "nginx",
            lambda: theirs.rate(seconds),  # noqa: B023
            unit="/s",
            rounds=rounds,
            aim="≥ 1.0×",
        )


def _against(ours: Server, rival: Server, aim: str, seconds: float, rounds: int) -> Iterator[Row]:
    mine, theirs = _Asked(ours.url, GZIP), _Asked(rival.url, GZIP)
    yield paired(
        "polls: 200 with gzip",
        lambda: mine.rate(seconds),
        rival.name,
        lambda: theirs.rate(seconds, connections=8),
        unit="/s",
        rounds=max(1, rounds // 2),
        aim=aim,
    )


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
