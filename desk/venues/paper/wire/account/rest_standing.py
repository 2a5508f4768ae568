"""How an account stands with the venue, over REST: its limits, its conduct, its coins; agreements and system state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from desk.domain.money import ZERO
from desk.venues.paper.engine.values import Order, OrderStatus, TimeInForce
from desk.venues.paper.wire.calls import Desk
from desk.venues.paper.wire.figures import Json, money
from desk.venues.paper.wire.requests.params import Params

_LOOKED_AT_MS: Final = 10 * 60_000
# Share of orders, in ten minutes, beyond which Binance takes the right to trade away, and the fewest that count.
_TRIGGERS: Final = {"UFR": 0.995, "IFER": 0.99, "GCR": 0.99}
_FEWEST: Final = 10
_CENT: Final = Decimal("0.01")


def order_limits(desk: Desk, params: Params) -> list[Json]:
    """GET rateLimit/order."""
    del params
    return desk.limits.published_orders()


def conduct(desk: Desk, params: Params) -> Json:
    """GET apiTradingStatus: the account's ratios of the last ten minutes, for symbols with orders enough to judge.

    UFR: orders that filled nothing; IFER: IOC and FOK orders that expired; GCR: GTC orders that were cancelled. They
    are told and never punished here.
    """
    now = desk.tape.now_ms()
    told: dict[str, list[Json]] = {}
    for symbol in desk.symbols(params):
        recent = [o for o in desk.exchange.all_orders(desk.account, symbol) if o.created_ms > now - _LOOKED_AT_MS]
        if len(recent) >= _FEWEST:
            told[symbol] = _indicators(recent)
    return {"indicators": told, "updateTime": now}


def _indicators(orders: Sequence[Order]) -> list[Json]:
    quick = [order for order in orders if order.time_in_force in (TimeInForce.IOC, TimeInForce.FOK)]
    resting = [order for order in orders if order.time_in_force is TimeInForce.GTC]
    shares = {
        "UFR": _share(orders, lambda order: order.filled == ZERO),
        "IFER": _share(quick, lambda order: order.status is OrderStatus.EXPIRED),
        "GCR": _share(resting, lambda order: order.status is OrderStatus.CANCELED),
    }
    return [
        {"isLocked": False, "plannedRecoverTime": 0, "indicator": name, "value": share, "triggerValue": _TRIGGERS[name]}
        for name, share in shares.items()
        if share is not None
    ]


def _share(orders: Sequence[Order], guilty: Callable[[Order], bool]) -> float | None:
    return round(sum(map(guilty, orders)) / len(orders), 4) if orders else None


def portfolio_margin(desk: Desk, params: Params) -> Json:
    """GET pmAccountInfo: what could be withdrawn of one asset, in the asset and in dollars."""
    asset = params.need("asset").upper()
    left = desk.exchange.summary(desk.account).max_withdraw if asset == "USDT" else ZERO
    told = money(left)
    return {"maxWithdrawAmountUSD": told, "asset": asset, "maxWithdrawAmount": told}


def sign_share_contracts(desk: Desk, params: Params) -> Json:
    """POST stock/contract: agree to the terms of contracts on shares, of which this venue lists none."""
    del params, desk
    return {"code": 200, "msg": "success"}


def coins(desk: Desk, params: Params) -> list[Json]:
    """GET sapi capital/config/getall: every coin of a listed contract. Nothing can be paid in or out of this venue."""
    del params
    quotes = [spec.quote for spec in desk.tape.specs.values()]
    names = dict.fromkeys((*quotes, *(spec.base for spec in desk.tape.specs.values())))
    wallet = desk.exchange.summary(desk.account).wallet
    return [
        {
            "coin": coin,
            "depositAllEnable": False,
            "free": money(wallet if coin == "USDT" else ZERO),
            "freeze": "0",
            "ipoable": "0",
            "ipoing": "0",
            "isLegalMoney": False,
            "locked": "0",
            "name": coin,
            "networkList": [],
            "storage": "0",
            "trading": coin in quotes or f"{coin}USDT" in desk.tape.specs,
            "withdrawAllEnable": False,
            "withdrawing": "0",
        }
        for coin in names
    ]


def system_status(desk: Desk, params: Params) -> Json:
    """GET sapi system/status: in maintenance while the market has no price to trade at."""
    del params
    trouble = desk.venue.source.trouble(desk.tape.now_ms())
    return {"status": 0, "msg": "normal"} if trouble is None else {"status": 1, "msg": "system_maintenance"}
