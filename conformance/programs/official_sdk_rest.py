"""Binance's own SDK: every REST method it has, called in the order a trader would, judged by its own models.

Two checks a method: the answer validates strictly (the SDK loosens its models with a logged warning when one does not;
here that is a failure), and answer and model name the same fields.
"""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

from binance_common.configuration import ConfigurationRestAPI
from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import DerivativesTradingUsdsFutures
from official_sdk_keys import compare
from told import failed, invitation, passed, require, said

SYMBOL, OTHER, PAIR = "BTCUSDT", "ETHUSDT", "BTCUSDT"
HOUR_MS = 3_600_000
NOT_METHODS_OF_THE_API = {"send_request", "send_signed_request"}
Step = tuple[str, dict[str, Any]]


class Strictness(logging.Handler):
    """Collects the warnings with which the SDK admits that an answer was not what its model says."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one warning."""
        self.heard.append(record.getMessage())

    def drain(self) -> list[str]:
        """Everything since the last time."""
        heard, self.heard = self.heard, []
        return heard


class Desk:
    """The SDK's client, what it last received as it travelled, and what earlier answers taught."""

    def __init__(self) -> None:
        told = invitation()
        settings = ConfigurationRestAPI(api_key=told.key, api_secret=told.secret, base_path=told.url, retries=0)
        self.api = DerivativesTradingUsdsFutures(config_rest_api=settings).rest_api
        self.strictness = Strictness()
        logging.getLogger().addHandler(self.strictness)
        self.raw: Any = None
        self.called: set[str] = set()
        self.api._session.hooks["response"].append(self._keep)

    def _keep(self, response: Any, *_: Any, **__: Any) -> None:
        self.raw = response.json()

    def call(self, name: str, **words: Any) -> Any:
        """One method, two checks. Returns the raw answer, or None."""
        label = name if name not in self.called else f"{name} {_in_short(words)}"
        self.called.add(name)
        self.strictness.drain()
        try:
            answer = getattr(self.api, name)(**words)
            model = answer.data()
        except Exception as error:
            failed(f"rest {label}", said(error))
            return None
        loosened = self.strictness.drain()
        if loosened:
            failed(f"rest {label}", loosened[0])
        else:
            passed(f"rest {label}")
        differences = compare(model, self.raw)
        if differences:
            failed(f"rest {label}: fields", str(differences))
        else:
            passed(f"rest {label}: fields")
        return self.raw


def _in_short(words: dict[str, Any]) -> str:
    return " ".join(str(value) for value in words.values())[:60] or "(all)"


def main() -> None:
    """The market, then the account, then orders, then everything that changes how the account trades."""
    desk = Desk()
    for part in (market, account, orders, conditional, modes, streams, conversions):
        part(desk)
    every = {
        name
        for name, _ in inspect.getmembers(type(desk.api), inspect.isfunction)
        if not name.startswith("_") and name not in NOT_METHODS_OF_THE_API
    }
    left = sorted(every - desk.called)
    require(not left, f"methods never called: {left}")


def market(desk: Desk) -> None:
    """What anybody may read."""
    for name, words in _public_steps():
        desk.call(name, **words)


