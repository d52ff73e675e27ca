"""Write feedsvc/web/openapi/examples.json again: `python -m tests.api_examples` (`make goldens` does it, too)."""

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import TestResponse

from feedsvc.web.openapi import examples
from feedsvc.web.openapi.operations import Operation
from feedsvc.web.openapi.views import described_operations
from tests.conftest import Publication
from tests.web.resources import ask, fill

FILE: Final = Path(examples.__file__).with_name("examples.json")
SHOWN: Final = ("Content-Type", "Location", "ETag", "Last-Modified", "Cache-Control", "Link", "Retry-After")
MAX_LINES: Final = 70
# What differs from one publication or version to the next: the epoch of a store, a digest, a version.
VARIABLE: Final = (
    (re.compile(r"after=[0-9a-f]{8}-"), "after=7f3a21c8-"),
    (re.compile(r'"cursor": "[0-9a-f]{8}-'), '"cursor": "7f3a21c8-'),
    (re.compile(r'"[0-9a-f]{32}(?=[-"])'), '"5f0c1d7a92b64e38a1f4c07d6be25913'),
    (re.compile(r"(?<=-)[0-9a-f]{12}(?=[.])"), "1f2e3d4c5b6a"),
    (re.compile(r'"version": "\d[^"]*"'), '"version": "…"'),
)
# The bodies of a description, a list and a script are long.
SHORTENED: Final = {"text/css": 2, "text/javascript": 4, "application/json": 6, "text/x-opml": 9, "text/plain": 9}
TOKEN: Final = "replacethiswithyourtoken"
FORM: Final = (
    "hub.mode=subscribe&hub.topic=https%3A%2F%2Fexample.org%2Ffeeds%2Fchips.atom"
    "&hub.callback=https%3A%2F%2Freader.example%2Fcallback"
)


def all_examples(client: FlaskClient) -> dict[str, tuple[str, str]]:
    """Return the request and the response of each operation, by endpoint, of a client of the publication of `fill`."""
    with client.application.test_request_context():
        operations = list(described_operations())
    return {endpoint: example(client, path, operation) for path, endpoint, operation in operations}


def example(client: FlaskClient, path: str, operation: Operation) -> tuple[str, str]:
    """Return the texts of a request for `path`, with parameters in braces, and of its response."""
    target = path.format(**operation.example)
    if operation.example_query:
        target += f"?{operation.example_query}"
    lines = [f"{operation.method} {target} HTTP/1.1", "Host: example.org"]
    headers = {"Authorization": f"Bearer {TOKEN}"} if "401" in operation.statuses else {}
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if operation.form:
        answer = client.post(target, data=FORM, content_type="application/x-www-form-urlencoded", buffered=True)
        lines += ["Content-Type: application/x-www-form-urlencoded", "", FORM.replace("&", "\n&")]
    else:
        answer = ask(client, target, **headers)
    head = [
        f"HTTP/1.1 {answer.status}",
        *(f"{name}: {answer.headers[name]}" for name in SHOWN if name in answer.headers),
    ]
    return stable("\n".join(lines)), stable("\n".join([*head, "", *body_lines(answer)]))


def body_lines(answer: TestResponse) -> Iterator[str]:
    """Yield the first lines of a body, indented, and "…" for the others."""
    if answer.mimetype == "text/html":
        # The other lines change with the design.
        yield from ("…", *re.findall("<title>.*</title>", answer.text), "…")
        return
    text = indented(answer)
    limit = SHORTENED.get(answer.mimetype or "", MAX_LINES)
    lines = [line if len(line) <= 240 else f"{line[:240]}…" for line in text.strip().splitlines()]
    yield from lines[:limit]
    if len(lines) > limit:
        yield "…"


def indented(answer: TestResponse) -> str:
    """Return the body with line breaks between elements or members."""
    media_type = answer.mimetype or ""
    if media_type.endswith("json"):
        return json.dumps(json.loads(answer.data), ensure_ascii=False, indent=2)
    if media_type.endswith("xml"):
        root = etree.fromstring(answer.data)
        etree.indent(root)
        return str(etree.tostring(root, encoding="unicode"))
    return answer.text


def stable(text: str) -> str:
    """Replace what differs from one publication to the next."""
    for pattern, constant in VARIABLE:
        text = pattern.sub(constant, text)
    return text


def written(found: dict[str, tuple[str, str]]) -> str:
    """Return the contents of examples.json."""
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def write() -> None:
    """Write the examples of a new publication."""
    with tempfile.TemporaryDirectory() as folder:
        made = Publication(Path(folder))
        fill(made)
        made.sync()
        made.settings = replace(made.settings, status_token=TOKEN)
        FILE.write_text(written(all_examples(made.client())), "utf-8")
        made.store.close()


if __name__ == "__main__":
    write()
