"""What code makes of a decision: every rule by name, at its boundary, and never in the direction of more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.master import Assignment, DeskDecision, DeskPlan, Focus, SpecialistName
from agents.regime import RegimeReport
from agents.reports import Report
from agents.risk import RiskReport
from agents.spikes import SpikesReport
from crews.judgement.decide import build_intent, decision_id_of, intent_id_of, judge
from crews.judgement.plan import complete_plan
from crews.record.record import Abstention, AbstentionReason
from crews.setup import DeskSetup
from desk.domain.intents import Action
from desk.guard.door.wire import intent_to_json, parse_intent
from desk.market.snapshot import PositionBrief, Snapshot
from desk.regime.values import Regime
from desk.risk.values import RiskReason, RiskVerdict
from desk.signals.weighted import Direction
from memory.standing import Basis, Weight
from tests.unit.crews.conftest import Look

UP, DOWN, FLAT = 0.003, -0.003, 0.0
PROVEN = {"regime": Weight(value=Decimal(1), basis=Basis.EARNED)}


def risk(**changes: Any) -> RiskReport:
    values = {
        "note": "",
        "verdict": RiskVerdict.OK,
        "reasons": (),
        "size": 1.0,
        "stop_pct": 0.02,
        "target_pct": 0.05,
        "leverage": 0.0,
        "day_left": 1.0,
        "gap_left": 1.0,
    }
    return RiskReport(**(values | changes))


def reports(**changes: Report) -> dict[str, Report]:
    regime = RegimeReport(
        note="",
        regime=Regime.BULL,
        confidence=0.8,
        agreement=1.0,
        signal=Direction.LONG,
        signal_score=5,
        timeframes=(),
        evidence=(),
    )
    spikes = SpikesReport(note="", spikes=(), pressure=0.0, danger=0.0, noise_pct=0.1)
    return {"regime": regime, "spikes": spikes, "risk": risk(), **changes}


def wants(action: Action = Action.OPEN_LONG, **changes: Any) -> DeskDecision:
    values = {"conviction": 0.6, "stop_pct": 0.02, "target_pct": 0.05, "evidence": (), "note": ""}
    return DeskDecision(action=action, **(values | changes))


def absent(agent: str = "news") -> Abstention:
    return Abstention(agent=agent, reason=AbstentionReason.TIMEOUT, detail="late")


def test_a_clear_opening_passes_unchanged(look: Look, demo_setup: DeskSetup) -> None:
    judgement = judge(wants(), reports(), [], look(drift=UP), demo_setup, PROVEN)
    assert judgement.action is Action.OPEN_LONG
    assert (judgement.conviction, judgement.caps) == (Decimal("0.6"), ())


@pytest.mark.parametrize(
    ("weights", "conviction", "caps"),
    [
        ({"regime": "0.45"}, "0.45", ("support",)),
        ({"regime": "0.6"}, "0.6", ()),
        ({"regime": "0", "spikes": "1"}, "0", ("support", "no_conviction_left")),
        ({}, "0", ("support", "no_conviction_left")),
    ],
)
def test_conviction_is_no_larger_than_what_agreeing_reports_have_earned(
    weights: dict[str, str], conviction: str, caps: tuple[str, ...], look: Look, demo_setup: DeskSetup
) -> None:
    earned = {agent: Weight(value=Decimal(value), basis=Basis.EARNED) for agent, value in weights.items()}
    judgement = judge(wants(), reports(), [], look(drift=UP), demo_setup, earned)
    assert (judgement.conviction, judgement.caps) == (Decimal(conviction), caps)
    assert judgement.action is (Action.OPEN_LONG if Decimal(conviction) else Action.HOLD)


def test_without_a_record_the_configured_prior_is_the_most_there_is(look: Look, demo_setup: DeskSetup) -> None:
    judgement = judge(wants(), reports(), [], look(drift=UP), demo_setup)
    assert (judgement.conviction, judgement.caps) == (demo_setup.trust.prior["regime"], ("support",))


@pytest.mark.parametrize(
    ("what", "cap"),
    [
        ({"risk": None}, "no_risk_report"),
        ({"risk": risk(verdict=RiskVerdict.NO_NEW_EXPOSURE)}, "risk_veto"),
        ({"regime": None, "spikes": None}, "too_few_reports"),
    ],
)
def test_reports_that_are_missing_or_forbid_keep_the_desk_out(
    what: dict[str, Any], cap: str, look: Look, demo_setup: DeskSetup
) -> None:
    given_reports = {name: report for name, report in (reports() | what).items() if report is not None}
    judgement = judge(wants(), given_reports, [absent()], look(drift=UP), demo_setup)
    assert (judgement.action, judgement.caps) == (Action.HOLD, (cap,))


def test_a_careless_risk_report_does_not_overrule_our_own_reading(look: Look, demo_setup: DeskSetup) -> None:
    latched = look(drift=UP)
    latched = replace(latched, account=replace(latched.account, mode="LOCKED", latch="daily_loss"))
    judgement = judge(wants(conviction=1.0), reports(), [], latched, demo_setup)
    assert (judgement.action, judgement.caps[-1]) == (Action.HOLD, "risk_veto")


@pytest.mark.parametrize(("action", "drift"), [(Action.OPEN_LONG, DOWN), (Action.OPEN_SHORT, UP)])
def test_an_opening_needs_the_weighted_signal_on_its_side(
    action: Action, drift: float, look: Look, demo_setup: DeskSetup
) -> None:
    judgement = judge(wants(action, conviction=1.0), reports(), [], look(drift=drift), demo_setup)
    assert (judgement.action, judgement.caps) == (Action.HOLD, ("signal_does_not_agree",))


@pytest.mark.parametrize(
    ("conviction", "action"), [(0.3, Action.HOLD), (0.3001, Action.OPEN_LONG), (0.30009, Action.HOLD)]
)
def test_conviction_must_exceed_the_least_confidence(
    conviction: float, action: Action, look: Look, demo_setup: DeskSetup
) -> None:
    judgement = judge(wants(conviction=conviction), reports(), [], look(drift=UP), demo_setup)
    assert judgement.action is action


@pytest.mark.parametrize(
    ("risk_report", "missing", "expected", "caps"),
    [
        (risk(), [], "0.9", ("max_conviction",)),
        (risk(), [absent()], "0.5", ("abstention_cap",)),
        (risk(size=0.5), [], "0.5", ("risk_size",)),
        (risk(verdict=RiskVerdict.CAUTION, reasons=(RiskReason.FUNDING_COSTLY,)), [], "0.5", ("risk_caution",)),
        (risk(verdict=RiskVerdict.CAUTION, size=0.5), [absent()], "0.25", ("risk_caution", "risk_size")),
    ],
)
def test_conviction_is_lowered_by_named_rules(
    risk_report: RiskReport,
    missing: list[Abstention],
    expected: str,
    caps: tuple[str, ...],
    look: Look,
    demo_setup: DeskSetup,
) -> None:
    judgement = judge(wants(conviction=1.0), reports(risk=risk_report), missing, look(drift=UP), demo_setup, PROVEN)
    assert (judgement.conviction, judgement.caps) == (Decimal(expected), caps)


def test_a_size_of_nothing_is_no_opening(look: Look, demo_setup: DeskSetup) -> None:
    judgement = judge(wants(), reports(risk=risk(size=0.0)), [], look(drift=UP), demo_setup)
    assert (judgement.action, judgement.caps[-1]) == (Action.HOLD, "no_conviction_left")


@pytest.mark.parametrize(("asked", "held"), [(0.0, "0.005"), (0.02, "0.02"), (1.0, "0.05")])
def test_the_stop_is_held_inside_its_bounds(asked: float, held: str, look: Look, demo_setup: DeskSetup) -> None:
    judgement = judge(wants(stop_pct=asked), reports(), [], look(drift=UP), demo_setup)
    assert judgement.stop_pct == Decimal(held)


LONG = {"position": "0.1", "drift": UP}


@pytest.mark.parametrize(
    ("proposal", "unrealized", "action", "cap"),
    [
        (wants(Action.HOLD), "10", Action.HOLD, None),
        (wants(Action.HOLD), "0", Action.HOLD, None),
        (wants(Action.HOLD), "-0.01", Action.CLOSE, "losing_and_undecided_closes"),
        (None, "10", Action.HOLD, "no_decision"),
        (None, "-10", Action.CLOSE, "losing_and_undecided_closes"),
        (wants(Action.OPEN_LONG), "-10", Action.HOLD, "already_open"),
        (wants(Action.OPEN_SHORT, conviction=0.5), "10", Action.HOLD, "opposite_view_too_weak"),
        (wants(Action.OPEN_SHORT, conviction=0.5), "-10", Action.CLOSE, "losing_and_undecided_closes"),
        (wants(Action.OPEN_SHORT, conviction=0.51), "10", Action.CLOSE, "opposite_view_closes"),
        (wants(Action.CLOSE, conviction=0.0), "10", Action.CLOSE, None),
    ],
)
def test_an_open_position_is_kept_or_closed_and_never_turned(
    proposal: DeskDecision | None,
    unrealized: str,
    action: Action,
    cap: str | None,
    look: Look,
    demo_setup: DeskSetup,
) -> None:
    judgement = judge(proposal, {}, [], look(unrealized=unrealized, **LONG), demo_setup)
    assert judgement.action is action
    assert (judgement.caps[-1] if judgement.caps else None) == cap


def test_closing_needs_no_report_and_no_calm_guard(look: Look, demo_setup: DeskSetup) -> None:
    snapshot = look(mode="REDUCE_ONLY", **LONG)
    judgement = judge(wants(Action.CLOSE), {}, [absent("risk")], snapshot, demo_setup)
    assert judgement.action is Action.CLOSE


def test_there_is_nothing_to_close_when_flat(look: Look, demo_setup: DeskSetup) -> None:
    judgement = judge(wants(Action.CLOSE), reports(), [], look(), demo_setup)
    assert (judgement.action, judgement.caps) == (Action.HOLD, ("nothing_to_close",))


def test_without_a_decision_a_flat_desk_stays_flat(look: Look, demo_setup: DeskSetup) -> None:
    judgement = judge(None, reports(), [], look(drift=UP), demo_setup)
    assert (judgement.action, judgement.conviction) == (Action.HOLD, Decimal(0))


unit = st.floats(0, 1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    action=st.sampled_from(Action),
    conviction=unit,
    stop=unit,
    target=unit,
    size=unit,
    verdict=st.sampled_from(RiskVerdict),
    missing=st.booleans(),
)
def test_code_never_asks_for_more_than_the_model_did(
    action: Action,
    conviction: float,
    stop: float,
    target: float,
    size: float,
    verdict: RiskVerdict,
    missing: bool,
    demo_setup: DeskSetup,
    calm: Snapshot,
) -> None:
    proposal = wants(action, conviction=conviction, stop_pct=stop, target_pct=target)
    caps = demo_setup.caps
    judgement = judge(
        proposal, reports(risk=risk(size=size, verdict=verdict)), [absent()] if missing else [], calm, demo_setup
    )
    assert judgement.action in (action, Action.HOLD)
    assert judgement.conviction <= Decimal(repr(conviction))
    assert caps.stop.low <= judgement.stop_pct <= caps.stop.high
    assert caps.target.low <= judgement.target_pct <= caps.target.high
    if judgement.action.opens:
        assert verdict is not RiskVerdict.NO_NEW_EXPOSURE
        assert Decimal(0) < judgement.conviction <= (caps.abstention_cap if missing else caps.max_conviction)


@pytest.fixture(scope="module")
def calm(look: Look) -> Snapshot:
    return look(drift=UP)


def test_the_intent_is_what_the_guard_can_read_and_nothing_else(look: Look, demo_setup: DeskSetup) -> None:
    snapshot = look(drift=UP)
    judgement = judge(wants(), reports(), [], snapshot, demo_setup)
    intent = build_intent(judgement, snapshot, demo_setup, run_id="run-1", snapshot_hash=snapshot.digest)
    assert intent is not None
    assert parse_intent(intent_to_json(intent)) == replace(
        intent, created_at=intent.created_at, expires_at=intent.expires_at
    )
    assert intent.seen_mark == snapshot.mark.price
    assert intent.created_at == snapshot.at
    assert intent.expires_at - intent.created_at == timedelta(seconds=demo_setup.intent_ttl)


def test_hold_makes_no_intent(look: Look, demo_setup: DeskSetup) -> None:
    snapshot = look()
    judgement = judge(None, {}, [], snapshot, demo_setup)
    assert build_intent(judgement, snapshot, demo_setup, run_id="r", snapshot_hash="0" * 64) is None


def test_one_run_and_symbol_have_one_name() -> None:
    assert intent_id_of("run-1", "BTCUSDT") == intent_id_of("run-1", "BTCUSDT")
    assert len({intent_id_of(r, s) for r in ("run-1", "run-2") for s in ("BTCUSDT", "ETHUSDT")}) == 4
    assert decision_id_of("run-1", "BTCUSDT")[1:] == intent_id_of("run-1", "BTCUSDT")[1:]


def test_a_plan_is_completed_with_everyone_mandatory(look: Look, demo_setup: DeskSetup) -> None:
    proposed = DeskPlan(assignments=(Assignment(agent=SpecialistName.NEWS, focus=Focus.EXIT),), note="")
    plan = complete_plan(proposed, look(), demo_setup)
    assert plan.focus["news"] is Focus.EXIT
    assert set(plan.added) == demo_setup.mandatory
    assert set(plan.focus) == demo_setup.mandatory | {"news"}


def test_without_a_plan_code_plans_for_the_mandatory(look: Look, demo_setup: DeskSetup) -> None:
    plan = complete_plan(None, look(**LONG), demo_setup)
    assert set(plan.focus) == demo_setup.mandatory
    assert set(plan.focus.values()) == {Focus.EXIT}


@pytest.mark.parametrize(
    ("held", "limit", "opens"),
    [("0.3", 0.1, False), ("0.3", 1.0, True), ("-0.3", 0.1, True), ("0", 0.1, True)],
    ids=["a tenth is reached", "within the limit", "on the other side", "nothing held"],
)
def test_nothing_is_opened_beside_positions_that_move_along(
    held: str, limit: float, opens: bool, look: Look, demo_setup: DeskSetup
) -> None:
    snapshot = look(drift=UP)
    other = PositionBrief(
        symbol="XUSDT",
        quantity=Decimal(held),
        entry=Decimal(10_000),
        mark=Decimal(10_000),
        unrealized=Decimal(0),
        stop=Decimal(10_100 if held.startswith("-") else 9_900),
        target=None,
    )
    crowded = replace(snapshot, account=replace(snapshot.account, positions=(other,)))
    tools = replace(demo_setup.tools["BTCUSDT"], crowding_limit=limit)
    setup = replace(demo_setup, tools={"BTCUSDT": tools})
    judgement = judge(wants(), reports(), [], crowded, setup, PROVEN)
    assert judgement.action.opens is opens
    assert judgement.caps == (() if opens else ("crowded",))
