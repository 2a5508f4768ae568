"""Binance's cum identity on every bracket there is: theirs, and ours."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal

import pytest

from desk.venues.paper.symbols import spec_for
from tests.crew_command import DATA

TIERS = DATA / "binance_json" / "usdm_leverage_tiers_freqtrade.json.gz"

Tier = tuple[Decimal, Decimal, Decimal, Decimal]
"""(floor, cap, ratio, cum)."""


def follows(tiers: list[Tier]) -> bool:
    """cum_n = cum_(n-1) + floor_n x (ratio_n - ratio_(n-1)), from 0, each floor being the cap before it."""
    cum, cap, ratio = Decimal(0), Decimal(0), tiers[0][2]
    for floor, top, mine, told in tiers:
        cum += floor * (mine - ratio)
        if floor != cap or top <= floor or told != cum:
            return False
        cap, ratio = top, mine
    return True


@pytest.mark.skipif(not TIERS.exists(), reason="the recorded leverage tiers are not in ../shared/data")
def test_binances_own_tables_follow_the_identity_on_every_symbol() -> None:
    tables = json.loads(gzip.decompress(TIERS.read_bytes()), parse_float=Decimal)
    broken = []
    for symbol, rows in tables.items():
        told = [row["info"] for row in rows]
        names = ("notionalFloor", "notionalCap", "maintMarginRatio", "cum")
        if not follows([tuple(Decimal(str(row[name])) for name in names) for row in told]):
            broken.append(symbol)
    assert len(tables) > 300
    assert not broken


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT", "LTCUSDT", "SOLUSDT", "BTCUSDC", "1000PEPEUSDT"])
def test_our_tables_follow_the_identity(symbol: str) -> None:
    brackets = spec_for(symbol, Decimal(100)).brackets
    assert follows([(one.floor, one.cap, one.ratio, one.cum) for one in brackets])
    leverages = [one.initial_leverage for one in brackets]
    assert leverages == sorted(leverages, reverse=True)
