"""The settings file's switches reach the engine, and say the same defaults as it does."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal

import pytest
from pydantic import ValidationError

from desk.venues.paper.engine.vocabulary.switches import Readings, Realism
from desk.venues.paper.settings.orders import ReadingSettings, RealismSettings


def test_untouched_settings_are_the_engines_own_defaults() -> None:
    assert RealismSettings().terms == Realism()
    assert ReadingSettings().terms == Readings()


def test_every_switch_of_the_engine_can_be_set() -> None:
    assert set(RealismSettings.model_fields) == set(asdict(Realism()))
    assert set(ReadingSettings.model_fields) == set(asdict(Readings()))


def test_a_hard_venue_is_a_setting_away() -> None:
    hard = RealismSettings(latency_ms=40, latency_tail_ms=120, recovery=Decimal("0.3")).terms
    assert hard == Realism(latency_ms=40, latency_tail_ms=120, recovery=Decimal("0.3"))
    assert hard.has_latency


@pytest.mark.parametrize("wrong", [{"recovery": 0}, {"recovery": 2}, {"latency_ms": -1}, {"fills": "always"}])
def test_a_switch_out_of_its_range_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RealismSettings.model_validate(wrong)
