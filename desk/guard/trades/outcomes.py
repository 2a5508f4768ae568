"""What came of a trade, from its own fills and funding: entry, exit, profit, fees, and why it ended.

The venue is flat before its trade list says so. A trade that is over therefore waits until the books hold its closing
fill and agree with the wallet; only then its outcome is told, and it is never told differently afterwards. Fills of a
position that was never a trade of ours count for nobody.
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.frozen import replace
from desk.domain.money import ZERO
from desk.guard.loss.equity import FUNDING, INSURANCE, book_fill, book_income
from desk.guard.vocabulary.commands import Commands, Tell
from desk.guard.vocabulary.endings import Closing, Ended, Ending, Tab
from desk.guard.vocabulary.facts import Facts, FillFact, IncomeFact
from desk.guard.vocabulary.state import GuardState, Ledger, Phase, Sent, Trade

ENDED_KEPT = 64
CASH_SLACK = Decimal("0.005")
# Looks that an outcome waits for income still on its way, and for fills before nobody can tell any more.
_INCOME_LOOKS = 5
_FILL_LOOKS = 30
# Finer than any venue's money, and what a NUMERIC column keeps.
_PLACES = 18

_BY_NOTE = {
    "stop": Ending.STOP,
    "target": Ending.TARGET,
    "early_exit": Ending.EARLY_EXIT,
    "close": Ending.CREW_CLOSE,
    "manual": Ending.HALT,
    "mark.beyond": Ending.OVERRUN,
    "stop.unconfirmed": Ending.UNPROTECTED,
    "stop.refused": Ending.UNPROTECTED,
    "closed at the venue": Ending.EXTERNAL,
}


def book(state: GuardState, ledger: Ledger, facts: Facts) -> GuardState:
    """The state with the books and tabs after the fills and income in `facts`; each is counted once."""
    for fill in facts.fills:
        after = book_fill(ledger, fill)
        if after is not None:
            state = _note_fill(state, ledger, after, fill)
            ledger = after
    for income in facts.income:
        after = book_income(ledger, income)
        if after is not None:
            ledger = after
            state = _note_income(state, income)
    return state if state.ledger == ledger else replace(state, ledger=ledger)


def _note_fill(state: GuardState, before: Ledger, after: Ledger, fill: FillFact) -> GuardState:
    held, now = before.quantity(fill.symbol), after.quantity(fill.symbol)
    against = held * fill.side.sign < ZERO
    closed = min(abs(held), fill.quantity) if against else ZERO
    opened = fill.quantity - closed
    tab = _tab(state, fill.symbol)
    tab = replace(
        tab,
        opened=tab.opened + opened,
        opened_value=tab.opened_value + opened * fill.price,
        closed=tab.closed + closed,
        closed_value=tab.closed_value + closed * fill.price,
        realized=tab.realized + after.cash - before.cash + fill.fee,
        fees=tab.fees + fill.fee,
        first_ms=tab.first_ms or (fill.at_ms if opened else 0),
        last_ms=fill.at_ms,
        flat=now == ZERO,
    )
    waiting = next((one for one in state.closing if one.symbol == fill.symbol and one.tab is None), None)
    if waiting is None or not tab.flat:
        return _with_tab(state, tab)
    # The next fill of this symbol belongs to the next trade.
    return _with_closing(_without_tab(state, fill.symbol), replace(waiting, tab=tab))


def _note_income(state: GuardState, income: IncomeFact) -> GuardState:
    if income.kind not in (FUNDING, INSURANCE) or not income.symbol:
        return state
    for waiting in state.closing:
        if waiting.symbol == income.symbol and waiting.tab is not None and income.at_ms <= waiting.tab.last_ms:
            return _with_closing(state, replace(waiting, tab=_with_income(waiting.tab, income)))
    return _with_tab(state, _with_income(_tab(state, income.symbol), income))


def _with_income(tab: Tab, income: IncomeFact) -> Tab:
    if income.kind == FUNDING:
        return replace(tab, funding=tab.funding - income.amount)
    return replace(tab, insurance=tab.insurance - income.amount)


def settle(state: GuardState, lived: tuple[Trade, ...], facts: Facts) -> tuple[GuardState, Commands]:
    """After a look: trades of `lived` that are over wait for their books, and those whose books are complete end."""
    ids = {trade.intent_id for trade in lived}
    over = [t for t in state.done if t.phase is Phase.CLOSED and t.intent_id in ids]
    for trade in over:
        state = replace(state, closing=(*state.closing, _closing(state, trade)))
    commands: Commands = ()
    if facts.account is not None and state.ledger is not None:
        agreed = abs(state.ledger.cash - facts.account.wallet) <= CASH_SLACK
        for waiting in state.closing:
            state, told = _advance(state, waiting, agreed=agreed)
            commands = (*commands, *told)
    return _swept(state), commands


def _closing(state: GuardState, trade: Trade) -> Closing:
    return Closing(
        intent_id=trade.intent_id,
        run_id=trade.run_id,
        strategy_id=trade.strategy_id,
        symbol=trade.symbol,
        side=trade.side,
        entry=trade.entry_price,
        ending=ending_of(trade, state),
    )


def ending_of(trade: Trade, state: GuardState) -> Ending:
    """Why this trade ended. A protective order that fired counts before an exit of ours that filled nothing."""
    if trade.exit is None or trade.exit.status is Sent.GONE:
        if any(slot.status is Sent.FIRED for slot in (trade.stop, trade.old_stop) if slot):
            return Ending.STOP
        if trade.target is not None and trade.target.status is Sent.FIRED:
            return Ending.TARGET
    known = _BY_NOTE.get(trade.note)
    if known is not None:
        return known
    return Ending.BREAKER if state.latch is not None and state.latch.reason == trade.note else Ending.FLATTEN


def _advance(state: GuardState, waiting: Closing, *, agreed: bool) -> tuple[GuardState, Commands]:
    tab = waiting.tab
    if tab is None:
        shown = _tab(state, waiting.symbol)
        if shown.flat:
            state, tab = _without_tab(state, waiting.symbol), shown
    looks = waiting.looks + 1
    if tab is not None and (agreed or looks >= _INCOME_LOOKS):
        ended = (*state.ended[-(ENDED_KEPT - 1) :], _ended(waiting, tab))
        return replace(_without_closing(state, waiting), ended=ended), ()
    if tab is None and looks >= _FILL_LOOKS:
        message = f"{waiting.symbol}: the venue tells no fills of {waiting.intent_id}, its outcome stays unknown"
        return _without_closing(state, waiting), (Tell(level="WARNING", message=message),)
    return _with_closing(state, replace(waiting, tab=tab, looks=looks)), ()


def _ended(waiting: Closing, tab: Tab) -> Ended:
    fees = tab.fees + tab.insurance
    return Ended(
        intent_id=waiting.intent_id,
        run_id=waiting.run_id,
        strategy_id=waiting.strategy_id,
        symbol=waiting.symbol,
        side=waiting.side,
        quantity=tab.closed,
        entry_price=round(tab.opened_value / tab.opened, _PLACES) if tab.opened else waiting.entry,
        exit_price=round(tab.closed_value / tab.closed, _PLACES),
        realized=round(tab.realized, _PLACES),
        fees=round(fees, _PLACES),
        funding=round(tab.funding, _PLACES),
        pnl=round(tab.realized, _PLACES) - round(fees, _PLACES) - round(tab.funding, _PLACES),
        opened_at=tab.first_ms,
        closed_at=tab.last_ms,
        ending=Ending.LIQUIDATION if tab.insurance else waiting.ending,
    )


def _swept(state: GuardState) -> GuardState:
    """Without the tabs of symbols that are flat and belong to no trade."""
    if not state.tabs:
        return state
    used = {one.symbol for one in (*state.trades, *state.closing)}
    held = state.ledger.held.keys() if state.ledger else ()
    kept = tuple(tab for tab in state.tabs if tab.symbol in used.union(held))
    return state if kept == state.tabs else replace(state, tabs=kept)


def _tab(state: GuardState, symbol: str) -> Tab:
    return next((tab for tab in state.tabs if tab.symbol == symbol), Tab(symbol=symbol))


def _with_tab(state: GuardState, tab: Tab) -> GuardState:
    others = _without_tab(state, tab.symbol).tabs
    return replace(state, tabs=tuple(sorted((*others, tab), key=lambda one: one.symbol)))


def _without_tab(state: GuardState, symbol: str) -> GuardState:
    return replace(state, tabs=tuple(tab for tab in state.tabs if tab.symbol != symbol))


def _with_closing(state: GuardState, closing: Closing) -> GuardState:
    every = tuple(closing if one.intent_id == closing.intent_id else one for one in state.closing)
    return replace(state, closing=every)


def _without_closing(state: GuardState, closing: Closing) -> GuardState:
    return replace(state, closing=tuple(one for one in state.closing if one.intent_id != closing.intent_id))
