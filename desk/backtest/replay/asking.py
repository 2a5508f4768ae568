"""What a replay asks of the guard: an intent of this very moment, named after it: asking twice is asking once."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from decimal import Decimal

from desk.backtest.replay.stage import Stage
from desk.domain.intents import Action, Intent
from desk.domain.money import ONE

_VALID = timedelta(seconds=60)
_ANY_SHAPE = Decimal("0.02")


def asked(
    stage: Stage,
    symbol: str,
    action: Action,
    *,
    strategy_id: str,
    conviction: Decimal = ONE,
    stop: Decimal = _ANY_SHAPE,
    target: Decimal = _ANY_SHAPE,
) -> Intent:
    """A wish of this moment of the stage in the guard's words; a CLOSE needs no shape."""
    now, name = stage.clock.now(), f"{stage.clock.ms}-{symbol}-{action.value}"
    return Intent(
        intent_id=name[:64],
        run_id=name[:64],
        symbol=symbol,
        action=action,
        conviction=conviction,
        stop_pct=stop,
        target_pct=target,
        seen_mark=stage.exchange.mark(symbol).mark,
        strategy_id=strategy_id[:64],
        snapshot_hash=hashlib.sha256(name.encode()).hexdigest(),
        created_at=now,
        expires_at=now + _VALID,
    )
