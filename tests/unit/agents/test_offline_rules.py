"""The offline model does honest work: it sees what any model sees, follows written rules, and never says a constant."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agents.chart import CHART
from agents.master import WEIGHTS, decide_offline, lean, plan_offline
from agents.models import ChatRequest, RawCall, Stage, facts_line
from agents.news import NEWS
from agents.offline import OfflineModel
from agents.opinion import OpinionReport, opinion
from agents.regime import REGIME
from agents.risk import RISK
from agents.roster import ROSTER
from agents.specialist import Specialist
from agents.spikes import SPIKES
from crews.setup import DeskSetup
from desk.domain.errors import ModelError
from desk.domain.intents import Action
from desk.market.snapshot import Snapshot
from tests.unit.crews.conftest import Look
from tools.catalogue import CATALOGUE
from tools.tool import ToolContext

FACTS: dict[str, Any] = {"symbol": "BTCUSDT", "focus": "ENTRY", "position": None, "mark": 60000.0}


def results_of(specialist: Specialist, snapshot: Snapshot, setup: DeskSetup) -> dict[str, Any]:
    context = ToolContext(snapshot=snapshot, settings=setup.tools_for(snapshot.symbol))
    found = {}
    for name, arguments in specialist.first_calls:
        tool = CATALOGUE[name]
        found[name] = json.loads(
            tool.run(context, tool.parse(json.dumps(arguments))).model_dump_json(exclude_none=True)
        )
    return found


def request(agent: str, stage: Stage, facts: dict[str, Any], *, tools: tuple[str, ...] = (), history: Any = ()) -> Any:
    opening = {"role": "user", "content": f"Current Task: work\n{facts_line(facts)}\n\nexpected: json"}
    return ChatRequest(
        agent=agent,
        stage=stage,
        messages=(opening, *history),
        tools=tuple(CATALOGUE[name].schema() for name in tools),
        answer_schema={},
        deadline=5.0,
    )


@pytest.mark.parametrize("specialist", list(ROSTER.values()), ids=lambda item: item.name)
def test_a_specialist_asks_for_tools_first_and_reports_from_their_results(
    specialist: Specialist, look: Look, demo_setup: DeskSetup
) -> None:
    model, snapshot = OfflineModel(), look()
    agent, names = specialist.name, tuple(name for name, _ in specialist.first_calls)
    asked = model.complete(request(agent, Stage.WORK, FACTS, tools=names))
    assert [call.name for call in asked.tool_calls] == list(names)
    results = results_of(specialist, snapshot, demo_setup)
    answered = model.complete(request(agent, Stage.WORK, FACTS, history=history(asked.tool_calls, results)))
    report = specialist.report.model_validate_json(answered.text or "")
    assert report == specialist.rules(FACTS, results)
    assert report.note


def history(calls: tuple[RawCall, ...], results: dict[str, Any]) -> list[dict[str, Any]]:
    asked = [{"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}} for c in calls]
    answers = [{"role": "tool", "tool_call_id": c.id, "content": json.dumps(results[c.name])} for c in calls]
    return [{"role": "assistant", "content": None, "tool_calls": asked}, *answers]


def test_a_specialist_whose_tools_refused_says_so_instead_of_guessing(look: Look) -> None:
    model = OfflineModel()
    asked = model.complete(request("risk", Stage.WORK, FACTS, tools=("get_account_risk", "get_limits")))
    refused = {key: {"refused": "no_data", "message": "none"} for key in ("get_account_risk", "get_limits")}
    with pytest.raises(ModelError, match="need the result of get_account_risk"):
        model.complete(request("risk", Stage.WORK, FACTS, history=history(asked.tool_calls, refused)))


@pytest.mark.parametrize("specialist", [REGIME, CHART], ids=lambda item: item.name)
def test_reports_follow_the_market(specialist: Specialist, look: Look, demo_setup: DeskSetup) -> None:
    up = specialist.rules(FACTS, results_of(specialist, look(drift=0.003), demo_setup)).for_master()
    down = specialist.rules(FACTS, results_of(specialist, look(drift=-0.003), demo_setup)).for_master()
    assert up != down


def test_a_trend_without_adx_is_believed_less() -> None:
    regime = {"regime": "BULL", "confidence": 0.6, "agreement": 1.0, "timeframes": []}
    signal = {"direction": "LONG", "score": 3, "threshold": 3}
    tools = {"get_regime": regime, "get_weighted_signal": signal}
    sure = REGIME.rules(FACTS, tools | {"get_indicators": {"values": {"adx_14": 30.0}}}).for_master()
    unsure = REGIME.rules(FACTS, tools | {"get_indicators": {"values": {"adx_14": 12.0}}}).for_master()
    assert (sure["confidence"], unsure["confidence"]) == (0.6, 0.4)


NEWS_ITEM = {"age_minutes": 10, "topic": "HACK", "relevance": 1.0, "suspicious": False}
MOOD = {"mood": "POSITIVE", "score": 0.6, "confidence": 0.8, "positive": 3, "negative": 0, "neutral": 0}


def test_a_fresh_hack_turns_the_mood_whatever_the_rest_says() -> None:
    report = NEWS.rules(FACTS, {"read_headlines": MOOD | {"items": [NEWS_ITEM]}}).for_master()
    assert (report["mood"], report["score"]) == ("NEGATIVE", -0.5)


@pytest.mark.parametrize("change", [{"suspicious": True}, {"age_minutes": 121}, {"relevance": 0.4}])
def test_a_hack_that_is_old_or_doubtful_or_elsewhere_does_not(change: dict[str, Any]) -> None:
    report = NEWS.rules(FACTS, {"read_headlines": MOOD | {"items": [NEWS_ITEM | change]}}).for_master()
    assert report["mood"] == "POSITIVE"


def test_suspicious_headlines_cost_confidence() -> None:
    items = [NEWS_ITEM | {"topic": "PRICE", "suspicious": flag} for flag in (True, False)]
    report = NEWS.rules(FACTS, {"read_headlines": MOOD | {"items": items}}).for_master()
    assert report["confidence"] == pytest.approx(0.4)


def spike(**changes: Any) -> dict[str, Any]:
    base = {"type": "PRICE", "direction": "UP", "severity": "EXTREME", "bars_ago": 0, "legitimacy": {"score": 0.75}}
    return base | changes


@pytest.mark.parametrize(
    ("spikes", "pressure", "danger"),
    [
        ([], 0.0, 0.0),
        ([spike()], 0.75, 0.25),
        ([spike(direction="DOWN")], -0.75, 0.25),
        ([spike(bars_ago=3)], 0.375, 0.125),
        ([spike(type="LIQUIDATION_CASCADE", direction="DOWN")], -0.75, 1.0),
        ([spike(), spike(), spike()], 1.0, 0.75),
    ],
)
def test_spikes_weigh_by_severity_age_and_what_stands_behind_them(
    spikes: list[dict[str, Any]], pressure: float, danger: float
) -> None:
    report = SPIKES.rules(FACTS, {"scan_spikes": {"spikes": spikes, "bar_sigma_pct": 0.1}}).for_master()
    assert (report["pressure"], report["danger"]) == (pytest.approx(pressure), pytest.approx(danger))


RISK_READING: dict[str, Any] = {
    "verdict": "OK",
    "reasons": [],
    "size": {"fraction": 0.8, "stop_pct": 0.02, "target_pct": 0.05},
    "gross_leverage": 0.2,
    "day_left": 1.0,
    "gap_left": 0.9,
}
LIMITS = {"latched": False, "mode": "NORMAL", "unexplained": 0}


@pytest.mark.parametrize("change", [{"latched": True}, {"mode": "REDUCE_ONLY"}, {"unexplained": 1}])
def test_a_guard_that_is_not_calm_means_no_new_exposure(change: dict[str, Any]) -> None:
    tools = {"get_account_risk": RISK_READING, "get_limits": LIMITS | change}
    assert RISK.rules(FACTS, tools).for_master()["verdict"] == "NO_NEW_EXPOSURE"


def test_extreme_funding_asks_for_caution_and_less_size() -> None:
    tools = {"get_account_risk": RISK_READING, "get_limits": LIMITS, "get_funding": {"extreme": True}}
    report = RISK.rules(FACTS, tools).for_master()
    assert (report["verdict"], report["size"]) == ("CAUTION", pytest.approx(0.6))


def desk_facts(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "mode": "NORMAL",
        "position": None,
        "signal": {"score": 5, "threshold": 3, "needed": 3, "direction": "LONG"},
        "reports": {
            "regime": {"regime": "BULL", "confidence": 0.8},
            "chart": {"score": 60, "confidence": 0.8},
            "risk": {"verdict": "OK", "size": 1.0, "stop_pct": 0.02, "target_pct": 0.05},
        },
        "missing": {},
        "bounds": {"stop": [0.005, 0.05], "stop_default": 0.02, "target": [0.005, 0.15], "target_default": 0.05},
    }
    return base | changes


def test_the_vote_opens_with_the_signal_and_the_agreement_of_reports() -> None:
    decision = decide_offline(desk_facts())
    assert decision.action is Action.OPEN_LONG
    assert decision.conviction > 0.5


def test_the_mirror_market_gives_the_mirror_decision() -> None:
    facts = desk_facts(signal={"score": -5, "threshold": 3, "needed": 3, "direction": "SHORT"})
    facts["reports"] |= {"regime": {"regime": "BEAR", "confidence": 0.8}, "chart": {"score": -60, "confidence": 0.8}}
    assert lean(facts) == pytest.approx(-lean(desk_facts()))
    assert decide_offline(facts).action is Action.OPEN_SHORT


@pytest.mark.parametrize("score", [2, -5, 0])
def test_it_does_not_open_without_the_signal_on_its_side(score: int) -> None:
    facts = desk_facts(signal={"score": score, "threshold": 3, "needed": 3, "direction": "NONE"})
    facts["reports"]["regime"]["confidence"] = 1.0
    assert decide_offline(facts).action is not Action.OPEN_LONG


def test_a_risk_veto_or_a_missing_risk_report_keeps_it_out() -> None:
    vetoed, missing = desk_facts(), desk_facts()
    vetoed["reports"]["risk"]["verdict"] = "NO_NEW_EXPOSURE"
    del missing["reports"]["risk"]
    assert decide_offline(vetoed).action is Action.HOLD
    assert decide_offline(missing).action is Action.HOLD


def test_a_volatile_regime_and_unsupported_moves_lower_conviction() -> None:
    calm, wild = desk_facts(), desk_facts()
    wild["reports"] = wild["reports"] | {"spikes": {"pressure": 0.0, "danger": 1.0}}
    assert decide_offline(wild).conviction < decide_offline(calm).conviction


def test_the_weights_of_the_vote_add_to_one() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("changes", "focus"),
    [({}, "ENTRY"), ({"position": {"side": "LONG"}}, "EXIT"), ({"mode": "LOCKED"}, "PROTECT")],
)
def test_the_plan_follows_the_account(changes: dict[str, Any], focus: str) -> None:
    plan = plan_offline(desk_facts(**changes))
    assert {item.focus.value for item in plan.assignments} == {focus}
    assert {item.agent.value for item in plan.assignments} == set(ROSTER)


def test_a_task_without_facts_is_not_guessed_at() -> None:
    bare = ChatRequest(
        agent="master",
        stage=Stage.PLAN,
        messages=({"role": "user", "content": "hello"},),
        tools=(),
        answer_schema={},
        deadline=1.0,
    )
    with pytest.raises(ModelError, match="no facts"):
        OfflineModel().complete(bare)


def test_a_role_without_a_module_reports_an_opinion_from_its_tools(look: Look, demo_setup: DeskSetup) -> None:
    model, tools = OfflineModel(), ("get_weighted_signal", "get_regime", "get_candles")
    asked = model.complete(request("macro", Stage.WORK, FACTS, tools=tools))
    assert [call.name for call in asked.tool_calls] == ["get_weighted_signal", "get_regime"]
    leans = []
    for drift in (0.003, -0.003):
        results = results_of(REGIME, look(drift=drift), demo_setup)
        answered = model.complete(request("macro", Stage.WORK, FACTS, history=history(asked.tool_calls, results)))
        leans.append(OpinionReport.model_validate_json(answered.text or "").lean)
    assert leans[0] > 0 > leans[1]


def test_a_further_role_without_a_directional_tool_abstains() -> None:
    with pytest.raises(ModelError, match="no directional reading"):
        opinion("macro").rules(FACTS, {"get_limits": LIMITS})


def test_a_further_role_votes_a_little() -> None:
    facts = desk_facts()
    facts["reports"]["macro"] = {"lean": -1.0, "confidence": 1.0}
    assert 0 < lean(facts) < lean(desk_facts())
    assert "macro" in {line.agent for line in decide_offline(facts).evidence}


def test_the_offline_model_says_what_it_is() -> None:
    assert OfflineModel().label == "offline rules"
