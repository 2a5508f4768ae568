"""The engine's only door: every request an account may make of the venue, and every way the market may move.

Pure: no I/O and no wall clock. Every figure is `Decimal`, every time ms UTC. A request either happens entirely or
raises `Refusal` and has changed nothing. Whoever calls it must serialise calls: the engine holds no lock. What can be
asked without changing anything is in `questions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from desk.domain.errors import DataError
from desk.domain.money import ZERO
from desk.venues.paper.engine.money import conversion, purse, terms
from desk.venues.paper.engine.moves import endings, movement, path
from desk.venues.paper.engine.questions import Questions
from desk.venues.paper.engine.storage import durable, restoring
from desk.venues.paper.engine.storage.records import Row
from desk.venues.paper.engine.trading import admission, arrivals, conditional, requests, triggers
from desk.venues.paper.engine.values import (
    AlgoOrder,
    Event,
    MarginChange,
    NewAlgo,
    NewOrder,
    Order,
    OrderChange,
    PositionSide,
    Quote,
    SymbolSettings,
)


class Exchange(Questions):
    """A futures venue with any number of accounts: `Exchange(specs, now_ms=clock, house=House(...))`."""

    # ---- the market ----

    def apply(self, quote: Quote) -> None:
        """Move one symbol's price along the way to `quote`.

        Every conditional order, resting limit and liquidation level on the way is met in price order, with the book
        built around that level. A quote with `gap` jumps instead: what lies between triggers at the new book.

        Raises:
            DataError: for an unlisted symbol, a price not above zero, or a quote older than the last one.
        """
        floor = self._floor
        market = floor.markets.get(quote.symbol)
        if market is None:
            raise DataError(f"quote of {quote.symbol!r}, which the paper venue does not list")
        if quote.price <= ZERO or quote.at_ms < market.at_ms:
            raise DataError(f"quote of {quote.symbol} at {quote.at_ms} has no place after {market.at_ms} or no price")
        floor.moving_ms = quote.at_ms
        try:
            movement.advance(floor, market, quote)
        finally:
            floor.moving_ms = None

    def let_wake(self, wake: Callable[[str], None]) -> None:
        """Have `wake` apply a symbol's quotes when somebody first asks for a price that it has not."""
        self._floor.wake = wake

    def settle(self, now_ms: int) -> None:
        """Charge every funding, deliver every contract and end every order that is due at `now_ms`."""
        movement.settle(self._floor, now_ms)

    # ---- orders ----

    def place_order(self, account: str, new: NewOrder) -> Order:
        """Accept and match an order; the answer is the order after matching. Raises Refusal with nothing changed.

        On a venue with latency the answer is the accepted order, which meets the book with a later quote.
        """
        floor, owner = self._floor, self._floor.account(account)
        market, new = admission.admit(floor, owner, new)
        order = arrivals.submit(floor, market, admission.new_order(floor, owner, new))
        path.react(floor, market)
        return owner.orders[order.order_id]

    def check_order(self, account: str, new: NewOrder) -> Order:
        """The order, under id 0, that `place_order` would accept; or its Refusal. Nothing is placed."""
        owner = self._floor.account(account)
        _, new = admission.admit(self._floor, owner, new)
        return admission.drafted(self._floor, owner, new, 0)

    def amend_order(self, account: str, change: OrderChange) -> Order:
        """Change price and quantity of an open limit order; it keeps its id and goes to the back of the queue."""
        floor, owner = self._floor, self._floor.account(account)
        found = requests.find_order(owner, change.symbol, change.order_id, change.client_id)
        order = requests.amend_order(floor, owner, found, change)
        path.react(floor, floor.markets[change.symbol])
        return owner.orders[order.order_id]

    def cancel_order(
        self, account: str, symbol: str, order_id: int | None = None, client_id: str | None = None
    ) -> Order:
        """Cancel an open order. Raises Refusal -2011 when there is none."""
        owner = self._floor.account(account)
        return requests.cancel_order(self._floor, requests.find_order(owner, symbol, order_id, client_id))

    def cancel_all(self, account: str, symbol: str) -> Sequence[Order]:
        """Cancel every open ordinary order of `symbol`; conditional orders stay, as on Binance."""
        return requests.cancel_all(self._floor, self._floor.account(account), symbol)

    def set_countdown(self, account: str, symbol: str, countdown_ms: int) -> None:
        """Cancel the symbol's open orders unless asked again within `countdown_ms`; 0 stops the countdown."""
        endings.set_countdown(self._floor, self._floor.account(account), symbol, countdown_ms)

    def place_algo(self, account: str, new: NewAlgo) -> AlgoOrder:
        """Rest a conditional order. No margin is checked before it triggers."""
        floor, owner = self._floor, self._floor.account(account)
        market = conditional.admit(floor, owner, new)
        algo = triggers.place(floor, market, owner, new)
        path.react(floor, market)
        return owner.algos[algo.algo_id]

    def cancel_algo(self, account: str, algo_id: int | None = None, client_id: str | None = None) -> AlgoOrder:
        """Cancel a resting conditional order. Raises Refusal -2011 when there is none."""
        owner = self._floor.account(account)
        return requests.cancel_algo(self._floor, owner, requests.find_algo(owner, algo_id, client_id))

    def cancel_all_algos(self, account: str, symbol: str) -> Sequence[AlgoOrder]:
        """Cancel every resting conditional order of `symbol`."""
        return requests.cancel_all_algos(self._floor, self._floor.account(account), symbol)

    def veto_triggers(self, veto: Callable[[AlgoOrder], str | None]) -> None:
        """Ask `veto` whenever a conditional order triggers: a reason rejects it, as a failed margin check would."""
        self._floor.veto = veto

    # ---- the account ----

    def open_account(
        self, name: str, deposit: Decimal, *, others: Mapping[str, Decimal] | None = None, fee_tier: int = 0
    ) -> None:
        """Open an account holding `deposit` USDT and, by asset, `others`. One that exists is left as it is.

        Raises:
            DataError: for an asset that is no margin asset, a debt, or a VIP tier that does not exist.
        """
        purse.open_account(self._floor, name, {"USDT": deposit, **(others or {})}, fee_tier)

    def set_leverage(self, account: str, symbol: str, leverage: int) -> SymbolSettings:
        """Raises Refusal -4028 outside the brackets, -2027 below what is held, -4161 lowering an isolated one's."""
        return terms.set_leverage(self._floor, self._floor.account(account), symbol, leverage)

    def set_margin_type(self, account: str, symbol: str, *, isolated: bool) -> None:
        """Raises Refusal -4046 when it is so already, -4047 with open orders, -4048 with a position."""
        terms.set_margin_type(self._floor, self._floor.account(account), symbol, isolated=isolated)

    def set_position_mode(self, account: str, *, hedge: bool) -> None:
        """Raises Refusal -4059 when it is so already, -4067 with an open order, -4068 with a position."""
        terms.set_position_mode(self._floor, self._floor.account(account), hedge=hedge)

    def set_multi_assets(self, account: str, *, on: bool) -> None:
        """Raises Refusal -4171 (no change), -4170 (orders), -4167 (isolated), -4172 (debts) or -4169 (margin)."""
        terms.set_multi_assets(self._floor, self._floor.account(account), on=on)

    def set_fee_burn(self, account: str, *, on: bool) -> None:
        """Pay fees in BNB at a discount while there is any, or always in the margin asset."""
        terms.set_fee_burn(self._floor, self._floor.account(account), on=on)

    def adjust_margin(
        self, account: str, symbol: str, amount: Decimal, *, add: bool, side: PositionSide = PositionSide.BOTH
    ) -> MarginChange:
        """Move margin between the cross wallet and an isolated position's wallet."""
        floor, owner = self._floor, self._floor.account(account)
        change = terms.adjust_margin(floor, owner, symbol, amount, add=add, side=side)
        path.react(floor, floor.markets[symbol])
        return change

    def convert(self, account: str, sold: str, paid: Decimal, bought: str, received: Decimal) -> None:
        """Exchange `paid` of one asset for `received` of another. Raises Refusal -2018 where so much is not free."""
        conversion.convert(self._floor, self._floor.account(account), sold, paid, bought, received)

    # ---- announcements and durable storage ----

    def drain_events(self) -> list[Event]:
        """Everything announced since the last call, in order; the list is then empty."""
        events, self._floor.events = self._floor.events, []
        return events

    def changed(self) -> Sequence[Row]:
        """The rows that changed since `note_saved` was last called."""
        return durable.changed_rows(self._floor)

    def note_saved(self) -> None:
        """Everything in `changed` is safely stored."""
        self._floor.dirty.clear()

    def dump(self) -> Sequence[Row]:
        """Every row: two exchanges with equal dumps behave alike."""
        return durable.all_rows(self._floor)

    def restore(self, rows: Iterable[Row]) -> None:
        """Fill this exchange, on which nothing has happened yet, with stored rows.

        Raises:
            JournalError: when a row cannot be read or belongs to nothing listed here.
        """
        restoring.restore(self._floor, rows)
