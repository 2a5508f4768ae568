"""The log of a long-running process of the crew's side: JSON lines on standard error, each with the ids at hand.

Time, level, place and event, then whatever is bound to the work under way: `decision_id` while a decision is made,
`intent_id` once it asks. The guard and the exchange write the same lines in their own rooms. No line repeats a secret.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from config.leaks import secret_values
from desk.guard.secrets.veil import Veil

VARIABLE, JSON = "CREWDESK_LOG", "json"


def speak_json_lines(level: int = logging.INFO) -> None:
    """Send this process's log to standard error as JSON: our own packages from `level`, libraries from WARNING."""
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
    for name in ("agents", "crews", "desk", "memory", "ops", "tools", "ui"):
        logging.getLogger(name).setLevel(level)


def speaks_json(environ: Mapping[str, str]) -> bool:
    """Whether whoever started this process wants its log as JSON."""
    return environ.get(VARIABLE) == JSON


def _where(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401  structlog's own
    """The logger's name, as the guard's lines have it."""
    del logger, name
    record = event.get("_record")
    event["where"] = record.name if isinstance(record, logging.LogRecord) else ""
    return event
