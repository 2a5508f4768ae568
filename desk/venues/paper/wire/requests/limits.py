"""Nobody may ask more than Binance would let them.

    request weight        a minute               per IP
    shared pools          five minutes           per IP      funding 500, statistics 1000, connections 300
    orders                a minute, 10 seconds   per account

Counting windows follow the venue's clock, as the headers promise. A stepped clock can stand still for hours of work,
so a new period of wall time opens a new window as well: a paused market must never become a permanent ban. Going on
after a 429 earns a 418; that ban is measured in wall time, and doubles each time, up to three days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.wire import errors

MINUTE_MS: Final = 60_000
TEN_SECONDS_MS: Final = 10_000
_POOL_MS: Final = 5 * MINUTE_MS
_LONGEST_BAN_MS: Final = 3 * 86_400_000


class Pool(StrEnum):
    """Requests that share a limit of their own beside the weight."""

    FUNDING = "funding"
    STATISTICS = "statistics"
    CONNECTIONS = "connections"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one request uses up: weight of its IP, a place in a pool, orders of its account in the two windows."""

    weight: int = 1
    pool: Pool | None = None
    ten_seconds: int = 0
    minute: int = 0

    @property
    def orders(self) -> bool:
        """Whether the request is counted as orders."""
        return self.ten_seconds > 0


