"""The guard's state in the words of its readers: status for the console, execution for the crew that asked."""

from __future__ import annotations

from decimal import Decimal, localcontext

from desk.domain.intents import Verdict
from desk.domain.money import EXACT, ONE, ZERO
from desk.guard.bounds.rules import Rules
from desk.guard.door.wire import ExecutedOrder, Execution
from desk.guard.loss.equity import Worth, exposures, gap_used, worth
from desk.guard.venue.lookout import Lookout
from desk.guard.vocabulary.endings import Ended
from desk.guard.vocabulary.facts import AccountFact, PositionFact
from desk.guard.vocabulary.state import GuardState, Phase, Slot, Trade, state_hash
from desk.guard.vocabulary.status import (
    ClosedTrade,
    DayStatus,
    DrawdownStatus,
    GapBudgetStatus,
    GuardStatus,
    LatchStatus,
    OpenIntentStatus,
    PositionStatus,
    RollingStatus,
)

_NOBODY = AccountFact(wallet=ZERO, unrealized=ZERO, available=ZERO, positions=(), age_ms=0)


def execution_of(state: GuardState, verdict: Verdict) -> Execution:
    """What became of an intent so far."""
    every = (*state.trades, *reversed(state.done))
    trade = next((one for one in every if verdict.intent_id in (one.intent_id, one.closed_by)), None)
    if trade is None or not verdict.intent_id:
        return Execution(phase="NONE", orders=(), stop=None, target=None, filled=ZERO, average_price=None, note="")
    orders = [ExecutedOrder(role="entry", client_id=trade.entry_id, status=_entry_status(trade))]
    orders += [
        ExecutedOrder(role=role, client_id=slot.client_id, status=slot.status.value)
        for role, slot in (("stop", trade.stop), ("target", trade.target))
        if slot is not None
    ]
    if trade.exit is not None:
        orders.append(ExecutedOrder(role="exit", client_id=trade.exit.client_id, status=trade.exit.status.value))
    return Execution(
        phase=trade.phase.value,
        orders=tuple(orders),
        stop=_trigger(trade.stop),
        target=_trigger(trade.target),
        filled=trade.filled,
        average_price=trade.average,
        note=trade.note or (f"protected after {trade.naked_ms} ms" if trade.phase is Phase.PROTECTED else ""),
    )


def _entry_status(trade: Trade) -> str:
    if trade.phase in (Phase.ENTRY_SENT, Phase.ENTRY_UNKNOWN, Phase.DEAD):
        return trade.phase.value
    return "FILLED" if trade.entry_final else "PARTIALLY_FILLED"


def _trigger(slot: Slot | None) -> Decimal | None:
    return None if slot is None else slot.trigger


def status_of(state: GuardState, lookout: Lookout, rules: Rules, journal_seq: int) -> GuardStatus:
    """The whole state, as of the newest look."""
    with localcontext(EXACT):
        facts = lookout.facts
        account = facts.account or _NOBODY
        now = worth(state, account, facts, rules, lookout.at_ms) if facts.account is not None else None
        used = gap_used(rules, state, exposures(state, account, facts))
        return GuardStatus(
            mode=state.mode.value,
            latch=_latch(state),
            equity=now.equity if now else ZERO,
            wallet=account.wallet,
            available=account.available,
            ledger_equity=now.ledger if now else ZERO,
            transfers=state.ledger.transfers if state.ledger else None,
            peak=_peak(state),
            day=_day(state, now),
            rolling=_rolling(now),
            drawdown=DrawdownStatus(value=_drawn(state, now), limit=rules.limits.drawdown),
            positions=tuple(_position(one, state, lookout.liquidations.get(one.symbol)) for one in account.positions),
            open_intents=tuple(_open_intent(trade) for trade in state.trades),
            closed=tuple(_closed(one) for one in state.ended),
            limits=rules.limits.model_dump(mode="json"),
            gap_budget=GapBudgetStatus(used=used, left=max(ZERO, now.left - used) if now else ZERO),
            venue_time=lookout.at_ms,
            checked_at=lookout.at_ms,
            heartbeat_ms=lookout.mono,
            unexplained=state.unexplained,
            trouble="" if facts.account else facts.trouble,
            proof_needed=rules.proof_needed,
            certified=_certified(rules, lookout.at_ms),
            reset=state.ticket.reason if state.ticket else "",
            state_hash=state_hash(state),
            journal_seq=journal_seq,
        )


