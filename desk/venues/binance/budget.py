"""The request budget: who may still ask the venue this minute, and when nobody may.

Binance counts request weight by address and orders by account, and reports both on its answers. Since the count is the
address's, crew and guard, two processes behind one address, read the same figure and share the budget without a word to
each other:

| purpose | who                                             | passes while the address has used at most |
|---------|-------------------------------------------------|-------------------------------------------|
| LOOK    | the crew's market data, repairs of streams      | two fifths of the weight                  |
| ENTER   | an order that may open, its leverage and margin | half of the weight, half of the orders    |
| WATCH   | the guard's own looks, which exits depend on    | no bound of ours; its pace is the bound   |
| EXIT    | what closes, cancels or protects                | no bound of ours                          |

The other half is what entries can never use. A 429 is waited out by everybody, exits too, because going on earns a 418;
a 418 stops every request until the ban is over, and says so. Both are learnt by each process from its own refusal.
Source: Binance USD-M futures, "Limits" and `rateLimits` of exchangeInfo.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

from desk.domain.errors import VenueUnavailableError

_LOG = logging.getLogger(__name__)
USED_WEIGHT_HEADER = "X-MBX-USED-WEIGHT-1M"
ORDERS_HEADERS = {60.0: "X-MBX-ORDER-COUNT-1M", 10.0: "X-MBX-ORDER-COUNT-10S"}
TOO_MANY_ORDERS = -1015
_MINUTE_S = 60.0
_TEN_S = 10.0
# What Binance bans for at first, when it does not say how long.
_BAN_S = 120.0
_BANNED_UNTIL = re.compile(r"until (\d{13})\b")


class Purpose(StrEnum):
    """What a request is for; see the table above."""

    LOOK = "look"
    ENTER = "enter"
    WATCH = "watch"
    EXIT = "exit"


# Numerator and denominator of the share of a limit that a purpose leaves untouched beyond.
_WEIGHT_SHARES = {Purpose.LOOK: (2, 5), Purpose.ENTER: (1, 2)}
_ORDER_SHARES = {Purpose.ENTER: (1, 2)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the venue grants: weight a minute to an address, orders a minute and per ten seconds to an account."""

    weight: int = 2400
    orders_minute: int = 1200
    orders_ten: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetReport:
    """The budget at one moment. `held_seconds` is how long nothing may be sent, `banned` whether by a 418."""

    used_weight: int
    weight_limit: int
    orders_minute: int
    orders_ten: int
    held_seconds: float
    banned: bool


