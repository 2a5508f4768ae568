"""How long an order takes from acceptance to the book: the same for the same seed and order, whatever else happens."""

from __future__ import annotations

from random import Random

from desk.venues.paper.engine.floor.state import Floor
from desk.venues.paper.engine.vocabulary.switches import Realism

# The exponential has no end; a venue that takes this many times its mean is down, not slow.
_LONGEST_TAIL = 20


def delay_ms(realism: Realism, order_id: int) -> int:
    """The latency of the order of this number, in ms."""
    if not realism.has_latency:
        return 0
    tail = realism.latency_tail_ms
    drawn = Random(f"{realism.seed}/{order_id}").expovariate(1 / tail) if tail else 0.0  # noqa: S311 - not a secret
    return realism.latency_ms + min(round(drawn), tail * _LONGEST_TAIL)


def of_next_order(floor: Floor) -> int:
    """The latency that the next order accepted will have, in ms."""
    return delay_ms(floor.realism, floor.counters.get("order", 0) + 1)
