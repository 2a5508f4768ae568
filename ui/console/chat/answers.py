"""Answers from the guard, the record and the books, in Markdown. Each number says what it is of."""

from __future__ import annotations

from typing import Any

from desk.backtest.doubt import Interval
from desk.domain.errors import PrerequisiteError
from desk.domain.money import ZERO, plain
from memory.rows import Kind as Row
from ui.away import to_liquidation, to_stop
from ui.console.chat.explaining import agents_of, came_to, gain, words_of
from ui.console.chat.said import plain as text_of
from ui.console.chat.said import table
from ui.console.chat.wishes import SLASH, Wish
from ui.figures import percent, price, told_trouble, usdt
from ui.server.api.series import scores_of
from ui.server.house import House
from ui.status_screen import latch_words
from ui.window.performance import ENOUGH_TRADES

_NEWEST = 8


def helps(house: House, wish: Wish) -> str:
    """What can be said."""
    del house, wish
    rows = [(f"/{name} {terms}".strip(), words) for name, (_, terms, words) in SLASH.items()]
    never = "Never from here: resetting the breaker, raising a limit, going live. Those need you at the machine."
    return f"Say it in plain words or with a command.\n\n{table(('Command', 'What it does'), rows)}\n\n{never}"


def status(house: House, wish: Wish) -> str:
    """Equity, today, limits, breaker."""
    del wish
    seen = house.window.guard.look()
    if seen.status is None:
        return f"**No guard answers**: {text_of(seen.trouble)}. Nobody knows the account now; stops keep resting."
    told = seen.status
    if told.trouble:
        trouble = text_of(told_trouble(told.trouble))
        return f"**The guard cannot see the venue**: {trouble}. Nothing new is opened until it can."
    lines = [
        f"Equity **{usdt(told.equity)} USDT**, today {gain(told.equity - told.day.baseline)}.",
        f"Of today's limit of {usdt(told.day.limit)}, **{usdt(told.day.left)} may still be lost**; "
        f"in any 24 hours {usdt(told.rolling.left)}.",
        f"Below the peak by {percent(told.drawdown.value)} of at most {percent(told.drawdown.limit)}.",
        f"Breaker: **{'armed' if told.mode == 'NORMAL' else told.mode.replace('_', ' ').lower()}**. "
        f"{len(told.positions)} open position{'' if len(told.positions) == 1 else 's'}.",
    ]
    if told.latch is not None:
        lines.append(f"Locked: {text_of(latch_words(told.latch.reason))}. Only `crew reset` at the machine lifts it.")
    held = house.window.paused()
    if held is not None:
        lines.append(f"The crew pauses: {text_of(held.reason)}.")
    return "  \n".join(lines)


def positions(house: House, wish: Wish) -> str:
    """What is held and what protects it."""
    seen = house.window.guard.look()
    if seen.blind or seen.status is None:
        return status(house, wish)
    if not seen.status.positions:
        return "Flat: no open position."
    rows = [
        (
            held.symbol,
            "long" if held.quantity > ZERO else "short",
            plain(abs(held.quantity)),
            price(held.entry),
            price(held.mark),
            gain(held.unrealized),
            price(held.stop) if held.stop else "none",
            to_stop(held),
            to_liquidation(held),
        )
        for held in seen.status.positions
    ]
    return table(("Symbol", "Side", "Quantity", "Entry", "Mark", "PnL", "Stop", "To stop", "To liquidation"), rows)


def performance(house: House, wish: Wish) -> str:
    """What closed trades came to, with the doubt about it."""
    del wish
    track = house.window.track()
    if not track.trades:
        return "No trade has closed yet: there is nothing to judge. The Performance tab fills with each."
    lines = [
        f"**{track.trades} trade{'' if track.trades == 1 else 's'} closed**, {track.wins} won, "
        f"net {gain(track.pnl)} after fees and funding.",
        f"Deepest fall from a peak, transfers apart: {track.drawdown:.2%}.",
    ]
    if track.win_rate is None:
        lines.append(f"Too few to judge: rates and ratios from {ENOUGH_TRADES} trades on.")
    else:
        won = track.win_rate
        lines.append(f"Win rate {won.estimate:.1%} ({won.low:.1%} to {won.high:.1%} at 95 %).")
    if (factor := house.window.profit_factor()) is not None:
        lines.append(f"Profit factor {_between(factor)}.")
    if track.sharpe is not None:
        lines.append(f"Sharpe ratio a year {_between(track.sharpe)}, of {track.days} days.")
    return "  \n".join(lines)


