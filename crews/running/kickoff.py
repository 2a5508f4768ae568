"""A kickoff: open what the profile needs, decide on each symbol each cycle, let time pass, and leave in order.

What was running before is used and left running; what a kickoff started, it ends. The first Ctrl-C lets the decision at
hand finish, the second drops it; either way stops and targets keep resting at the venue.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Self

from config import live
from config.leaks import secret_values
from config.loader import DeskConfig
from crews.learning.outcomes import Outcomes
from crews.learning.remembering import open_memory, remember
from crews.record.record import DecisionRecord
from crews.running import pause
from crews.running.clocks import VenueTime
from crews.running.opening import open_desk
from crews.running.pace import Pace, SteppedPace, WallPace
from crews.running.services import Folder, Services
from crews.running.turn import deciding
from crews.spending.costs import open_costs
from crews.view.market import open_market, tell_streams
from crews.view.public_pages import open_news, open_outlook, open_public_pages, tell_sources
from crews.work import runner
from crews.work.progress import Announcer, ProgressKind, ProgressListener, Stage, silent
from crews.work.threads import Ahead
from desk.domain.errors import PrerequisiteError
from desk.guard.door.client import GuardClient
from desk.guard.secrets.veil import Veil
from desk.guard.vocabulary.status import GuardStatus
from desk.venues.binance.public import open_public
from desk.venues.paper.admin import PaperAdmin
from memory.audit import AuditLog

if TYPE_CHECKING:
    from crews.learning.advice import Adviser
    from crews.record.bookkeeping import Bookkeeper

_PAUSE_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the operator asked for: symbols (none: the profile's own), rounds (0: no end), listener, live phrase."""

    symbols: tuple[str, ...] = ()
    cycles: int = 1
    progress: ProgressListener = silent
    phrase: str = ""


