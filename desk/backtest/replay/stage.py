"""The stage of a replay: exchange, account and guard in one process, on one clock, with every fill written down."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal

from desk.backtest.replay.quotes import Bars
from desk.backtest.replay.values import BarClock, Filled
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms
from desk.domain.errors import GuardError
from desk.domain.money import ZERO
from desk.domain.orders import Side
from desk.guard.bounds.limits import Limits
from desk.guard.inprocess import guard_in_process
from desk.guard.vocabulary.state import Mode
from desk.venues.paper.direct import DirectVenue
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.vocabulary.events import AccountEvent, AccountReason, Event, OrderEvent
from desk.venues.paper.engine.vocabulary.instruments import SymbolSpec
from desk.venues.paper.engine.vocabulary.orders import Trade

ACCOUNT = "desk"
# Looks while something is unsettled: an exit is proven within three or four.
_LOOKS = 12


@dataclass(slots=True)
class Holding:
    """A position as its fills tell it."""

    side: int
    row: int
    quantity: Decimal = ZERO
    left: Decimal = ZERO
    paid: Decimal = ZERO
    got: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO


@dataclass
class Stage:
    """One account on one market. Everything on it is the desk's own code; only time is not."""

    tape: Tape
    specs: Sequence[SymbolSpec]
    terms: AccountTerms
    limits: Limits
    row: int = 0
    looks: int = 0
    resets: int = 0
    held: dict[str, Holding] = field(default_factory=dict[str, Holding])
    trades: list[Filled] = field(default_factory=list[Filled])

    def __post_init__(self) -> None:
        tape, fee = self.tape, Decimal(repr(self.terms.taker_fee))
        specs = {spec.symbol: replace(spec, taker_fee=fee) for spec in self.specs}
        self.bars = [Bars(tape, at, specs[name], self.terms.slippage) for at, name in enumerate(tape.symbols)]
        began = int(tape.open_time[0])
        self.clock = BarClock(began, began)
        self.exchange = Exchange(specs, now_ms=lambda: self.clock.ms)
        self.exchange.open_account(ACCOUNT, Decimal(repr(self.terms.deposit)))
        for bars in self.bars:
            self.exchange.apply(bars.opening(0))
        self.venue = DirectVenue(exchange=self.exchange, name=ACCOUNT, now_ms=lambda: self.clock.ms)
        self.guard = guard_in_process(
            self.venue,
            filters=self.venue.rules(),
            limits=self.limits,
            clock=self.clock,
            virtual=True,
            tell=lambda level, message: None,
        )

    # ---- time ----

    def open_bar(self, row: int) -> None:
        """Stand at the open of a bar."""
        self.row = row
        self._move(int(self.tape.open_time[row]))
        if row:
            for bars in self.bars:
                self.exchange.apply(bars.opening(row))
        self._passed()
        if self.guard.state.mode is Mode.LOCKED:
            self._open_again()

    def live_bar(self) -> None:
        """Live through the bar. Where nobody holds, nothing in it can matter: its open was enough."""
        if not self.held:
            return
        sides = {name: one.side for name, one in self.held.items()}
        parts = [bars.inside(self.row, sides.get(bars.symbol, 0)) for bars in self.bars]
        for moment in zip(*parts, strict=True):
            self._move(moment[0].at_ms)
            for quote in moment:
                self.exchange.apply(quote)
            self._passed()

    def wait(self, seconds: int) -> bool:
        """Let time pass at the price that stands; False where the bar's own way would have gone on by then."""
        later = self.clock.ms + seconds * 1000
        if later >= int(self.tape.open_time[self.row]) + self.tape.step_ms // 3:
            return False
        self._move(later)
        self._passed()
        return True

    def settle(self) -> None:
        """Look until nothing is unsettled, and write down what was filled."""
        for _ in range(_LOOKS):
            if not self.guard.restless:
                break
            self._look()
        self._write_down(self.exchange.drain_events())

    def _move(self, to_ms: int) -> None:
        # An operator's reset takes a minute, in which bars of a minute go on.
        self.clock.ms = max(self.clock.ms, to_ms)

    def _passed(self) -> None:
        self.exchange.settle(self.clock.ms)
        self._look()
        self.settle()

    def _look(self) -> None:
        self.looks += 1
        self.guard.look()

    def _open_again(self) -> None:
        """What a person does in the morning after: both steps of a reset, as far as the guard lets them."""
        with suppress(GuardError):
            code, _ = self.guard.request_reset("the replay goes on")
            self.clock.ms += self.limits.cooldown_seconds * 1000
            self.guard.confirm_reset(code)
            self.resets += 1

    # ---- books ----

    def _write_down(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, OrderEvent) and event.trade is not None:
                self._fill(event.trade)
            elif isinstance(event, AccountEvent) and event.reason is AccountReason.FUNDING_FEE:
                holding = self.held.get(event.symbol)
                if holding is not None:
                    holding.funding += sum((row.change for row in event.balances), ZERO)

    def _fill(self, trade: Trade) -> None:
        sign = 1 if trade.side is Side.BUY else -1
        holding = self.held.get(trade.symbol)
        if holding is None:
            holding = self.held[trade.symbol] = Holding(side=sign, row=self.row)
        holding.fees += trade.fee
        if sign == holding.side:
            holding.quantity += trade.quantity
            holding.left += trade.quantity
            holding.paid += trade.quantity * trade.price
            return
        holding.left -= trade.quantity
        holding.got += trade.quantity * trade.price
        if holding.left <= ZERO:
            self.trades.append(self._closed(trade.symbol, self.held.pop(trade.symbol)))

    def _closed(self, symbol: str, one: Holding) -> Filled:
        return Filled(
            symbol=symbol,
            side=one.side,
            quantity=one.quantity,
            entry_row=one.row,
            exit_row=self.row,
            entry_price=one.paid / one.quantity,
            exit_price=one.got / one.quantity,
            fees=one.fees,
            funding=one.funding,
            net=one.side * (one.got - one.paid) - one.fees + one.funding,
            note=self._note(symbol),
        )

    def _note(self, symbol: str) -> str:
        """Why the guard says the position ended."""
        state = self.guard.state
        ended = (one for one in (*state.trades, *reversed(state.done)) if one.symbol == symbol)
        return next((one.note for one in ended), "")
