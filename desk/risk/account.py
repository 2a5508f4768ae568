"""The state of the account for one decision: what is at stake, what is left of each limit, and a verdict with reasons.

The numbers are the guard's; nothing here can loosen them. A verdict of NO_NEW_EXPOSURE says what the guard would refuse
anyway; CAUTION says what it would still allow and a careful trader would not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from math import fsum

from desk.domain.errors import DataError
from desk.domain.market import FundingPoint, Mark
from desk.domain.money import ONE, ZERO, floor_to
from desk.market.candles import Candles
from desk.market.snapshot import AccountBrief
from desk.risk.positions import position_risk
from desk.risk.sizing import SizingParameters, advise_size, daily_volatility
from desk.risk.tail import tail_risk
from desk.risk.values import PositionRisk, RiskReading, RiskReason, RiskVerdict, SizeAdvice, TailRisk

_SHARE_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskParameters:
    """Where caution starts. All are fractions; `near` is the unspent share of a limit below which the limit is near."""

    near: float = 0.3
    liquidation_near: float = 0.1
    tail_loss: float = 0.03
    volatility: float = 0.08
    funding_24h: float = 0.002
    stale: timedelta = timedelta(minutes=5)
    sizing: SizingParameters = field(default_factory=SizingParameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    """What is left of each limit, as fractions of the limit."""

    day: float
    rolling: float
    drawdown: float
    gap: float
    leverage: float

    @property
    def tightest(self) -> float:
        return min(self.day, self.rolling, self.drawdown, self.gap, self.leverage)


def read_risk(
    account: AccountBrief,
    symbol: str,
    now: datetime,
    *,
    candles: Mapping[str, Candles],
    marks: Mapping[str, Mark],
    funding: Mapping[str, Sequence[FundingPoint]] | None = None,
    parameters: RiskParameters | None = None,
) -> RiskReading:
    """The state of the account for a decision on `symbol`.

    `candles`, `marks` and `funding` are keyed by symbol; hourly bars over some weeks read best, and what is missing
    leaves its number unknown. Raises DataError when equity is not above zero.
    """
    if account.equity <= 0:
        raise DataError("equity is not above zero: nothing can be said in multiples of it")
    rules, charges = parameters or RiskParameters(), funding or {}
    held = [p for p in account.positions if p.quantity]
    positions = tuple(position_risk(p, account, marks.get(p.symbol), charges.get(p.symbol, ())) for p in held)
    gross = fsum(abs(p.exposure) for p in positions)
    room = _room(account, gross)
    tail = tail_risk({p.symbol: p.exposure for p in positions}, candles)
    size = advise_size(_volatility(candles.get(symbol)), room.tightest, rules.sizing)
    cost = fsum(p.funding_24h for p in positions if p.funding_24h is not None)
    stops = _stops(account, room, now, rules)
    cautions = _cautions(positions, room, tail, size, cost, rules)
    verdict = RiskVerdict.NO_NEW_EXPOSURE if stops else RiskVerdict.CAUTION if cautions else RiskVerdict.OK
    if stops:
        size = advise_size(size.daily_volatility, 0.0, rules.sizing)
    return RiskReading(
        symbol=symbol,
        verdict=verdict,
        reasons=(*stops, *cautions),
        equity=round(float(account.equity), 2),
        gross_leverage=round(gross, 4),
        net_leverage=round(fsum(p.exposure for p in positions), 4),
        leverage_left=room.leverage,
        day_left=room.day,
        rolling_left=room.rolling,
        drawdown_left=room.drawdown,
        gap_left=room.gap,
        funding_24h=round(cost, 8),
        positions=positions,
        tail=tail,
        size=size,
    )


def _volatility(candles: Candles | None) -> float | None:
    return None if candles is None else daily_volatility(candles)


def _room(account: AccountBrief, gross: float) -> _Room:
    return _Room(
        day=_share(account.day_left, account.day_limit),
        rolling=_share(account.rolling_left, account.rolling_left + max(account.rolling_loss, ZERO)),
        drawdown=_share(account.drawdown_limit - account.drawdown, account.drawdown_limit),
        gap=_share(account.gap_left, account.gap_left + account.gap_used),
        leverage=_share(account.max_leverage - Decimal(repr(gross)), account.max_leverage),
    )


def _share(left: Decimal, limit: Decimal) -> float:
    """The unspent share of a limit, in [0, 1], rounded down. A limit of nothing has nothing left."""
    if limit <= 0:
        return 0.0
    return float(floor_to(max(ZERO, min(ONE, left / limit)), _SHARE_STEP))


def _stops(account: AccountBrief, room: _Room, now: datetime, rules: RiskParameters) -> tuple[RiskReason, ...]:
    """Why nothing new may be opened."""
    checks = (
        (account.latch is not None, RiskReason.LATCHED),
        (account.mode != "NORMAL", RiskReason.NOT_NORMAL),
        (account.unexplained > 0, RiskReason.UNEXPLAINED),
        (abs(now - account.at) > rules.stale, RiskReason.ACCOUNT_STALE),
        (room.day <= 0, RiskReason.DAY_LIMIT_SPENT),
        (room.rolling <= 0, RiskReason.ROLLING_LIMIT_SPENT),
        (room.drawdown <= 0, RiskReason.DRAWDOWN_SPENT),
        (room.gap <= 0, RiskReason.GAP_BUDGET_SPENT),
        (room.leverage <= 0, RiskReason.LEVERAGE_SPENT),
        (any(p.quantity and p.stop is None for p in account.positions), RiskReason.UNPROTECTED_POSITION),
    )
    return tuple(reason for holds, reason in checks if holds)


def _cautions(
    positions: tuple[PositionRisk, ...],
    room: _Room,
    tail: TailRisk,
    size: SizeAdvice,
    cost: float,
    rules: RiskParameters,
) -> tuple[RiskReason, ...]:
    """Why a careful trader would do less than is allowed."""
    distances = [p.to_liquidation for p in positions if p.to_liquidation is not None]
    wild = size.daily_volatility is not None and size.daily_volatility > rules.volatility
    checks = (
        (0 < room.day < rules.near, RiskReason.DAY_LIMIT_NEAR),
        (0 < room.rolling < rules.near, RiskReason.ROLLING_LIMIT_NEAR),
        (0 < room.drawdown < rules.near, RiskReason.DRAWDOWN_NEAR),
        (0 < room.gap < rules.near, RiskReason.GAP_BUDGET_NEAR),
        (0 < room.leverage < rules.near, RiskReason.LEVERAGE_HIGH),
        (any(distance < rules.liquidation_near for distance in distances), RiskReason.LIQUIDATION_NEAR),
        (tail.worst is not None and tail.worst > rules.tail_loss, RiskReason.TAIL_LOSS_HIGH),
        (wild, RiskReason.VOLATILITY_HIGH),
        (cost > rules.funding_24h, RiskReason.FUNDING_COSTLY),
    )
    return tuple(reason for holds, reason in checks if holds)
