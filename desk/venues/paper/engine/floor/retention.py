"""What the venue still finds of the past when asked for orders.

Binance documents for its order queries: a cancelled or expired order without a fill is gone three days after it was
created, any final order after ninety days.
"""

from __future__ import annotations

from desk.domain.orders import OrderStatus, StopStatus
from desk.venues.paper.engine.vocabulary.orders import AlgoOrder, Order

DAY_MS = 86_400_000
UNFILLED_MS, FINAL_MS = 3 * DAY_MS, 90 * DAY_MS

_WAITING = (StopStatus.NEW, StopStatus.TRIGGERING, StopStatus.TRIGGERED)
_NEVER_CAME = (StopStatus.CANCELED, StopStatus.EXPIRED)


def remembers(order: Order | AlgoOrder, now_ms: int) -> bool:
    """Whether queries at `now_ms` still show the order."""
    age = now_ms - order.created_ms
    if isinstance(order, Order):
        final, came = order.status.is_final, order.filled or order.status is OrderStatus.REJECTED
    else:
        final, came = order.status not in _WAITING, order.status not in _NEVER_CAME
    return not final or age <= (FINAL_MS if came else UNFILLED_MS)
