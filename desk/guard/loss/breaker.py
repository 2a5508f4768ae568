"""The circuit breaker: what the desk may still lose, and when it must stop.

Losses are measured on equity with open positions at the mark, on the lower of venue and own books. The baseline of a
UTC day is written once; a restart reads it and never writes it again. One bad tick does not trip: a breach is believed
when mark and index agree on every open position, or when a second look still shows it. Nor does a fill that was not
told yet: what the books would have lost on a position that the venue no longer shows is waited for. Once believed a
breach is latched, and only two steps of a human undo that.
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.frozen import replace
from desk.domain.money import ZERO, plain
from desk.guard.bounds.rules import Rules
from desk.guard.loss.equity import DAY_MS, HOUR_MS, Worth, net_equity, opening_ledger, utc_date, worth
from desk.guard.trades.outcomes import book
from desk.guard.vocabulary.commands import Commands, Tell
from desk.guard.vocabulary.facts import AccountFact, Facts
from desk.guard.vocabulary.state import DayRow, GuardState, High, LastSeen, Latch, Mode, Suspect

Turn = tuple[GuardState, Commands]
Breach = tuple[str, tuple[tuple[str, str], ...]]

# Smaller changes of equity than this are not worth a durable row; highs are understated by no more.
_NOTABLE = Decimal("0.0002")
_NOTABLE_MS = 60_000
_AGREE = Decimal("0.01")
_CONFIRM_MS = 900
# So long may fills be unreadable before the books are believed without them.
_UNTOLD_MS = 30_000
_MISMATCH_MS = 3000
_DAYS_KEPT = 40
BITCOIN, ETHER = "BTCUSDT", "ETHUSDT"
FIVE_MINUTES, ONE_HOUR = 300, 3600


def observe(state: GuardState, facts: Facts, at_ms: int, mono: int, rules: Rules) -> Turn:
    """Book what happened, keep the day's row and the highs, and trip on a breach that is believed."""
    state, commands = _stale(state, facts, mono, rules)
    if facts.account is None:
        return state, commands
    state = _books(state, facts, facts.account, at_ms)
    now = worth(state, facts.account, facts, rules, at_ms)
    if now is None:
        return state, commands
    state, more = _sources(state, now, mono, rules)
    state, last = _losses(state, facts, facts.account, now, at_ms, mono, rules)
    return state, (*commands, *more, *last)


def _books(state: GuardState, facts: Facts, account: AccountFact, at_ms: int) -> GuardState:
    state = book(state, state.ledger or opening_ledger(account, facts, at_ms), facts)
    ledger = state.ledger
    if ledger is None:
        return state
    net = net_equity(ledger, account, facts)
    if not facts.marks:
        return _of_no_day(state, net)
    best = net if state.untimed is None else max(net, state.untimed)
    state = _day(state, best, ledger.transfers, at_ms)
    last = state.last
    if last is not None and state.untimed is None and not _notable(last, net, at_ms):
        return state
    if last is not None and at_ms < last.at_ms:
        at_ms = last.at_ms
    seen = LastSeen(at_ms=at_ms, equity=net)
    return _highs(replace(state, last=seen, untimed=None), best, ledger.transfers, at_ms)


def _of_no_day(state: GuardState, net: Decimal) -> GuardState:
    """Nobody told the time of this look: no day begins with it, and a height it shows counts when the time is told."""
    known = [one for one in (state.untimed, state.last.equity if state.last else None) if one is not None]
    if known and net <= max(known) + abs(max(known)) * _NOTABLE:
        return state
    return replace(state, untimed=net)


def _notable(last: LastSeen, net: Decimal, at_ms: int) -> bool:
    moved = abs(net - last.equity) >= abs(last.equity) * _NOTABLE
    return moved or at_ms - last.at_ms >= _NOTABLE_MS or at_ms // HOUR_MS != last.at_ms // HOUR_MS