def _public_steps() -> Iterator[Step]:
    bars = {"interval": "1m", "limit": 5}
    for name in (
        "test_connectivity",
        "check_server_time",
        "exchange_information",
        "get_funding_rate_info",
        "trading_schedule",
    ):
        yield name, {}
    for name in (
        "mark_price", "symbol_order_book_ticker", "symbol_price_ticker", "symbol_price_ticker_v2",
        "ticker24hr_price_change_statistics", "adl_risk", "query_insurance_fund_balance_snapshot",
    ):  # fmt: skip
        yield name, {"symbol": SYMBOL}
        yield name, {}
    yield "asset_index", {"symbol": "BTCUSD"}
    yield "asset_index", {}
    yield "composite_index_symbol_information", {}
    for name in ("open_interest", "query_index_price_constituents"):
        yield name, {"symbol": SYMBOL}
    for name in (
        "compressed_aggregate_trades_list",
        "old_trades_lookup",
        "recent_trades_list",
        "order_book",
        "rpi_order_book",
    ):
        yield name, {"symbol": SYMBOL, "limit": 50 if "book" not in name else (1000 if "rpi" in name else 50)}
    yield "get_funding_rate_history", {"symbol": SYMBOL, "limit": 3}
    for name in ("kline_candlestick_data", "mark_price_kline_candlestick_data", "premium_index_kline_data"):
        yield name, {"symbol": SYMBOL, **bars}
    yield "index_price_kline_candlestick_data", {"pair": PAIR, **bars}
    yield "continuous_contract_kline_candlestick_data", {"pair": PAIR, "contract_type": "PERPETUAL", **bars}
    for name in (
        "long_short_ratio", "open_interest_statistics", "taker_buy_sell_volume",
        "top_trader_long_short_ratio_accounts", "top_trader_long_short_ratio_positions",
    ):  # fmt: skip
        yield name, {"symbol": SYMBOL, "period": "5m", "limit": 3}
    yield "basis", {"pair": PAIR, "contract_type": "PERPETUAL", "period": "5m", "limit": 3}
    yield "quarterly_contract_settlement_price", {"pair": PAIR}


def account(desk: Desk) -> None:
    """What the holder of the key may read, with a position to read about."""
    desk.call("change_initial_leverage", symbol=SYMBOL, leverage=10)
    desk.call("new_order", symbol=SYMBOL, side="BUY", type="MARKET", quantity=0.01, new_order_resp_type="RESULT")
    for name in (
        "account_information_v2", "account_information_v3", "futures_account_balance_v2", "futures_account_balance_v3",
        "futures_account_configuration", "futures_trading_quantitative_rules_indicators", "get_bnb_burn_status",
        "get_current_multi_assets_mode", "get_current_position_mode", "get_income_history", "query_user_rate_limit",
        "symbol_configuration", "notional_and_leverage_brackets", "position_information_v2", "position_information_v3",
        "users_force_orders", "futures_tradfi_perps_contract",
    ):  # fmt: skip
        desk.call(name)
    for name in (
        "futures_trading_quantitative_rules_indicators", "notional_and_leverage_brackets", "position_information_v2",
        "position_information_v3", "position_adl_quantile_estimation", "user_commission_rate", "account_trade_list",
    ):  # fmt: skip
        desk.call(name, symbol=SYMBOL)
    desk.call("position_adl_quantile_estimation")
    desk.call("classic_portfolio_margin_account_information", asset="USDT")
    downloads(desk)


def downloads(desk: Desk) -> None:
    """Histories as files: an id, then a link."""
    now = int(time.time() * 1000)
    for kind, link in (
        ("order_history", "get_futures_order_history_download_link_by_id"),
        ("trade_history", "get_futures_trade_download_link_by_id"),
        ("transaction_history", "get_futures_transaction_history_download_link_by_id"),
    ):
        asked = desk.call(f"get_download_id_for_futures_{kind}", start_time=now - HOUR_MS, end_time=now)
        desk.call(link, download_id=(asked or {}).get("downloadId", "0"))


def orders(desk: Desk) -> None:
    """Rest, read, modify and cancel; one by one and in batches."""
    low = _price(desk, 0.9)
    resting = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "quantity": 0.01, "price": low}
    desk.call("test_order", **resting)
    placed = desk.call("new_order", **resting)
    number = (placed or {}).get("orderId")
    desk.call("query_order", symbol=SYMBOL, order_id=number)
    desk.call("query_current_open_order", symbol=SYMBOL, order_id=number)
    desk.call("current_all_open_orders", symbol=SYMBOL)
    desk.call("current_all_open_orders")
    desk.call("modify_order", symbol=SYMBOL, side="BUY", quantity=0.02, price=low, order_id=number)
    desk.call("get_order_modify_history", symbol=SYMBOL, order_id=number)
    desk.call("cancel_order", symbol=SYMBOL, order_id=number)
    desk.call("all_orders", symbol=SYMBOL)
    batches(desk, low)
    desk.call("auto_cancel_all_open_orders", symbol=SYMBOL, countdown_time=0)
    desk.call("cancel_all_open_orders", symbol=SYMBOL)


