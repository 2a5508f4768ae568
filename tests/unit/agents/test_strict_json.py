"""A model's answer is read exactly or not at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.master import DeskDecision, DeskPlan
from agents.roster import ROSTER
from agents.strict_json import answer_schema, parse_answer
from desk.domain.errors import ModelMalformedError

GOOD = {
    "action": "OPEN_LONG",
    "conviction": 0.6,
    "stop_pct": 0.02,
    "target_pct": 0.05,
    "evidence": [{"agent": "regime", "stance": "FOR", "weight": 0.5}],
    "note": "agreement",
}


def test_an_answer_may_stand_in_one_fence() -> None:
    plain = parse_answer(DeskDecision, json.dumps(GOOD))
    assert parse_answer(DeskDecision, f"```json\n{json.dumps(GOOD, indent=1)}\n```\n") == plain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "I would buy. " + json.dumps(GOOD),
        json.dumps(GOOD) + " Good luck!",
        json.dumps(GOOD)[:-1],
        json.dumps(GOOD) + json.dumps(GOOD),
        "```json\n" + json.dumps(GOOD) + "\n```\n```json\n" + json.dumps(GOOD) + "\n```",
        json.dumps(GOOD).replace('"conviction": 0.6', '"conviction": 0.1, "conviction": 0.6'),
        json.dumps(GOOD).replace("0.6", "NaN"),
        json.dumps(GOOD).replace("0.6", "Infinity"),
        json.dumps(GOOD).replace("0.6", "1e400"),
        json.dumps(GOOD).replace("0.6", '"0.6"'),
        json.dumps(GOOD).replace("0.6", "true"),
        json.dumps(GOOD).replace("0.6", "1.0001"),
        json.dumps(GOOD).replace("OPEN_LONG", "open_long"),
        json.dumps(GOOD | {"quantity": 10}),
        json.dumps({key: value for key, value in GOOD.items() if key != "stop_pct"}),
        json.dumps(GOOD | {"note": "x" * 281}),
        json.dumps(GOOD | {"note": "x" * 30_000}),
        "[" * 10_000,
    ],
)
def test_what_is_not_exactly_the_answer_is_malformed(text: str) -> None:
    with pytest.raises(ModelMalformedError):
        parse_answer(DeskDecision, text)


@given(text=st.text(max_size=300))
def test_any_text_parses_or_is_malformed(text: str) -> None:
    with pytest.raises(ModelMalformedError):
        parse_answer(DeskPlan, text)


def test_schemas_require_every_field_and_allow_no_other() -> None:
    for kind in (DeskPlan, DeskDecision, *(specialist.report for specialist in ROSTER.values())):
        schema = answer_schema(kind)
        for part in (schema, *schema.get("$defs", {}).values()):
            if "properties" in part:
                assert part["required"] == list(part["properties"])
                assert part["additionalProperties"] is False
        assert "maxLength" not in json.dumps(schema)
