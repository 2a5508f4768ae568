"""A desk asks for what its proofs allow: the policy's word, the licence's name, nothing where a proof is missing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from config.loader import load_desk
from crews.judgement.decide import build_intent, judge
from crews.seating import setup_of
from crews.setup import DeskSetup
from crews.work.prompts import policy_facts
from desk.domain.intents import Action
from desk.market.snapshot import PolicyBrief, Snapshot
from tests.unit.crews.conftest import Look
from tests.unit.crews.test_decide_rules import PROVEN, UP, reports, wants
from tools.policy import GET_POLICY
from tools.tool import ToolContext

MARK = "0123456789abcdef" * 2


def brief(action: str = "BUY", mark: str = MARK) -> PolicyBrief:
    return PolicyBrief(strategy_id=f"policy-9f:{mark}" if mark else "policy-9f", action=action, lead=1.25, visits=80)


def strict(setup: DeskSetup) -> DeskSetup:
    return replace(setup, proof_needed=True)


@pytest.mark.parametrize("action", ["SELL", "HOLD"])
def test_a_policy_that_says_otherwise_stops_an_opening(look: Look, demo_setup: DeskSetup, action: str) -> None:
    seen = replace(look(drift=UP), policy=brief(action))
    judgement = judge(wants(), reports(), [], seen, demo_setup, PROVEN)
    assert (judgement.action, judgement.caps) == (Action.HOLD, ("policy_does_not_agree",))


def test_a_policy_that_agrees_adds_nothing(look: Look, demo_setup: DeskSetup) -> None:
    seen = look(drift=UP)
    alone = judge(wants(), reports(), [], seen, demo_setup, PROVEN)
    assert judge(wants(), reports(), [], replace(seen, policy=brief()), demo_setup, PROVEN) == alone


def test_where_a_proof_is_needed_nothing_opens_without_a_licence(look: Look, demo_setup: DeskSetup) -> None:
    seen = look(drift=UP)
    judgement = judge(wants(), reports(), [], seen, strict(demo_setup), PROVEN)
    assert (judgement.action, judgement.caps) == (Action.HOLD, ("no_edge_proven",))
    licensed = replace(seen, licence=f"crew:{MARK}")
    assert judge(wants(), reports(), [], licensed, strict(demo_setup), PROVEN).action is Action.OPEN_LONG


@pytest.mark.parametrize(("profile", "needed"), [("demo", False), ("paper", False), ("testnet", True), ("live", True)])
def test_whether_a_proof_is_needed_follows_from_the_venue(profile: str, needed: bool) -> None:
    assert setup_of(load_desk(profile, environ={})).proof_needed is needed


def test_the_intent_names_the_licence_and_so_its_certificate(look: Look, demo_setup: DeskSetup) -> None:
    def asked(seen: Snapshot) -> str:
        judgement = judge(wants(), reports(), [], seen, demo_setup, PROVEN)
        intent = build_intent(judgement, seen, demo_setup, run_id="r", snapshot_hash="a" * 64)
        assert intent is not None
        return intent.strategy_id

    seen = look(drift=UP)
    assert asked(seen) == demo_setup.strategy_id
    assert asked(replace(seen, licence=brief().strategy_id)) == f"policy-9f:{MARK}"


def test_the_advice_is_part_of_the_snapshots_bytes_and_its_absence_leaves_old_ones_alone(look: Look) -> None:
    seen = look(drift=UP)
    advised = replace(seen, policy=brief(), licence=brief().strategy_id)
    assert Snapshot.from_json(advised.to_json()) == advised
    assert b"policy" not in seen.to_json()
    assert b"licence" not in seen.to_json()


@pytest.mark.parametrize(
    ("said", "standing", "action"),
    [
        (None, "NO_POLICY_PROVEN", "NONE"),
        (brief(), "CERTIFIED", "BUY"),
        (brief("HOLD", mark=""), "UNCERTIFIED", "HOLD"),
    ],
)
def test_the_tool_tells_what_is_proven(
    look: Look, demo_setup: DeskSetup, said: PolicyBrief | None, standing: str, action: str
) -> None:
    seen = replace(look(drift=UP), policy=said)
    context = ToolContext(snapshot=seen, settings=demo_setup.tools_for(seen.symbol))
    told = GET_POLICY.run(context, GET_POLICY.parse("{}")).model_dump(mode="json")
    assert (told["standing"], told["action"]) == (standing, action)


def test_the_master_hears_a_policy_only_where_one_is_promoted(look: Look) -> None:
    seen = look(drift=UP)
    assert policy_facts(seen) == {}
    told = policy_facts(replace(seen, policy=brief()))["policy"]
    assert told == {"action": "BUY", "lead": 1.25, "visits": 80, "proven": True}
    assert Decimal(str(told["lead"])) == Decimal("1.25")
