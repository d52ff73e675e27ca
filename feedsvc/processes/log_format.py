"""The format of log lines: text for people or JSON for programs, with priorities where systemd's journal reads them."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from feedsvc.errors import printable

# The values of FEEDSVC_LOG.
FORMATS: Final = ("text", "json")
_INDENT: Final = "    "
# sd-daemon(3): what systemd strips from the start of a line is the priority of that line.
_PRIORITIES: Final = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


class LogFormatter(logging.Formatter):
    """Formats an event as one line, in text with its traceback in indented lines below it.

    The members of `fields`, an attribute of a record, are members of its JSON object. In text, only `request_id` is
    shown, since the message has the others.
    """

    def __init__(self, kind: str = "text", *, is_for_journal: bool = False) -> None:
        super().__init__()
        self.is_json, self._is_for_journal = kind == "json", is_for_journal

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a record."""
        traceback = record.exc_text or (self.formatException(record.exc_info) if record.exc_info else "")
        lines = [printable(line.removeprefix(_INDENT) if record.exc_text else line) for line in traceback.splitlines()]
        message = printable(record.getMessage())
        fields: Mapping[str, Any] = getattr(record, "fields", {})
        if self.is_json:
            found = {
                "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
                "level": record.levelname.lower(),
                "logger": record.name,
                "pid": record.process,
                "message": message,
                **{name: printable(value) if isinstance(value, str) else value for name, value in fields.items()},
            }
            said = [json.dumps(found | ({"traceback": lines} if lines else {}), ensure_ascii=False)]
        else:
            request = f" (request {printable(fields['request_id'])})" if "request_id" in fields else ""
            said = [f"{message}{request}", *(f"{_INDENT}{line}" for line in lines)]
        priority = f"<{_PRIORITIES.get(record.levelno, 6)}>" if self._is_for_journal else ""
        return "\n".join(f"{priority}{line}" for line in said)


def message_of(line: str) -> str:
    """Return the message in a line that a `LogFormatter` made, or the last line of its traceback; else the line."""
    if line[:1] == "<" and line[2:3] == ">" and line[1:2].isdigit():
        line = line[3:]
    try:
        found = json.loads(line)
    except ValueError:
        return line
    if not isinstance(found, dict) or "message" not in found:
        return line
    return str(found["traceback"][-1] if found.get("traceback") else found["message"])
