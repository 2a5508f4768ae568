"""The guard's JSON on loopback: intents in by a strict grammar of our own, verdicts and status out.

Ready-made parsers mend, coerce and drop: a doubled key wins silently, `"1_000"` and `"١٢"` are numbers to Python, a
truncated call becomes a smaller order. Here every key is required, none is defaulted, no other is known, numbers are
ASCII strings, and what does not match is refused by a named rule.

An intent is one JSON object of at most 4096 bytes with exactly these keys:
`schema` (1), `intent_id` and `run_id` (`[A-Za-z0-9][A-Za-z0-9._:-]{0,63}`), `symbol` (`[A-Z0-9]{2,20}`),
`action` (OPEN_LONG, OPEN_SHORT, CLOSE), `conviction`, `stop_pct`, `target_pct`, `seen_mark` (amounts as strings),
`strategy_id` (as the ids), `snapshot_hash` (64 hexadecimal digits), `created_at`, `expires_at` (ms UTC, integers).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from desk.domain.errors import DataError, GuardError, IntentTextError
from desk.domain.intents import Action, Intent, Outcome, Verdict
from desk.domain.moments import from_ms, to_ms
from desk.domain.money import ONE, ZERO, amount, plain
from desk.guard.record.codec import canonical

SCHEMA = 1
MAX_BYTES = 4096
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)
_SYMBOL = re.compile(r"[A-Z0-9]{2,20}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
# 2000-01-01 to 2100-01-01: a time outside is seconds, microseconds or nonsense.
_MS_LOW, _MS_HIGH = 946_684_800_000, 4_102_444_800_000


def intent_to_json(intent: Intent) -> str:
    """The canonical text of an intent: the same intent always gives the same bytes."""
    return canonical(
        {
            "schema": SCHEMA,
            "intent_id": intent.intent_id,
            "run_id": intent.run_id,
            "symbol": intent.symbol,
            "action": intent.action.value,
            "conviction": plain(intent.conviction),
            "stop_pct": plain(intent.stop_pct),
            "target_pct": plain(intent.target_pct),
            "seen_mark": plain(intent.seen_mark),
            "strategy_id": intent.strategy_id,
            "snapshot_hash": intent.snapshot_hash,
            "created_at": to_ms(intent.created_at),
            "expires_at": to_ms(intent.expires_at),
        }
    )


def parse_intent(text: str) -> Intent:
    """Read an intent's text; what `intent_to_json` wrote is read in one stroke, by the same grammar.

    Raises:
        IntentTextError: with the rule `parse.size`, `parse.json`, `parse.fields`, `parse.schema` or `parse.<field>`.
    """
    intent = _canonical(text)
    if intent is not None:
        return intent
    data = _object(text)
    if data.keys() != _FIELDS.keys():
        odd = sorted(str(key)[:20] for key in data.keys() ^ _FIELDS.keys())
        raise IntentTextError(f"missing or unknown fields: {', '.join(odd[:6])}", rule="parse.fields")
    values: dict[str, Any] = {}
    for name, read in _FIELDS.items():
        try:
            values[name] = read(data[name])
        except DataError as error:
            raise IntentTextError(f"{name}: {error.message}", rule=f"parse.{name}") from error
    del values["schema"]
    return Intent(**values)


_AMOUNT_TEXT = r"((?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,8})?)"
_ID_TEXT = r"([A-Za-z0-9][A-Za-z0-9._:-]{0,63})"
_CANONICAL = re.compile(
    rf'\{{"action":"(OPEN_LONG|OPEN_SHORT|CLOSE)","conviction":"{_AMOUNT_TEXT}","created_at":([1-9][0-9]{{11,12}}),'
    rf'"expires_at":([1-9][0-9]{{11,12}}),"intent_id":"{_ID_TEXT}","run_id":"{_ID_TEXT}","schema":{SCHEMA},'
    rf'"seen_mark":"{_AMOUNT_TEXT}","snapshot_hash":"([0-9a-f]{{64}})","stop_pct":"{_AMOUNT_TEXT}",'
    rf'"strategy_id":"{_ID_TEXT}","symbol":"([A-Z0-9]{{2,20}})","target_pct":"{_AMOUNT_TEXT}"\}}',
    re.ASCII,
)


def _canonical(text: str) -> Intent | None:
    """The intent in a text exactly as `intent_to_json` writes it; any other text, and any doubt, goes the long way."""
    found = _CANONICAL.fullmatch(text)
    if found is None:
        return None
    action, conviction, created, expires, name, run, seen, snapshot, stop, strategy, symbol, target = found.groups()
    units, price = tuple(map(Decimal, (conviction, stop, target))), Decimal(seen)
    created_ms, expires_ms = int(created), int(expires)
    times = (created_ms, expires_ms)
    if max(units) > ONE or price <= ZERO or not (min(times) >= _MS_LOW and max(times) < _MS_HIGH):
        return None
    return Intent(
        intent_id=name,
        run_id=run,
        symbol=symbol,
        action=Action(action),
        conviction=units[0],
        stop_pct=units[1],
        target_pct=units[2],
        seen_mark=price,
        strategy_id=strategy,
        snapshot_hash=snapshot,
        created_at=from_ms(created_ms),
        expires_at=from_ms(expires_ms),
    )


def _object(text: str) -> dict[str, Any]:
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise IntentTextError(f"an intent is at most {MAX_BYTES} bytes", rule="parse.size")
    # No field is a list or an object, so a second brace or any bracket outside the rules is nonsense: refusing it
    # before the parser runs also refuses deep nesting.
    if text.count("{") != 1 or "[" in text:
        raise IntentTextError("an intent is one flat object", rule="parse.json")
    try:
        data = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_no_constant)
    except IntentTextError:
        raise
    except (ValueError, RecursionError) as error:
        raise IntentTextError("not JSON", rule="parse.json") from error
    if not isinstance(data, dict):
        raise IntentTextError("an intent is one flat object", rule="parse.json")
    return cast("dict[str, Any]", data)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise IntentTextError("a key is written twice", rule="parse.json")
    return data


def _no_constant(text: str) -> Any:  # noqa: ANN401 - the signature json expects
    raise IntentTextError(f"numbers are integers or strings, not {text[:20]}", rule="parse.json")


def _text(pattern: re.Pattern[str]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise DataError(f"{value!r:.40} does not match {pattern.pattern}")
        return value

    return read


def _schema(value: object) -> int:
    if type(value) is not int or value != SCHEMA:
        raise DataError(f"this guard reads schema {SCHEMA}")
    return value


def _action(value: object) -> Action:
    if value not in ("OPEN_LONG", "OPEN_SHORT", "CLOSE"):
        raise DataError(f"{value!r:.40} is no action")
    return Action(value)


def _unit(value: object) -> Decimal:
    number = amount(value)  # type: ignore[arg-type]  # amount refuses everything that is not a str
    if number > ONE:
        raise DataError(f"{plain(number)} is above 1")
    return number


def _price(value: object) -> Decimal:
    number = amount(value)  # type: ignore[arg-type]  # amount refuses everything that is not a str
    if number <= ZERO:
        raise DataError("a price is above 0")
    return number


def _moment(value: object) -> datetime:
    if type(value) is not int or not _MS_LOW <= value < _MS_HIGH:
        raise DataError("a time is an integer of milliseconds UTC")
    return from_ms(value)


_FIELDS: dict[str, Callable[[object], Any]] = {
    "schema": _schema,
    "intent_id": _text(_ID),
    "run_id": _text(_ID),
    "symbol": _text(_SYMBOL),
    "action": _action,
    "conviction": _unit,
    "stop_pct": _unit,
    "target_pct": _unit,
    "seen_mark": _price,
    "strategy_id": _text(_ID),
    "snapshot_hash": _text(_HASH),
    "created_at": _moment,
    "expires_at": _moment,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutedOrder:
    """One order or stop the guard sent for an intent. `role` is entry, exit, stop or target."""

    role: str
    client_id: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What became of an approved intent by the time of the answer; prices None until the venue told them."""

    phase: str
    orders: tuple[ExecutedOrder, ...]
    stop: Decimal | None
    target: Decimal | None
    filled: Decimal
    average_price: Decimal | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardAnswer:
    """The guard's whole answer to an intent, with the journal row that holds the decision."""

    verdict: Verdict
    execution: Execution
    journal_seq: int
    journal_hash: str


