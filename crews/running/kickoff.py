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
from types import TracebackType
from typing import TYPE_CHECKING, Self

from config import live
from config.leaks import secret_values
from config.loader import DeskConfig
from crews.learning.outcomes import Outcomes
from crews.learning.remembering import open_memory, remember
from crews.record.record import DecisionRecord
from crews.running import pause, processes
from crews.running.clocks import VenueTime
from crews.running.opening import open_desk
from crews.running.pace import Pace, SteppedPace, WallPace
from crews.running.services import Folder, Services
from crews.running.turn import deciding
from crews.seating import setup_of
from crews.spending.costs import open_costs
from crews.view.market import open_market, tell_streams
from crews.view.public_pages import open_news, open_outlook, open_public_pages, tell_sources
from crews.watching.alarms import alarm_briefs
from crews.watching.attention import Attention
from crews.watching.opening import open_lookout, open_rounds
from crews.watching.rounds import CrewName, Turn
from crews.work import runner
from crews.work.progress import Announcer, ProgressKind, ProgressListener, Stage, silent
from crews.work.threads import Ahead
from desk.domain.errors import PrerequisiteError, VenueUnavailableError
from desk.guard.door.client import GuardClient
from desk.guard.secrets.veil import Veil
from desk.guard.vocabulary.status import GuardStatus
from desk.venues.binance.public import open_public
from desk.venues.paper.admin import GONE, PaperAdmin
from memory.audit import AuditLog

if TYPE_CHECKING:
    from crews.learning.advice import Adviser
    from crews.record.bookkeeping import Bookkeeper

_PAUSE_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the operator asked for: symbols (none: the profile's own), crews, rounds (0: no end), listener, phrase."""

    symbols: tuple[str, ...] = ()
    crews: frozenset[CrewName] = frozenset({CrewName.DESK})
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
        except BaseException as error:
            self._point_at_the_log(error)
            self._closing.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._point_at_the_log(error)
        self._closing.close()

    def _point_at_the_log(self, error: BaseException | None) -> None:
        """Whichever request missed the embedded exchange first: when it is gone, its log knows why."""
        if not isinstance(error, VenueUnavailableError) or self._config.profile.venue.base_url:
            return
        if processes.find(self._folder.program("venue")) is None:
            error.hint = GONE

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
        """Every decision as it is made, round by round. Ends after the last, at a stop, or where recorded data end.

        What the lookout calls for is decided before its round is due, and counts as none.
        """
        pace, rounds = self._pace(), 0
        while not self.stopped and (rounds < self._wish.cycles or not self._wish.cycles):
            if not await self._due(pace, first=not rounds):
                self._ended = not self.stopped
                break
            if not await self._may_decide():
                return
            now, held = await asyncio.to_thread(self._look)
            for turn in self._attention.turns(now, held, early=pace.early):
                if not await self._may_decide():
                    return
                record = await self._decide(turn, now)
                await asyncio.to_thread(self._books.decided, record)
                yield record
            rounds += not pace.early
        if not self.stopped:
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

    async def _due(self, pace: Pace, *, first: bool) -> bool:
        """Wait for the next round, or for what calls before it. The first is due at once, unless it only waits anyway.

        Time passed since the last decision of an earlier kickoff too: nobody decides twice on one moment.
        """
        waits = CrewName.DESK not in self._wish.crews
        if first and not pace.early and not waits and not self._audit.decisions(limit=1):
            return True
        with self._telling(Stage.PACE):
            return await pace.next()

    async def _decide(self, turn: Turn, now: datetime) -> DecisionRecord:
        """One turn. Crews that decide on a symbol in one round have a run of their own each."""
        run_id = f"{self._config.profile.name}-{now:%Y%m%dT%H%M%S}.{now.microsecond // 1000:03d}"
        desk = self._desks[turn.crew]
        if turn.crew is CrewName.DESK:
            return await desk.decide(turn.symbol, run_id)
        return await desk.decide(turn.symbol, f"{run_id}-{turn.crew.value}", alarm_briefs(turn.alerts))

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
        self._advice = self._adviser(CrewName.DESK)
        self._books = self._bookkeeper()
        self._news = open_news(self._config, public_pages, self._clock, self._paper)
        self._outlook = open_outlook(self._config, public_pages, self._clock)
        lookout = open_lookout(
            self._config,
            self._symbols,
            self._wish.crews,
            public=public,
            market=self._market,
            clock=self._clock,
            news=self._news,
            closing=closing,
        )
        self._attention = Attention(open_rounds(self._config, self._symbols, self._wish.crews), lookout)
        self._desks = {
            crew: open_desk(
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
                advised=(self._advice if crew is CrewName.DESK else self._adviser(crew)).advise,
                crowd=public,
                flows=lookout,
                crew=crew.value,
            )
            for crew in sorted(self._wish.crews)
        }

    def _bookkeeper(self) -> Bookkeeper:
        # The database library takes a third of a second to import, which no other command should pay.
        from crews.learning.going_on import learning_from
        from crews.record.bookkeeping import Bookkeeper

        pupil = self._advice.pupil
        learn = None if pupil is None else learning_from(pupil)
        books = Bookkeeper(self._config, self._folder, self._audit, self._market, self._advice.word, learn)
        self._closing.callback(books.close)
        return books

    def _adviser(self, crew: CrewName) -> Adviser:
        from crews.learning.advice import Adviser
        from crews.learning.certifying import crew_digest

        return Adviser(self._folder, setup_of(self._config, crew.value).strategy_id, crew_digest(self._config))

    def _pace(self) -> Pace:
        clock, seconds = self._config.profile.clock, self._config.desk.cycle_seconds
        if clock.mode != "stepped" or self._paper is None:
            return WallPace(seconds / clock.speed, stopped=self._stopping.is_set, called=self._attention.called)
        return SteppedPace(
            self._paper,
            self._stepped,
            start_ms=self._paper.status().now_ms,
            cycle_ms=int(seconds * 1000),
            step_ms=clock.substep_seconds * 1000,
            called=self._attention.called,
        )

    def _stepped(self) -> None:
        """After each step of a stepped market: the guard looks at it, and so does whoever looks out."""
        self._guard.sync()
        self._attention.look(self._clock.refresh())

    def _look(self) -> tuple[datetime, frozenset[str]]:
        """Ask the guard to look at the venue, write down what has closed; the venue's time, and what is held."""
        status = self._guard.sync()
        self._outcomes.follow(status)
        self._books.looked(status)
        tell_streams(self._market, self._folder.market_report, self._attention.streams())
        tell_sources(self._clock.now(), self._folder.sources_report, news=self._news, context=self._outlook)
        now = self._clock.refresh()
        self._attention.look(now)
        return now, frozenset(position.symbol for position in status.positions if position.quantity)
