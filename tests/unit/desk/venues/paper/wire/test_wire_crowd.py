"""What the crowd holds is told at every period, from the hours that are over, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from desk.venues.paper.sources.crowd import CrowdRow
from tests.unit.desk.venues.paper.wire.rig import MINUTE, START_MS, FakeMarket, Rig, play

HOUR = 60 * MINUTE
RATIOS = {
    "globalLongShortAccountRatio": "0.6000",
    "topLongShortAccountRatio": "0.5000",
    "topLongShortPositionRatio": "0.7500",
}


@dataclass
class Crowded(FakeMarket):
    """A market whose crowd holds ten coins more with every hour since a day before the start."""

    def crowd(self, symbol: str, now_ms: int) -> Sequence[CrowdRow]:
        hours = range(START_MS - 24 * HOUR, now_ms - HOUR + 1, HOUR)
        return tuple(
            CrowdRow(
                at_ms=at_ms,
                open_interest=Decimal(10 * (number + 1)),
                value=Decimal(600_000 * (number + 1)),
                accounts_long=Decimal("0.6"),
                top_accounts_long=Decimal("0.5"),
                top_positions_long=Decimal("0.75"),
            )
            for number, at_ms in enumerate(hours)
        )


async def told(rig: Rig, name: str, **params: object) -> Any:
    status, body = await rig.public(f"/futures/data/{name}", symbol="BTCUSDT", **params)
    assert status == 200, body
    return body


def test_open_interest_moves_evenly_between_the_ends_of_two_hours() -> None:
    async def story(rig: Rig) -> None:
        await rig.step(HOUR + 59 * MINUTE)
        rows = await told(rig, "openInterestHist", period="15m", limit=3)
        assert [row["timestamp"] for row in rows] == [START_MS + n * 15 * MINUTE for n in (2, 3, 4)]
        assert [Decimal(row["sumOpenInterest"]) for row in rows] == [Decimal("245"), Decimal("247.5"), Decimal("250")]
        assert Decimal(rows[-1]["sumOpenInterestValue"]) == Decimal(15_000_000)
        first = await told(rig, "openInterestHist", period="1h", startTime=START_MS - 3 * HOUR, limit=2)
        assert [row["timestamp"] for row in first] == [START_MS - 3 * HOUR, START_MS - 2 * HOUR]
        await rig.order(quantity="0.01")
        _, present = await rig.public("/fapi/v1/openInterest", symbol="BTCUSDT")
        assert Decimal(present["openInterest"]) == Decimal("250.01")

    play(story, market=Crowded())


@pytest.mark.parametrize(("name", "long"), RATIOS.items())
def test_ratios_are_of_those_who_are_long_to_those_who_are_short(name: str, long: str) -> None:
    async def story(rig: Rig) -> None:
        (row,) = await told(rig, name, period="4h", limit=1)
        assert row.keys() == {"symbol", "longShortRatio", "longAccount", "shortAccount", "timestamp"}
        assert (row["longAccount"], Decimal(row["longAccount"]) + Decimal(row["shortAccount"])) == (long, 1)
        assert row["longShortRatio"] == f"{Decimal(long) / (1 - Decimal(long)):.4f}"
        assert len(await told(rig, name, period="5m", limit=500)) == 23 * 12 + 1

    play(story, market=Crowded())


@pytest.mark.parametrize("name", [*RATIOS, "openInterestHist"])
def test_a_market_that_knows_no_crowd_has_no_record_of_it(name: str) -> None:
    async def story(rig: Rig) -> None:
        assert await told(rig, name, period="1h") == []

    play(story)
