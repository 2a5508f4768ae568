"""How trades end, as values that survive a crash: what the fills of a position came to, and why it is gone.

Quantities in base asset, prices and money in USDT, times in ms UTC of the venue.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from desk.domain.money import ZERO
from desk.domain.orders import Side


class Ending(StrEnum):
    """Why a trade ended, as far as the guard can tell.

    BREAKER is a loss limit or a falling market, HALT somebody's halt. UNPROTECTED: no stop could be rested. OVERRUN:
    the mark stood beyond the stop or target and nothing fired. EXTERNAL: closed at the venue by somebody else.
    """

    STOP = "stop"
    TARGET = "target"
    EARLY_EXIT = "early_exit"
    CREW_CLOSE = "crew_close"
    FLATTEN = "flatten"
    HALT = "halt"
    BREAKER = "breaker"
    UNPROTECTED = "unprotected"
    OVERRUN = "overrun"
    LIQUIDATION = "liquidation"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """What the fills of one symbol came to since it was last flat.

    `opened` and `closed` are quantities, `opened_value` and `closed_value` what they were traded for. `fees` and
    `funding` are positive when paid; `insurance` is what a liquidation took. `flat` once the last fill closed it.
    """

    symbol: str
    opened: Decimal = ZERO
    opened_value: Decimal = ZERO
    closed: Decimal = ZERO
    closed_value: Decimal = ZERO
    realized: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    insurance: Decimal = ZERO
    first_ms: int = 0
    last_ms: int = 0
    flat: bool = False

    @property
    def net(self) -> Decimal:
        """What the wallet gained by it so far."""
        return self.realized - self.fees - self.funding - self.insurance


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A trade that is over at the venue while its books are not complete yet; `looks` counts the waiting."""

    intent_id: str
    run_id: str
    strategy_id: str
    symbol: str
    side: Side
    entry: Decimal
    ending: Ending
    looks: int = 0
    tab: Tab | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A trade from its first fill to its last. `pnl` is `realized` less `fees` and `funding`: what the wallet gained.

    `fees` include what a liquidation took. `opened_at` is zero where the guard has not seen the entry's fills.
    """

    intent_id: str
    run_id: str
    strategy_id: str
    symbol: str
    side: Side
    quantity: Decimal
    entry_price: Decimal
    exit_price: Decimal
    realized: Decimal
    fees: Decimal
    funding: Decimal
    pnl: Decimal
    opened_at: int
    closed_at: int
    ending: Ending
