"""A whole desk in one process: the real crew through real CrewAI, the production guard, the production engine.

Models are scripted and everything else is what an operator runs. `Office.decide` is one decision; what was sent to
models, what tools were called and what was proposed stays at hand for whoever judges.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from agents.models import ChatModel
from agents.offline import OfflineModel
from campaigns.crewed.market import CrewsMarket
from campaigns.simulated.world import World
from config.loader import DeskConfig, load_desk
from crews.desk import Audit, Desk
from crews.learning.remembering import Memory
from crews.record.record import DecisionRecord
from crews.seating import setup_of
from crews.setup import DeskSetup
from desk.domain.intents import Intent
from desk.guard.door.wire import GuardAnswer, intent_to_json
from desk.guard.vocabulary.status import GuardStatus
from memory.rows import Entry, Kind
from tools.tool import Eyes


@dataclass
class Door:
    """The guard as the crew reaches it: it may propose, and read. `texts` is everything that came through."""

    world: World
    texts: list[str] = field(default_factory=list[str])

    def state(self) -> GuardStatus:
        """What the guard shows to everybody."""
        return self.world.guard.status()

    def propose(self, intent: Intent) -> GuardAnswer:
        """Ask once."""
        text = intent_to_json(intent)
        self.texts.append(text)
        return self.world.guard.propose(text)


@dataclass
class Rows:
    """The audit log of a run, in memory."""

    entries: list[Entry] = field(default_factory=list[Entry])
    snapshots: list[bytes] = field(default_factory=list[bytes])

    def append_all(self, decision_id: str, entries: Iterable[Entry]) -> None:
        """Keep rows."""
        self.entries.extend(entries)

    def put_snapshot(self, data: bytes) -> str:
        """Keep a snapshot, and name it by its hash."""
        self.snapshots.append(data)
        return hashlib.sha256(data).hexdigest()

    def of(self, kind: Kind, agent: str = "") -> list[Mapping[str, Any]]:
        """The payloads of one kind, of one agent where named."""
        return [one.payload for one in self.entries if one.kind == kind and agent in ("", one.agent)]


class Office:
    """One desk over one world. `models` by agent; who is not named goes by the written rules."""

    def __init__(
        self,
        world: World,
        market: CrewsMarket,
        models: Mapping[str, ChatModel],
        *,
        eyes: Eyes | None = None,
        memory: Memory | None = None,
        setup: DeskSetup | None = None,
        audit: Audit | None = None,
    ) -> None:
        self.world, self.market, self.door, self.rows = world, market, Door(world), Rows()
        self.setup = setup or setup_of(desk_config())
        honest = OfflineModel()
        self._desk = Desk(
            market=market,
            news=market,
            guard=self.door,
            audit=audit or self.rows,
            setup=self.setup,
            models={agent: models.get(agent, honest) for agent in desk_config().agents},
            clock=world.clock,
            eyes=eyes,
            memory=memory,
        )

    def decide(self, symbol: str, run_id: str) -> DecisionRecord:
        """One decision; its rows replace those of the one before."""
        self.rows.entries.clear()
        self.rows.snapshots.clear()
        self.door.texts.clear()
        return asyncio.run(self._desk.decide(symbol, run_id))

    def close(self) -> None:
        """Give back what the desk opened."""
        self._desk.close()


@cache
def desk_config() -> DeskConfig:
    """The packaged demo profile."""
    return load_desk("demo", environ={})
