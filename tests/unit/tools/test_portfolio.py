"""The tools over positions together answer from the snapshot alone, and refuse what justifies nothing."""

from __future__ import annotations

import json

import pytest

from crews.setup import DeskSetup
from desk.domain.errors import ToolRefusedError
from tests.unit.tools.test_tools import Look, context_of, run
from tools.portfolio import GET_CONCENTRATION, GET_HOLDING_COST, GET_KELLY_FRACTION


def test_a_flat_account_is_concentrated_nowhere(look: Look, demo_setup: DeskSetup) -> None:
    told = json.loads(run(GET_CONCENTRATION, context_of(look(), demo_setup)))
    assert told["positions"] == []
    assert told.get("effective") is None


def test_holding_is_priced_at_the_funding_of_the_snapshot(look: Look, demo_setup: DeskSetup) -> None:
    snapshot = look()
    words = '{"long":true,"leverage":5.0,"hours":24.0,"stop_pct":0.02}'
    told = json.loads(run(GET_HOLDING_COST, context_of(snapshot, demo_setup), words))
    assert told["funding"] == pytest.approx(3 * float(snapshot.mark.funding_rate), rel=1e-4)
    assert told["stop_is_reached_first"] is True
    assert told["to_liquidation"] == pytest.approx(0.19679, abs=1e-5)


def test_a_record_of_no_trades_is_refused(look: Look, demo_setup: DeskSetup) -> None:
    context = context_of(look(), demo_setup)
    with pytest.raises(ToolRefusedError, match="justifies nothing"):
        run(GET_KELLY_FRACTION, context, '{"wins":0,"losses":0,"payoff":1.0}')
    told = json.loads(run(GET_KELLY_FRACTION, context, '{"wins":600,"losses":400,"payoff":1.5}'))
    assert 0 < told["advised"] < told["full"]
