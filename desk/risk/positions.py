"""Each open position in fractions: how far its stop and its liquidation are, and what it costs to hold a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from desk.domain.market import FundingPoint, Mark
from desk.market.funding import funding_interval
from desk.market.snapshot import AccountBrief, PositionBrief
from desk.risk.holding import liquidation_distance
from desk.risk.values import PositionRisk


def position_risk(
    position: PositionBrief, account: AccountBrief, mark: Mark | None, funding: Sequence[FundingPoint]
) -> PositionRisk:
    """One position against the account's equity (above zero)."""
    price = float(position.mark)
    long = position.quantity > 0
    liquidation = _liquidation_distance(position, price, long=long)
    return PositionRisk(
        symbol=position.symbol,
        long=long,
        exposure=round(float(position.notional / account.equity) * (1 if long else -1), 6),
        unrealized=round(float(position.unrealized / account.equity), 6),
        to_stop=None if position.stop is None else _distance(price, float(position.stop), long=long),
        to_liquidation=liquidation,
        liquidation_estimated=liquidation is not None and position.liquidation is None,
        funding_24h=None if mark is None else _funding_of_a_day(position, account, mark, funding),
    )


def _distance(price: float, level: float, *, long: bool) -> float:
    """How far the price must move against the position to reach `level`, as a fraction; below zero when it is past."""
    return round((price - level) / price if long else (level - price) / price, 6)


def _liquidation_distance(position: PositionBrief, price: float, *, long: bool) -> float | None:
    """From the venue's liquidation price, else from isolated margin at the entry."""
    if position.liquidation is not None and position.liquidation > 0:
        return _distance(price, float(position.liquidation), long=long)
    if position.liquidation is not None or not position.leverage:
        return None
    room = liquidation_distance(position.leverage, long=long)
    level = float(position.entry) * (1 - room if long else 1 + room)
    return _distance(price, level, long=long)


def _funding_of_a_day(
    position: PositionBrief, account: AccountBrief, mark: Mark, funding: Sequence[FundingPoint]
) -> float:
    """What the next 24 hours of funding cost at the current rate, over equity; below zero when it is received."""
    charges = timedelta(days=1) / funding_interval(funding)
    signed = float(position.quantity) * float(position.mark) * float(mark.funding_rate) * charges
    return round(signed / float(account.equity), 8)
