"""The account side of Binance's JSON as the desk's values: orders, stops, fills, income, positions, balances.

Source of the shapes: Binance USD-M futures REST documentation, 2026 (no `avgPrice` in answers to POST, PUT and DELETE).
Every function raises DataError on anything it does not understand.
"""

from __future__ import annotations

from datetime import datetime

from desk.domain.account import AccountView, Income, Position
from desk.domain.errors import DataError
from desk.domain.money import ZERO
from desk.domain.orders import Fill, OrderStatus, OrderView, Side, StopStatus, StopType, StopView
from desk.venues.binance.fields import Fields, each

# Newer spellings of an end that the desk treats alike: matched away by self-trade prevention or at the venue's wish.
_STATUS_ALIASES = {"EXPIRED_IN_MATCH": OrderStatus.EXPIRED}
_ONE_WAY = "BOTH"


class TornReadError(DataError):
    """Two answers that belong together contradict each other; reading both again may help."""


def untouched(body: object) -> object:
    """The answer as it is, where its arrival is all that matters, or another parser follows."""
    return body


def order(body: object) -> OrderView:
    """An ordinary order from a read endpoint, which carries the average price."""
    return _order(Fields(body, "order"), priced=True)


def acknowledged(body: object) -> OrderView:
    """An ordinary order from the answer to a write, whose price, where there is one, is not to be trusted."""
    return _order(Fields(body, "order"), priced=False)


def orders(body: object) -> tuple[OrderView, ...]:
    """The list of open orders."""
    return each(body, "open order", lambda row: _order(row, priced=True))


def stop(body: object) -> StopView:
    """A conditional order, from a read or a write."""
    return _stop(Fields(body, "conditional order"))


def stops(body: object) -> tuple[StopView, ...]:
    """The list of open conditional orders."""
    return each(body, "open conditional order", _stop)


def fills(body: object) -> tuple[Fill, ...]:
    """Trades of the account, in the venue's order."""
    return each(body, "trade", _fill)


def income(body: object) -> tuple[Income, ...]:
    """Wallet changes, in the venue's order."""
    return each(body, "income", _income)


def account(summary: object, risk: object, at: datetime) -> AccountView:
    """The account from `/fapi/v2/account` (totals, leverage, margin mode) and `/fapi/v3/positionRisk` (the rest).

    The two are read one after the other.

    Raises:
        TornReadError: when they disagree on a position, as after a trade between the two reads.
        DataError: for anything else that makes no sense.
    """
    totals = Fields(summary, "account")
    held = {
        row.text("symbol"): row for row in each(totals.rows("positions"), "account position", _one_way) if _holds(row)
    }
    at_risk = {row.text("symbol"): row for row in each(risk, "position", _one_way) if _holds(row)}
    sizes = ({symbol: row.decimal("positionAmt") for symbol, row in rows.items()} for rows in (held, at_risk))
    if next(sizes) != next(sizes):
        raise TornReadError("the venue's two lists of positions disagree")
    return AccountView(
        at=at,
        wallet=totals.decimal("totalWalletBalance"),
        unrealized=totals.decimal("totalUnrealizedProfit"),
        available=totals.decimal("availableBalance"),
        positions=tuple(_position(row, held[symbol]) for symbol, row in at_risk.items()),
    )


def _order(row: Fields, *, priced: bool) -> OrderView:
    filled = row.not_negative("executedQty")
    average = row.not_negative("avgPrice") if priced else ZERO
    return OrderView(
        symbol=row.text("symbol"),
        order_id=row.integer("orderId"),
        client_id=row.text("clientOrderId"),
        side=row.choice("side", Side),
        type=row.text("type"),
        status=_status(row),
        quantity=row.not_negative("origQty"),
        filled=filled,
        average_price=average if average > ZERO else None,
        reduce_only=row.flag("reduceOnly"),
        updated_at=row.moment("updateTime"),
    )


def _status(row: Fields) -> OrderStatus:
    return _STATUS_ALIASES.get(row.text("status")) or row.choice("status", OrderStatus)


def _stop(row: Fields) -> StopView:
    # Binance's answers call the type `orderType`; recorded samples of the open list say `type`.
    kind = "orderType" if row.has("orderType") else "type"
    return StopView(
        symbol=row.text("symbol"),
        algo_id=row.integer("algoId"),
        client_id=row.text("clientAlgoId"),
        side=row.choice("side", Side),
        type=row.choice(kind, StopType),
        status=row.choice("algoStatus", StopStatus),
        # A trailing stop has none until it follows.
        trigger=row.not_negative("triggerPrice"),
        close_position=row.flag("closePosition") if row.has("closePosition") else False,
        order_id=(row.integer("actualOrderId") or None) if row.has("actualOrderId") else None,
        updated_at=row.moment("updateTime"),
    )


def _fill(row: Fields) -> Fill:
    paid_in = row.text("commissionAsset")
    if paid_in != "USDT":
        raise DataError(
            f"a fee was paid in {paid_in}, the desk counts in USDT", hint="switch off paying fees in BNB at the venue"
        )
    return Fill(
        symbol=row.text("symbol"),
        trade_id=row.integer("id"),
        order_id=row.integer("orderId"),
        side=row.choice("side", Side),
        quantity=row.positive("qty"),
        price=row.positive("price"),
        fee=row.decimal("commission"),
        realized=row.decimal("realizedPnl"),
        maker=row.flag("maker"),
        at=row.moment("time"),
    )


def _income(row: Fields) -> Income:
    return Income(
        symbol=row.text("symbol") if row.has("symbol") else "",
        kind=row.text("incomeType"),
        amount=row.decimal("income"),
        at=row.moment("time"),
        transaction_id=row.integer("tranId"),
    )


def _holds(row: Fields) -> bool:
    return row.decimal("positionAmt") != ZERO


def _one_way(row: Fields) -> Fields:
    if row.text("positionSide") != _ONE_WAY and _holds(row):
        raise DataError(
            f"{row.text('symbol')} holds a hedge-mode position", hint="the desk trades in one-way mode only"
        )
    return row


def _position(row: Fields, setting: Fields) -> Position:
    liquidation = row.decimal("liquidationPrice")
    return Position(
        symbol=row.text("symbol"),
        quantity=row.decimal("positionAmt"),
        entry_price=row.positive("entryPrice"),
        mark_price=row.positive("markPrice"),
        unrealized=row.decimal("unRealizedProfit"),
        liquidation_price=liquidation if liquidation > ZERO else None,
        leverage=setting.integer("leverage"),
        isolated=setting.flag("isolated"),
    )
