"""One desk hand at the gateway: it sends once, on doubt only queries, and believes nothing it was not told.

    sent, clear answer        the answer's word; never its price
    sent, refused with -4116  somebody delivered it twice: in doubt
    sent, no clear answer     in doubt: asked for until it is found, or denied twice when it can no longer be on its way
    not reached               another try, under another client id

A request is on its way for no longer than its receive window and a copy of the venue lags no more than that (5 s each),
so a denial counts only after `GAP_MS`: an earlier one may be true, and the order be accepted after it. And it counts only
when it is heard again as long after, because the venue has been seen to deny what it holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Protocol, cast

from benchmarks.venue_soak.ledger import Known, KnownOrder, KnownStop, Ledger, Word
from desk.domain.account import SymbolRules
from desk.domain.errors import DataError, OutcomeUnknownError, VenueError, VenueRejectedError, VenueUnavailableError
from desk.domain.moments import from_ms
from desk.domain.money import ZERO, round_to
from desk.domain.orders import OrderRequest, OrderType, Side, StopRequest, StopType, TimeInForce
from desk.venues.binance import BinanceGateway

GAP_MS = 11_000
TRIES = 3
LEVERAGE = 5
LOOK_EVERY = 3
_DELIVERED_TWICE = -4116
_LARGEST = Decimal(6_000)
_MOST_QUERIES = 40


class Clock(Protocol):
    """The venue's time, which passes only when somebody lets it."""

    now_ms: int

    def advance(self, by_ms: int) -> None:
        """Let it pass: prices move, stops trigger."""
        ...


