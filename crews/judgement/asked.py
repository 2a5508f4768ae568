"""What somebody asked for, as the judgement it becomes: the desk's own bounds hold, the crew is not heard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crews.judgement.decide import Judgement
from crews.setup import DeskSetup, Range
from desk.domain.intents import Action
from desk.domain.money import ZERO, amount, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A wish for one trade: `conviction` in [0, 1] sizes it, distances are fractions of the price, None the desk's own.

    `by` is who asked, as they are known here.
    """

    symbol: str
    action: Action
    by: str
    conviction: Decimal = Decimal("0.5")
    stop_pct: Decimal | None = None
    target_pct: Decimal | None = None

    def to_json(self) -> dict[str, Any]:
        """The wish as JSON, for the record."""
        distances = {"stop_pct": self.stop_pct, "target_pct": self.target_pct}
        told = {name: None if value is None else plain(value) for name, value in distances.items()}
        return {"action": self.action.value, "conviction": plain(self.conviction), "by": self.by, **told}

    @staticmethod
    def from_json(symbol: str, told: Mapping[str, Any]) -> Asked:
        """The wish as it was recorded. Raises KeyError or DataError when it does not read."""
        distances = {name: None if told[name] is None else amount(told[name]) for name in ("stop_pct", "target_pct")}
        return Asked(
            symbol=symbol,
            action=Action(told["action"]),
            by=str(told["by"]),
            conviction=amount(told["conviction"]),
            **distances,
        )


def judgement_of(asked: Asked, setup: DeskSetup) -> Judgement:
    """The wish within the desk's bounds; each bound that changed it is named."""
    judgement = Judgement(
        action=asked.action,
        conviction=asked.conviction,
        stop_pct=setup.caps.stop.default if asked.stop_pct is None else asked.stop_pct,
        target_pct=setup.caps.target.default if asked.target_pct is None else asked.target_pct,
    )
    judgement = judgement.capped(
        "max_conviction", conviction=max(ZERO, min(asked.conviction, setup.caps.max_conviction))
    )
    judgement = judgement.capped("stop_bounds", stop_pct=_within(judgement.stop_pct, setup.caps.stop))
    return judgement.capped("target_bounds", target_pct=_within(judgement.target_pct, setup.caps.target))


def _within(value: Decimal, bounds: Range) -> Decimal:
    return min(max(value, bounds.low), bounds.high)
