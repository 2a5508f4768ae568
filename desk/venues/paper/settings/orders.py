"""The settings' words for how hard it is to be filled, and for the readings of disputed points.

They mirror the engine's own switches name for name and default for default; what each means is told there.
"""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from desk.venues.paper.engine.vocabulary.switches import Readings, Realism
from desk.venues.paper.settings.market import Part


class RealismSettings(Part):
    """See `desk.venues.paper.engine.vocabulary.switches.Realism`."""

    latency_ms: int = Field(default=0, ge=0, le=60_000, description="Least time from acceptance to the book.")
    latency_tail_ms: int = Field(default=0, ge=0, le=60_000, description="Mean of what comes on top, per order.")
    seed: int = Field(default=7, ge=0, description="Seed of the latencies.")
    queue: bool = Field(default=True, description="Who joins a price waits until what stood there has traded.")
    depth_bound: bool = Field(default=True, description="A resting order is filled no further than what came to it.")
    recovery: Decimal = Field(
        default=Decimal(1), gt=0, le=1, description="Share of taken liquidity that is back with the next quote."
    )

    @property
    def terms(self) -> Realism:
        """The engine's own value."""
        return Realism(**self.model_dump())


class ReadingSettings(Part):
    """See `desk.venues.paper.engine.vocabulary.switches.Readings`."""

    countdown_cancels_algos: bool = Field(
        default=False, description="countdownCancelAll cancels conditional orders too."
    )
    forgets: bool = Field(default=True, description="Old final orders are no longer found, as Binance documents.")

    @property
    def terms(self) -> Readings:
        """The engine's own value."""
        return Readings(**self.model_dump())