class RequestBudget:
    """One process's view of the venue's counters. Safe between threads."""

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        wall_ms: Callable[[], float] = lambda: time.time() * 1000,
    ) -> None:
        self.limits = limits or Limits()
        self._monotonic, self._wall_ms = monotonic, wall_ms
        self._lock = Lock()
        self._weight = (0, float("-inf"))
        self._orders: dict[float, tuple[int, float]] = dict.fromkeys(ORDERS_HEADERS, (0, float("-inf")))
        self._flying = 0
        self._held_until = self._orders_held_until = float("-inf")
        self._banned = False

    @contextmanager
    def spending(self, purpose: Purpose, weight: int, *, orders: int = 0) -> Generator[None]:
        """Around one request: refuse it beforehand, count it while it is on its way.

        Raises:
            VenueUnavailableError: when the purpose's share is used up or the venue asked to wait; nothing was sent.
        """
        with self._lock:
            self._refuse_while_held(orders)
            self._refuse_beyond_share(purpose, weight, orders)
            self._flying += weight
        try:
            yield
        finally:
            with self._lock:
                self._flying -= weight

    def observe(self, headers: Mapping[str, str]) -> None:
        """Read the counters from an answer's headers; an answer without them changes nothing."""
        now = self._monotonic()
        weight = _count(headers.get(USED_WEIGHT_HEADER, ""))
        with self._lock:
            if weight is not None:
                self._weight = (weight, now)
            for seconds, name in ORDERS_HEADERS.items():
                orders = _count(headers.get(name, ""))
                if orders is not None:
                    self._orders[seconds] = (orders, now)

    def refused(self, status: int, code: int | None, retry_after: str | None, words: str) -> None:
        """The venue answered 429 or 418: hold everything, or only orders where only those were too many."""
        if status == 429 and code == TOO_MANY_ORDERS:
            wait = _count(retry_after or "") or _TEN_S
            self._orders_held_until = max(self._orders_held_until, self._monotonic() + wait)
        elif status == 429:
            self._hold(_count(retry_after or "") or self._rest_of_minute(), banned=False)
        elif status == 418:
            self._hold(_count(retry_after or "") or self._ban_left(words), banned=True)

    def used(self) -> int:
        """Weight that the address has used in the current minute, as far as is known."""
        weight, at = self._weight
        return weight if self._monotonic() - at < _MINUTE_S else 0

    def report(self) -> BudgetReport:
        """The budget as of now."""
        held = max(0.0, self._held_until - self._monotonic())
        return BudgetReport(
            used_weight=self.used(),
            weight_limit=self.limits.weight,
            orders_minute=self._orders_in(_MINUTE_S),
            orders_ten=self._orders_in(_TEN_S),
            held_seconds=round(held, 1),
            banned=self._banned and held > 0,
        )

    def _refuse_while_held(self, orders: int) -> None:
        now = self._monotonic()
        if now < self._held_until:
            left = f"{self._held_until - now:.0f} s"
            if self._banned:
                raise VenueUnavailableError(
                    f"the venue has banned this address for another {left}: nothing is sent, exits neither",
                    hint="stops rest at the venue; find what sends too much from this address",
                )
            raise VenueUnavailableError(
                f"the venue asked to wait another {left}: too many requests from this address", hint="wait"
            )
        if orders and now < self._orders_held_until:
            left = f"{self._orders_held_until - now:.0f} s"
            raise VenueUnavailableError(f"the venue asked to wait another {left}: too many orders", hint="wait")

    def _refuse_beyond_share(self, purpose: Purpose, weight: int, orders: int) -> None:
        part, whole = _WEIGHT_SHARES.get(purpose, (1, 0))
        wanted = self.used() + self._flying
        if whole and wanted * whole > self.limits.weight * part:
            raise VenueUnavailableError(
                f"{wanted} of {self.limits.weight} request weight is used this minute; the rest is kept for exits",
                hint="wait until the next full minute",
            )
        part, whole = _ORDER_SHARES.get(purpose, (1, 0))
        limits = {_MINUTE_S: self.limits.orders_minute, _TEN_S: self.limits.orders_ten}
        for seconds, limit in limits.items() if whole and orders else ():
            if (self._orders_in(seconds) + orders) * whole > limit * part:
                raise VenueUnavailableError(
                    f"{self._orders_in(seconds)} of {limit} orders of {seconds:.0f} s are used; the rest is for exits",
                    hint="wait a few seconds",
                )

    def _orders_in(self, seconds: float) -> int:
        count, at = self._orders[seconds]
        return count if self._monotonic() - at < seconds else 0

    def _hold(self, seconds: float, *, banned: bool) -> None:
        with self._lock:
            self._held_until = max(self._held_until, self._monotonic() + seconds)
            self._banned = banned or (self._banned and self._monotonic() < self._held_until)
        level = logging.CRITICAL if banned else logging.WARNING
        _LOG.log(level, "the venue %s this address for %.0f s", "has banned" if banned else "holds", seconds)

    def _rest_of_minute(self) -> float:
        return _MINUTE_S - self._wall_ms() / 1000 % _MINUTE_S + 1

    def _ban_left(self, words: str) -> float:
        said = _BANNED_UNTIL.search(words)
        if said is None:
            return _BAN_S
        return max(1.0, (int(said.group(1)) - self._wall_ms()) / 1000)


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
