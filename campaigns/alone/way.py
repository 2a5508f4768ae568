"""A way to the exchange without chance: a scene says which questions go unanswered and which requests get lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from campaigns.simulated.network import Killed, Network
from campaigns.simulated.world import ACCOUNT, World
from desk.domain.account import AccountView, Income
from desk.domain.errors import OutcomeUnknownError, VenueUnavailableError
from desk.domain.orders import Fill, OrderRequest, OrderView, StopRequest, StopView
from desk.guard.door.wire import GuardAnswer
from desk.venues.paper.direct import DirectVenue
from desk.venues.paper.engine.values import OrderKind

CALM = 0.00001


class Way(Network):
    """Keeps `desk.ports.TradingVenue`. Everything that fails was asked for by name, and counts as a fault that struck.

    `unread` are names of questions that get no answer. `lost` takes an order or a stop that leaves and never arrives;
    `fatal` is an entry that leaves, arrives so many ms later, and whose guard is killed at once. `blinding` is one
    after which the account cannot be read any more.
    """

    unread: frozenset[str] = frozenset()
    lost: Callable[[OrderRequest | StopRequest], bool] | None = None
    uncancelled = False
    fatal: int | None = None
    blinding = False

    def account(self) -> AccountView:
        self._answers("account")
        return super().account()

    def open_stops(self) -> tuple[StopView, ...]:
        self._answers("open_stops")
        return super().open_stops()

    def fills(self, symbol: str, since: datetime) -> tuple[Fill, ...]:
        self._answers("fills")
        return super().fills(symbol, since)

    def income(self, since: datetime) -> tuple[Income, ...]:
        self._answers("income")
        return super().income(since)

    def find(self, symbol: str, client_id: str) -> OrderView | None:
        self._answers("find")
        return super().find(symbol, client_id)

    def find_stop(self, symbol: str, client_id: str) -> StopView | None:
        self._answers("find_stop")
        return super().find_stop(symbol, client_id)

    def submit(self, order: OrderRequest) -> OrderView:
        if self.fatal is not None and not order.reduce_only:
            self._tell(self._judge.order, order, self._clock.ms)
            self._late.append((self._clock.ms + self.fatal, order))
            self.fatal = None
            self.struck += 1
            raise Killed
        if self.lost is not None and self.lost(order):
            self._tell(self._judge.order, order, self._clock.ms)
            self._tell(self._judge.sizes.landed, order.client_id)
            self._loses()
        if self.blinding:
            self.unread |= {"account"}
        return super().submit(order)

    def submit_stop(self, stop: StopRequest) -> StopView:
        if self.lost is not None and self.lost(stop):
            self._tell(self._judge.stop, stop, self._clock.ms)
            self._loses()
        return super().submit_stop(stop)

    def cancel(self, symbol: str, client_id: str) -> None:
        if self.uncancelled:
            self._loses()
        super().cancel(symbol, client_id)

    def _answers(self, question: str) -> None:
        if question in self.unread:
            self.struck += 1
            raise VenueUnavailableError("no answer")

    def _loses(self) -> None:
        self.struck += 1
        raise OutcomeUnknownError("no answer")


@dataclass
class Scene(World):
    """A quiet market and a way that fails as it is told."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.network.calm = True
        self.market.nerves, self.market.drift = CALM, 0.0

    def _way(self, venue: DirectVenue) -> Way:
        self.way = Way(venue, self.judge, self.clock, self.dice, frozenset())
        return self.way

    def ask(self, symbol: str, action: str, **shape: str) -> str:
        """The text of an intent of full conviction; it is not handed in yet."""
        shape = {"conviction": "1", "stop_pct": "0.02", "target_pct": "0.1", **shape}
        return self.crew.ask(self.mark(symbol), self.clock.ms, symbol, action, **shape)

    def hand_in(self, text: str) -> GuardAnswer:
        """The guard's answer; the guard does not look afterwards."""
        return self.guard.propose(text)

    def open(self, symbol: str, **shape: str) -> None:
        """A position, long or short, that is protected before anything fails."""
        action = self.dice.choice(("OPEN_LONG", "OPEN_SHORT"))
        self.step(lambda: self.propose(self.ask(symbol, action, **shape)), 1.0)
        self.expects(self.held(symbol) != 0, "I12", f"{symbol} could not be opened")

    def looks(self, seconds: float, each: float = 0.25) -> None:
        """Time passes, and the guard looks four times a second."""
        until = self.clock.ms + int(seconds * 1000)
        while self.clock.ms < until:
            self.step(lambda: None, each)

    def held(self, symbol: str) -> Decimal:
        """The signed quantity at the exchange."""
        return sum((row.quantity for row in self.exchange.positions(ACCOUNT, symbol)), Decimal(0))

    def stops(self, symbol: str) -> list[str]:
        """The names of the stops that rest at the exchange."""
        resting = self.exchange.open_algos(ACCOUNT)
        return [one.client_id for one in resting if one.symbol == symbol and one.type is OrderKind.STOP_MARKET]

    def expects(self, kept: bool, code: str, sentence: str) -> None:
        """A promise of this scene."""
        if not kept:
            self.judge.findings.broken(code, sentence)
