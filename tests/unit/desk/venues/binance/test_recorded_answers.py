"""The parsers read what Binance has really answered: recorded samples of the REST interface."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from desk.venues.binance import listing, market, parse
from desk.venues.binance.budget import Limits
from desk.venues.binance.fields import Fields

SAMPLES = Path(__file__).resolve().parents[6] / "shared" / "data" / "binance_json"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the recorded samples of shared/data are not here")


def sample(name: str) -> Any:
    found = next(SAMPLES.rglob(f"{name}.json*"))
    return json.loads(gzip.decompress(found.read_bytes()) if found.suffix == ".gz" else found.read_bytes())


def test_the_whole_list_of_symbols_is_read() -> None:
    info = sample("fapi_exchangeInfo_full_20251126")
    rules = listing.rules(info)
    assert listing.limits(info) == Limits(weight=6000, orders_minute=1200, orders_ten=300)
    assert {"BTCUSDT", "ETHUSDT"} <= set(rules)
    assert len(rules) > 300
    assert all(rule.step > 0 and rule.tick > 0 and rule.max_leverage >= 1 for rule in rules.values())


def test_recorded_trades_are_read() -> None:
    fills = parse.fills(sample("http_futures_account_trades"))
    assert fills
    assert all(fill.price > 0 for fill in fills)


def test_a_recorded_order_is_read() -> None:
    assert parse.order(sample("order_response")).client_id == "testOrder123"


def test_a_recorded_list_of_conditional_orders_is_read() -> None:
    stop = parse.stops(sample("open_algo_orders"))[0]
    assert stop.client_id == "test-algo-order-1"
    # This one closes an amount, not the whole position: the desk must not take it for its protection.
    assert not stop.close_position


def test_recorded_market_data_is_read() -> None:
    assert market.funding(sample("http_futures_market_funding_rate"), "BTCUSDT")[0].rate == -0.0375
    assert market.book(sample("http_futures_market_depth"), "BTCUSDT", 5).bids
    assert market.finished_bars(sample("http_futures_market_klines"), "BTCUSDT", 2**42)[0].close == 0.015771


def test_a_recorded_account_is_read() -> None:
    summary = sample("account_info_v2")
    assert Fields(summary, "account").decimal("totalWalletBalance") > 0
    assert Fields(summary["positions"][0], "position").integer("leverage") >= 1
