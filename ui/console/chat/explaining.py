"""Why the desk did what it did, and what it would have done without one of its agents: from the record alone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from desk.domain.intents import Action, Outcome
from desk.domain.money import ZERO
from memory.rows import Kind
from ui.console.chat.said import code, table
from ui.console.chat.said import plain as text_of
from ui.console.chat.wishes import Wish
from ui.figures import decimal_of, price, sentence, usdt, words
from ui.server.house import House

_LOOKED_THROUGH = 500
_DONE = frozenset({Outcome.APPROVED.value, Outcome.REDUCED.value})


def why(house: House, wish: Wish) -> str:
    """Why the desk did what it did. Asked after a purchase, it tells of the newest one and not of a later hold."""
    decision, missed = _asked_about(house, wish)
    told = house.window.record.why(decision)
    at = told.at[:19].replace("T", " ")
    lines = [missed] if missed else []
    lines.append(f"**{told.symbol}: {words_of(told.decided.get('action'))}** at {at} UTC{_at_mark(told.mark)}.")
    if not told.voices and not told.wanted and told.note:
        lines.append(f"{sentence(text_of(told.note))}: nobody of the crew was asked.")
    votes = ", ".join(f"{words_of(vote.name)} {vote.contribution:+d}" for vote in told.votes)
    lines.append(f"Signal **{told.score:+d}** of {told.threshold} needed ({text_of(votes)}).")
    if told.wanted:
        lines.append(f"The master wanted {words_of(told.wanted.get('action'))}: {text_of(told.note) or 'no note'}")
    if told.caps:
        lines.append(f"Rules of code changed that: {', '.join(words_of(cap) for cap in told.caps)}.")
    asked = f"**{told.verdict}** by {code(told.rule)}, {text_of(told.message)}" if told.verdict else "was not asked."
    lines.append(f"Guard: {asked}")
    if told.outcome:
        lines.append(f"It came to {came_to(told.outcome.get('pnl', ''))}: {words_of(told.outcome.get('reason'))}.")
    voices = [
        (
            voice.agent,
            "abstained" if voice.absent else f"{voice.stance.lower() or 'not cited'} {voice.weight}".strip(),
            voice.absent or voice.note,
        )
        for voice in told.voices
    ]
    said = f"\n\n{table(('Agent', 'Stance', 'Said'), voices)}" if voices else ""
    return "  \n".join(lines) + f"{said}\n\n`{told.decision_id}`"


def what_if(house: House, wish: Wish) -> str:
    """The decision had an agent not reported."""
    agent = next((word for word in wish.words if word in agents_of(house)), "")
    decision, _ = _asked_about(house, wish)
    if not agent:
        return _without_each(house, decision)
    told = house.window.record.otherwise(decision, without=(agent,))
    if told is None:
        return "That decision ended before it was made; there is nothing to compare."
    was = f"{words_of(told.action)} at conviction {told.conviction}"
    if not told.changed:
        return f"Without **{agent}** the desk would have decided the same: {was}.\n\n`{decision}`"
    then = f"{words_of(told.otherwise)} at conviction {told.otherwise_conviction}"
    kept = "" if told.recomputed else " The model's own proposal had to be kept; the rules around it were made again."
    owed = f" Of the result, {came_to(told.credit)} are owed to it." if told.credit is not None else ""
    return f"It was {was}. Without **{agent}** it would have been **{then}**.{owed}{kept}\n\n`{decision}`"


def _without_each(house: House, decision: str) -> str:
    """The same for each of those who reported, one by one."""
    record = house.window.record
    agents = dict.fromkeys(row.agent for row in record.rows(decision) if row.kind is Kind.REPORT)
    others = [(agent, record.otherwise(decision, without=(agent,))) for agent in agents]
    rows = [
        (agent, f"{words_of(told.otherwise)} {told.otherwise_conviction}" if told.changed else "the same")
        for agent, told in others
        if told is not None
    ]
    if not rows:
        return "Nobody reported to that decision; there is nothing to leave out."
    was = next(told for _, told in others if told is not None)
    head = f"It was **{words_of(was.action)}** at conviction {was.conviction}. Had one of them not reported:"
    return f"{head}\n\n{table(('Without', 'It would have been'), rows)}\n\n`{decision}`"


def agents_of(house: House) -> tuple[str, ...]:
    """Those who report: everybody but the master."""
    return tuple(name for name in house.window.config.agents if name != "master")


def words_of(name: object) -> str:
    """A name of the code in words; nothing where it is none."""
    return words(name or "nothing")


def gain(value: Decimal) -> str:
    """A profit or loss that reads without colour."""
    return f"{'▲' if value > ZERO else '▼' if value < ZERO else ''} {usdt(abs(value))} USDT".strip()


def came_to(told: object) -> str:
    """A closed trade's result, which the record keeps as text; a dash before there is one."""
    value = decimal_of(told) if told not in ("", None) else None
    return "–" if value is None else gain(value)


def _at_mark(told: str) -> str:
    mark = decimal_of(told) if told else None
    return "" if mark is None else f", mark {price(mark)}"


def _asked_about(house: House, wish: Wish) -> tuple[str, str]:
    """The decision that is meant, and a sentence where there is none of the kind that was asked after.

    By its id; else the newest of its kind, one that was carried out before one that was not; else the newest of all.
    Raises PrerequisiteError before the first, and for an id that nobody knows.
    """
    record = house.window.record
    symbol = wish.symbols[0] if wish.symbols else ""
    if wish.decision:
        return record.named(wish.decision), ""
    newest = record.newest(symbol)
    if not wish.actions:
        return newest, ""
    alike = [one for one in record.decisions(symbol=symbol, limit=_LOOKED_THROUGH) if one.action in wish.actions]
    done = [one for one in alike if one.verdict in _DONE]
    if found := next(iter(done or alike), None):
        return found.decision_id, ""
    where = f" on {symbol}" if symbol else ""
    return newest, f"There is no decision to {_either(wish.actions)}{where}; this is the newest."


def _either(actions: Sequence[Action]) -> str:
    return " or ".join(words_of(action.value) for action in actions)