def verdict_to_data(verdict: Verdict) -> dict[str, Any]:
    """A verdict as a JSON-able object; `numbers` keep their order as pairs."""
    return {
        "intent_id": verdict.intent_id,
        "outcome": verdict.outcome.value,
        "rule": verdict.rule,
        "message": verdict.message,
        "numbers": [list(pair) for pair in verdict.numbers],
        "quantity": plain(verdict.quantity),
        "decided_at": to_ms(verdict.decided_at),
    }


def verdict_from_data(data: Any) -> Verdict:  # noqa: ANN401 - parsed JSON
    """Read a verdict. Raises GuardError when it is not one."""
    try:
        return Verdict(
            intent_id=str(data["intent_id"]),
            outcome=Outcome(data["outcome"]),
            rule=str(data["rule"]),
            message=str(data["message"]),
            numbers=tuple((str(name), str(value)) for name, value in data["numbers"]),
            quantity=amount(data["quantity"]),
            decided_at=from_ms(int(data["decided_at"])),
        )
    except (KeyError, TypeError, ValueError, DataError) as error:
        raise GuardError(f"the guard's verdict does not read: {error}") from error


def answer_to_data(answer: GuardAnswer) -> dict[str, Any]:
    """A guard answer as the JSON-able body of `POST /v1/intents`."""
    execution = answer.execution
    return {
        "verdict": verdict_to_data(answer.verdict),
        "execution": {
            "phase": execution.phase,
            "orders": [{"role": o.role, "client_id": o.client_id, "status": o.status} for o in execution.orders],
            "stop": _optional(execution.stop),
            "target": _optional(execution.target),
            "filled": plain(execution.filled),
            "average_price": _optional(execution.average_price),
            "note": execution.note,
        },
        "journal": {"seq": answer.journal_seq, "hash": answer.journal_hash},
    }


def answer_from_data(data: Any) -> GuardAnswer:  # noqa: ANN401 - parsed JSON
    """Read a guard answer. Raises GuardError when it is not one."""
    try:
        part = data["execution"]
        execution = Execution(
            phase=str(part["phase"]),
            orders=tuple(
                ExecutedOrder(role=str(o["role"]), client_id=str(o["client_id"]), status=str(o["status"]))
                for o in part["orders"]
            ),
            stop=_amount_or_none(part["stop"]),
            target=_amount_or_none(part["target"]),
            filled=amount(part["filled"]),
            average_price=_amount_or_none(part["average_price"]),
            note=str(part["note"]),
        )
        journal = data["journal"]
        return GuardAnswer(
            verdict=verdict_from_data(data["verdict"]),
            execution=execution,
            journal_seq=int(journal["seq"]),
            journal_hash=str(journal["hash"]),
        )
    except (KeyError, TypeError, ValueError, DataError) as error:
        raise GuardError(f"the guard's answer does not read: {error}") from error


def _optional(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _amount_or_none(value: Any) -> Decimal | None:  # noqa: ANN401 - parsed JSON
    return None if value is None else amount(value)