def decisions(house: House, wish: Wish) -> str:
    """The newest decisions."""
    found = house.window.record.decisions(symbol=wish.symbols[0] if wish.symbols else "", limit=_NEWEST)
    if not found:
        return "Nothing has been decided yet. `/kickoff` lets the crew decide."
    rows = [
        (
            f"{one.at:%m-%d %H:%M}",
            one.symbol,
            words_of(one.action),
            one.conviction,
            words_of(one.verdict or "at work"),
            came_to(one.outcome),
        )
        for one in found
    ]
    return table(("Time, UTC", "Symbol", "Decision", "Conviction", "Guard", "Outcome"), rows)


def agent(house: House, wish: Wish) -> str:
    """What an agent said last, and how often it was right."""
    agents = agents_of(house)
    name = next((word for word in wish.words if word in agents), "")
    if not name:
        return f"Which one? {', '.join(agents)}."
    lines = [_record_of(house, name)]
    for one in house.window.record.decisions(limit=_NEWEST):
        rows = [row for row in house.window.record.rows(one.decision_id) if row.agent == name]
        said = next((row for row in reversed(rows) if row.kind in (Row.REPORT, Row.ABSTENTION)), None)
        if said is not None:
            note = said.payload.get("report", {}).get("note", "") or f"abstained: {said.payload.get('reason', '')}"
            lines.append(f"- {one.at:%m-%d %H:%M} {one.symbol}: {text_of(str(note)[:220])}")
    return "\n".join(lines)


def market(house: House, wish: Wish) -> str:
    """What the desk last saw of a market."""
    symbol = wish.symbols[0] if wish.symbols else house.window.symbols[0]
    seen = house.window.intelligence.look(symbol)
    told: dict[str, Any] = {name: dict(reading.told) for name, reading in seen.readings.items()}
    regime, signal = told.get("get_regime") or {}, told.get("get_weighted_signal") or {}
    chart, spikes = told.get("read_chart") or {}, (told.get("scan_spikes") or {}).get("spikes", [])
    news = told.get("read_headlines") or {}
    lines = [
        f"**{symbol}** as the desk saw it at {seen.at:%Y-%m-%d %H:%M} UTC, mark {price(seen.snapshot.mark.price)}:",
        f"- regime {words_of(regime.get('regime'))}, lead {_share(regime.get('confidence'))}",
        f"- signal {signal.get('score', 0):+d} of {signal.get('threshold', 0)} needed",
        f"- chart {words_of(chart.get('trend'))}, {words_of(chart.get('recommendation'))}",
        f"- {len(spikes)} spike{'' if len(spikes) == 1 else 's'}",
        f"- news {words_of(news.get('mood'))}, {news.get('witnesses', 0)} sources" if news else "- no news source",
    ]
    return "\n".join(lines)


def cost(house: House, wish: Wish) -> str:
    """What the models cost today."""
    del wish
    spent = house.window.spending()
    rows = [
        (name, f"{day.requests:,}", f"{day.recalled:,}", f"{day.tokens:,}", f"{day.usd:.4f}")
        for name, day in spent.agents.items()
    ]
    head = f"Today **{spent.usd:.4f} of {spent.limit} USD**, {spent.tokens:,} tokens in {spent.requests:,} requests."
    if not rows:
        return f"{head} The offline rules cost nothing."
    return f"{head}\n\n{table(('Agent', 'Requests', 'Recalled', 'Tokens', 'USD'), rows)}"


def never(house: House, wish: Wish) -> str:
    """What a chat must not do, and where it is done."""
    del wish
    name = house.window.config.profile.name
    return (
        "**Not from here.** A chat can make the desk safer, never looser: text that reached it may not be yours.  \n"
        f"Reset: `crew reset request --reason … --profile {name}` at the machine, then the code it shows.  \n"
        "Limits and real money: in the files, read at the next start."
    )


def _record_of(house: House, name: str) -> str:
    score = next((one for one in scores_of(house) if one.agent == name), None)
    if score is None or not score.calls:
        return f"**{name}**: none of its forecasts has come due yet, so nobody knows what its word is worth."
    span = f"{_share(score.low)} to {_share(score.high)}"
    verdict = "better than chance" if score.low > score.chance else "not told apart from chance"
    return (
        f"**{name}**: right in {_share(score.hits)} of {score.calls} calls, which overlap and are worth "
        f"{score.observations:.0f} on their own ({span} at 95 %). Chance alone would hit {_share(score.chance)}: "
        f"{verdict}. Its agreement counts {score.weight} ({words_of(score.basis)})."
    )


def _between(told: Interval) -> str:
    return f"{told.estimate:.2f} ({told.low:.2f} to {told.high:.2f} at 95 %)"


def _share(value: object) -> str:
    return f"{value:.0%}" if isinstance(value, float | int) else "not known"


def require_operator(operates: bool) -> None:
    """Raise PrerequisiteError for somebody who may only look."""
    if not operates:
        raise PrerequisiteError("this needs an operator; you may look and ask")
