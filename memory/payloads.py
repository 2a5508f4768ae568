"""Which keys each kind of row carries. Writing a row without them is an error: replay and `why` rely on them.

Decimals and times are text (plain notation; ISO 8601 UTC). `raw` texts are exactly what the model sent or was shown.

    run         run_id, symbol, profile, config (canonical JSON of DeskConfig), config_hash, models {agent: model name},
                weights {agent: {weight, basis}} (what each agent's agreement counted for); asked {action, conviction,
                stop_pct, target_pct, by} where a person or a program asked for the trade and no crew decided it
    snapshot    digest (see `put_snapshot`), symbol, at, source
    prompt      call (unique in the decision), stage (plan|work|read|decide|picture), model, messages, tools, schema
    reply       call, stage, model, text, tool_calls [{id, name, arguments (raw)}], prompt_tokens, completion_tokens,
                seconds, recalled (given before, and nothing paid)
    tool_call   call, id, tool, arguments (raw), result (canonical JSON text as shown to the model), ok, seconds
    report      report (JSON of the typed report), source_call (the reply it was parsed from)
    abstention  reason, detail
    plan        plan (JSON of the validated plan), source_call (or "" when code made it)
    recall      recalled (numbers of similar cases that ended)
    decision    proposed (JSON of the master's typed decision or null), decision (JSON after caps), caps [names],
                source_call
    intent      intent_id, body (the exact text sent to the guard)
    verdict     intent_id, outcome, rule, message, numbers {name: text}, quantity, journal_seq, journal_hash
    order       intent_id, and the guard's row
    stop        intent_id, and the guard's row
    fill        intent_id, and the guard's row
    outcome     intent_id, symbol, pnl, reason, closed_at, and what else is known
    error       stage, error (class name), message
    act         act, by (who, and from where), outcome: what people and services did beside any decision, under the id
                `acts`: pauses, acknowledgements, a messenger's commands, strangers who wrote to it
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REQUIRED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "run": frozenset({"run_id", "symbol", "profile", "config", "config_hash", "models", "weights"}),
        "snapshot": frozenset({"digest", "symbol", "at", "source"}),
        "prompt": frozenset({"call", "stage", "model", "messages", "tools", "schema"}),
        "reply": frozenset(
            {"call", "stage", "model", "text", "tool_calls", "prompt_tokens", "completion_tokens", "seconds"}
        ),
        "tool_call": frozenset({"call", "id", "tool", "arguments", "result", "ok", "seconds"}),
        "report": frozenset({"report", "source_call"}),
        "abstention": frozenset({"reason", "detail"}),
        "plan": frozenset({"plan", "source_call"}),
        "recall": frozenset({"recalled"}),
        "decision": frozenset({"proposed", "decision", "caps", "source_call"}),
        "intent": frozenset({"intent_id", "body"}),
        "verdict": frozenset({"intent_id", "outcome", "rule", "message", "numbers", "quantity"}),
        "order": frozenset({"intent_id"}),
        "stop": frozenset({"intent_id"}),
        "fill": frozenset({"intent_id"}),
        "outcome": frozenset({"intent_id", "symbol", "pnl", "reason", "closed_at"}),
        "error": frozenset({"stage", "error", "message"}),
        "act": frozenset({"act", "by", "outcome"}),
    }
)
