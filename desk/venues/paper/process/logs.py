"""One JSON object a line on stderr: time, level, event and its facts."""

from __future__ import annotations

import logging
import sys

import structlog

# Local variables may hold a key or a signature: a traceback names places, never values.
_WITHOUT_LOCALS = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)


class _ToStructlog(logging.Handler):
    """Lets libraries that use the standard library's logging speak in the same lines."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one record on."""
        log = structlog.get_logger(record.name)
        log.log(record.levelno, record.getMessage(), exc_info=record.exc_info)


def log_json_lines(level: str) -> None:
    """Configure structlog for this process. Later calls replace the level."""
    root = logging.getLogger()
    if not any(isinstance(handler, _ToStructlog) for handler in root.handlers):
        root.addHandler(_ToStructlog())
    root.setLevel(max(logging.getLevelNamesMapping()[level], logging.WARNING))
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_WITHOUT_LOCALS),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        # Asked for each line, so that whoever replaces stderr meanwhile gets the lines.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
