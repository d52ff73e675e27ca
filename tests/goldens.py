"""Write the golden documents again: `make goldens`, or `python -m tests.goldens`.

If a golden document changes, the same articles give other bytes, so RENDERER_VERSION must be raised. golden/VERSION has
this version and the SHA-256 of each document. It is not overwritten while the version is the same.
"""

import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

from feedsvc.feeds.formats import FORMATS, RENDERER_VERSION
from tests.feeds.cases import CASES

FOLDER: Final = Path(__file__).parent / "feeds" / "golden"
RECORD: Final = FOLDER / "VERSION"
RAISE: Final = (
    "raise RENDERER_VERSION in feedsvc/feeds/formats.py, then run `make goldens`; these give other bytes now:"
)


def rendered() -> dict[str, bytes]:
    """Return each case in each format: file name → document."""
    return {
        f"{name}.{format_.suffix}": format_.render(feed) for name, feed in CASES.items() for format_ in FORMATS.values()
    }


def kept() -> dict[str, bytes]:
    """Return the documents in golden/: file name → document."""
    return {path.name: path.read_bytes() for path in FOLDER.iterdir() if path != RECORD}


def record(documents: dict[str, bytes]) -> str:
    """Return the contents of VERSION for these documents."""
    return "".join([f"{RENDERER_VERSION}\n", *(f"{sum_}  {name}\n" for name, sum_ in sorted(_sums(documents).items()))])


def changed_unannounced(recorded: str, documents: dict[str, bytes]) -> list[str]:
    """Return the names of documents whose bytes differ from those `recorded` for the same version, without new ones."""
    version, *lines = recorded.splitlines()
    before = {name: sum_ for sum_, name in (line.split() for line in lines)}
    same_version = int(version) == RENDERER_VERSION
    return [name for name, sum_ in _sums(documents).items() if same_version and before.get(name, sum_) != sum_]


def _sums(documents: dict[str, bytes]) -> dict[str, str]:
    return {name: sha256(body).hexdigest() for name, body in documents.items()}


def write() -> int:
    """Write the documents of the present renderers, and VERSION if it may be overwritten."""
    documents = rendered()
    for stale in kept().keys() - documents.keys():
        (FOLDER / stale).unlink()
    for name, body in documents.items():
        (FOLDER / name).write_bytes(body)
    changed = changed_unannounced(RECORD.read_text(), documents) if RECORD.exists() else []
    if changed:
        print(RAISE, *changed, sep="\n  ", file=sys.stderr)
        return 1
    RECORD.write_text(record(documents))
    return 0


if __name__ == "__main__":
    sys.exit(write())