def _day(state: GuardState, net: Decimal, transfers: Decimal, at_ms: int) -> GuardState:
    """One row for each UTC date, never rewritten. A clock that went backwards finds its date already written."""
    date = utc_date(at_ms)
    if state.days and date <= state.days[-1].date:
        return state
    # The boundary may have passed while the guard was down: what was lost meanwhile belongs to the new day.
    baseline = net if state.last is None else max(state.last.equity, net)
    row = DayRow(date=date, baseline=baseline, transfers=transfers, at_ms=at_ms)
    state = replace(state, days=(*state.days[-(_DAYS_KEPT - 1) :], row))
    if state.mode is Mode.REDUCE_ONLY and state.mismatch_mono is None:
        return replace(state, mode=Mode.NORMAL, why="", faults=())
    return state


def _highs(state: GuardState, net: Decimal, transfers: Decimal, at_ms: int) -> GuardState:
    hour = at_ms // HOUR_MS
    now = High(hour=hour, equity=net, transfers=transfers)
    peak = now if state.peak is None or net > state.peak.equity else state.peak
    kept = tuple(one for one in state.hours if hour - 25 <= one.hour < hour)
    here = next((one for one in state.hours if one.hour == hour), now)
    best = now if net > here.equity else here
    return replace(state, hours=(*kept, best), peak=peak)


def _sources(state: GuardState, now: Worth, mono: int, rules: Rules) -> Turn:
    if now.difference <= rules.limits.equity_gap:
        return (state if state.mismatch_mono is None else replace(state, mismatch_mono=None)), ()
    if state.mismatch_mono is None:
        return replace(state, mismatch_mono=mono), ()
    if mono - state.mismatch_mono < _MISMATCH_MS or state.mode is not Mode.NORMAL:
        return state, ()
    why = f"equity.sources: venue {plain(now.venue)}, own books {plain(now.ledger)}"
    return tighten(state, why)


def tighten(state: GuardState, why: str) -> Turn:
    """No new exposure until the next UTC day or a human's reset. Never loosens a stricter mode."""
    if state.mode is not Mode.NORMAL:
        return state, ()
    return replace(state, mode=Mode.REDUCE_ONLY, why=why[:300]), (
        Tell(level="CRITICAL", message=f"reduce only: {why}"),
    )


def _losses(
    state: GuardState, facts: Facts, account: AccountFact, now: Worth, at_ms: int, mono: int, rules: Rules
) -> Turn:
    if state.latch is not None:
        return state, ()
    breach = breached(now, facts, rules)
    if breach is None:
        return (state if state.suspect is None else replace(state, suspect=None)), ()
    reason, numbers = breach
    suspect, untold = state.suspect, rests_on_untold_fills(state, account, now)
    patience = _UNTOLD_MS if untold and facts.trouble else _CONFIRM_MS
    at_once = not untold and agree(state, facts, account)
    if at_once or (suspect is not None and mono - suspect.since_mono >= patience):
        return trip(state, reason, numbers, at_ms)
    if suspect is None:
        return replace(state, suspect=Suspect(reason=reason, since_mono=mono)), ()
    return state, ()


def agree(state: GuardState, facts: Facts, account: AccountFact) -> bool:
    """Whether mark and index tell the same of everything open: at the venue, and in the own books alone."""
    valued_at = {one.symbol: one.mark for one in account.positions}
    for holding in state.ledger.holdings if state.ledger else ():
        # A fill that was not told yet leaves a position in the books, and it is valued at the mark that was told.
        if holding.quantity != ZERO and (told := facts.mark(holding.symbol)) is not None:
            valued_at.setdefault(holding.symbol, told.price)
    return all(_confirmed(facts, symbol, mark) for symbol, mark in valued_at.items())


