"""Decisions from the audit log: the list, one with its steps, why, its chart, and the same again from its record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from crews.audit.chart_of import chart_of
from desk.ledger import DecisionRow
from ui.server.api.asked import Bounds, DecisionId, Page, page
from ui.server.api.series import read
from ui.server.house import house_of

router = APIRouter(prefix="/decisions", tags=["decisions"])


class Step(BaseModel):
    """One row of the audit log. `hash` covers it and the row before."""

    seq: int
    at: datetime
    kind: str
    agent: str
    payload: dict[str, Any]
    hash: str


class Steps(BaseModel):
    """Every row of one decision, in order."""

    items: list[Step]


class Replayed(BaseModel):
    """Whether the decision, made again from its record without model or market, is the same to the byte."""

    decision_id: str
    equal: bool
    difference: str


@router.get("")
def decisions(
    request: Request, asked: Bounds, action: str = "", verdict: str = "", rule: str = ""
) -> Page[DecisionRow]:
    """Decisions and how they ended, newest first."""
    asked = replace(asked, where=(("action", action[:20]), ("verdict", verdict[:20]), ("rule", rule[:80])))
    return page(request, asked, read(request, lambda pages: pages.decisions(asked)))


@router.get("/{decision_id}/steps")
def steps(request: Request, decision_id: DecisionId) -> Steps:
    """Prompts, replies, tool calls, reports, decision, verdict, orders: every row as it was written."""
    rows = house_of(request).window.record.rows(decision_id)
    return Steps(
        items=[
            Step(seq=r.seq, at=r.at, kind=r.kind.value, agent=r.agent, payload=dict(r.payload), hash=r.hash)
            for r in rows
        ]
    )


@router.get("/{decision_id}/why")
def why(request: Request, decision_id: DecisionId) -> dict[str, Any]:
    """Who said what, what code changed, which rule decided, what was done and what came of it."""
    return house_of(request).window.record.why(decision_id).to_json()


@router.get("/{decision_id}/replay")
def replay(request: Request, decision_id: DecisionId) -> Replayed:
    """Decide again from the record alone and compare every byte."""
    report = house_of(request).window.record.replay(decision_id)
    return Replayed(decision_id=decision_id, equal=report.equal, difference=report.difference)


@router.get("/{decision_id}/chart.png", response_class=Response, responses={200: {"content": {"image/png": {}}}})
def chart(request: Request, decision_id: DecisionId) -> Response:
    """The picture of the market that the decision was made on, drawn again from its snapshot."""
    return Response(chart_of(house_of(request).window.record.log(), decision_id), media_type="image/png")
