"""Log of the service: lines of text for people, or one JSON object per line for programs."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

from comity.service.settings import Format, Level

FIELDS: Final = "fields"
"""Attribute of a record with structured fields: a dict."""

# uvicorn logs this when an answer breaks off, which our own line has already reported with the
# reason.
_SAID: Final = "ASGI callable returned without completing response."


def set_up(level: Level, format: Format) -> None:
    """Write the records of all loggers to stderr; those of the service from `level` on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if format == "json" else TextLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("comity").setLevel(level.upper())
    logging.getLogger("uvicorn.error").addFilter(lambda record: record.msg != _SAID)


class TextLines(logging.Formatter):
    """`2026-03-01T12:00:00.000Z INFO the message name=value`: one line, except for a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        said = [_time(record), record.levelname, _escaped(record.getMessage())]
        said += [f"{name}={_value(value)}" for name, value in _fields(record).items()]
        if record.exc_info:
            said[-1] += "\n" + self.formatException(record.exc_info)
        return " ".join(said)


class JsonLines(logging.Formatter):
    """JSON objects with `time`, `level`, `logger`, `message`, own fields and `traceback`."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= _fields(record)
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said, default=str)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    found = getattr(record, FIELDS, None)
    return found if isinstance(found, dict) else {}


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _value(value: object) -> str:
    """Write numbers as they are, and quote a text if it could be mistaken for something else."""
    text = ",".join(map(str, value)) or "-" if isinstance(value, list) else str(value)
    plain = text.isprintable() and not set(text) & set(' "=\\')
    return text if text and plain else _escaped(json.dumps(text, ensure_ascii=False))


def _escaped(text: str) -> str:
    """Escape characters that would begin a new line or move a terminal's cursor."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