def rests_on_untold_fills(state: GuardState, account: AccountFact, now: Worth) -> bool:
    """Whether a loss limit is reached by the books alone, and they hold what the venue does not show.

    The position left at a price that is not known yet; the books go on valuing it at the newest mark.
    """
    by_the_venue = now.left + now.venue - now.equity
    if now.left > ZERO or by_the_venue <= ZERO or state.ledger is None:
        return False
    return state.ledger.held != account.held


def _confirmed(facts: Facts, symbol: str, mark: Decimal) -> bool:
    told = facts.mark(symbol)
    return told is not None and told.index > ZERO and abs(mark - told.index) <= told.index * _AGREE


def breached(now: Worth, facts: Facts, rules: Rules) -> Breach | None:
    """The first limit that is reached, with its numbers. A loss of exactly the limit is a breach."""
    for reason, budget in (("loss.day", now.day), ("loss.rolling", now.rolling), ("loss.drawdown", now.drawdown)):
        if budget.spent:
            parts = (
                ("equity", now.equity),
                ("reference", budget.reference),
                ("loss", budget.loss),
                ("limit", budget.limit),
            )
            return reason, tuple((name, plain(value)) for name, value in parts)
    limits = rules.limits
    for symbol, seconds, limit in (
        (BITCOIN, FIVE_MINUTES, limits.crash_five_btc),
        (ETHER, FIVE_MINUTES, limits.crash_five_eth),
        (BITCOIN, ONE_HOUR, limits.crash_hour),
        (ETHER, ONE_HOUR, limits.crash_hour),
    ):
        for fall in facts.falls:
            if fall.symbol == symbol and fall.seconds == seconds and fall.fall >= limit:
                return f"crash.{symbol}", (
                    ("seconds", str(seconds)),
                    ("fall", plain(fall.fall)),
                    ("limit", plain(limit)),
                )
    return None


def trip(state: GuardState, reason: str, numbers: tuple[tuple[str, str], ...], at_ms: int) -> Turn:
    """Latch. The row with the latch is durable before any command that flattens leaves; a latch stays the first."""
    if state.latch is not None:
        if state.mode is Mode.RESET_REQUESTED:
            state = replace(state, mode=Mode.FLATTENING, ticket=None, flat_seen=0)
        return state, ()
    latch = Latch(reason=reason, at_ms=at_ms, numbers=numbers)
    told = ", ".join(f"{name} {value}" for name, value in numbers)
    state = replace(state, mode=Mode.FLATTENING, latch=latch, suspect=None, ticket=None, flat_seen=0)
    return state, (Tell(level="CRITICAL", message=f"tripped: {reason} ({told})"),)


def _stale(state: GuardState, facts: Facts, mono: int, rules: Rules) -> Turn:
    """Marks that stay old, or a venue that cannot be seen, close what is open as soon as a command gets through."""
    oldest = max((one.age_ms for one in facts.marks), default=None)
    fresh = facts.account is not None and oldest is not None and oldest <= rules.limits.mark_age_seconds * 1000
    if fresh:
        return (state if state.stale_mono is None else replace(state, stale_mono=None)), ()
    if state.stale_mono is None:
        return replace(state, stale_mono=mono), ()
    if mono - state.stale_mono < rules.limits.stale_exit_seconds * 1000 or not state.trades or state.flatten:
        return state, ()
    return replace(state, flatten="data.stale"), (Tell(level="CRITICAL", message="data too old: closing what is open"),)


def reset_possible_at(now: Worth, state: GuardState, at_ms: int) -> tuple[str, int] | None:
    """Which loss still forbids a reset, and from when (ms UTC) it may be asked again; None: nothing does."""
    if now.day.spent:
        return "loss.day", (at_ms // DAY_MS + 1) * DAY_MS
    if now.rolling.spent:
        hours = [one.hour for one in state.hours if one.equity >= now.rolling.reference]
        return "loss.rolling", (max(hours, default=at_ms // HOUR_MS) + 25) * HOUR_MS
    return None
