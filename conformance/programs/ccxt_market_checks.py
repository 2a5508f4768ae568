"""What ccxt reads of the market: in order, without gaps, and one answer agreeing with another."""

from __future__ import annotations

import itertools

from ccxt_client import BTC, ETH, MINUTE_MS, Client, near
from told import require


async def fetch_time(client: Client) -> None:
    apart = abs(await client.ask("fetch_time") - client.exchange.milliseconds())
    require(apart < 5_000, f"{apart} ms apart")


async def load_markets(client: Client) -> None:
    market = client.exchange.market(BTC)
    require(market["swap"] and market["linear"] and market["active"], "not an active linear swap")
    require(market["limits"]["cost"]["min"] > 0 and market["precision"]["price"] > 0, "no limits or no precision")


async def fetch_ticker_and_last_prices(client: Client) -> None:
    ticker, last = await client.ask("fetch_ticker", BTC), await client.ask("fetch_last_prices", [BTC])
    require(ticker["low"] <= ticker["last"] <= ticker["high"], f"last outside of the day: {ticker}")
    near(ticker["last"], last[BTC]["price"], 0.02)


async def fetch_tickers(client: Client) -> None:
    tickers = await client.ask("fetch_tickers")
    swaps = {symbol for symbol, market in client.exchange.markets.items() if market["active"]}
    require(swaps <= set(tickers), f"without a ticker: {sorted(swaps - set(tickers))[:5]}")


async def fetch_bids_asks(client: Client) -> None:
    for quote in (await client.ask("fetch_bids_asks", [BTC, ETH])).values():
        require(0 < quote["bid"] < quote["ask"], f"crossed: {quote['bid']} {quote['ask']}")


async def fetch_order_book(client: Client) -> None:
    book = await client.ask("fetch_order_book", BTC, 20)
    bids, asks = ([row[0] for row in book[side]] for side in ("bids", "asks"))
    require(bids == sorted(bids, reverse=True) and asks == sorted(asks) and bids[0] < asks[0], "not in order")


async def fetch_trades(client: Client) -> None:
    trades = await client.ask("fetch_trades", BTC, None, 50)
    times = [trade["timestamp"] for trade in trades]
    require(len(trades) == 50 and times == sorted(times), f"{len(trades)} trades, in order: {times == sorted(times)}")
    require(all(abs(t["price"] * t["amount"] - t["cost"]) < 1e-6 for t in trades), "cost is not price x amount")


async def fetch_ohlcv(client: Client) -> None:
    now = await client.ask("fetch_time")
    since = now - now % MINUTE_MS - 200 * MINUTE_MS
    rows = await client.ask("fetch_ohlcv", BTC, "1m", since, 150)
    require([row[0] for row in rows] == [since + i * MINUTE_MS for i in range(150)], "minutes are missing")
    require(all(row[3] <= min(row[1], row[4]) <= max(row[1], row[4]) <= row[2] for row in rows), "a bar is torn")


async def fetch_ohlcv_of_an_hour_is_its_minutes(client: Client) -> None:
    now = await client.ask("fetch_time")
    since = now - now % (60 * MINUTE_MS) - 120 * MINUTE_MS
    hour = (await client.ask("fetch_ohlcv", BTC, "1h", since, 1))[0]
    minutes = await client.ask("fetch_ohlcv", BTC, "1m", since, 60)
    require(hour[1] == minutes[0][1] and hour[4] == minutes[-1][4], "open or close differs")
    require(hour[2] == max(row[2] for row in minutes) and hour[3] == min(row[3] for row in minutes), "extremes differ")
    near(hour[5], sum(row[5] for row in minutes), 1e-6)


async def fetch_mark_index_and_premium_ohlcv(client: Client) -> None:
    mark = (await client.ask("fetch_mark_ohlcv", BTC, "1m", None, 3))[-1]
    index = (await client.ask("fetch_index_ohlcv", BTC, "1m", None, 3))[-1]
    premium = (await client.ask("fetch_premium_index_ohlcv", BTC, "1m", None, 3))[-1]
    near(mark[4], index[4], 0.02)
    require(abs(premium[4]) < 0.05, f"a premium of {premium[4]}")


async def fetch_funding_rate_and_rates(client: Client) -> None:
    one, every = await client.ask("fetch_funding_rate", BTC), await client.ask("fetch_funding_rates")
    require(one["fundingTimestamp"] == every[BTC]["fundingTimestamp"], "the next funding is at two times")
    require(one["fundingTimestamp"] > await client.ask("fetch_time"), "the next funding is past")
    near(one["markPrice"], one["indexPrice"], 0.02)


async def fetch_funding_rate_history(client: Client) -> None:
    rows = await client.ask("fetch_funding_rate_history", BTC, None, 6)
    apart = {later["timestamp"] - row["timestamp"] for row, later in itertools.pairwise(rows)}
    require(len(rows) == 6 and len(apart) == 1, f"{len(rows)} rates, {apart} ms apart")


async def fetch_funding_intervals(client: Client) -> None:
    require(isinstance(await client.ask("fetch_funding_intervals"), dict), "no intervals")


async def fetch_open_interest(client: Client) -> None:
    require((await client.ask("fetch_open_interest", BTC))["openInterestAmount"] > 0, "nobody holds anything")


async def fetch_open_interest_history(client: Client) -> None:
    rows = await client.ask("fetch_open_interest_history", BTC, "5m", None, 10)
    require(len(rows) == 10 and all(row["openInterestAmount"] > 0 for row in rows), f"{len(rows)} rows")


async def fetch_long_short_ratio_history(client: Client) -> None:
    rows = await client.ask("fetch_long_short_ratio_history", BTC, "5m", None, 10)
    require(len(rows) == 10 and all(row["longShortRatio"] > 0 for row in rows), f"{len(rows)} rows")


async def fetch_leverage_tiers(client: Client) -> None:
    tiers = (await client.ask("fetch_leverage_tiers", [BTC]))[BTC]
    require(all(a["maxNotional"] == b["minNotional"] for a, b in itertools.pairwise(tiers)), "tiers have gaps")
    rates = [tier["maintenanceMarginRate"] for tier in tiers]
    require(rates == sorted(rates) and tiers[0]["maxLeverage"] > tiers[-1]["maxLeverage"], "tiers are not in order")


async def fetch_market_leverage_tiers(client: Client) -> None:
    require(len(await client.ask("fetch_market_leverage_tiers", BTC)) > 1, "one tier or none")


async def fetch_status(client: Client) -> None:
    require((await client.ask("fetch_status"))["status"] == "ok", "not ok")


async def fetch_currencies(client: Client) -> None:
    # Off while markets load, as its users have it at another host; the method itself needs it on. Pairs of margin
    # lending, which it asks for too unless told not to, are another product.
    known = client.exchange.options
    client.exchange.options = {**known, "fetchCurrencies": True, "fetchMargins": False}
    try:
        require("USDT" in await client.ask("fetch_currencies"), "no USDT")
    finally:
        client.exchange.options = known


MARKET = (
    fetch_time, load_markets, fetch_ticker_and_last_prices, fetch_tickers, fetch_bids_asks, fetch_order_book,
    fetch_trades, fetch_ohlcv, fetch_ohlcv_of_an_hour_is_its_minutes, fetch_mark_index_and_premium_ohlcv,
    fetch_funding_rate_and_rates, fetch_funding_rate_history, fetch_funding_intervals, fetch_open_interest,
    fetch_open_interest_history, fetch_long_short_ratio_history, fetch_leverage_tiers, fetch_market_leverage_tiers,
    fetch_status, fetch_currencies,
)  # fmt: skip