@dataclass(slots=True)
class Window:
    """Units used since the venue's clock, or the wall clock, last entered a new period."""

    length_ms: int
    limit: int
    used: int = 0
    _period: tuple[int, int] = (-1, -1)

    def refresh(self, venue_ms: int, wall_ms: int) -> None:
        """Forget what was used in an earlier period."""
        period = (venue_ms // self.length_ms, wall_ms // self.length_ms)
        if period != self._period:
            self._period = period
            self.used = 0

    def use(self, units: int) -> bool:
        """Count `units`; False when that was more than the limit."""
        self.used += units
        return self.used <= self.limit


@dataclass(slots=True)
class _Caller:
    """What one IP used, how often it went on after a refusal, and its bans."""

    weight: Window
    pools: dict[Pool, Window] = field(default_factory=dict[Pool, Window])
    refused: int = 0
    bans: int = 0
    banned_until: int = 0


@dataclass(slots=True)
class RateLimits:
    """Counters of one venue process. `now_ms` is the venue's clock, `wall_ms` a clock that never stops."""

    now_ms: Callable[[], int]
    wall_ms: Callable[[], int]
    weight_per_minute: int = 2_400
    orders_per_minute: int = 1_200
    orders_per_ten_seconds: int = 300
    connections_per_five_minutes: int = 300
    refusals_before_ban: int = 100
    ban_ms: int = 120_000
    _callers: dict[str, _Caller] = field(default_factory=dict[str, _Caller])
    _accounts: dict[str, tuple[Window, Window]] = field(default_factory=dict[str, tuple[Window, Window]])

    def charge(self, ip: str, cost: Cost) -> None:
        """Count one request of `ip` before it is looked at.

        Raises:
            Refusal: -1003 when the weight of the minute, or the pool, is used up.
        """
        caller = self._caller(ip)
        enough = caller.weight.use(cost.weight)
        if not enough:
            raise self._too_many(caller, self.weight_per_minute, "minute")
        if cost.pool is not None and not self._pool(caller, cost.pool).use(1):
            raise self._too_many(caller, self._pool_limit(cost.pool), "5 minutes")
        caller.refused = 0

    def charge_orders(self, account: str, cost: Cost) -> None:
        """Count the orders of one request once it is known whose they are.

        Raises:
            Refusal: -1015 when the account sent too many.
        """
        if not cost.orders:
            return
        ten, minute = self._windows(account)
        in_time, in_minute = ten.use(cost.ten_seconds), minute.use(cost.minute)
        if not (in_time and in_minute):
            words = f"{minute.limit} orders per MINUTE" if in_time else f"{ten.limit} orders per TEN_SECONDS"
            raise Refusal(errors.TOO_MANY_ORDERS, message=f"Too many new orders; current limit is {words}.")

    def connect(self, ip: str) -> None:
        """Count one new WebSocket connection. Raises Refusal -1003 when there were too many."""
        caller = self._caller(ip)
        if not self._pool(caller, Pool.CONNECTIONS).use(1):
            raise self._too_many(caller, self.connections_per_five_minutes, "5 minutes")

    def banned_until(self, ip: str) -> int | None:
        """Wall time in ms until which every request of `ip` is answered 418; None when it is not banned."""
        caller = self._callers.get(ip)
        return caller.banned_until if caller is not None and self.wall_ms() < caller.banned_until else None

    def seconds_banned(self, until_ms: int) -> int:
        """How long a ban still lasts, in whole seconds: what Retry-After tells."""
        return max(1, -(-(until_ms - self.wall_ms()) // 1_000))

    def headers(self, ip: str, account: str | None = None) -> dict[str, str]:
        """What a reply tells of the counters; order counts only where the account's orders were counted."""
        headers = {"X-MBX-USED-WEIGHT-1M": str(self._caller(ip).weight.used)}
        if account is not None:
            ten, minute = self._windows(account)
            headers |= {"X-MBX-ORDER-COUNT-10S": str(ten.used), "X-MBX-ORDER-COUNT-1M": str(minute.used)}
        return headers

    def counted(self, ip: str, account: str | None = None) -> list[dict[str, object]]:
        """The `rateLimits` of WebSocket answers: as published, with what is used; orders where they were counted."""
        weight, *orders = self.published()
        told = [{**weight, "count": self._caller(ip).weight.used}]
        if account is None:
            return told
        used = (window.used for window in reversed(self._windows(account)))
        return [*({**limit, "count": count} for limit, count in zip(orders, used, strict=True)), *told]

    def published(self) -> list[dict[str, object]]:
        """The `rateLimits` of exchangeInfo."""
        return [_limit("REQUEST_WEIGHT", "MINUTE", 1, self.weight_per_minute), *self.published_orders()]

    def published_orders(self) -> list[dict[str, object]]:
        """What an account may send: the answer of rateLimit/order."""
        return [
            _limit("ORDERS", "MINUTE", 1, self.orders_per_minute),
            _limit("ORDERS", "SECOND", 10, self.orders_per_ten_seconds),
        ]

    def _caller(self, ip: str) -> _Caller:
        caller = self._callers.get(ip)
        if caller is None:
            caller = self._callers[ip] = _Caller(Window(MINUTE_MS, self.weight_per_minute))
        caller.weight.refresh(self.now_ms(), self.wall_ms())
        return caller

    def _pool(self, caller: _Caller, pool: Pool) -> Window:
        window = caller.pools.setdefault(pool, Window(_POOL_MS, self._pool_limit(pool)))
        window.refresh(self.now_ms(), self.wall_ms())
        return window

    def _pool_limit(self, pool: Pool) -> int:
        return self.connections_per_five_minutes if pool is Pool.CONNECTIONS else _POOL_LIMITS[pool]

    def _windows(self, account: str) -> tuple[Window, Window]:
        windows = self._accounts.get(account)
        if windows is None:
            windows = Window(TEN_SECONDS_MS, self.orders_per_ten_seconds), Window(MINUTE_MS, self.orders_per_minute)
            self._accounts[account] = windows
        for window in windows:
            window.refresh(self.now_ms(), self.wall_ms())
        return windows

    def _too_many(self, caller: _Caller, limit: int, period: str) -> Refusal:
        caller.refused += 1
        if caller.refused > self.refusals_before_ban:
            caller.banned_until = self.wall_ms() + min(_LONGEST_BAN_MS, self.ban_ms << min(caller.bans, 20))
            caller.bans += 1
            caller.refused = 0
        text = (
            f"Too many requests; current limit is {limit} requests per {period}. "
            "Please use the websocket for live updates to avoid polling the API."
        )
        return Refusal(errors.TOO_MANY_REQUESTS, message=text)


_POOL_LIMITS: Final = MappingProxyType({Pool.FUNDING: 500, Pool.STATISTICS: 1_000})


def _limit(kind: str, interval: str, number: int, limit: int) -> dict[str, object]:
    return {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}
