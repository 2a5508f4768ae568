"""Histories to take home: an id at once, and for the id a link on this venue to a CSV file of the account's rows.

The file is made when it is fetched, from the rows between the two times that were asked for. A link lives seven days
and opens without a key, as Binance's does, so its name is a random one.
"""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.account.account_json import income_row
from desk.venues.paper.wire.account.downloads import Download, History
from desk.venues.paper.wire.calls import Desk, span
from desk.venues.paper.wire.figures import Json
from desk.venues.paper.wire.requests.params import Params
from desk.venues.paper.wire.trading.order_json import order_row, trade_row

PREFIX: Final = "downloads/"
_LIFE_MS: Final = 7 * 86_400_000
_YEAR_HOURS: Final = 366 * 24


def ask(history: History) -> Callable[[Desk, Params], Json]:
    """GET <history>/asyn: an id for the rows between `startTime` and `endTime`, at most a year apart."""

    def handle(desk: Desk, params: Params) -> Json:
        start, end = params.need_integer("startTime"), params.need_integer("endTime")
        span(params, hours=_YEAR_HOURS)
        now = desk.tape.now_ms()
        download = Download(
            number=str(secrets.randbits(59)),
            name=secrets.token_hex(16),
            account=desk.account,
            history=history,
            start_ms=start,
            end_ms=end,
            expires_ms=now + _LIFE_MS,
        )
        desk.downloads.add(download)
        # Files are made when they are fetched, so none has cost any time yet.
        return {"avgCostTimestampOfLast30d": 0, "downloadId": download.number}

    return handle


def link(history: History) -> Callable[[Desk, Params], Json]:
    """GET <history>/asyn/id: where the file of an id lies."""

    def handle(desk: Desk, params: Params) -> Json:
        number = params.need("downloadId")
        found = desk.downloads.find(number, desk.account, history)
        if found is None:
            raise errors.invalid("downloadId")
        expired = desk.tape.now_ms() > found.expires_ms
        return {
            "downloadId": number,
            "status": "completed",
            "url": "" if expired else f"http://{desk.host}/paper/v1/{PREFIX}{found.name}.csv",
            "notified": True,
            "expirationTimestamp": found.expires_ms,
            "isExpired": True if expired else None,
        }

    return handle


def file_named(desk: Desk, name: str) -> str:
    """The CSV that a link names. Raises Refusal -5000 (404) when there is none any more."""
    found = desk.downloads.named(name.removesuffix(".csv"))
    if found is None or desk.tape.now_ms() > found.expires_ms:
        raise Refusal(errors.UNKNOWN_PATH, message="This link does not exist or has expired.")
    return _csv(_rows(desk, found))


def _rows(desk: Desk, wanted: Download) -> Sequence[Mapping[str, object]]:
    exchange, account = desk.exchange, wanted.account
    within = range(wanted.start_ms, wanted.end_ms + 1)
    if wanted.history is History.ORDERS:
        return [order_row(row) for row in exchange.all_orders(account) if row.created_ms in within]
    if wanted.history is History.TRADES:
        return [trade_row(row) for row in exchange.trades(account) if row.at_ms in within]
    return [income_row(row) for row in exchange.income(account) if row.at_ms in within]


def _csv(rows: Sequence[Mapping[str, object]]) -> str:
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue()
