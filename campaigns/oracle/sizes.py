"""How large an order is against every cap, at the moment it leaves, counting all that is open or on its way.

An order is sized on a view of the account and on a price that are some seconds old when it leaves; so the judge takes
the highest equity and the lowest price that were shown in those seconds, and nothing kinder than that.
"""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from fractions import Fraction

from campaigns.oracle.allowed import Allowances, Allowed
from campaigns.oracle.books import DAY_MS, Books
from campaigns.oracle.findings import Findings
from desk.domain.orders import OrderRequest
from desk.venues.paper.engine.exchange import Exchange

MINUTE_MS = 60_000
# Three seconds when it was read, and the way to the exchange.
_RECENT_MS = 10_000


class Sizes:
    """The entries of one account."""

    def __init__(
        self,
        exchange: Exchange,
        account: str,
        allowed: Allowed,
        allowances: Allowances,
        books: Books,
        findings: Findings,
    ) -> None:
        self._exchange, self._account = exchange, account
        self._allowed, self._allowances = allowed, allowances
        self._books, self._findings = books, findings
        self._in_the_air: dict[str, OrderRequest] = {}
        self._sent: list[tuple[int, Fraction]] = []
        self._told: deque[tuple[int, Fraction]] = deque()
        self._shown: deque[tuple[int, dict[str, Decimal]]] = deque()

    def told(self, at_ms: int, equity: Fraction) -> None:
        """A view of the account was handed out."""
        self._told.append((at_ms, equity))
        while self._told[0][0] < at_ms - _RECENT_MS:
            self._told.popleft()

    def shown(self, at_ms: int) -> None:
        """Prices were handed out."""
        self._shown.append((at_ms, {symbol: self._exchange.mark(symbol).mark for symbol in self._allowed.gap}))
        while self._shown[0][0] < at_ms - _RECENT_MS:
            self._shown.popleft()

    def entered(self, order: OrderRequest, at_ms: int) -> None:
        """An entry leaves: against every cap."""
        open_now = self._open()
        if order.symbol in open_now:
            self._findings.broken("I1", f"{order.client_id} adds to {order.symbol}")
        here = Fraction(order.quantity) * self._kindest(order.symbol)
        open_now[order.symbol] = open_now.get(order.symbol, Fraction(0)) + here
        since = at_ms - DAY_MS + self._allowances.on_its_way_ms
        self._sent = [one for one in self._sent if one[0] > since]
        for name, asked, most in self._caps(here, open_now, at_ms):
            if asked > most * (1 + self._allowances.rounding):
                sentence = f"{order.client_id}: {name} {float(asked):.2f} of {float(most):.2f}"
                self._findings.broken("I1", sentence)
        self._sent.append((at_ms, here))
        self._in_the_air[order.client_id] = order

    def landed(self, client_id: str) -> None:
        """An order has arrived at the exchange, or never will."""
        self._in_the_air.pop(client_id, None)

    def mark(self, symbol: str) -> Fraction:
        """The exchange's mark of a symbol now."""
        return Fraction(self._exchange.mark(symbol).mark)

    def seen(self, symbol: str) -> tuple[Fraction, Fraction]:
        """The lowest and the highest mark that was shown in the last seconds, the exchange's own of now among them."""
        marks = [self._exchange.mark(symbol).mark, *(shown[symbol] for _, shown in self._shown if symbol in shown)]
        return Fraction(min(marks)), Fraction(max(marks))

    def _caps(
        self, here: Fraction, open_now: dict[str, Fraction], at_ms: int
    ) -> tuple[tuple[str, Fraction, Fraction], ...]:
        """Each cap: its name, what is asked of it, and the most there is."""
        limits = self._allowed
        equity = max((one for _, one in self._told), default=Fraction(self._exchange.equity(self._account)))
        gross = sum(open_now.values(), Fraction(0))
        gap = sum((notional * limits.gap[symbol] for symbol, notional in open_now.items()), Fraction(0))
        left = equity - self._books.floor() + equity * self._allowances.baseline
        turned = sum((notional for _, notional in self._sent), here)
        since = at_ms - MINUTE_MS + self._allowances.on_its_way_ms
        minute = 1 + sum(1 for at, _ in self._sent if at > since)
        return (
            ("position", here, equity * limits.position),
            ("gross", gross, equity * limits.gross),
            ("leverage", gross, equity * limits.leverage),
            ("gap budget", gap, left),
            ("risk at the nearest stop", here * limits.stop_nearest, equity * limits.risk),
            ("turnover", turned, equity * limits.turnover),
            ("entries a minute", Fraction(minute), Fraction(limits.entries_minute)),
            ("entries a day", Fraction(len(self._sent) + 1), Fraction(limits.entries_day)),
        )

    def _open(self) -> dict[str, Fraction]:
        """Notional by symbol: what is held, and what is on its way."""
        found = {
            symbol: abs(Fraction(quantity)) * self._kindest(symbol)
            for (symbol, _), quantity in self._exchange.quantities(self._account).items()
        }
        for order in self._in_the_air.values():
            notional = Fraction(order.quantity) * self._kindest(order.symbol)
            found[order.symbol] = found.get(order.symbol, Fraction(0)) + notional
        return found

    def _kindest(self, symbol: str) -> Fraction:
        return Fraction(min((marks[symbol] for _, marks in self._shown), default=self._exchange.mark(symbol).mark))
