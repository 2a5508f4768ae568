"""Contracts of the paper exchange follow Binance's published tables, and any other pair gets rules that make sense."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.domain.money import on_grid
from desk.venues.paper.listing.catalogue import own_perpetuals
from desk.venues.paper.listing.names import decimals, split_symbol
from desk.venues.paper.symbols import spec_for

PRICES = {"BTCUSDT": "96000", "ETHUSDT": "3400", "DOGEUSDT": "0.3"}
TIERS = Path(__file__).parents[6] / "shared" / "data" / "binance_json" / "usdm_leverage_tiers_freqtrade.json.gz"


@pytest.mark.parametrize(
    ("symbol", "notional", "leverage"), [("BTCUSDT", 50, 150), ("ETHUSDT", 20, 150), ("XRPUSDT", 5, 75)]
)
def test_smallest_order_and_highest_leverage_are_the_published_ones(symbol: str, notional: int, leverage: int) -> None:
    spec = spec_for(symbol, Decimal(1000))
    assert spec.rules.min_notional == notional
    assert spec.rules.max_leverage == spec.brackets[0].initial_leverage == leverage


def test_bitcoins_brackets_are_binances() -> None:
    rows = [(b.cap, b.ratio, b.initial_leverage, b.cum) for b in spec_for("BTCUSDT", Decimal(96_000)).brackets[:5]]
    assert rows == [
        (300_000, Decimal("0.004"), 150, 0),
        (800_000, Decimal("0.005"), 100, 300),
        (3_000_000, Decimal("0.0065"), 75, 1_500),
        (12_000_000, Decimal("0.01"), 50, 12_000),
        (70_000_000, Decimal("0.02"), 25, 132_000),
    ]


def test_maintenance_margin_never_jumps_from_one_bracket_to_the_next() -> None:
    for symbol in (*own_perpetuals(), "BTCUSDT_260327", "ETHUSDT_260327", "PEPEUSDT", "TRBUSDC"):
        brackets = spec_for(symbol, Decimal(10)).brackets
        for lower, upper in pairwise(brackets):
            assert lower.cap == upper.floor
            assert lower.cap * lower.ratio - lower.cum == upper.floor * upper.ratio - upper.cum
            assert lower.initial_leverage > upper.initial_leverage
            assert lower.ratio < upper.ratio
            assert 1 / Decimal(lower.initial_leverage) > lower.ratio


@given(st.decimals(min_value="0.001", max_value="199999", places=5).filter(lambda p: p > 0))
def test_rules_of_an_unknown_pair_follow_its_price(price: Decimal) -> None:
    spec = spec_for("NEWUSDT", price)
    rules = spec.rules
    assert Decimal("0.000001") < rules.tick / price <= Decimal("0.0001")
    assert rules.min_quantity * price < 200
    assert rules.max_quantity * price > 10_000
    assert rules.min_price <= price <= rules.max_price
    assert on_grid(rules.max_price, rules.tick)
    assert spec.price_precision == decimals(rules.tick)
    assert spec.quantity_precision == decimals(rules.step)


@pytest.mark.parametrize("symbol", ["", "BTC", "USDT", "btcusdt", "BTC/USDT", "BTCEUR", "БТСUSDT", "BTCUSDT_2603271"])
def test_what_is_no_pair_is_refused(symbol: str) -> None:
    with pytest.raises(DataError, match="not a USD-M symbol"):
        spec_for(symbol, Decimal(1))


@pytest.mark.parametrize("price", ["0", "-1"])
def test_a_price_that_is_not_above_zero_is_refused(price: str) -> None:
    with pytest.raises(DataError, match="above zero"):
        spec_for("BTCUSDT", Decimal(price))


def test_a_finer_tick_can_be_asked_for() -> None:
    spec = spec_for("ADAUSDT", Decimal("0.4"), tick=Decimal("0.00001"))
    assert (spec.rules.tick, spec.price_precision) == (Decimal("0.00001"), 5)


def test_a_symbol_splits_into_what_is_traded_and_what_pays() -> None:
    assert split_symbol("BTCUSDT") == ("BTC", "USDT")
    assert split_symbol("1000PEPEUSDC") == ("1000PEPE", "USDC")


def test_the_identity_that_makes_cum_holds_for_every_published_contract() -> None:
    if not TIERS.is_file():
        pytest.skip("the recorded leverage tiers are not on this machine")
    for rows in json.loads(gzip.decompress(TIERS.read_bytes())).values():
        cum = previous = Decimal(0)
        for row in rows:
            floor, ratio = Decimal(str(row["minNotional"])), Decimal(str(row["maintenanceMarginRate"]))
            cum += floor * (ratio - previous)
            previous = ratio
            assert abs(cum - Decimal(row["info"]["cum"])) < Decimal("0.01")
