"""A clock that a test moves, and a decision as the desk would log it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from memory.audit import AuditLog, Entry


class TestClock:
    """Every look at it is a millisecond later."""

    __test__ = False

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()


def decision_entries(name: str, symbol: str, snapshot: str) -> list[Entry]:
    intent = f"{name}-intent"
    asked: dict[str, Any] = {"stage": "work", "model": "offline rules"}
    rows: list[tuple[str, dict[str, Any], str]] = [
        (
            "run",
            {
                "run_id": "r1",
                "symbol": symbol,
                "profile": "demo",
                "config": "{" + " " * 700 + "}",
                "config_hash": "c",
                "weights": {},
                "models": {"risk": "offline rules"},
            },
            "",
        ),
        ("snapshot", {"digest": snapshot, "symbol": symbol, "at": "2026-03-01T12:00:00+00:00", "source": "demo"}, ""),
        (
            "prompt",
            {**asked, "call": "risk-1", "messages": [{"content": "Be careful. " * 80}], "tools": [], "schema": {}},
            "risk",
        ),
        (
            "reply",
            {
                **asked,
                "call": "risk-1",
                "text": None,
                "tool_calls": [{"id": "t1", "name": "get_limits", "arguments": "{}"}],
                "prompt_tokens": 10,
                "completion_tokens": 4,
                "seconds": 0.2,
            },
            "risk",
        ),
        (
            "tool_call",
            {
                "call": "risk-1",
                "id": "t1",
                "tool": "get_limits",
                "arguments": "{}",
                "result": '{"mode":"NORMAL"}',
                "ok": True,
                "seconds": 0.01,
            },
            "risk",
        ),
        ("report", {"report": {"verdict": "allow", "note": f"{symbol} ok"}, "source_call": "risk-1"}, "risk"),
        (
            "decision",
            {
                "proposed": {"action": "OPEN_LONG"},
                "decision": {"action": "OPEN_LONG", "conviction": "0.5"},
                "caps": [],
                "source_call": "risk-1",
            },
            "master",
        ),
        ("intent", {"intent_id": intent, "body": "{}"}, ""),
        (
            "verdict",
            {
                "intent_id": intent,
                "outcome": "approved",
                "rule": "ok",
                "message": "",
                "numbers": {},
                "quantity": "0.1",
                "journal_seq": 9,
                "journal_hash": "ab",
            },
            "",
        ),
    ]
    return [Entry(kind=kind, payload=payload, agent=agent) for kind, payload, agent in rows]


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.sqlite"


@pytest.fixture
def log(path: Path, clock: TestClock) -> Iterator[AuditLog]:
    opened = AuditLog(path, clock)
    yield opened
    opened.close()


@pytest.fixture
def record(log: AuditLog) -> Callable[..., str]:
    """Log one whole decision and return its id."""

    def write(name: str = "d1", symbol: str = "BTCUSDT", size: int = 3000) -> str:
        digest = log.put_snapshot(f"snapshot of {symbol} for {name} ".encode() * (size // 30))
        log.append_all(name, decision_entries(name, symbol, digest))
        return name

    return write
