"""A day in a dozen lines that a messenger shows whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crews.record.day import Day, Word
from desk.domain.money import ZERO
from ui.figures import percent, usdt

_MOST_TRADES = 8


def text_of(day: Day) -> str:
    """The lines, first what matters most."""
    return "\n".join(_lines(day))


def headline(day: Day) -> str:
    """The day in one line."""
    if not day.recorded:
        return f"{day.profile}, {day.day}: nobody saw the account"
    arrow = "▲" if day.pnl > ZERO else "▼" if day.pnl < ZERO else "="
    return f"{day.profile}, {day.day}: {arrow} {usdt(abs(day.pnl))} USDT, {day.decisions} decisions"


def _lines(day: Day) -> Iterator[str]:
    if day.recorded:
        share = f" ({percent(day.worst / day.limit)} of it)" if day.limit else ""
        yield f"Equity {usdt(day.began)} → {usdt(day.ended)} USDT"
        if day.transfers:
            way = "Paid in" if day.transfers > ZERO else "Taken out"
            yield f"{way} {usdt(abs(day.transfers))} USDT, which is no {'gain' if day.transfers > ZERO else 'loss'}"
        yield f"Most lost from the day's start {usdt(day.worst)} of the {usdt(day.limit)} that trip the breaker{share}"
    else:
        yield "Nobody saw the account on this day: no equity is in the books."
    yield f"Decisions {day.decisions}: {_counted(day.actions)}"
    yield f"The guard: {_counted(day.verdicts)}"
    if day.refusals:
        yield f"Refused by: {_counted(day.refusals)}"
    wins = sum((trade.pnl or ZERO) > ZERO for trade in day.trades)
    yield f"Trades ended {len(day.trades)}, {wins} with a gain, booked {usdt(day.booked)} USDT after fees and funding"
    for trade in day.trades[:_MOST_TRADES]:
        side = "long" if trade.quantity > ZERO else "short"
        yield f"  {trade.symbol} {side} {usdt(trade.pnl or ZERO)} USDT: {trade.exit_reason}"
    for event in day.breaker:
        yield f"Breaker {event.event.replace('_', ' ')} at {event.at:%H:%M} UTC: {event.reason or 'no reason given'}"
    yield f"Models {day.usd:.4f} USD, {day.tokens:,} tokens, {day.requests:,} requests"
    for word in day.words:
        yield told_of(word)


def told_of(word: Word) -> str:
    """An agent's record in one line, with its interval: a share of few calls says little, and shall be seen to."""
    one = word.standing
    if not one.calls:
        return f"  {word.agent}: no call has come due; its word counts {word.weight:.2f}"
    span = f"{one.low:.0%} to {one.high:.0%}, chance {one.chance:.0%}"
    return f"  {word.agent}: right in {one.hits:.0%} of {one.calls} calls ({span}); its word counts {word.weight:.2f}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ').lower()} {n}" for name, n in sorted(counts.items())) or "none"
