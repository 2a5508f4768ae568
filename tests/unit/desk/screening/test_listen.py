"""The screen on the streams: trades, marks, liquidations and final minutes are heard, everything else is not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from desk.domain.errors import DataError
from desk.domain.market import Bar
from desk.domain.orders import Side
from desk.screening.listen import hear
from desk.screening.screen import Screen, ScreenParameters
from desk.spikes.detect import SpikeParameters
from desk.spikes.values import SpikeDirection, SpikeType
from desk.venues.binance.streams.market_events import BarUpdate, DayTicker, ForcedOrder, MarkUpdate, PublicTrade

MINUTE = 60_000
AT = 1_722_000_000_000
SPIKES = SpikeParameters(price_floor_pct=0.1, recent_bars=3, window=40)


def minute(number: int, *, closed: bool = True, interval: str = "1m") -> BarUpdate:
    price = 100 + 0.05 * (number % 2)
    bar = Bar(AT + number * MINUTE, price, price, price, price, 20.0 + number % 3)
    return BarUpdate(symbol="SOLUSDT", interval=interval, bar=bar, closed=closed, sent_ms=bar.open_time + MINUTE)


def screen(**told: object) -> Screen:
    made = Screen(ScreenParameters(), {"SOLUSDT": SPIKES})
    for number in range(60):
        assert hear(made, minute(number, **told)) == ()  # type: ignore[arg-type]
    return made


def trade(price: str, symbol: str = "SOLUSDT") -> PublicTrade:
    at = AT + 60 * MINUTE
    return PublicTrade(
        symbol=symbol, trade_id=1, price=Decimal(price), quantity=Decimal(1), side=Side.BUY, at_ms=at, sent_ms=at
    )


def test_a_trade_far_away_alarms_and_is_picked_in_the_next_second() -> None:
    made = screen()
    (alarm,) = hear(made, trade("104"))
    assert (alarm.found.type, alarm.found.direction) == (SpikeType.PRICE, SpikeDirection.UP)
    assert [pick.symbol for pick in made.second(AT + 60 * MINUTE + 1000)] == ["SOLUSDT"]


@pytest.mark.parametrize("told", [{"closed": False}, {"interval": "5m"}], ids=["running", "of five minutes"])
def test_only_final_minutes_tell_what_is_usual(told: dict[str, object]) -> None:
    assert hear(screen(**told), trade("104")) == ()


@pytest.mark.parametrize(("side", "push"), [(Side.SELL, SpikeDirection.DOWN), (Side.BUY, SpikeDirection.UP)])
def test_a_liquidation_pushes_where_it_trades(side: Side, push: SpikeDirection) -> None:
    at = AT + 60 * MINUTE
    forced = ForcedOrder(
        symbol="SOLUSDT", side=side, quantity=Decimal(500), average_price=Decimal(100), at_ms=at, sent_ms=at
    )
    (alarm,) = hear(screen(), forced)
    assert (alarm.found.type, alarm.found.direction) == (SpikeType.LIQUIDATION_CASCADE, push)


def test_a_mark_apart_from_its_index_alarms() -> None:
    update = MarkUpdate(
        symbol="SOLUSDT",
        price=Decimal(101),
        index=Decimal(100),
        funding_rate=Decimal(0),
        next_funding_ms=AT + 100 * MINUTE,
        sent_ms=AT + 60 * MINUTE,
    )
    (alarm,) = hear(screen(), update)
    assert alarm.found.type is SpikeType.INDEX_DIVERGENCE


def test_a_ticker_of_the_day_says_nothing_and_a_stranger_is_an_error() -> None:
    one = Decimal(1)
    ticker = DayTicker(symbol="SOLUSDT", last=one, high=one, low=one, volume=one, change=one, sent_ms=AT)
    assert hear(screen(), ticker) == ()
    with pytest.raises(DataError):
        hear(screen(), trade("1", symbol="OTHER"))
