"""The page of skill says what was measured: skill only where the interval's lower end beats every naive rule."""

from __future__ import annotations

from typing import Any

from benchmarks.skill.__main__ import modules
from benchmarks.skill.page import page


def share(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": value, "low": low, "high": high}


def answer(low: float) -> dict[str, Any]:
    return {
        "rule": "decision 99: a rule written first",
        "reported_half": {
            "detector": {"bars": 12345, "price": {"recall": share(0.6, low, 0.7)}, "lag": None, "parts": [1, 2]},
            "naive_always": {"bars": 12345, "price": {"recall": share(0.5, 0.4, 0.6)}, "lag": 2.5},
        },
    }


def test_skill_is_shown_only_where_the_lower_end_lies_above_the_best_naive_rule() -> None:
    assert "price recall: skill is shown; at least 0.510, the best naive rule 0.500" in page({"one": answer(0.51)})
    for low in (0.50, 0.3):
        assert "price recall: **no skill is shown**" in page({"one": answer(low)})


def test_a_comparison_is_a_table_of_every_figure_with_its_interval() -> None:
    text = page({"one": answer(0.55)})
    assert "| | bars | price recall | lag |" in text
    assert "| detector | 12,345 | 0.600 (0.550 to 0.700) |  |" in text
    assert "| naive always | 12,345 | 0.500 (0.400 to 0.600) | 2.500 |" in text
    assert "* rule: decision 99: a rule written first" in text


def test_every_module_that_measures_is_on_the_page() -> None:
    assert {"regime", "spikes", "news", "forecasts", "reader"} <= set(modules())
    assert not {"__main__", "page", "scores", "recordings"} & set(modules())


def test_what_is_worse_than_a_naive_rule_is_said_to_be() -> None:
    told = answer(0.3)
    told["reported_half"]["detector"]["price"]["recall"] = share(0.40, 0.35, 0.45)
    assert "**no skill is shown**: worse than the naive rule" in page({"one": told})


def test_the_page_opens_with_every_reported_figure_and_its_verdict() -> None:
    first = page({"one": answer(0.3)}).split("## One")[0]
    assert (
        "| one: reported half | price recall | 0.600 (0.300 to 0.700) | always: 0.500 | **no skill is shown** |"
        in first
    )


def test_a_walk_through_time_is_a_row_for_each_stretch() -> None:
    row = {"year": "2021", "margin": 0.1, "detector": {"hits": share(0.6, 0.55, 0.65)}, "naive_rule": {"hits": 0.5}}
    text = page({"one": {"walk_forward": [row]}})
    assert "| 2021 | hits | 0.600 (0.550 to 0.650) | rule: 0.500 | skill is shown |" in text
