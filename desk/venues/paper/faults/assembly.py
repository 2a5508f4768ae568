"""Bad luck put around a venue: what the wire needs of it, made in one place."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from desk.venues.paper.faults.answers import FaultyDoor
from desk.venues.paper.faults.faults import Faults
from desk.venues.paper.faults.plan import FaultPlan
from desk.venues.paper.faults.streams import FaultyOutbox
from desk.venues.paper.venue import PaperVenue
from desk.venues.paper.wire.streams.listen_keys import ListenKeys
from desk.venues.paper.wire.streams.outbox import Outbox


class Luck:
    """The rules at work, the door that requests come through, and the outboxes that messages go through.

    `account_of` names the account that an API key opens, empty for none.
    """

    def __init__(
        self,
        plan: FaultPlan,
        venue: PaperVenue,
        listen_keys: ListenKeys,
        account_of: Callable[[str | None], str],
    ) -> None:
        self.faults = Faults(plan, venue, listen_keys)
        self.door = FaultyDoor(self.faults, account_of)

    def shifted(self, clock: Callable[[], int]) -> Callable[[], int]:
        """`clock` (ms UTC) as the wire shows it, with whatever jumps and drifts there were."""
        return self.faults.shifted(clock)

    def outbox(self, request: web.Request) -> Outbox:
        """What stands between the hub and one connection."""
        return FaultyOutbox(self.faults, request)
