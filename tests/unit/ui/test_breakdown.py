"""Closed trades by what they were opened on: judged from twenty on, never guessed, and shown as not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from starlette.testclient import TestClient

from desk.ledger import UNCERTIFIED, ForecastRow, Ground, Ledger, Said, TradeRow, sqlite_url
from ui.console.panels import PANELS, Wanted
from ui.server.house import House
from ui.window.breakdown import BreakdownKeeper, Stance, breakdown_of, stance_of

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MARK = "0123456789abcdef" * 2
HOSTILE = "<img src=x onerror=alert(1)>"
UP = Said(agent="chart", event="up", likely=True, called=True)
DANGER = replace(UP, agent="risk", event="stop")
WON = Ground(pnl=Decimal(3), long=True, strategy="crew", certificate=UNCERTIFIED, regime="BULL", said=(UP, DANGER))
LOST = replace(WON, pnl=Decimal(-2))


@pytest.mark.parametrize(
    ("said", "long", "stance"),
    [
        (UP, True, Stance.FOR),
        (UP, False, Stance.AGAINST),
        (replace(UP, likely=False), False, Stance.FOR),
        (replace(UP, likely=False), True, Stance.AGAINST),
        (replace(UP, called=False), True, Stance.NONE),
        (DANGER, True, Stance.WARNED),
        (DANGER, False, Stance.WARNED),
        (replace(DANGER, likely=False), True, Stance.CALM),
        (replace(DANGER, called=False), True, Stance.NONE),
    ],
)
def test_what_an_agent_had_said_is_told_by_the_trades_own_direction(said: Said, long: bool, stance: Stance) -> None:
    assert stance_of(said, long=long) is stance


def test_every_trade_stands_once_in_strategies_and_regimes_and_once_for_each_report() -> None:
    licensed = replace(WON, certificate=MARK, regime="BEAR", said=(UP,))
    unknown = replace(LOST, strategy=None, certificate=None, regime=None, said=())
    told = breakdown_of((unknown, unknown, unknown, WON, LOST, licensed))
    assert [(one.strategy, one.certificate, one.came.trades) for one in told.by_strategy] == [
        ("crew", UNCERTIFIED, 2),
        ("crew", MARK, 1),
        (None, None, 3),
    ]
    assert [(one.regime, one.came.pnl) for one in told.by_regime] == [("BULL", 1), ("BEAR", 3), (None, -6)]
    assert [(one.agent, one.stance, one.came.trades) for one in told.by_agent] == [
        ("chart", Stance.FOR, 3),
        ("risk", Stance.WARNED, 2),
    ]
    assert (told.trades, told.reported) == (6, 3)


def many(count: int) -> Sequence[Ground]:
    return tuple(WON if number % 2 else LOST for number in range(count))


def test_below_twenty_trades_there_is_no_rate_and_no_ratio() -> None:
    [few], [enough] = breakdown_of(many(19)).by_regime, breakdown_of(many(20)).by_regime
    assert (few.came.wins, few.came.win_rate, few.came.profit_factor) == (9, None, None)
    rate, factor = enough.came.win_rate, enough.came.profit_factor
    assert rate is not None
    assert factor is not None
    assert (rate.estimate, rate.of) == (0.5, 20)
    assert rate.low < 0.5 < rate.high
    assert factor.estimate == pytest.approx(1.5)
    assert factor.low < 1 < factor.high


def trade(number: int, **changes: object) -> TradeRow:
    row = TradeRow(
        intent_id=f"i{number}",
        decision_id=f"d{number}",
        symbol="BTCUSDT",
        quantity=Decimal("0.1"),
        opened_at=AT,
        entry_price=Decimal(60_000),
        closed_at=AT + timedelta(hours=number),
        fees=Decimal(1),
        funding=Decimal(0),
        pnl=Decimal(5),
        exit_reason="target",
        strategy="crew",
        certificate=UNCERTIFIED,
    )
    return replace(row, **changes)


def report(number: int) -> ForecastRow:
    return ForecastRow(
        decision_id=f"d{number}",
        agent="chart",
        at=AT,
        until=AT,
        symbol="BTCUSDT",
        model="",
        regime="BULL",
        event="up",
        probability=Decimal("0.7"),
        called=1,
        mark=Decimal(60_000),
        distance=Decimal(0),
    )


@pytest.fixture
def ledger(house: House) -> Ledger:
    opened = Ledger(sqlite_url(house.window.folder.ledger))
    opened.record(trade(1))
    opened.record(report(1))
    return opened


def test_the_ledger_is_read_again_only_when_another_trade_is_over(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, reads = Ledger.grounds, list[int]()

    def counted(one: Ledger) -> tuple[Ground, ...]:
        reads.append(1)
        return read(one)

    monkeypatch.setattr(Ledger, "grounds", counted)
    keeper = BreakdownKeeper()
    assert [keeper.whole(ledger).trades for _ in range(3)] == [1, 1, 1]
    ledger.record(trade(2))
    assert [keeper.whole(ledger).trades for _ in range(2)] == [2, 2]
    assert len(reads) == 2


def test_the_page_says_strategy_proof_regime_and_agents_and_what_it_does_not_know(house: House, ledger: Ledger) -> None:
    for row in (
        trade(2, strategy=None, certificate=None),
        trade(3, strategy="policy-9f", certificate=MARK),
        trade(4, strategy=HOSTILE),
    ):
        ledger.record(row)
    told = PANELS["performance"](house, Wanted(said={}))
    assert "1 of 4 with reports" in told
    for words in ("for it", "bull", "certificate 012345", "uncertified", "not known", "Of many rows some look good"):
        assert words in told
    assert "<img" not in told


def test_before_the_first_trade_is_over_the_page_says_so(house: House) -> None:
    told = PANELS["performance"](house, Wanted(said={}))
    assert told.count("No trade has closed yet</b>") == 3
    assert "not known" not in told


def test_rest_tells_the_same_in_plain_json(house: House, ledger: Ledger, operator: TestClient) -> None:
    ledger.record(trade(2, strategy=None, certificate=None, pnl=Decimal("-0.5")))
    told = operator.get("/api/v1/performance/breakdown").json()
    came = {"trades": 1, "wins": 1, "pnl": "5", "win_rate": None, "profit_factor": None}
    assert told["by_strategy"][0] == {"strategy": "crew", "certificate": UNCERTIFIED, "came": came}
    assert told["by_agent"] == [{"agent": "chart", "stance": "for it", "came": came}]
    assert [(one["regime"], one["came"]["pnl"]) for one in told["by_regime"]] == [("BULL", "5"), (None, "-0.5")]
    later = operator.get("/api/v1/performance/breakdown?since=2026-03-01T14:00:00Z").json()
    assert (later["trades"], later["reported"]) == (1, 0)


def test_trades_are_listed_by_their_proof(ledger: Ledger, operator: TestClient) -> None:
    for row in (trade(2, strategy=None, certificate=None), trade(3, certificate=MARK)):
        ledger.record(row)
    rows = operator.get("/api/v1/trades").json()["items"]
    assert {row["intent_id"]: row["certificate"] for row in rows} == {"i1": UNCERTIFIED, "i2": None, "i3": MARK}
    found = {
        one: [row["intent_id"] for row in operator.get(f"/api/v1/trades?certificate={one}").json()["items"]]
        for one in (UNCERTIFIED, MARK)
    }
    assert found == {UNCERTIFIED: ["i1"], MARK: ["i3"]}
