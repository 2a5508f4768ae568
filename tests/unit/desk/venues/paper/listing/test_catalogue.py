"""The catalogue lists the largest perpetuals, two paid in USDC and the running quarter, each with rules that fit."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.domain.moments import from_ms, to_ms
from desk.domain.money import on_grid
from desk.venues.paper.listing.catalogue import own_names, own_perpetual, own_perpetuals
from desk.venues.paper.listing.names import dated_name, quarter_end, split_dated
from desk.venues.paper.sources.scenario import DEFAULT_START_MS, ScenarioSource
from desk.venues.paper.sources.scenario_listing import model_of
from desk.venues.paper.symbols import spec_for

SHARED = Path(__file__).parents[7] / "shared" / "data" / "binance_json"


def test_it_lists_twenty_three_contracts_of_which_one_has_a_delivery() -> None:
    names = own_names(DEFAULT_START_MS)
    assert len(names) == len(set(names)) == 23
    assert sum(name.endswith("USDC") for name in names) == 2
    assert names[-1] == "BTCUSDT_260327"


def test_the_filters_of_every_contract_fit_the_price_its_market_has() -> None:
    for symbol in own_names(DEFAULT_START_MS):
        spec = spec_for(symbol, Decimal(1), at_ms=DEFAULT_START_MS)
        rules, price = spec.rules, Decimal(repr(model_of(spec).coin.price))
        assert rules.min_price < price * rules.percent_down < price * rules.percent_up < rules.max_price
        assert Decimal("1e-6") < rules.tick / price < Decimal("1e-3")
        assert rules.min_quantity * price < 150
        assert rules.max_quantity * price > 100_000


def test_contracts_on_one_coin_walk_together_and_a_dated_one_stands_above_by_what_is_left_of_its_carry() -> None:
    source = ScenarioSource(3, symbols=("BTCUSDT", "BTCUSDC", "BTCUSDT_260327"))
    quotes = {quote.symbol: quote for quote in source.quotes(source.start_ms - 1, source.start_ms)}
    perpetual = quotes["BTCUSDT"].price
    assert abs(quotes["BTCUSDC"].price / perpetual - 1) < Decimal("0.001")
    assert Decimal("0.010") < quotes["BTCUSDT_260327"].price / perpetual - 1 < Decimal("0.017")
    for symbol, quote in quotes.items():
        assert on_grid(quote.price, source.specs()[symbol].rules.tick)
        assert quote.spread < Decimal("0.001")
        within = sum(size for far, size in quote.ladder if far <= Decimal("0.01"))
        assert 100_000 < within * quote.price < 10**9
    dated = quotes["BTCUSDT_260327"]
    assert dated.index is not None
    assert abs(dated.index / perpetual - 1) < Decimal("0.001")
    assert source.funding_rates("BTCUSDT_260327", None, None, 10, source.start_ms) == ()
    bars = source.klines("BTCUSDT_260327", "1m", None, None, 1_500, source.start_ms)
    assert all(before.close == after.open for before, after in pairwise(bars))


def test_brackets_are_of_the_kind_that_another_record_of_them_shows() -> None:
    tiers = SHARED / "usdm_leverage_tiers_freqtrade.json.gz"
    if not tiers.is_file():
        pytest.skip("the recorded leverage tiers are not on this machine")
    recorded = json.loads(gzip.decompress(tiers.read_bytes()))
    for symbol in own_perpetuals():
        spec = own_perpetual(symbol)
        assert spec
        rows = recorded[f"{spec.base}/{spec.quote}:{spec.quote}"]
        assert 0.5 <= spec.brackets[0].initial_leverage / rows[0]["maxLeverage"] <= 2, symbol
        assert spec.brackets[-1].ratio == Decimal(str(rows[-1]["maintenanceMarginRate"])), symbol
        assert 0.3 <= float(spec.brackets[0].ratio) / rows[0]["maintenanceMarginRate"] <= 2, symbol


@pytest.mark.parametrize(
    ("at", "name"),
    [
        ("2026-01-05", "260327"),
        ("2026-03-27T07:59", "260327"),
        ("2026-03-27T08:00", "260626"),
        ("2026-11-25", "261225"),
    ],
)
def test_the_quarter_follows_the_clock_of_the_market(at: str, name: str) -> None:
    moment = to_ms(datetime.fromisoformat(at).replace(tzinfo=UTC))
    assert own_names(moment)[-1] == f"BTCUSDT_{name}"
    spec = spec_for(f"BTCUSDT_{name}", Decimal(90_000), at_ms=moment)
    assert (spec.contract_type, spec.pair, spec.is_dated) == ("CURRENT_QUARTER", "BTCUSDT", True)


@given(st.integers(1_000_000_000_000, 4_000_000_000_000))
def test_a_quarter_ends_on_the_last_friday_of_its_last_month_at_eight(at_ms: int) -> None:
    end = quarter_end(at_ms)
    day = from_ms(end)
    assert at_ms < end <= at_ms + 99 * 86_400_000
    assert (day.weekday(), day.hour, day.minute) == (4, 8, 0)
    assert day.month in (3, 6, 9, 12)
    assert from_ms(end + 7 * 86_400_000).month != day.month
    assert split_dated(dated_name("ETHUSDT", end)) == ("ETHUSDT", end)


@pytest.mark.parametrize("name", ["BTCUSDT_260328", "BTCUSDT_260230", "BTCUSDT_999999"])
def test_a_day_on_which_nothing_is_delivered_is_refused_with_the_next_one(name: str) -> None:
    with pytest.raises(DataError):
        split_dated(name)