def _certified(rules: Rules, at_ms: int) -> tuple[str, ...]:
    return tuple(one.strategy_id for one in rules.certificates if one.issued_ms <= at_ms < one.expires_ms)


def _latch(state: GuardState) -> LatchStatus | None:
    latch = state.latch
    if latch is None:
        return None
    return LatchStatus(reason=latch.reason, at=latch.at_ms, numbers=dict(latch.numbers))


def _peak(state: GuardState) -> Decimal:
    transfers = state.ledger.transfers if state.ledger else ZERO
    return ZERO if state.peak is None else state.peak.equity + transfers


def _day(state: GuardState, now: Worth | None) -> DayStatus:
    if now is None or not state.days or state.ledger is None:
        return DayStatus(date="", baseline=ZERO, limit=ZERO, loss=ZERO, left=ZERO)
    baseline = now.day.reference + state.ledger.transfers
    return DayStatus(
        date=state.days[-1].date, baseline=baseline, limit=now.day.limit, loss=now.day.loss, left=now.day.left
    )


def _rolling(now: Worth | None) -> RollingStatus:
    if now is None:
        return RollingStatus(high=ZERO, loss=ZERO, left=ZERO)
    return RollingStatus(high=now.rolling.reference, loss=now.rolling.loss, left=now.rolling.left)


def _drawn(state: GuardState, now: Worth | None) -> Decimal:
    base = ZERO if state.peak is None or state.ledger is None else state.peak.equity + state.ledger.transfers
    if now is None or base <= ZERO:
        return ZERO
    return round(min(ONE, max(ZERO, now.drawdown.loss / base)), 6)


def _position(fact: PositionFact, state: GuardState, liquidation: Decimal | None) -> PositionStatus:
    trade = state.trade(fact.symbol)
    return PositionStatus(
        symbol=fact.symbol,
        quantity=fact.quantity,
        entry=fact.entry,
        mark=fact.mark,
        unrealized=fact.unrealized,
        notional=fact.notional,
        stop=_trigger(trade.stop) if trade else None,
        target=_trigger(trade.target) if trade else None,
        intent_id=trade.intent_id if trade else None,
        phase=trade.phase.value if trade else "UNEXPLAINED",
        liquidation=liquidation,
        to_liquidation=round(abs(fact.mark - liquidation) / fact.mark, 6) if liquidation and fact.mark else None,
    )


def _open_intent(trade: Trade) -> OpenIntentStatus:
    return OpenIntentStatus(
        intent_id=trade.intent_id,
        run_id=trade.run_id,
        symbol=trade.symbol,
        phase=trade.phase.value,
        side=trade.side.value,
        quantity=trade.quantity,
        filled=trade.filled,
        strategy_id=trade.strategy_id,
    )


def _closed(ended: Ended) -> ClosedTrade:
    return ClosedTrade(
        intent_id=ended.intent_id,
        run_id=ended.run_id,
        strategy_id=ended.strategy_id,
        symbol=ended.symbol,
        side=ended.side.value,
        quantity=ended.quantity,
        entry_price=ended.entry_price,
        exit_price=ended.exit_price,
        realized=ended.realized,
        fees=ended.fees,
        funding=ended.funding,
        pnl=ended.pnl,
        opened_at=ended.opened_at,
        closed_at=ended.closed_at,
        reason=ended.ending.value,
    )
