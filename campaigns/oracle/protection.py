"""No position without a stop: counts how long one stands bare while the exchange answers, and who does something.

A second counts only while no fault struck: a venue that cannot be reached cannot be asked to rest a stop. Times in ms.
"""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.oracle.allowed import Allowances
from campaigns.oracle.findings import Findings
from desk.domain.orders import Side
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import OrderKind, WorkingType

# The desk reads the list of resting stops every twenty seconds unless it hears of a change.
_UNNOTICED_MS = 21_000


@dataclass
class Bare:
    """A position bare since `since_ms`; `calm_ms` of that the exchange answered, `silent_ms` nobody asked it."""

    since_ms: int
    calm_ms: int = 0
    silent_ms: int = 0


class Protection:
    """The stops of one account, as they rest at the exchange."""

    def __init__(self, exchange: Exchange, account: str, allowances: Allowances, findings: Findings) -> None:
        self._exchange, self._account = exchange, account
        self._allowances, self._findings = allowances, findings
        self._bare: dict[str, Bare] = {}
        self._before_ms: int | None = None
        self.longest_ms = 0
        self.not_ours: set[str] = set()

    def foreign(self, symbol: str) -> None:
        """Somebody else opened this; the desk names it and need not protect it, until it is flat again."""
        self.not_ours.add(symbol)

    def attempted(self, symbol: str, at_ms: int) -> None:
        """A stop or an exit of this symbol left the desk."""
        if symbol in self._bare:
            self._bare[symbol].silent_ms = 0

    def lost(self, symbol: str, at_ms: int) -> None:
        """Somebody took a stop away behind the desk's back, which reads the list of stops only now and then."""
        self._bare[symbol] = Bare(at_ms, calm_ms=-_UNNOTICED_MS, silent_ms=-_UNNOTICED_MS)

    def looked(self, at_ms: int, *, calm: bool) -> None:
        """A step is over."""
        # A look stands for a second at most: where a campaign lets hours pass, the desk had no look in them.
        passed = 0 if self._before_ms is None else min(1000, at_ms - self._before_ms)
        self._before_ms = at_ms
        self.not_ours &= {symbol for symbol, _ in self._exchange.quantities(self._account)}
        naked = [symbol for symbol in self.naked() if symbol not in self.not_ours]
        self._bare = {symbol: self._bare.get(symbol, Bare(at_ms)) for symbol in naked}
        for symbol, bare in self._bare.items():
            if bare.since_ms < at_ms and calm:
                bare.calm_ms += passed
                bare.silent_ms += passed
            self.longest_ms = max(self.longest_ms, bare.calm_ms)
            self._judge(symbol, bare)

    def naked(self) -> list[str]:
        """Symbols held without a stop that closes all of it at the mark, on the side where the position loses."""
        held = self._exchange.quantities(self._account)
        if not held:
            return []
        resting = {
            (algo.symbol, algo.side)
            for algo in self._exchange.open_algos(self._account)
            if algo.type is OrderKind.STOP_MARKET
            and algo.close_position
            and algo.working_type is WorkingType.MARK_PRICE
        }
        closing = {symbol: Side.SELL if quantity > 0 else Side.BUY for (symbol, _), quantity in held.items()}
        return [symbol for symbol, side in closing.items() if (symbol, side) not in resting]

    def _judge(self, symbol: str, bare: Bare) -> None:
        if bare.calm_ms > self._allowances.naked_ms and bare.silent_ms > self._allowances.silent_ms:
            self._findings.broken("I7", f"{symbol} has no stop, and nothing was sent for {bare.silent_ms} ms")
            bare.calm_ms = bare.silent_ms = 0
