"""The log of a long-running process of the crew's side: JSON lines on standard error, each with the ids at hand.

Time, level, place and event, then whatever is bound to the work under way: `decision_id` while a decision is made,
`intent_id` once it asks. The guard and the exchange write the same lines in their own rooms. No line repeats a secret.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from config.leaks import cover_of, secret_values
from desk.guard.secrets.veil import Veil

VARIABLE, JSON = "CREWDESK_LOG", "json"
# Our own packages that log.
OURS = ("agents", "crews", "desk", "memory", "ops", "tools", "ui")


def speak_json_lines(level: int = logging.INFO) -> None:
    """Send this process's log to standard error as JSON: our own packages from `level`, libraries from WARNING."""
    # A command at a terminal writes no such lines, and shall not wait for what could.
    import structlog

    before = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    veil = Veil(*secret_values(os.environ))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*before, _where],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(),
                structlog.processors.JSONRenderer(),
                lambda _logger, _name, line: veil.over(str(line)),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level)


def speak(environ: Mapping[str, str]) -> None:
    """Set up this process's log: JSON lines where whoever started it wants them, else what a terminal shows of it."""
    if environ.get(VARIABLE) == JSON:
        speak_json_lines()
    elif logging.lastResort is not None:
        # What nobody handles goes to the terminal by this handler: a library may quote an address with its key.
        logging.lastResort.setFormatter(_Covered(cover_of(environ)))


class _Covered(logging.Formatter):
    """A record as text, its traceback too, without secrets."""

    def __init__(self, cover: Callable[[str], str]) -> None:
        super().__init__()
        self._cover = cover

    def format(self, record: logging.LogRecord) -> str:
        """The record as it may be shown."""
        return self._cover(super().format(record))


def _where(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401  structlog's own
    """The logger's name, as the guard's lines have it."""
    del logger, name
    record = event.get("_record")
    event["where"] = record.name if isinstance(record, logging.LogRecord) else ""
    return event
