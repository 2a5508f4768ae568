"""`crew chart` reads once on demand, and again and again on a schedule."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from crews.running import charting
from crews.view.charts import Charted
from ui.cli import build
from ui.commands import chart as command


class Rounds:
    """A pace that lets so many rounds follow the first at once, and notes what it was asked for."""

    early = False

    def __init__(self, seconds: float, left: int) -> None:
        self.seconds, self._left = seconds, left

    async def next(self) -> bool:
        self._left -= 1
        return self._left >= 0


def unread(symbol: str) -> Charted:
    at, nothing = datetime(2026, 1, 5, tzinfo=UTC), Decimal(0)
    spent = {"requests": 0, "prompt_tokens": 0, "completion_tokens": 0}
    return Charted(symbol=symbol, at=at, result=None, png=b"", model="", usd=nothing, trouble="down", **spent)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was read, each reading a failure of a venue that is down."""
    seen: list[str] = []

    def read(config: object, folder: object, symbols: tuple[str, ...]) -> list[Charted]:
        seen.extend(symbols)
        return [unread(symbol) for symbol in symbols]

    monkeypatch.setattr(charting, "read_charts", read)
    return seen


def test_on_demand_a_venue_that_is_down_is_the_exit_code(readings: list[str]) -> None:
    assert CliRunner().invoke(build(), ["chart", "BTCUSDT"]).exit_code == 5
    assert readings == ["BTCUSDT"]


def test_a_schedule_outlives_a_venue_that_is_down(
    readings: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    asked: list[Rounds] = []

    def pace(seconds: float) -> Rounds:
        asked.append(Rounds(seconds, 2))
        return asked[-1]

    monkeypatch.setattr(command, "_pace", pace)
    assert CliRunner().invoke(build(), ["chart", "BTCUSDT", "--every", "15", "--json"]).exit_code == 0
    assert [one.seconds for one in asked] == [900]
    assert readings == ["BTCUSDT"] * 3
    assert [json.loads(line)["symbol"] for line in capfd.readouterr().out.splitlines()] == ["BTCUSDT"] * 3