class Kickoff:
    """One kickoff of one profile, as a context manager: leaving it closes everything and ends what it started."""

    def __init__(self, config: DeskConfig, folder: Folder, wish: Wish) -> None:
        self._config = config
        self._folder = folder
        self._wish = wish
        self._stopping = threading.Event()
        self._ended = False
        self._services = Services(config, folder, phrase=wish.phrase)
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        # Asked first of all: what is refused shall not wait for anything to load. The services ask again.
        live.require_opt_ins(self._config, environ=os.environ, phrase=self._wish.phrase)
        self._refuse_while_paused()
        self._closing.enter_context(deciding(self._folder.root))
        # CrewAI takes seconds to load; the venue and the guard start meanwhile. Whatever fails beside it, that is
        # seen to its end: an interpreter that leaves while a library is half imported on another thread may abort.
        loading = Ahead(runner.load, name="load-crewai")
        self._closing.callback(loading.settle)
        self._closing.callback(self._services.close)
        try:
            with self._telling(Stage.OPEN):
                self._services.open()
                self._connect()
                loading.wait()
        except BaseException:
            self._closing.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def stop(self) -> None:
        """Finish the decision at hand, then stop."""
        self._stopping.set()

    @property
    def stopped(self) -> bool:
        """Whether somebody asked to stop."""
        return self._stopping.is_set()

    @property
    def ended(self) -> bool:
        """Whether the market's recorded data ended before the rounds that were asked for."""
        return self._ended

    def state(self) -> GuardStatus:
        """What the guard says now."""
        return self._guard.state()

    async def decisions(self) -> AsyncIterator[DecisionRecord]:
        """Every decision as it is made, round by round. Ends after the last, at a stop, or where recorded data end."""
        pace = self._pace()
        for round_number in range(self._wish.cycles) if self._wish.cycles else count():
            if self.stopped:
                return
            # Time passed since the last decision of an earlier kickoff too: nobody decides twice on one moment.
            if (round_number or self._audit.decisions(limit=1)) and not await self._wait(pace):
                self._ended = not self.stopped
                break
            if not await self._may_decide():
                return
            now = await asyncio.to_thread(self._look)
            for symbol in self._symbols:
                if not await self._may_decide():
                    return
                record = await self._desk.decide(symbol, self._run_id(now))
                await asyncio.to_thread(self._books.decided, record)
                yield record
        await asyncio.to_thread(self._look)

    def _refuse_while_paused(self) -> None:
        held = pause.paused(self._folder)
        if held is not None:
            name = self._config.profile.name
            raise PrerequisiteError(f"the crew is paused: {held.reason}", hint=f"crew resume --profile {name}")

    async def _may_decide(self) -> bool:
        """Wait out a pause; False when somebody asked to stop."""
        while not self.stopped and pause.paused(self._folder) is not None:
            await asyncio.sleep(_PAUSE_LOOK_SECONDS)
        return not self.stopped

    async def _wait(self, pace: Pace) -> bool:
        with self._telling(Stage.PACE):
            return await pace.next()

    @contextmanager
    def _telling(self, stage: Stage) -> Iterator[None]:
        """Announce what belongs to no decision: the opening, and time that passes."""
        announcer = Announcer(self._wish.progress, decision_id="", symbol=self._config.profile.label)
        began = time.monotonic()
        announcer.tell(ProgressKind.STAGE_STARTED, stage)
        yield
        announcer.tell(ProgressKind.STAGE_FINISHED, stage, seconds=time.monotonic() - began)

    def _connect(self) -> None:
        services, closing, profile = self._services, self._closing, self._config.profile
        self._guard: GuardClient = closing.enter_context(services.guard())
        self._paper: PaperAdmin | None = services.paper()
        if self._paper is not None:
            closing.callback(self._paper.close)
        public = open_public(services.venue_url)
        closing.callback(public.close)
        stepped = profile.clock.mode == "stepped"
        self._clock = VenueTime(public.server_time, stands_still=stepped, speed=profile.clock.speed)
        veil = Veil(*secret_values(os.environ), self._folder.crew_token.read_text().strip())
        self._audit = AuditLog(self._folder.audit, self._clock, veil=veil)
        closing.callback(self._audit.close)
        costs = open_costs(self._config, self._folder, closing)
        memory = open_memory(self._config, self._folder, costs.book)
        self._outcomes = Outcomes(self._audit, partial(remember, memory, self._audit))
        self._symbols = self._wish.symbols or self._config.desk.symbols
        self._market = open_market(public, self._config, self._symbols, closing)
        public_pages = open_public_pages(self._config, self._folder, closing)
        self._advice = self._adviser()
        self._books = self._bookkeeper()
        self._news = open_news(self._config, public_pages, self._clock, self._paper)
        self._outlook = open_outlook(self._config, public_pages, self._clock)
        self._desk = open_desk(
            self._config,
            market=self._market,
            news=self._news,
            outlook=self._outlook,
            guard=self._guard,
            audit=self._audit,
            clock=self._clock,
            progress=self._wish.progress,
            closing=closing,
            costs=costs,
            weights=self._books.weights,
            memory=memory,
            advised=self._advice.advise,
        )

    def _bookkeeper(self) -> Bookkeeper:
        # The database library takes a third of a second to import, which no other command should pay.
        from crews.learning.going_on import learning_from
        from crews.record.bookkeeping import Bookkeeper

        pupil = self._advice.pupil
        learn = None if pupil is None else learning_from(pupil)
        books = Bookkeeper(self._config, self._folder, self._audit, self._market, self._advice.word, learn)
        self._closing.callback(books.close)
        return books

    def _adviser(self) -> Adviser:
        from crews.learning.advice import Adviser

        return Adviser(self._folder, self._config.desk.decision.strategy_id)

    def _pace(self) -> Pace:
        clock, seconds = self._config.profile.clock, self._config.desk.cycle_seconds
        if clock.mode != "stepped" or self._paper is None:
            return WallPace(seconds / clock.speed, stopped=self._stopping.is_set)
        return SteppedPace(
            self._paper,
            self._guard.sync,
            start_ms=self._paper.status().now_ms,
            cycle_ms=int(seconds * 1000),
            step_ms=clock.substep_seconds * 1000,
        )

    def _look(self) -> datetime:
        """Ask the guard to look at the venue, write down what has closed, and take the venue's time."""
        status = self._guard.sync()
        self._outcomes.follow(status)
        self._books.looked(status)
        tell_streams(self._market, self._folder.market_report)
        tell_sources(self._clock.now(), self._folder.sources_report, news=self._news, context=self._outlook)
        return self._clock.refresh()

    def _run_id(self, now: datetime) -> str:
        return f"{self._config.profile.name}-{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03d}"
