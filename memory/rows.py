"""What the audit log is made of, as values: kinds, rows, one line per decision, and what a check found."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from memory.payload import canonical

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GENESIS = "0" * 64


class Kind(StrEnum):
    """What a row records. `memory.payloads` says which keys each kind carries."""

    RUN = "run"
    SNAPSHOT = "snapshot"
    PROMPT = "prompt"
    REPLY = "reply"
    TOOL_CALL = "tool_call"
    REPORT = "report"
    ABSTENTION = "abstention"
    PLAN = "plan"
    RECALL = "recall"
    DECISION = "decision"
    INTENT = "intent"
    VERDICT = "verdict"
    ORDER = "order"
    STOP = "stop"
    FILL = "fill"
    OUTCOME = "outcome"
    ERROR = "error"
    ACT = "act"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row before it is written."""

    kind: str
    payload: Mapping[str, Any]
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """A row as written. `hash` covers everything here and the hash of the row before."""

    seq: int
    at: datetime
    decision_id: str
    kind: Kind
    agent: str
    payload: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSummary:
    """One line of a list of decisions. Empty text where the decision did not get that far."""

    decision_id: str
    at: datetime
    symbol: str
    action: str
    conviction: str
    verdict: str
    rule: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """What `verify` found. `bad` is the first row that does not hold, where one is at fault; `problem` says why."""

    rows: int
    blobs: int
    head: str
    bad: int | None
    problem: str

    @property
    def ok(self) -> bool:
        """Whether every row, blob and link holds."""
        return not self.problem


def chain(previous: str, seq: int, at: int, decision_id: str, kind: str, agent: str, body: str) -> str:
    """The hash of a row: SHA-256 over the previous hash and the row's fields, framed so that no two rows collide."""
    framed = canonical([previous, seq, at, decision_id, kind, agent, body])
    return hashlib.sha256(framed.encode()).hexdigest()


def to_micros(at: datetime) -> int:
    """Microseconds since 1970 UTC. Exact, unlike a float timestamp."""
    return (at - EPOCH) // timedelta(microseconds=1)


def from_micros(at: int) -> datetime:
    """The aware UTC time of `to_micros`."""
    return EPOCH + timedelta(microseconds=at)
