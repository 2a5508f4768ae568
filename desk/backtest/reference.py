"""The rules of a backtest in plain Python, written to be read; the compiled kernel agrees with it to the last digit.

One bar, in this order: funding is charged on what was held; wishes of the bar before act at the open, exits first, then
entries, symbol by symbol; every position lives through the bar; equity is struck at the close; stops trail onwards.

Inside a bar nobody knows the path, so the worse one is assumed: the adverse extreme comes first, and of stop and
liquidation the nearer. A gap over a level fills at the open. A stop never trails on the bar that moved it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from desk.backtest.outcome import Exit, Outcome
from desk.backtest.plan import LEAVE_LONG, LEAVE_SHORT, Plan
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms, Contracts
from desk.indicators.columns import Column

# A quantity this close below a whole step counts as whole: division leaves such dust.
DUST = 1e-9


@dataclass(slots=True)
class Position:
    """An isolated position: `margin` moves with funding, `began_with` is what it was opened with."""

    side: int
    quantity: float
    entry: float
    margin: float
    began_with: float
    fee: float
    row: int
    stop: float
    target: float
    best: float
    liquidation: float

    def profit(self, price: float) -> float:
        """Profit at a price, before costs."""
        return self.side * self.quantity * (price - self.entry)

    def beyond(self, price: float, level: float) -> bool:
        """Whether `price` has reached a level that lies on the losing side."""
        return price <= level if self.side > 0 else price >= level


@dataclass(slots=True)
class ReferenceRun:
    """One run of a plan over a tape."""

    tape: Tape
    plan: Plan
    terms: AccountTerms
    contracts: Contracts
    wallet: float = 0.0
    held: dict[int, Position] = field(default_factory=dict[int, Position])
    trades: list[tuple[float, ...]] = field(default_factory=list[tuple[float, ...]])

    def outcome(self) -> Outcome:
        """Play the whole tape."""
        self.wallet = self.terms.deposit
        equity = [self._bar(row) for row in range(len(self.tape))]
        for symbol in sorted(self.held):
            self._close(symbol, len(self.tape) - 1, float(self.tape.close[-1, symbol]), Exit.END)
        if equity:
            equity[-1] = self.wallet
        return Outcome(
            symbols=self.tape.symbols,
            open_time=self.tape.open_time,
            deposit=self.terms.deposit,
            equity=np.array(equity, dtype=np.float64),
            trades=np.array(self.trades, dtype=np.float64).reshape(len(self.trades), 11),
        )

    def _bar(self, row: int) -> float:
        for symbol in sorted(self.held):
            self._charge_funding(symbol, row)
        if row > 0:
            for symbol in range(len(self.tape.symbols)):
                self._leave(symbol, row)
            for symbol in range(len(self.tape.symbols)):
                self._enter(symbol, row)
        for symbol in sorted(self.held):
            self._live(symbol, row)
        equity = self._equity(self.tape.close[row])
        for symbol in sorted(self.held):
            self._trail(symbol, row)
        return equity

    def _equity(self, prices: Column) -> float:
        total = self.wallet
        for symbol in sorted(self.held):
            position = self.held[symbol]
            total += position.margin + position.profit(float(prices[symbol]))
        return total

    def _charge_funding(self, symbol: int, row: int) -> None:
        rate = float(self.tape.funding[row, symbol])
        if rate != 0.0:
            position = self.held[symbol]
            position.margin -= position.side * position.quantity * float(self.tape.open[row, symbol]) * rate
            position.liquidation = self._liquidation(symbol, position)

    def _leave(self, symbol: int, row: int) -> None:
        position = self.held.get(symbol)
        if position is None:
            return
        wish, leave = int(self.plan.enter[row - 1, symbol]), int(self.plan.leave[row - 1, symbol])
        told = leave & (LEAVE_LONG if position.side > 0 else LEAVE_SHORT)
        if told or wish == -position.side:
            self._close(symbol, row, float(self.tape.open[row, symbol]), Exit.WISH)

    def _enter(self, symbol: int, row: int) -> None:
        side = int(self.plan.enter[row - 1, symbol])
        if side == 0 or symbol in self.held:
            return
        price = float(self.tape.open[row, symbol]) * (1.0 + self.terms.slippage * side)
        stop, target, size = self.plan.amounts(row - 1, symbol)
        quantity = self._quantity(symbol, row, price, size)
        if quantity == 0.0:
            return
        notional = quantity * price
        margin, fee = notional / self.terms.leverage, notional * self.terms.taker_fee
        self.wallet -= margin + fee
        position = Position(
            side=side,
            quantity=quantity,
            entry=price,
            margin=margin,
            began_with=margin,
            fee=fee,
            row=row,
            stop=price * (1.0 - side * stop) if stop > 0.0 else -side * math.inf,
            target=price * (1.0 + side * target) if target > 0.0 else side * math.inf,
            best=price,
            liquidation=0.0,
        )
        position.liquidation = self._liquidation(symbol, position)
        self.held[symbol] = position

    def _quantity(self, symbol: int, row: int, price: float, size: float) -> float:
        """Base asset to trade: what is wanted, allowed and affordable, in whole steps; 0 where that is too small."""
        wanted = size * self._equity(self.tape.open[row])
        affordable = self.wallet / (1.0 / self.terms.leverage + self.terms.taker_fee)
        notional = min(wanted, affordable, float(self.contracts.most[symbol]))
        step = float(self.contracts.step[symbol])
        quantity = math.floor(notional / price / step + DUST) * step
        if quantity < self.contracts.min_quantity[symbol] or quantity * price < self.contracts.min_notional[symbol]:
            return 0.0
        return quantity

    def _liquidation(self, symbol: int, position: Position) -> float:
        """The price at which margin and profit no longer exceed maintenance; out of reach where there is none.

        LP = (margin + cum - side x quantity x entry) / (quantity x ratio - side x quantity), the bracket picked again
        at LP until it stands. Source: Binance FAQ b3c689c1f50a44cabb3a84e663b81d93.
        """
        cap, ratio, cum = self.contracts.cap, self.contracts.ratio, self.contracts.cum
        price, bracket = position.entry, -1
        for _ in range(len(cap)):
            again = 0
            while position.quantity * price > cap[again, symbol]:
                again += 1
            if again == bracket:
                break
            bracket = again
            above = position.margin + float(cum[bracket, symbol]) - position.side * position.quantity * position.entry
            below = position.quantity * float(ratio[bracket, symbol]) - position.side * position.quantity
            price = above / below
        return price if price > 0.0 else -position.side * math.inf

    def _live(self, symbol: int, row: int) -> None:
        position, tape = self.held[symbol], self.tape
        opened = float(tape.open[row, symbol])
        worst, best = float(tape.low[row, symbol]), float(tape.high[row, symbol])
        if position.side < 0:
            worst, best = best, worst
        liquidated_first = position.beyond(position.stop, position.liquidation)
        if position.beyond(opened, position.liquidation):
            self._liquidate(symbol, row)
        elif position.beyond(opened, position.stop):
            self._close(symbol, row, opened, Exit.STOP)
        elif (opened - position.target) * position.side >= 0.0:
            self._close(symbol, row, opened, Exit.TARGET)
        elif liquidated_first and position.beyond(worst, position.liquidation):
            self._liquidate(symbol, row)
        elif position.beyond(worst, position.stop):
            self._close(symbol, row, position.stop, Exit.STOP)
        elif (best - position.target) * position.side >= 0.0:
            self._close(symbol, row, position.target, Exit.TARGET)

    def _close(self, symbol: int, row: int, price: float, reason: Exit) -> None:
        position = self.held.pop(symbol)
        filled = price * (1.0 - self.terms.slippage * position.side)
        fee = position.quantity * filled * self.terms.taker_fee
        # An isolated position can lose no more than its margin.
        back = max(position.margin + position.profit(filled) - fee, 0.0)
        self._book(symbol, row, position, filled, fee, back, reason)

    def _liquidate(self, symbol: int, row: int) -> None:
        position = self.held.pop(symbol)
        self._book(symbol, row, position, position.liquidation, 0.0, 0.0, Exit.LIQUIDATION)

    def _book(
        self, symbol: int, row: int, position: Position, price: float, fee: float, back: float, reason: Exit
    ) -> None:
        self.wallet += back
        self.trades.append(
            (
                float(symbol),
                float(position.side),
                position.quantity,
                float(position.row),
                float(row),
                position.entry,
                price,
                position.fee + fee,
                position.margin - position.began_with,
                back - position.began_with - position.fee,
                float(reason),
            )
        )

    def _trail(self, symbol: int, row: int) -> None:
        position, terms = self.held[symbol], self.terms
        side = position.side
        extreme = float(self.tape.high[row, symbol] if side > 0 else self.tape.low[row, symbol])
        if (extreme - position.best) * side > 0.0:
            position.best = extreme
        if terms.trail > 0.0:
            position.stop = _nearer(side, position.stop, position.best * (1.0 - side * terms.trail))
        if (
            terms.break_even_at > 0.0
            and (position.best - position.entry * (1.0 + side * terms.break_even_at)) * side >= 0.0
        ):
            position.stop = _nearer(side, position.stop, position.entry)


def _nearer(side: int, stop: float, other: float) -> float:
    return max(stop, other) if side > 0 else min(stop, other)


def run_reference(tape: Tape, plan: Plan, terms: AccountTerms, contracts: Contracts) -> Outcome:
    """Play a plan over a tape by the plain rules. Slow: the kernel does the same, compiled."""
    return ReferenceRun(tape, plan, terms, contracts).outcome()
