"""The levels of our logs as they were: whatever speaks for a while, leaves the rest silent."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ops.speaking import OURS


@contextmanager
def levels_as_found() -> Iterator[None]:
    """Put everybody's level and those of our own packages back afterwards."""
    levels = {name: logging.getLogger(name).level for name in ("", *OURS)}
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
