"""Log lines as JSON on standard error, one object a line, each under the veil that hides this guard's secrets."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from desk.guard.secrets.veil import Veil


class JsonLines(logging.Formatter):
    """One JSON object for each record; a traceback as its last line's text only, the rest under `trace`."""

    def __init__(self, veil: Veil) -> None:
        super().__init__()
        self._veil = veil

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "where": record.name,
            "event": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return self._veil.over(json.dumps(line))


def log_to_stderr(veil: Veil) -> None:
    """Send this process's log to standard error; other libraries only from WARNING."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(veil))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("desk").setLevel(logging.INFO)
