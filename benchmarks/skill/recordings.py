"""Recorded bars of ../shared/data as candles. Read-only: nothing of them enters the project."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet

from desk.market.candles import Candles

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def need_data() -> None:
    """End the program with one line when the recorded markets are not there."""
    if not DATA.is_dir():
        sys.exit(f"the recorded markets are not there: {DATA}")


def recorded(symbol: str, interval: str, *, market: str = "um", starting: str = "") -> Candles:
    """The bars of the file of this symbol, interval and market whose range begins with `starting`."""
    found = sorted((DATA / "klines").glob(f"{symbol}-{interval}-{market}-{starting}*.parquet"))
    return candles_of(found[0])


def candles_of(path: Path) -> Candles:
    """The bars of one file."""
    symbol, interval = path.name.split("-")[:2]
    table = parquet.read_table(path)
    columns = [np.asarray(table[name]) for name in ("open_time", "open", "high", "low", "close", "volume")]
    return Candles.from_columns(symbol, interval, *columns)
