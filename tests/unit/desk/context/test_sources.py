"""Public sources of context: each costs only its own part when it is down, absurd, stale or ahead of its time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.context.sources import ASKS, COINS, FEAR_GREED, GLOBAL, PublicOutlook
from desk.domain.errors import FetchError
from desk.domain.market import Gauge, Outlook
from desk.fetch.pages import Pages, Terms
from desk.fetch.values import Ask
from tests.unit.desk.fetch.test_pages import StillClock

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SHARED = Path(__file__).parents[5] / "shared/data"
DOWN = FetchError("down", rule="unreachable")


def index(value: object = "34", *, ago: timedelta = timedelta(hours=12)) -> bytes:
    told = {"value": value, "value_classification": "Fear", "timestamp": str(int((NOW - ago).timestamp()))}
    return json.dumps({"name": "Fear and Greed Index", "data": [told]}).encode()


def totals(**changes: Any) -> bytes:
    told = {
        "active_cryptocurrencies": 17000,
        "total_market_cap": {"btc": 3.6e7, "usd": 3.1e12},
        "market_cap_percentage": {"btc": 56.25, "eth": 12.5},
        "market_cap_change_percentage_24h_usd": -1.5,
        "updated_at": int((NOW - timedelta(minutes=3)).timestamp()),
    }
    return json.dumps({"data": told | changes}).encode()


def coins(price: object = 60_000, *, ago: timedelta = timedelta(minutes=1)) -> bytes:
    at = (NOW - ago).isoformat().replace("+00:00", "Z")
    rows = [
        {"id": "bitcoin", "current_price": price, "last_updated": at},
        {"id": "ethereum", "current_price": 3000.5, "last_updated": at},
    ]
    return json.dumps(rows).encode()


class Told:
    """A reader with an answer for each source, counting what is asked."""

    def __init__(self, answers: Mapping[str, bytes | FetchError]) -> None:
        self.answers = dict(answers)
        self.asked: list[str] = []

    def read(self, asks: Sequence[Ask]) -> dict[str, bytes | FetchError]:
        self.asked += [ask.name for ask in asks]
        return {ask.name: self.answers[ask.name] for ask in asks}


HONEST = {FEAR_GREED.name: index(), GLOBAL.name: totals(), COINS.name: coins()}


def feed(answers: Mapping[str, bytes | FetchError], clock: StillClock | None = None) -> tuple[PublicOutlook, Told]:
    clock = clock or StillClock()
    reader, terms = Told({**HONEST, **answers}), Terms(fresh=timedelta(minutes=5), useful=timedelta(hours=1))
    return PublicOutlook(Pages(reader, None, clock, terms), clock), reader


def outlook(**answers: bytes | FetchError) -> Outlook:
    return feed({name.replace("_", "-"): answer for name, answer in answers.items()})[0].outlook()


def test_what_all_three_tell_is_taken_with_its_own_time() -> None:
    told = outlook()
    assert told.fear_greed == Gauge(value=34, at=NOW - timedelta(hours=12))
    assert told.btc_dominance == Gauge(value=56.25, at=NOW - timedelta(minutes=3))
    assert (told.total_cap, told.cap_change_24h) == (
        Gauge(value=3.1e12, at=NOW - timedelta(minutes=3)),
        Gauge(value=-1.5, at=NOW - timedelta(minutes=3)),
    )
    assert told.btc_price == Gauge(value=60_000, at=NOW - timedelta(minutes=1))
    assert told.silent == ()


@pytest.mark.parametrize(
    ("source", "answer", "why"),
    [
        ("fear-greed", DOWN, "unreachable"),
        ("fear-greed", FetchError("often", rule="rate_limited"), "rate_limited"),
        ("fear-greed", b"", "unreadable"),
        ("fear-greed", index("101"), "unreadable"),
        ("fear-greed", index("-1"), "unreadable"),
        ("fear-greed", index("buy now"), "unreadable"),
        ("fear-greed", b'{"data":[]}', "unreadable"),
        ("fear-greed", index(ago=timedelta(hours=49)), "stale"),
        ("fear-greed", index(ago=-timedelta(minutes=3)), "from the future"),
        ("coingecko-global", totals(market_cap_percentage={"btc": 156, "eth": 1}), "unreadable"),
        ("coingecko-global", totals(total_market_cap={"usd": -1}), "unreadable"),
        ("coingecko-global", totals(updated_at=int((NOW - timedelta(hours=2)).timestamp())), "stale"),
        ("coingecko-coins", coins(0), "unreadable"),
        ("coingecko-coins", coins(float("nan")), "unreadable"),
        ("coingecko-coins", coins(float("inf")), "unreadable"),
        ("coingecko-coins", b"[]", "a coin is missing"),
        ("coingecko-coins", b"[" * 9000, "unreadable"),
    ],
)
def test_one_that_fails_costs_its_own_part_and_is_named(source: str, answer: bytes | FetchError, why: str) -> None:
    told = feed({source: answer})[0].outlook()
    assert told.silent == (f"{source}: {why}",)
    parts = {
        "fear-greed": told.fear_greed,
        "coingecko-global": told.total_cap or told.btc_dominance or told.cap_change_24h,
        "coingecko-coins": told.btc_price or told.eth_price,
    }
    assert {name for name, part in parts.items() if part is None} == {source}


def test_when_all_are_down_everything_is_missing_and_named() -> None:
    told = feed(dict.fromkeys((ask.name for ask in ASKS), DOWN))[0].outlook()
    assert len(told.silent) == len(ASKS)
    assert told == Outlook(
        fear_greed=None,
        btc_dominance=None,
        eth_dominance=None,
        total_cap=None,
        cap_change_24h=None,
        btc_price=None,
        eth_price=None,
        silent=told.silent,
    )


def test_each_source_is_asked_once_in_five_minutes() -> None:
    clock = StillClock()
    public, reader = feed({}, clock)
    for _ in range(3):
        public.outlook()
    assert sorted(reader.asked) == sorted(ask.name for ask in ASKS)
    clock.at += timedelta(minutes=5)
    public.outlook()
    assert len(reader.asked) == 2 * len(ASKS)


def test_one_that_goes_down_is_served_for_an_hour_and_then_missing() -> None:
    clock = StillClock()
    public, reader = feed({}, clock)
    public.outlook()
    reader.answers = dict.fromkeys(reader.answers, DOWN)
    clock.at += timedelta(minutes=50)
    assert public.outlook().btc_price is not None
    clock.at += timedelta(minutes=11)
    told = public.outlook()
    assert (told.btc_price, told.fear_greed) == (None, None)


@given(st.binary(max_size=200))
@settings(max_examples=60)
def test_any_bytes_are_read_or_named(body: bytes) -> None:
    told = feed(dict.fromkeys((ask.name for ask in ASKS), body))[0].outlook()
    assert len(told.silent) == len(ASKS)


def test_recorded_answers_of_both_makers_are_read_up_to_their_age() -> None:
    recorded = SHARED / "fear_greed/alternative_me_fng_limit30_reconstructed.json"
    prices = SHARED / "api_samples/coingecko_coins_markets_20210709.json"
    if not recorded.exists():
        pytest.skip("the shared answers are not here")
    told = feed({FEAR_GREED.name: recorded.read_bytes(), COINS.name: prices.read_bytes()})[0].outlook()
    assert told.silent == ("fear-greed: stale", "coingecko-coins: stale")
