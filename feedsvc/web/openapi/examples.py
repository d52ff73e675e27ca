"""An example of each operation: a request, and the response of the publication of the tests to it.

`python -m tests.api_examples` writes examples.json, and a test compares it with the responses.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).with_name("examples.json")


@dataclass(frozen=True, slots=True)
class Example:
    """A request and its response as texts of HTTP/1.1, shortened with "…"."""

    request: str
    response: str


# By endpoint.
EXAMPLES: Final[Mapping[str, Example]] = {
    endpoint: Example(*texts) for endpoint, texts in json.loads(_FILE.read_text("utf-8")).items()
}