class Trader:
    """Trades `symbols` by dice of its own. Plants override the method in which their defect sits."""

    def __init__(
        self,
        gateway: BinanceGateway,
        ledger: Ledger,
        clock: Clock,
        rules: Mapping[str, SymbolRules],
        *,
        seed: int,
    ) -> None:
        self.gateway, self.ledger, self.clock, self.rules = gateway, ledger, clock, rules
        self.symbols: Sequence[str] = tuple(rules)
        self.die = Random(f"{seed}/trader")
        self.began = from_ms(clock.now_ms)
        self.marks: dict[str, Decimal] = {}
        self._number = 0
        acts = {
            self.enter: 24, self.reduce: 12, self.close: 7, self.rest: 16, self.snatch: 7, self.cancel: 12,
            self.stop: 16, self.cancel_stop: 8, self.query: 8, self.prepare: 3, self.count: 4,
        }  # fmt: skip
        self._acts, self._weights = list(acts), list(acts.values())

    # One cycle

    def cycle(self, number: int) -> None:
        """Two acts, and every third time a look at everything; then the market moves."""
        self.wait_out()
        symbol = self.die.choice(self.symbols)
        if number % LOOK_EVERY == 1:
            self.read_marks()
        for act in self.die.choices(self._acts, self._weights, k=2):
            act(symbol)
        if number % LOOK_EVERY == 0:
            self.look()
        self.clock.advance(self.die.randrange(30_000, 120_000))

    def look(self) -> None:
        """Read fills and both lists; whatever is not in its list any more is asked for."""
        self.read_fills(from_ms(self.clock.now_ms // 3_600_000 * 3_600_000 - 3_600_000))
        self.read_orders()
        self.read_stops()
        self.settle_doubts()

    def settle(self) -> None:
        """At the end, when nothing fails any more: everything is asked until nothing is open to doubt."""
        self.wait_out()
        self.settle_doubts()
        self.read_orders()
        self.read_stops()
        for symbol in self.symbols:
            self.ledger.book(self.gateway.fills(symbol, self.began))
        self.ledger.book_funding(self.gateway.income(self.began))

    # Acts

    def enter(self, symbol: str) -> None:
        """A market order that opens or adds; one that would make the position too large closes instead."""
        held = self.ledger.position(symbol)
        mark = self.marks.get(symbol)
        if mark is None:
            return
        if abs(held) * mark > _LARGEST:
            self.close(symbol)
            return
        side = self.die.choice((Side.BUY, Side.SELL))
        self.order(symbol, side, OrderType.MARKET, self.quantity(symbol, mark))

    def reduce(self, symbol: str) -> None:
        """A reduce-only market order for a part of what is believed to be held."""
        held = self.ledger.position(symbol)
        part = round_to(abs(held) / 2, self.rules[symbol].market_step)
        if part > ZERO:
            side = Side.SELL if held > ZERO else Side.BUY
            self.order(symbol, side, OrderType.MARKET, part, reduce_only=True)

    def close(self, symbol: str) -> None:
        """A reduce-only market order for all that is believed to be held."""
        held = self.ledger.position(symbol)
        if held != ZERO:
            side = Side.SELL if held > ZERO else Side.BUY
            self.order(symbol, side, OrderType.MARKET, abs(held), reduce_only=True)

    def rest(self, symbol: str) -> None:
        """A limit order a little away from the mark, post-only or not."""
        away = Decimal("0.0008") * self.die.randrange(1, 6)
        self._limit(symbol, away, self.die.choice((TimeInForce.GTC, TimeInForce.GTX)))

    def snatch(self, symbol: str) -> None:
        """A limit order through the mark that may not rest."""
        self._limit(symbol, Decimal("-0.002"), TimeInForce.IOC)

    def cancel(self, symbol: str) -> None:
        """Cancel an order that is believed to rest. Whether it was cancelled is what the venue says later."""
        resting = [o for o in self.ledger.orders.values() if not o.final and o.asked.symbol == symbol]
        if resting:
            self.drop_order(self.die.choice(resting))

    def cancel_stop(self, symbol: str) -> None:
        """Cancel a stop that is believed to rest."""
        resting = [s for s in self.ledger.stops.values() if not s.final and s.asked.symbol == symbol]
        if resting:
            self.drop_stop(self.die.choice(resting))

    def stop(self, symbol: str) -> None:
        """A stop or a target close to the mark, for what is believed to be held."""
        held, mark = self.ledger.position(symbol), self.marks.get(symbol)
        if held == ZERO or mark is None:
            return
        kind = self.die.choice((StopType.STOP_MARKET, StopType.TAKE_PROFIT_MARKET))
        side = Side.SELL if held > ZERO else Side.BUY
        away = Decimal("0.0005") * self.die.randrange(2, 9) * (1 if kind is StopType.TAKE_PROFIT_MARKET else -1)
        trigger = round_to(mark * (1 - side.sign * away), self.rules[symbol].tick)
        for intent, client_id in self._tries("s"):
            asked = StopRequest(symbol=symbol, side=side, type=kind, trigger=trigger, client_id=client_id)
            if self.send_stop(KnownStop(asked, intent)) is not Word.UNREACHED:
                return

    def query(self, symbol: str) -> None:
        """Ask for something that was sent, whatever became of it."""
        known: list[Known] = [*self.ledger.orders.values(), *self.ledger.stops.values()]
        mine = [one for one in known if one.asked.symbol == symbol and one.word is Word.TAKEN]
        if mine:
            self.ask(self.die.choice(mine))

    def prepare(self, symbol: str) -> None:
        """Set margin and leverage again."""
        self.tolerate(lambda: self.gateway.prepare(symbol, LEVERAGE))

    def count(self, symbol: str) -> None:
        """Read the account; funding is booked from the wallet's changes."""
        del symbol
        self.tolerate(self.gateway.account)
        since = from_ms(self.clock.now_ms) - timedelta(days=1)
        self.tolerate(lambda: self.ledger.book_funding(self.gateway.income(since)))

    # Sending

    def order(
        self, symbol: str, side: Side, kind: OrderType, quantity: Decimal, *, reduce_only: bool = False,
        price: Decimal | None = None, time_in_force: TimeInForce | None = None,
    ) -> None:  # fmt: skip
        """Send an order; where the venue was certainly not reached, try again under another id."""
        for intent, client_id in self._tries("o"):
            asked = OrderRequest(
                symbol=symbol, side=side, type=kind, quantity=quantity, client_id=client_id,
                reduce_only=reduce_only, price=price, time_in_force=time_in_force,
            )  # fmt: skip
            if self.send_order(KnownOrder(asked, intent)) is not Word.UNREACHED:
                return

    def send_order(self, known: KnownOrder) -> Word:
        """Write it down, send it once, and take the venue at its word; a doubt is settled before anything else."""
        self.ledger.sent(known)
        try:
            self.acknowledged(known, self.gateway.submit(known.asked))
        except (VenueError, DataError) as error:
            self.answered_badly(known, error)
        return self.doubted(known)

    def send_stop(self, known: KnownStop) -> Word:
        """The same for a conditional order."""
        self.ledger.sent(known)
        try:
            known.view = self.gateway.submit_stop(known.asked)
            known.word = Word.TAKEN
        except (VenueError, DataError) as error:
            self.answered_badly(known, error)
        return self.doubted(known)

    def acknowledged(self, known: KnownOrder, view: object) -> None:
        """The answer to an order proves that it was accepted, and no more: what it did is read."""
        del view
        known.word = Word.TAKEN

    def answered_badly(self, known: Known, error: VenueError | DataError) -> None:
        """What an error proves."""
        if isinstance(error, VenueRejectedError) and error.code != _DELIVERED_TWICE:
            known.word = Word.REFUSED
        elif isinstance(error, VenueUnavailableError):
            known.word = Word.UNREACHED
        else:
            unclear = isinstance(error, OutcomeUnknownError)
            self.ledger.doubts["no clear answer" if unclear else "refused as a duplicate"] += 1

    def doubted(self, known: Known) -> Word:
        """Settle a doubt, if there is one; what was denied twice was not reached, and may be tried anew."""
        if known.word is Word.DOUBT:
            self.resolve(known)
            self.ledger.outcomes[known.word] += 1
        return Word.UNREACHED if known.word is Word.DENIED else known.word

    # Asking

    def resolve(self, known: Known) -> None:
        """Ask until it is found, or denied twice in turn, each time after a gap."""
        denials = 0
        for turn in range(_MOST_QUERIES):
            self.wait_out()
            told = self.ask(known)
            if told is True:
                return
            # Asked at once, because it may be found; but denied at once it may still be on its way.
            denials = denials + 1 if told is False and turn else 0
            if denials == 2:
                known.word = Word.DENIED
                return
            self.clock.advance(GAP_MS)

    def ask(self, known: Known) -> bool | None:
        """Ask the venue: True found, False denied, None no answer. What is found is believed as it was told."""
        try:
            if isinstance(known, KnownOrder):
                order = self.gateway.find(known.asked.symbol, known.asked.client_id)
                if order is None:
                    return False
                known.view = order if known.view is None or not known.view.status.is_final else known.view
            else:
                stop = self.gateway.find_stop(known.asked.symbol, known.asked.client_id)
                if stop is None:
                    return False
                known.view = stop if known.view is None or not known.final else known.view
        except (VenueError, DataError):
            return None
        known.word = Word.TAKEN
        return True

    def drop_order(self, known: KnownOrder) -> None:
        """Cancel; the list and the query tell whether it worked."""
        self.tolerate(lambda: self.gateway.cancel(known.asked.symbol, known.asked.client_id))

    def drop_stop(self, known: KnownStop) -> None:
        """Cancel; the list and the query tell whether it worked."""
        self.tolerate(lambda: self.gateway.cancel_stop(known.asked.symbol, known.asked.client_id))

    # Looking

    def read_marks(self) -> None:
        """Prices to place orders by."""
        self.tolerate(lambda: self.marks.update({s: m.price for s, m in self.gateway.marks(self.symbols).items()}))

    def read_fills(self, since: datetime) -> None:
        """Trades of the last hours, of which most are known."""
        for symbol in self.symbols:
            self.tolerate(lambda symbol=symbol: self.ledger.book(self.gateway.fills(symbol, since)))

    def read_orders(self) -> None:
        """The list tells what rests; what it lacks is asked for one by one."""
        try:
            listed = {view.client_id: view for view in self.gateway.open_orders()}
        except (VenueError, DataError):
            return
        for known in [one for one in self.ledger.orders.values() if not one.final and one.word is Word.TAKEN]:
            if known.asked.client_id in listed:
                known.view = listed[known.asked.client_id]
            else:
                self.ask(known)

    def read_stops(self) -> None:
        """The same for conditional orders, which have a list of their own."""
        try:
            listed = {view.client_id for view in self.gateway.open_stops()}
        except (VenueError, DataError):
            return
        for known in [one for one in self.ledger.stops.values() if not one.final and one.word is Word.TAKEN]:
            if known.asked.client_id not in listed:
                self.ask(known)

    def settle_doubts(self) -> None:
        """Ask for everything that is still in doubt."""
        for known in list(self.ledger.unsettled()):
            if known.word is Word.DOUBT:
                self.resolve(known)

    def tolerate(self, act: Callable[[], object]) -> None:
        """Do what may fail; the next look sees what became of it."""
        try:
            act()
        except (VenueError, DataError):
            return

    def wait_out(self) -> None:
        """Where the venue said to wait, the gateway sends nothing: wait."""
        budget = cast("Mapping[str, float]", self.gateway.report()["budget"])
        if budget["held_seconds"]:
            time.sleep(budget["held_seconds"] + 0.1)

    def quantity(self, symbol: str, mark: Decimal) -> Decimal:
        """A few hundred USDT worth."""
        rules = self.rules[symbol]
        worth = rules.min_notional + self.die.randrange(100, 900)
        return max(round_to(worth / mark, rules.market_step), rules.market_step)

    def _limit(self, symbol: str, away: Decimal, time_in_force: TimeInForce) -> None:
        mark = self.marks.get(symbol)
        if mark is None:
            return
        side = self.die.choice((Side.BUY, Side.SELL))
        price = round_to(mark * (1 - side.sign * away), self.rules[symbol].tick)
        quantity = self.quantity(symbol, mark)
        self.order(symbol, side, OrderType.LIMIT, quantity, price=price, time_in_force=time_in_force)

    def _tries(self, letter: str) -> list[tuple[str, str]]:
        """Client ids for one intent: the number never repeats, and each try has its own."""
        self._number += 1
        intent = f"{letter}{self._number}"
        return [(intent, f"soak-{intent}-{attempt}") for attempt in range(1, TRIES + 1)]
