"""Measure nginx with `proxy_cache` in front of feedsvc, as deploy/nginx.conf has it, and nginx with a file.

One worker of nginx on one core has both, so that only the cache and the file differ; feedsvc shares that core. The
cache has the settings of deploy/nginx.conf without its limits, which would refuse the load, and without TLS.

Some rows have the CPU time of nginx for a poll instead of the rate: a load that does not use up the core of nginx has
the same rate for both. "nginx's cache alone" is a file behind the same cache, with an ETag and no other header field.
"""

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import Final

from bench.measure import Row, of_pairs, paired, polls_per_second
from bench.polls import GZIP, fetch
from bench.publication import write
from bench.servers import LOAD_CORE, Server, feedsvc, free_port, running
from bench.waiting import until

ARTICLES: Final = 200
DEPLOYED: Final = Path(__file__).parents[1] / "deploy/nginx.conf"
# Within this time, readers see a change: deploy/nginx.conf keeps a response for 8 s, in whole seconds.
SEEN_SECONDS: Final = 10.0
_LIMITS: Final = re.compile(r"^ *(?:limit_req|error_page) .*\n", re.MULTILINE)


def rows(seconds: float, rounds: int) -> Iterator[Row]:
    """Measure polls with gzip and by ETag, polls over HTTP/2, and when a new article is seen through the cache."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        folder.chmod(0o755)
        write(folder / "content", ARTICLES)
        ours = stack.enter_context(feedsvc(folder / "content"))
        h2_port = free_port()
        front = stack.enter_context(_front(folder, ours, h2_port))
        cached, file = front.url, front.url.replace(front.path, "/feed-gzip")
        tag = fetch(ours.url, "gzip")[0]["ETag"]
        assert fetch(cached, "gzip")[0]["ETag"] == tag, "nginx changed the ETag"
        mine, theirs = {**GZIP, "If-None-Match": tag}, {**GZIP, "If-None-Match": fetch(file, "gzip")[0]["ETag"]}
        for name, our_fields, their_fields in (("200 with gzip", GZIP, GZIP), ("304 by ETag", mine, theirs)):
            yield paired(
                f"polls behind nginx: {name}",
                lambda: polls_per_second(cached, our_fields, seconds),  # noqa: B023
                "nginx with a file",
                lambda: polls_per_second(file, their_fields, seconds),  # noqa: B023
                unit="/s",
                rounds=rounds,
                aim="≥ 0.9×",
            )
        bare = file.replace("/feed-gzip", "/feed-cached")
        for name, their_url in (("nginx with a file", file), ("nginx's cache alone", bare)):
            fields = {**GZIP, "If-None-Match": fetch(their_url, "gzip")[0]["ETag"]}
            yield paired(
                "CPU time of a 304 behind nginx",
                lambda: _microseconds(front, cached, mine, seconds),
                name,
                lambda: _microseconds(front, their_url, fields, seconds),  # noqa: B023
                unit="µs",
                rounds=rounds,
            )
        # Each but the first is saved just after nginx has cached a response, which is the longest way.
        seen = [_until_seen(folder / "content", cached, number) for number in range(rounds)]
        pairs = [(each, SEEN_SECONDS) for each in (seen if len(seen) == 1 else seen[1:])]
        yield of_pairs("new article behind nginx", pairs, rival="aim", unit="s", aim="≤ 1.0×")
        name = "polls behind nginx: 200 with gzip over HTTP/2"
        if shutil.which("h2load") is None:
            yield replace(of_pairs(name, [(nan, nan)], rival="nginx with a file", unit="/s"), fault="no h2load here")
            return
        plain, h2 = f":{front.port}/", f":{h2_port}/"
        yield paired(
            name,
            lambda: _polls_over_http2(cached.replace(plain, h2), GZIP, seconds),
            "nginx with a file",
            lambda: _polls_over_http2(file.replace(plain, h2), GZIP, seconds),
            unit="/s",
            rounds=max(1, rounds // 2),
        )


def _microseconds(front: Server, url: str, headers: Mapping[str, str], seconds: float) -> float:
    """Return the CPU time of nginx and its worker for a poll."""
    before = _cpu_seconds(front.pid)
    rate = polls_per_second(url, headers, seconds)
    return (_cpu_seconds(front.pid) - before) / (rate * max(1, round(seconds))) * 1e6


def _cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and its children, in seconds."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    # proc_pid_schedstat(5): the first number is the time on a CPU, in nanoseconds.
    spent = [int(Path(f"/proc/{each}/schedstat").read_text().split()[0]) for each in (pid, *children)]
    return sum(spent) / 1e9


def _until_seen(content: Path, url: str, number: int) -> float:
    """Return the seconds until a new article is in the feed that nginx sends. Pollers come all the time."""
    begun = time.monotonic()
    title = f"Just written {number}"
    text = f"---\ntitle: {title}\npublished: 2026-01-01 00:00\ntopics: [chips]\n---\nNew.\n"
    (content / f"articles/new{number}.md").write_text(text)
    until(lambda: title.encode() in fetch(url)[1], "the new article", pause=0.1)
    return time.monotonic() - begun


@contextmanager
def _front(folder: Path, ours: Server, h2_port: int) -> Iterator[Server]:
    """Start nginx with the cache in front of `ours`, and the feed as a file at /feed-gzip; HTTP/2 at `h2_port`."""
    port = free_port()
    (folder / "feed-gzip").write_bytes(fetch(ours.url, "gzip")[1])
    deployed = DEPLOYED.read_text().replace("127.0.0.1:8000", f"127.0.0.1:{ours.port}")
    deployed = deployed.replace("/var/lib/nginx/feedsvc", f"{folder}/cache")
    parts = [
        re.search(pattern, deployed, re.DOTALL | re.MULTILINE)
        for pattern in (r"^proxy_cache_path.*?;$", r"^map \$upstream_http_cache_control.*?^}$", r"^upstream .*?^}$")
    ]
    location = re.search(r"^    location / \{\n +limit_req.*?^    \}$", deployed, re.DOTALL | re.MULTILINE)
    assert all(parts), "deploy/nginx.conf has another shape"
    assert location is not None, "deploy/nginx.conf has another shape"
    file = (
        f"location = /feed-gzip {{ open_file_cache max=100; alias {folder}/feed-gzip; "
        "default_type application/atom+xml; "
        "add_header Content-Encoding gzip; add_header Vary Accept-Encoding; "
        "add_header Cache-Control 'public, max-age=900'; }\n"
        f"location = /feed-bare {{ alias {folder}/feed-gzip; default_type application/atom+xml; }}"
    )
    cached = _LIMITS.sub("", location[0])
    alone = cached.replace("location / {", "location = /feed-cached {").replace(
        "http://feedsvc", f"http://127.0.0.1:{port}/feed-bare"
    )
    temporary = " ".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
        "events { worker_connections 4096; }\n"
        f"http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;\n{temporary}\n"
        f"types {{ }}\n{chr(10).join(part[0] for part in parts if part)}\n"
        f"server {{ listen 127.0.0.1:{port}; listen 127.0.0.1:{h2_port} http2;\n"
        f"{cached}\n{alone}\n{file} }} }}\n"
    )
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    with running("nginx", command, port, ours.path) as server:
        yield server


def _polls_over_http2(url: str, headers: Mapping[str, str], seconds: float) -> float:
    """Measure with h2load, on the other core, in clear text. Raises RuntimeError if a response is an error."""
    fields = [part for name, value in headers.items() for part in ("-H", f"{name.lower()}: {value}")]
    duration = ["-D", str(max(1, round(seconds)))]
    command = ["taskset", "-c", LOAD_CORE, "h2load", "-t1", "-c16", "-m8", *duration, *fields, url]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    match = re.search(r"finished in .*?, ([\d.]+) req/s", said)
    failed = re.search(r"(\d+) failed, (\d+) errored", said)
    if match is None or failed is None or failed.groups() != ("0", "0"):
        raise RuntimeError(f"{url}: errors under load:\n{said}")
    return float(match[1])
