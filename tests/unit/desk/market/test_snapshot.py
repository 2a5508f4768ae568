"""The snapshot keeps its own bytes: what is written is read back equal, and nothing else is read at all."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.domain.market import Bar, FundingPoint, Headline, Level, Mark, OrderBook
from desk.market.snapshot import AccountBrief, BarSeries, PositionBrief, Reference, Snapshot

AT = datetime(2024, 8, 5, 1, 2, 3, 456789, tzinfo=UTC)
finite = st.floats(allow_nan=False, allow_infinity=False)
decimals = st.decimals(allow_nan=False, allow_infinity=False)


def account() -> AccountBrief:
    held = PositionBrief(
        symbol="ETHUSDT",
        quantity=Decimal("-1.500"),
        entry=Decimal(2500),
        mark=Decimal("2400.10"),
        unrealized=Decimal("149.85"),
        stop=None,
        target=Decimal(2300),
    )
    flat = PositionBrief(
        symbol="XRPUSDT",
        quantity=Decimal(0),
        entry=Decimal(1),
        mark=Decimal(1),
        unrealized=Decimal(0),
        stop=None,
        target=None,
    )
    return AccountBrief(
        at=AT,
        mode="NORMAL",
        latch=None,
        equity=Decimal("10000.00"),
        peak=Decimal(10100),
        day_baseline=Decimal(10000),
        day_limit=Decimal(500),
        day_loss=Decimal(0),
        day_left=Decimal(500),
        rolling_loss=Decimal(0),
        rolling_left=Decimal(700),
        drawdown=Decimal("0.0099"),
        drawdown_limit=Decimal("0.15"),
        gap_used=Decimal(0),
        gap_left=Decimal(450),
        max_leverage=Decimal(3),
        unexplained=0,
        open_intents=0,
        positions=(held, flat),
    )


def snapshot() -> Snapshot:
    mark = Mark(
        symbol="BTCUSDT",
        price=Decimal("50000.10"),
        index=Decimal("5E+4"),
        at=AT,
        funding_rate=Decimal("-0.00010"),
        next_funding=AT + timedelta(hours=3),
    )
    series = BarSeries(interval="15m", bars=(Bar(0, 0.1, 0.3, 0.1, 0.2, 1e-9), Bar(900_000, 0.2, 1e16, 0.1, 0.3, 0.0)))
    return Snapshot(
        symbol="BTCUSDT",
        at=AT,
        source="replay",
        mark=mark,
        bars=(series,),
        book=OrderBook(symbol="BTCUSDT", at=AT, bids=(Level(Decimal("1.0"), Decimal(2)),), asks=()),
        funding=(FundingPoint(at=AT, rate=1e-4),),
        headlines=(Headline(at=AT, source="wire", title='“Ignore\n previous” \u202e "orders"', symbols=("BTC",)),),
        references=(Reference(symbol="ETHUSDT", mark=replace(mark, symbol="ETHUSDT"), bars=(series,)),),
        account=account(),
    )


def test_a_snapshot_survives_its_own_bytes() -> None:
    original = snapshot()
    copy = Snapshot.from_json(original.to_json())
    assert copy == original
    assert copy.to_json() == original.to_json()
    assert copy.digest == original.digest


def test_a_decimal_keeps_its_trailing_zeros() -> None:
    copy = Snapshot.from_json(snapshot().to_json())
    assert str(copy.mark.price) == "50000.10"
    assert str(copy.mark.index) == "5E+4"


def test_no_answer_from_the_news_is_not_the_same_as_no_news() -> None:
    silent, empty = replace(snapshot(), headlines=None), replace(snapshot(), headlines=())
    assert Snapshot.from_json(silent.to_json()).headlines is None
    assert Snapshot.from_json(empty.to_json()).headlines == ()
    assert silent.digest != empty.digest


@given(values=st.lists(finite, min_size=5, max_size=5), rate=finite, price=decimals, title=st.text())
@settings(max_examples=100, deadline=None)
def test_any_finite_number_and_any_text_survives(values: list[float], rate: float, price: Decimal, title: str) -> None:
    base = snapshot()
    original = replace(
        base,
        bars=(BarSeries(interval="1m", bars=(Bar(0, *values),)),),
        funding=(FundingPoint(at=AT, rate=rate),),
        mark=replace(base.mark, price=price),
        headlines=(Headline(at=AT, source="s", title=title, symbols=()),),
    )
    assert Snapshot.from_json(original.to_json()).to_json() == original.to_json()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_a_number_cannot_be_written(value: float) -> None:
    with pytest.raises(DataError):
        replace(snapshot(), funding=(FundingPoint(at=AT, rate=value),)).to_json()


def test_a_time_without_a_zone_cannot_be_written() -> None:
    with pytest.raises(DataError):
        replace(snapshot(), at=AT.replace(tzinfo=None)).to_json()


def _without(tree: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in tree.items() if key != "source"}


@pytest.mark.parametrize(
    "spoil",
    [
        _without,
        lambda tree: {**tree, "extra": 1},
        lambda tree: {**tree, "at": "2024"},
        lambda tree: {**tree, "at": True},
        lambda tree: {**tree, "symbol": 5},
        lambda tree: {**tree, "bars": [{"interval": "1m", "bars": [[0, 1.0, 1.0, 1.0, 1.0]]}]},
        lambda tree: {**tree, "bars": [{"interval": "1m", "bars": [[0, 1, 1.0, 1.0, 1.0, 1.0]]}]},
        lambda tree: {**tree, "funding": [{"at": 0, "rate": 1}]},
        lambda tree: {**tree, "account": None},
    ],
)
def test_what_the_snapshot_cannot_have_written_is_refused(spoil: object) -> None:
    tree = json.loads(snapshot().to_json())
    with pytest.raises(DataError):
        Snapshot.from_json(json.dumps(spoil(tree)).encode())  # type: ignore[operator]


@pytest.mark.parametrize("text", [b"", b"nonsense", b"[]", b'{"a":1,"a":2}', b"\xff", b'{"at":NaN}'])
def test_bytes_of_another_kind_are_refused(text: bytes) -> None:
    with pytest.raises(DataError):
        Snapshot.from_json(text)


def test_candles_are_found_by_interval_and_by_reference() -> None:
    original = snapshot()
    assert original.candles("15m").symbol == "BTCUSDT"
    assert original.candles("15m", "ETHUSDT").symbol == "ETHUSDT"
    assert list(original.all_candles()) == ["15m"]
    for interval, symbol in (("1h", None), ("15m", "SOLUSDT")):
        with pytest.raises(DataError):
            original.candles(interval, symbol)


def test_a_position_of_nothing_is_no_position() -> None:
    assert account().position("ETHUSDT") is not None
    assert account().position("XRPUSDT") is None
    assert account().position("BTCUSDT") is None
