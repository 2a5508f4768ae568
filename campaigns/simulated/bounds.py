"""The sets of limits that simulated guards run under; the judge has each in its own file, written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from desk.guard.bounds.limits import Limits

# Under these the breaker trips often.
BOLD = Limits(
    gap_stress={},
    gap_stress_default=Decimal("0.01"),
    risk_per_trade=Decimal("0.05"),
    max_position=Decimal(2),
    max_gross=Decimal(3),
    max_correlated=Decimal(3),
    max_leverage=5,
    turnover=Decimal(500),
    entries_per_minute=60,
    entries_per_day=2000,
    repeat_entries=2000,
    reentry_seconds=0,
    symbol_losses=50,
    streak_losses=50,
    failed_orders=100,
    max_range=Decimal("0.5"),
)
# Under these the caps on sizes and numbers bind before any budget of losses does.
NARROW = BOLD.model_copy(
    update={
        "max_position": Decimal("0.3"),
        "max_gross": Decimal("0.5"),
        "max_leverage": 2,
        "turnover": Decimal(6),
        "entries_per_minute": 3,
        "entries_per_day": 40,
    }
)
LIMITS: Mapping[str, Limits] = MappingProxyType({"usual": Limits(), "bold": BOLD, "narrow": NARROW})
