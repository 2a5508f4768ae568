"""Every recorded message of Binance's USD-M futures passes through the gateway's types, or says why it does not.

The list is exhaustive: a recording that is neither read here nor named with its reason fails.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desk.domain.errors import DataError
from desk.domain.moments import from_ms
from desk.venues.binance import insight, listing, market, parse
from desk.venues.binance.fields import Fields, each
from desk.venues.binance.streams.account_events import (
    AccountUpdate,
    AlgoUpdate,
    OrderUpdate,
    TradeLite,
    account_event,
)
from desk.venues.binance.streams.depth import LocalBook
from desk.venues.binance.streams.market_events import (
    BarUpdate,
    BestPrice,
    DayTicker,
    DepthUpdate,
    ForcedOrder,
    MarkUpdate,
    PublicTrade,
    market_event,
)

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "binance_json" / "nautilus"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the recorded samples of shared/data are not here")
Read = Callable[[Any], object]
NOW = 1_790_000_000_000
FUTURE_MS = 2**42


def told(kind: type[object]) -> Read:
    """Read as an event of the account, of this kind."""

    def read(body: Any) -> object:
        event = account_event(body)
        assert isinstance(event, kind), event
        return event

    return read


def shown(kind: type[object]) -> Read:
    """Read as an event of the market, of this kind."""

    def read(body: Any) -> object:
        event = market_event(body)
        assert isinstance(event, kind), event
        return event

    return read


def depth(body: Any) -> object:
    """Read as a change of the book that follows a snapshot just before it."""
    event = market_event(body)
    assert isinstance(event, DepthUpdate)
    book = LocalBook(event.symbol)
    side = [["0.0000001", "1"]]
    book.start({"lastUpdateId": body["pu"], "E": 1, "bids": side, "asks": [["99999999", "1"]]})
    assert book.apply(event.message)
    return book.update_id


def positions(body: Any) -> object:
    return each(body, "position", lambda row: (row.text("symbol"), row.decimal("positionAmt")))


def mark(body: Any) -> object:
    return market._marks(body, (body["symbol"],))


ORDERS, ALGOS, TRADES = told(OrderUpdate), told(AlgoUpdate), told(TradeLite)
READ: dict[str, Read] = {
    "rs_futures_user_data_json/account_update.json": told(AccountUpdate),
    "rs_futures_user_data_json/account_update_bnfcr.json": told(AccountUpdate),
    "rs_futures_user_data_json/algo_update_*.json": ALGOS,
    "rs_futures_user_data_json/order_update_*.json": ORDERS,
    "rs_futures_user_data_json/trade_lite.json": TRADES,
    "py_ws_messages/ws_futures_algo_update_*.json": ALGOS,
    "py_ws_messages/ws_futures_order_update_*.json": ORDERS,
    "py_ws_messages/ws_futures_trade_lite.json": TRADES,
    "py_ws_messages/ws_futures_book_ticker.json": shown(BestPrice),
    "py_ws_messages/ws_futures_ticker_24hr.json": shown(DayTicker),
    "py_ws_messages/ws_futures_depth_*.json": depth,
    "rs_futures_market_data_json/agg_trade_stream.json": shown(PublicTrade),
    "rs_futures_market_data_json/trade_stream.json": shown(PublicTrade),
    "rs_futures_market_data_json/book_ticker_stream.json": shown(BestPrice),
    "rs_futures_market_data_json/depth_update_stream.json": depth,
    "rs_futures_market_data_json/kline_stream_*.json": shown(BarUpdate),
    "rs_futures_market_data_json/liquidation_stream.json": shown(ForcedOrder),
    "rs_futures_market_data_json/mark_price_stream.json": shown(MarkUpdate),
    "rs_futures_market_data_json/ticker_stream.json": shown(DayTicker),
    "rs_futures_http_json/account_info_v2.json": lambda body: parse.account(body, [], from_ms(NOW)),
    "rs_futures_http_json/balance.json": insight.balances,
    "rs_futures_http_json/open_algo_orders.json": parse.stops,
    "rs_futures_http_json/order_response.json": parse.order,
    "rs_futures_http_json/position_risk.json": positions,
    "py_http_responses/http_futures_account_orders.json": parse.orders,
    "py_http_responses/http_futures_account_position_side_dual.json": lambda body: Fields(body, "mode").flag(
        "dualSidePosition"
    ),
    "py_http_responses/http_futures_account_positions_*.json": positions,
    "py_http_responses/http_futures_account_symbol_config.json": insight.symbol_settings,
    "py_http_responses/http_futures_account_trades.json": parse.fills,
    "py_http_responses/http_futures_market_exchange_info.json": listing.limits,
    "py_http_responses/http_futures_market_depth.json": lambda body: market.book(body, "BTCUSDT", 5),
    "py_http_responses/http_futures_market_funding_rate.json": lambda body: market.funding(body, "BTCUSDT"),
    "py_http_responses/http_futures_market_*klines.json": lambda body: market.finished_bars(body, "X", FUTURE_MS),
    "py_http_responses/http_futures_market_open_interest.json": insight.open_interest,
    "py_http_responses/http_futures_market_*_long_short_*_ratio.json": insight.long_short,
    "py_http_responses/http_futures_market_premium_index.json": mark,
    "py_http_responses/http_futures_wallet_commission_rate_*.json": insight.commission,
}
# Recordings of the futures venue that the gateway has no use for, each with the reason.
UNUSED = {
    "py_http_responses/http_futures_market_agg_trades.json": "trades come from the stream; none are asked for",
    "py_http_responses/http_futures_market_trades.json": "trades come from the stream; none are asked for",
    "py_http_responses/http_futures_market_historical_trades.json": "trades come from the stream; none are asked for",
    "py_http_responses/http_futures_market_book_ticker.json": "best prices come from the stream or the book",
    "py_http_responses/http_futures_market_ticker_24hr.json": "the day is computed from bars",
    "py_http_responses/http_futures_market_ticker_price.json": "the desk decides on marks, not on last prices",
    "py_http_responses/http_futures_market_open_interest_historical.json": "open interest is read as of now",
    "py_http_responses/http_futures_market_taker_long_short_ratio.json": "taker volume is in the bars",
    "py_http_responses/http_futures_market_asset_index.json": "for multi-assets mode, which the desk refuses",
    "py_http_responses/http_futures_market_index_info.json": "for index contracts, which the desk does not trade",
    "py_http_responses/http_futures_market_blvt_nav_kline.json": "leveraged tokens, which Binance has ended",
}
# Samples made up by hand, which no venue could have sent: the gateway refuses them, and is right to.
CONTRADICTORY = {
    "rs_futures_market_data_json/kline_stream_open.json": "its low of 0.0015 is above its open of 0.0010",
}
# Whole families that belong to another venue of Binance's.
ELSEWHERE = {
    "rs_spot_": "spot REST and streams",
    "http_spot_": "spot REST",
    "ws_spot_": "spot streams",
    "http_wallet_": "spot wallet",
}


def recordings() -> list[str]:
    if not SAMPLES.is_dir():
        return []
    return sorted(str(file.relative_to(SAMPLES)) for file in SAMPLES.rglob("*.json"))


def reader_of(name: str) -> Read | None:
    return next((read for pattern, read in READ.items() if Path(name).match(pattern)), None)


def elsewhere(name: str) -> bool:
    return any(part.startswith(tuple(ELSEWHERE)) for part in Path(name).parts)


@pytest.mark.parametrize("name", [name for name in recordings() if reader_of(name) and not elsewhere(name)])
def test_a_recorded_message_is_read(name: str) -> None:
    read = reader_of(name)
    assert read is not None
    body = json.loads((SAMPLES / name).read_bytes())
    if name in CONTRADICTORY:
        with pytest.raises(DataError):
            read(body)
    else:
        assert read(body) not in (None, (), [], {})


def test_every_recording_is_read_or_named_with_its_reason() -> None:
    unknown = [name for name in recordings() if not elsewhere(name) and reader_of(name) is None and name not in UNUSED]
    assert unknown == []
    assert [name for name in UNUSED if name not in recordings() or reader_of(name)] == []
    unmatched = [pattern for pattern in READ if not any(Path(name).match(pattern) for name in recordings())]
    assert unmatched == []
