"""The faults: each is one small change of the guard's source that an engineer could make on a bad day.

`before` must stand exactly once in `file`, so that a mutant which no longer fits is an error, not a silent survivor.
`by` names the campaigns that are asked to notice, in their order.
"""

from __future__ import annotations

from dataclasses import dataclass

_STORM, _JOURNAL = ("storm",), ("errno", "damage")


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One fault of one file of `desk`."""

    name: str
    file: str
    before: str
    after: str
    by: tuple[str, ...] = _STORM


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        name="no sync",
        file="guard/record/journal.py",
        before="PRAGMA synchronous=FULL",
        after="PRAGMA synchronous=OFF",
        by=_JOURNAL,
    ),
    Mutant(
        name="chain not verified",
        file="guard/record/journal.py",
        before="if row.seq != expected or row.previous != previous or not _intact(row):",
        after="if row.seq != expected:",
        by=("damage",),
    ),
    Mutant(
        name="older copy believed",
        file="guard/record/journal.py",
        before="if told is not None and told[0] > 0 and rows.get(told[0]) != told[1]:",
        after="if told is not None and told[0] < 0:",
        by=("damage",),
    ),
    Mutant(
        name="latched without a latch",
        file="guard/loss/breaker.py",
        before="state = replace(state, mode=Mode.FLATTENING, latch=latch, suspect=None, ticket=None, flat_seen=0)",
        after="state = replace(state, mode=Mode.FLATTENING, suspect=None, ticket=None, flat_seen=0)",
    ),
    Mutant(
        name="never trips on a loss",
        file="guard/loss/breaker.py",
        before="    breach = breached(now, facts, rules)\n",
        after="    breach = None if now else breached(now, facts, rules)\n",
        by=("leaving", "storm", "clocks"),
    ),
    Mutant(
        name="counts realised losses alone",
        file="guard/loss/breaker.py",
        before="    now = worth(state, facts.account, facts, rules, at_ms)\n    if now is None:\n"
        "        return state, commands\n",
        after="    flat = replace(facts.account, unrealized=ZERO, positions=())\n"
        "    calm = replace(state.ledger, holdings=()) if state.ledger else None\n"
        "    now = worth(replace(state, ledger=calm), flat, facts, rules, at_ms)\n"
        "    if now is None:\n        return state, commands\n",
        by=("leaving", "storm", "clocks", "owned"),
    ),
    Mutant(
        name="a new day unlocks",
        file="guard/loss/breaker.py",
        before="    if state.mode is Mode.REDUCE_ONLY and state.mismatch_mono is None:\n",
        after="    if state.mismatch_mono is None:\n        state = replace(state, latch=None)\n",
        by=("storm", "clocks"),
    ),
    Mutant(
        name="baseline written again",
        file="guard/loss/breaker.py",
        before="if state.days and date <= state.days[-1].date:",
        after="if state.days and date < state.days[-1].date:",
    ),
    Mutant(
        name="baseline only from the first look",
        file="guard/loss/breaker.py",
        before="baseline = net if state.last is None else max(state.last.equity, net)",
        after="baseline = min(net, state.last.equity) if state.last else net",
        by=("storm", "clocks"),
    ),
    Mutant(
        name="local time",
        file="guard/loss/equity.py",
        before="datetime.fromtimestamp(at_ms // 1000, UTC)",
        after="datetime.fromtimestamp(at_ms // 1000 + 9 * 3600, UTC)",
        by=("storm", "clocks"),
    ),
    Mutant(
        name="gap budget forgets the gap",
        file="guard/loss/equity.py",
        before="return limits.stress(symbol) + 2 * limits.taker_fee + limits.slippage_reserve",
        after="return 2 * limits.taker_fee + limits.slippage_reserve",
    ),
    Mutant(
        name="gap budget forgets what is open",
        file="guard/gate/sizing.py",
        before="return (now.left - used) / entry_cost(rules, symbol)",
        after="return now.left / entry_cost(rules, symbol)",
        by=("storm", "owned"),
    ),
    Mutant(
        name="no cap on a position",
        file="guard/gate/sizing.py",
        before="    name, least = min(caps, key=_NOTIONAL)\n",
        after='    name, least = min((c for c in caps if c[0][4:] not in ("position", "probation")), key=_NOTIONAL)\n',
    ),
    Mutant(
        name="gross cap without the others",
        file="guard/gate/sizing.py",
        before='("cap.gross", equity * limits.max_gross - gross),',
        after='("cap.gross", equity * limits.max_gross - here),',
        by=("storm", "owned"),
    ),
    Mutant(
        name="leverage of the venue",
        file="guard/gate/sizing.py",
        before="return min(rules.limits.max_leverage, filters.max_leverage)",
        after="return filters.max_leverage",
    ),
    Mutant(
        name="opens in any mode",
        file="guard/gate/__init__.py",
        before="    conditions.mode,\n",
        after="",
    ),
    Mutant(
        name="a latched desk may not close",
        file="guard/gate/__init__.py",
        before="    if case.intent.action is Action.CLOSE:\n        return _close(case)\n",
        after="    if refusal := conditions.mode(case):\n        return refusal\n"
        "    if case.intent.action is Action.CLOSE:\n        return _close(case)\n",
    ),
    Mutant(
        name="adds to a position",
        file="guard/gate/__init__.py",
        before="    admission.one_position,\n",
        after="",
    ),
    Mutant(
        name="any symbol",
        file="guard/gate/admission.py",
        before="if symbol not in case.rules.symbols or symbol not in case.rules.filters:",
        after="if not symbol:",
        by=("alone", "storm"),
    ),
    Mutant(
        name="the same intent twice",
        file="guard/gate/hearing.py",
        before="    before = state.answer(intent.intent_id)\n",
        after="    before = None if state.mode else state.answer(intent.intent_id)\n",
        by=("alone", "storm"),
    ),
    Mutant(
        name="mends a truncated text",
        file="guard/door/wire.py",
        before="    intent = _canonical(text)\n",
        after='    text = text[text.find("{") : text.find("}") + 1] or text\n    intent = _canonical(text)\n',
        by=("texts",),
    ),
    Mutant(
        name="the last of two keys",
        file="guard/door/wire.py",
        before="if len(data) != len(pairs):",
        after="if len(data) > len(pairs):",
        by=("texts",),
    ),
    Mutant(
        name="unknown fields dropped",
        file="guard/door/wire.py",
        before="if data.keys() != _FIELDS.keys():",
        after="if not data.keys() >= _FIELDS.keys():",
        by=("texts",),
    ),
    Mutant(
        name="resends on a timeout",
        file="guard/venue/executor.py",
        before="        try:\n            self._venue.submit(request)\n",
        after="        try:\n            try:\n                self._venue.submit(request)\n"
        "            except VenueError:\n                self._venue.submit(request)\n",
    ),
    Mutant(
        name="exits that may open",
        file="guard/venue/executor.py",
        before="return self._order(command, command.side, reduce_only=True)",
        after="return self._order(command, command.side, reduce_only=False)",
    ),
    Mutant(
        name="unknown is no",
        file="guard/trades/orders.py",
        before='    if event.result == "unknown":\n        return replace(trade, phase=Phase.ENTRY_UNKNOWN), (',
        after='    if event.result == "never":\n        return replace(trade, phase=Phase.ENTRY_UNKNOWN), (',
    ),
    Mutant(
        name="the stop waits for a look",
        file="guard/trades/protection.py",
        before="    trade, first = place_stop(trade, planned_stop(trade, rules), mono)\n    trade, second",
        after="    first: Commands = ()\n    trade, second",
        by=("alone", "storm"),
    ),
    Mutant(
        name="a stop twice as far",
        file="guard/trades/protection.py",
        before="away = trade.entry_price * (ONE - trade.side.sign * trade.stop_pct)",
        after="away = trade.entry_price * (ONE - trade.side.sign * 2 * trade.stop_pct)",
    ),
    Mutant(
        name="a lost stop is not missed",
        file="guard/trades/protection.py",
        before="if slot.status in (Sent.SENT, Sent.UNKNOWN) or (slot.status is Sent.RESTING and not listed):",
        after="if slot.status in (Sent.SENT, Sent.UNKNOWN):",
    ),
    Mutant(
        name="an acknowledged stop is believed",
        file="guard/trades/protection.py",
        before="    if slot.status in (Sent.SENT, Sent.UNKNOWN) or",
        after="    if slot.status is Sent.UNKNOWN or",
        by=("alone", "storm"),
    ),
    Mutant(
        name="unprotected for ever",
        file="guard/trades/protection.py",
        before="if mono - trade.filled_mono >= int(rules.limits.naked_seconds * 1000):",
        after="if mono < trade.filled_mono:",
        by=("alone", "storm"),
    ),
    Mutant(
        name="one try at an exit",
        file="guard/trades/exits.py",
        before="    if mono - sent.sent_mono >= UNKNOWN_MS:\n        return send_slice(trade, held, mono, rules)\n",
        after="    if mono - sent.sent_mono >= UNKNOWN_MS:\n        return trade, ()\n",
        by=("alone", "storm"),
    ),
    Mutant(
        name="one name for every exit",
        file="guard/vocabulary/ids.py",
        before='return f"{family(intent_id)}{role}{number}"',
        after='return f"{family(intent_id)}{role}0"',
    ),
    Mutant(
        name="a forgotten stop is swept away",
        file="guard/trades/reconcile.py",
        before=" for s in stops if not s.client_id.startswith(needed)),",
        after=" for s in stops),",
        by=("alone",),
    ),
    Mutant(
        name="stops cancelled first",
        file="guard/trades/reconcile.py",
        before="loose = [s for s in facts.stops or () if s.symbol not in held and s.symbol not in unsettled]",
        after="loose = [s for s in facts.stops or () if s or (held and unsettled)]",
    ),
    Mutant(
        name="flat after one look",
        file="guard/trades/reconcile.py",
        before="    if facts.account.positions or facts.orders or facts.stops or state.trades:\n",
        after="    if facts.account.positions:\n",
        by=("alone", "storm"),
    ),
    Mutant(
        name="a restart forgives",
        file="guard/step.py",
        before="    state = reset.void(state)\n    if rules.flatten_only",
        after="    state = replace(reset.void(state), latch=None, mode=Mode.NORMAL)\n    if rules.flatten_only",
    ),
    Mutant(
        name="a restart begins the day anew",
        file="guard/step.py",
        before="    state = reset.void(state)\n    if rules.flatten_only",
        after="    state = replace(reset.void(state), days=())\n    if rules.flatten_only",
    ),
    Mutant(
        name="a reset outlives its guard",
        file="guard/step.py",
        before="    state = reset.void(state)\n    if rules.flatten_only",
        after="    if rules.flatten_only",
        by=("windows", "storm"),
    ),
    Mutant(
        name="an entry in flight dies with its guard",
        file="guard/step.py",
        before="        trade = replace(trade, phase=Phase.ENTRY_UNKNOWN)\n    if trade.exit",
        after="        trade = replace(trade, phase=Phase.DEAD, entry_final=True)\n    if trade.exit",
        by=("alone", "windows"),
    ),
    Mutant(
        name="books believed while fills are not told",
        file="guard/loss/breaker.py",
        before="    return state.ledger.held != account.held\n",
        after="    return state.ledger.held == {}\n",
        by=("alone",),
    ),
    Mutant(
        name="a reset with any code",
        file="guard/loss/reset.py",
        before="if not hmac.compare_digest(ticket.code_hash, event.code_hash):",
        after="if not hmac.compare_digest(ticket.code_hash, ticket.code_hash):",
        by=("storm", "clocks"),
    ),
    Mutant(
        name="a reset at once",
        file="guard/loss/reset.py",
        before="    if event.mono < ticket.from_mono:\n",
        after="    if event.mono < 0:\n",
        by=("storm", "clocks"),
    ),
    Mutant(
        name="a reset while the loss is spent",
        file="guard/loss/reset.py",
        before="    if blocked is not None:\n",
        after="    if blocked is not None and not blocked:\n",
        by=("storm", "clocks"),
    ),
    Mutant(
        name="a journal error swallowed",
        file="guard/core.py",
        before="            return False\n        return True\n",
        after="        return True\n",
    ),
    Mutant(
        name="sends before it remembers",
        file="guard/core.py",
        before="        if changed or any(leaves_a_mark(command) for command in result.commands):\n",
        after="        if changed and not result.commands:\n",
    ),
    Mutant(
        name="a looser limit is taken",
        file="guard/bounds/limits.py",
        before="if (asked - values[name]) * STRICTER[name] > 0:",
        after="if asked != values[name]:",
    ),
)
