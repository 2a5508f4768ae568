"""The judge's own reading of what an intent is, written from its published grammar and not from the guard's parser."""

from __future__ import annotations

import json
import re
from typing import Any

_AMOUNT = re.compile(r"(0|[1-9]\d{0,8})(\.\d{1,8})?", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:\-]{0,63}")
_SYMBOL = re.compile(r"[A-Z0-9]{2,20}")
_HASH = re.compile(r"[0-9a-f]{64}")
_NAMES = ("intent_id", "run_id", "strategy_id")
_SHARES = ("conviction", "stop_pct", "target_pct")
_KEYS = {*_NAMES, *_SHARES, "schema", "symbol", "action", "seen_mark", "snapshot_hash", "created_at", "expires_at"}
_LARGEST = 4096


def is_intent(text: str) -> bool:
    """Whether this text is one whole intent, nothing missing, nothing more, every number in plain ASCII digits."""
    try:
        if len(text.encode("utf-8")) > _LARGEST:
            return False
        told = json.loads(text, object_pairs_hook=list, parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    if not isinstance(told, list) or not all(isinstance(pair, tuple) for pair in told):
        return False
    fields = dict(told)
    return len(fields) == len(told) and fields.keys() == _KEYS and _sound(fields)


def _sound(fields: dict[str, Any]) -> bool:
    texts = all(isinstance(fields[name], str) for name in (*_NAMES, *_SHARES, "symbol", "seen_mark", "snapshot_hash"))
    if not texts or type(fields["schema"]) is not int or fields["schema"] != 1:
        return False
    if fields["action"] not in ("OPEN_LONG", "OPEN_SHORT", "CLOSE") or not _SYMBOL.fullmatch(fields["symbol"]):
        return False
    names = all(_NAME.fullmatch(fields[name]) for name in _NAMES) and _HASH.fullmatch(fields["snapshot_hash"])
    amounts = all(_AMOUNT.fullmatch(fields[name]) for name in (*_SHARES, "seen_mark"))
    times = all(type(fields[name]) is int for name in ("created_at", "expires_at"))
    return bool(names and amounts and times) and all(float(fields[name]) <= 1 for name in _SHARES)


def _refuse(text: str) -> Any:  # noqa: ANN401 - the signature json expects
    raise ValueError(text)
