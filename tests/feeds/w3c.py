"""Asks the W3C feed validator about every golden Atom and RSS document: python tests/feeds/w3c.py FEEDVALIDATOR/src

Stands alone: it runs under any Python that has what the validator needs, and ends 1 for any error or warning that is
not in ACCEPTED. RSS and Atom only: the validator knows no JSON Feed.
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

GOLDEN = Path(__file__).parent / "golden"
MEDIA_TYPES = {".atom": "application/atom+xml; charset=utf-8", ".rss": "application/rss+xml; charset=utf-8"}
# (file type, event, its element or namespace) → why it may stand.
ACCEPTED = {
    (".atom", "UnknownNamespace", "http://purl.org/atompub/tombstones/1.0"): "it does not know RFC 6721",
}


def main(source: str) -> int:
    """Prints what the validator says and is not accepted."""
    sys.path.insert(0, source)
    found = [line for path in sorted(GOLDEN.iterdir()) if path.suffix in MEDIA_TYPES for line in complaints(path)]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


def complaints(path: Path) -> Iterator[str]:
    """One line per error or warning about the document, as it would be at its own address."""
    validator, events = import_module("feedvalidator"), import_module("feedvalidator.logging")
    body = path.read_bytes()
    answer = validator.validateStream(BytesIO(body), contentType=MEDIA_TYPES[path.suffix], base=own_address(body))
    for event in answer["loggedEvents"]:
        name = type(event).__name__
        about = event.params.get("namespace") or event.params.get("element", "")
        if isinstance(event, (events.Error, events.Warning)) and (path.suffix, name, about) not in ACCEPTED:
            facts = {key: value for key, value in event.params.items() if key not in ("backupline", "backupcolumn")}
            yield f"{path.name}: {name} {facts}"


def own_address(body: bytes) -> str:
    """Where the document says it is: else every one would be told that it is elsewhere."""
    links = ElementTree.fromstring(body).iter("{http://www.w3.org/2005/Atom}link")
    return next(link.attrib["href"] for link in links if link.get("rel") == "self")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
