"""Each way of paying prices the same tokens by the table; what was chosen for a profile is what it pays."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from config.loader import load_desk
from crews.running.services import Folder
from crews.spending.costs import choose_mode, chosen_mode, compare, mode_words
from desk.domain.errors import ConfigError
from desk.ledger import CostRow
from tests.unit.crews.fakes import NOW


def row(agent: str, decision: str = "d1") -> CostRow:
    return CostRow(
        decision_id=decision,
        agent=agent,
        at=NOW,
        model="any",
        requests=2,
        prompt_tokens=1_000_000,
        completion_tokens=100_000,
        usd=Decimal("0.5"),
    )


def test_the_same_tokens_at_each_modes_prices_dearest_first() -> None:
    config = load_desk("demo", environ={})
    prices = compare(config, [row("master"), row("chart"), row("chart", "d2")])
    assert [price.mode for price in prices] == ["as it was", "premium", "cost-saving", "offline"]
    assert [price.usd for price in prices] == [Decimal("1.5"), Decimal("13.5"), Decimal("0.56"), Decimal(0)]
    assert prices[1].per_decision == Decimal("6.75")
    assert prices[2].models == ("ollama", "openai")


def test_a_mode_rules_over_every_agents_own_model() -> None:
    own = {"agents.news.llm": "vllm"}
    assert load_desk("demo", environ={}, overrides=own).model_name("news") == "vllm"
    saving = load_desk("demo", environ={}, overrides=own | {"desk.mode": "cost-saving"})
    assert (saving.model_name("news"), saving.model_name("master")) == ("ollama", "openai")


def test_a_choice_outlives_the_profiles_data_and_names_only_what_there_is(tmp_path: Path) -> None:
    config, folder = load_desk("demo", environ={}), Folder(tmp_path / "demo")
    assert mode_words(folder) == {}
    choose_mode(config, folder, "premium")
    assert chosen_mode(folder) == "premium"
    assert load_desk("demo", environ={}, overrides=mode_words(folder)).desk.mode == "premium"
    assert not folder.root.exists()
    with pytest.raises(ConfigError, match="no mode is called lavish"):
        choose_mode(config, folder, "lavish")
