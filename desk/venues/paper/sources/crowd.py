"""What the invented market's crowd holds: open interest and who is long, told from the bars that everybody sees.

Open interest grows where turnover is above its usual pace and falls where the price runs far, because positions are
closed by force then. The many buy what has fallen; the largest accounts lean with what has been rising. Each figure is
a pure function of finished bars, so it agrees with the price path and is the same for the same seed. The model is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from desk.venues.paper.sources.bars import QUOTE_DIGITS, Columns, Scale
from desk.venues.paper.sources.randomness import Floats, fading, half_life

# Of a usual day's turnover this share is held open.
_HELD = 0.6
_OPENED, _FORCED = 0.004, 2.2
_HOLDING_HOURS, _MOOD_HOURS = 48.0, 9.0
_MANY, _LARGE = 1.6, 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdRow:
    """The crowd at the end of the hour that opened at `at_ms`.

    `open_interest` in base asset, `value` in quote asset. Shares are fractions of one that are long: of all accounts,
    of the largest accounts, and of the positions of the largest.
    """

    at_ms: int
    open_interest: Decimal
    value: Decimal
    accounts_long: Decimal
    top_accounts_long: Decimal
    top_positions_long: Decimal


def crowd_of(hours: Columns, scale: Scale) -> tuple[CrowdRow, ...]:
    """One row for each hourly bar; at least two bars are needed for any."""
    if len(hours) < 2:
        return ()
    close = hours.close * 10.0**-scale.price_digits
    turnover = hours.quote_volume * 10.0**-QUOTE_DIGITS
    moved: Floats = np.concatenate(([0.0], close[1:] / close[:-1] - 1.0))
    usual = float(turnover.mean())
    busy = np.minimum(turnover / usual - 1.0, 4.0)
    shocks = _OPENED * busy - _FORCED * moved * moved
    held = np.clip(1.0 + fading(0.0, half_life(_HOLDING_HOURS), shocks) * 8.0, 0.35, 2.5) * usual * 24 * _HELD
    mood = fading(0.0, half_life(_MOOD_HOURS), moved)
    many = np.clip(0.58 - _MANY * mood, 0.2, 0.85)
    large = np.clip(0.5 + _LARGE * mood, 0.25, 0.8)
    positions = np.clip(0.5 + 1.4 * _LARGE * mood, 0.2, 0.85)
    told = zip(
        hours.open_ms.tolist(), held.tolist(), close.tolist(), many.tolist(), large.tolist(), positions.tolist(),
        strict=True,
    )  # fmt: skip
    return tuple(
        CrowdRow(
            at_ms=at_ms,
            open_interest=_rounded(value / price, scale.quantity_digits),
            value=_rounded(value, 2),
            accounts_long=_rounded(share, 4),
            top_accounts_long=_rounded(top, 4),
            top_positions_long=_rounded(weighed, 4),
        )
        for at_ms, value, price, share, top, weighed in told
    )


def _rounded(value: float, digits: int) -> Decimal:
    return Decimal(round(value * 10**digits)).scaleb(-digits)
