"""A trade somebody asks for: held to the desk's bounds, and recorded so that it reads back the same."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from config.loader import load_desk
from crews.judgement.asked import Asked, judgement_of
from crews.seating import setup_of
from desk.domain.intents import Action

SETUP = setup_of(load_desk("demo", environ={}))
FRACTIONS = st.decimals(min_value=0, max_value=1, places=4)


@given(FRACTIONS, st.none() | FRACTIONS, st.none() | FRACTIONS)
def test_no_wish_leaves_the_desks_bounds(sure: Decimal, stop: Decimal | None, target: Decimal | None) -> None:
    asked = Asked(
        symbol="BTCUSDT", action=Action.OPEN_LONG, by="bot", conviction=sure, stop_pct=stop, target_pct=target
    )
    judgement = judgement_of(asked, SETUP)
    caps = SETUP.caps
    assert 0 <= judgement.conviction <= caps.max_conviction
    assert caps.stop.low <= judgement.stop_pct <= caps.stop.high
    assert caps.target.low <= judgement.target_pct <= caps.target.high
    assert Asked.from_json("BTCUSDT", asked.to_json()) == asked


def test_each_bound_that_changed_it_is_named() -> None:
    asked = Asked(symbol="BTCUSDT", action=Action.OPEN_LONG, by="bot", conviction=Decimal(1), stop_pct=Decimal("0.5"))
    assert judgement_of(asked, SETUP).caps == ("max_conviction", "stop_bounds")