def batches(desk: Desk, low: float) -> None:
    """Two orders at once."""
    one = {
        "symbol": SYMBOL,
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.01",
        "price": str(low),
    }
    placed = desk.call("place_multiple_orders", batch_orders=[one, one]) or []
    numbers = [row["orderId"] for row in placed if "orderId" in row]
    changed = [
        {"symbol": SYMBOL, "side": "BUY", "orderId": number, "quantity": "0.02", "price": str(low)}
        for number in numbers
    ]
    desk.call("modify_multiple_orders", batch_orders=changed)
    desk.call("cancel_multiple_orders", symbol=SYMBOL, order_id_list=numbers)


def conditional(desk: Desk) -> None:
    """Stops live on an endpoint of their own."""
    stop = {"algo_type": "CONDITIONAL", "symbol": SYMBOL, "side": "SELL", "type": "STOP_MARKET", "quantity": 0.01}
    placed = desk.call("new_algo_order", **stop, trigger_price=_price(desk, 0.9))
    desk.call(
        "new_algo_order", **{**stop, "type": "TRAILING_STOP_MARKET"}, callback_rate=5, activate_price=_price(desk, 1.1)
    )
    number = (placed or {}).get("algoId")
    desk.call("query_algo_order", algo_id=number)
    desk.call("current_all_algo_open_orders", symbol=SYMBOL)
    desk.call("cancel_algo_order", algo_id=number)
    desk.call("query_all_algo_orders", symbol=SYMBOL)
    desk.call("cancel_all_algo_open_orders", symbol=SYMBOL)


def modes(desk: Desk) -> None:
    """How the account trades; a flat one, since most of it may not change while something is held."""
    isolated = {"symbol": OTHER, "side": "BUY", "type": "MARKET", "quantity": 0.1}
    desk.call("change_margin_type", symbol=OTHER, margin_type="ISOLATED")
    desk.call("new_order", **isolated)
    desk.call("modify_isolated_position_margin", symbol=OTHER, amount=10, type="1")
    desk.call("get_position_margin_change_history", symbol=OTHER)
    desk.call("new_order", **{**isolated, "side": "SELL"}, reduce_only="true")
    desk.call("new_order", symbol=SYMBOL, side="SELL", type="MARKET", quantity=0.01, reduce_only="true")
    desk.call("change_margin_type", symbol=OTHER, margin_type="CROSSED")
    desk.call("change_position_mode", dual_side_position="true")
    desk.call("change_position_mode", dual_side_position="false")
    desk.call("change_multi_assets_mode", multi_assets_margin="true")
    desk.call("change_multi_assets_mode", multi_assets_margin="false")
    desk.call("toggle_bnb_burn_on_futures_trade", fee_burn="true")


def streams(desk: Desk) -> None:
    """The listen key of the user stream."""
    for name in ("start_user_data_stream", "keepalive_user_data_stream", "close_user_data_stream"):
        desk.call(name)


def conversions(desk: Desk) -> None:
    """One asset for another."""
    desk.call("list_all_convert_pairs")
    quote = desk.call("send_quote_request", from_asset="USDT", to_asset="BNB", from_amount=20) or {}
    desk.call("accept_the_offered_quote", quote_id=quote.get("quoteId", "0"))
    desk.call("order_status", quote_id=quote.get("quoteId", "0"))


def _price(desk: Desk, share: float) -> float:
    """A share of the mark, on the tick."""
    now: Callable[..., Any] = desk.api.mark_price
    now(symbol=SYMBOL)
    return round(float(desk.raw["markPrice"]) * share, 1)


if __name__ == "__main__":
    main()
