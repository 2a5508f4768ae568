"""Nobody may ask more than Binance would let them: request weight a minute, orders a minute and per ten seconds.

Counting windows follow the venue's clock, as the headers promise. A stepped clock can stand still for hours of work,
so a new minute of wall time opens a new window as well: a paused market must never become a permanent ban.
Going on after a 429 earns a 418 for a while, as on Binance; that ban is measured in wall time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.wire import errors

MINUTE_MS = 60_000
TEN_SECONDS_MS = 10_000


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

    @property
    def exhausted(self) -> bool:
        """Whether one more unit would break the limit."""
        return self.used > self.limit


@dataclass(slots=True)
class RateLimits:
    """Counters of one venue process. `now_ms` is the venue's clock, `wall_ms` a clock that never stops."""

    now_ms: Callable[[], int]
    wall_ms: Callable[[], int]
    weight_per_minute: int = 2_400
    orders_per_minute: int = 1_200
    orders_per_ten_seconds: int = 300
    refusals_before_ban: int = 100
    ban_ms: int = 120_000
    _weight: Window = field(init=False)
    _minute: Window = field(init=False)
    _ten: Window = field(init=False)
    _refused: int = 0
    _banned_until: int = 0

    def __post_init__(self) -> None:
        self._weight = Window(MINUTE_MS, self.weight_per_minute)
        self._minute = Window(MINUTE_MS, self.orders_per_minute)
        self._ten = Window(TEN_SECONDS_MS, self.orders_per_ten_seconds)

    def charge(self, weight: int, orders: int) -> None:
        """Count one request before it is served.

        Raises:
            Refusal: -1003 when the weight is used up, -1015 when too many orders were sent.
        """
        venue, wall = self.now_ms(), self.wall_ms()
        for window in (self._weight, self._minute, self._ten):
            window.refresh(venue, wall)
        self._weight.used += weight
        if self._weight.exhausted:
            raise self._too_many(wall)
        self._refused = 0
        self._minute.used += orders
        self._ten.used += orders
        if orders and (self._minute.exhausted or self._ten.exhausted):
            raise Refusal(
                errors.TOO_MANY_ORDERS, message=f"Too many new orders; current limit is {self._order_words()}."
            )

    def _order_words(self) -> str:
        if self._ten.exhausted:
            return f"{self._ten.limit} orders per TEN_SECONDS"
        return f"{self._minute.limit} orders per MINUTE"

    def _too_many(self, wall: int) -> Refusal:
        self._refused += 1
        if self._refused > self.refusals_before_ban:
            self._banned_until = wall + self.ban_ms
        limit = self._weight.limit
        text = f"Too many requests; current limit of IP is {limit} requests per minute. Please use the websocket."
        return Refusal(errors.TOO_MANY_REQUESTS, message=text)

    def banned_until(self) -> int | None:
        """Wall time in ms until which every request is answered 418; None when nobody is banned."""
        if self.wall_ms() < self._banned_until:
            return self._banned_until
        return None

    def headers(self, *, orders: bool) -> dict[str, str]:
        """What a reply tells of the counters; order counts only on order replies."""
        headers = {"X-MBX-USED-WEIGHT-1M": str(self._weight.used)}
        if orders:
            headers["X-MBX-ORDER-COUNT-10S"] = str(self._ten.used)
            headers["X-MBX-ORDER-COUNT-1M"] = str(self._minute.used)
        return headers

    def counted(self) -> list[dict[str, object]]:
        """The `rateLimits` of WebSocket answers: as published, with what is used."""
        used = (self._weight.used, self._minute.used, self._ten.used)
        return [{**limit, "count": count} for limit, count in zip(self.published(), used, strict=True)]

    def published(self) -> list[dict[str, object]]:
        """The `rateLimits` of exchangeInfo."""
        return [
            {
                "rateLimitType": "REQUEST_WEIGHT",
                "interval": "MINUTE",
                "intervalNum": 1,
                "limit": self.weight_per_minute,
            },
            {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": self.orders_per_minute},
            {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": self.orders_per_ten_seconds},
        ]
