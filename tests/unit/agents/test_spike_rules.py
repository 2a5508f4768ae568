"""The spike specialist's offline rules: what others do says how far a sudden move is to be believed."""

from __future__ import annotations

from typing import Any

import pytest

from agents.spikes import SPIKES, SpikesReport
from desk.market.crowd import Positioning
from desk.spikes.values import Severity, SpikeDirection, SpikeType

SIDE = {"placed": 1.0, "cancelled": 1.0, "traded": 1.0, "cancel_share": 0.5, "walls_gone": 0, "walls_pulled": 0}


def scan(kind: SpikeType) -> dict[str, Any]:
    spike = {
        "type": kind.value,
        "direction": SpikeDirection.UP.value,
        "severity": Severity.EXTREME.value,
        "sigma": 12.0,
        "percent": 2.0,
        "interval": "1m",
        "bars_ago": 0,
        "legitimacy": {"score": 0.8},
    }
    return {"spikes": [spike], "bar_sigma_pct": 0.1}


def report(kind: SpikeType, **others: Any) -> SpikesReport:
    found = SPIKES.rules({}, {"scan_spikes": scan(kind), **others})
    assert isinstance(found, SpikesReport)
    return found


def test_a_move_that_open_interest_leaves_with_is_half_as_genuine() -> None:
    new = report(SpikeType.PRICE, get_positioning={"positioning": Positioning.NEW_LONGS.value})
    left = report(SpikeType.PRICE, get_positioning={"positioning": Positioning.SHORTS_COVERED.value})
    assert (new.pressure, left.pressure) == (0.8, 0.4)
    assert left.danger > new.danger


@pytest.mark.parametrize(("pulled", "pressure"), [(0, 0.8), (2, 0.4), (4, 0.0)])
def test_a_book_whose_walls_are_pulled_is_not_believed(pulled: int, pressure: float) -> None:
    flow = {"bids": {**SIDE, "walls_gone": 4, "walls_pulled": pulled}, "asks": SIDE}
    assert report(SpikeType.BOOK_IMBALANCE, get_order_flow=flow).pressure == pressure
    assert report(SpikeType.PRICE, get_order_flow=flow).pressure == 0.8


def test_where_nobody_watched_the_scan_stands_alone() -> None:
    assert report(SpikeType.BOOK_IMBALANCE, get_order_flow={"bids": None, "asks": None}).pressure == 0.8
    assert report(SpikeType.PRICE).pressure == 0.8
