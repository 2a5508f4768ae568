"""The colours and libraries that every part of a chart's picture shares.

mplfinance, matplotlib and pandas are untyped where it matters here and slow to import: they are loaded by the first
picture, as `Any`, and nothing of theirs leaves the modules that draw.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

INK, PAPER, GRID, FAINT = "#d7dce5", "#0e1117", "#1e2530", "#7d8797"
UP, DOWN = "#26a69a", "#ef5350"
EMA = {9: "#f5c542", 21: "#42a5f5", 50: "#ba68c8"}
BAND, SIGNAL, STRENGTH = "#546e8a", "#ff9800", "#9fa8ff"


@cache
def library(name: str) -> Any:  # noqa: ANN401 - an untyped library
    """A drawing library by its import name."""
    return importlib.import_module(name)
