"""The same orders in the same market end alike to the last digit, over HTTP or straight to the engine."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.domain.errors import VenueRejectedError
from desk.domain.orders import OrderRequest, OrderType, Side, StopRequest, StopType, TimeInForce
from tests.contract.conftest import SYMBOL, Bench, engine_bench, open_engine, process_bench
from tests.venue_process import running_venue

STEPS = 120


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Bench, Bench]]:
    source = {"kind": "scenario", "seed": 7, "symbols": [SYMBOL, "ETHUSDT"]}
    with running_venue(tmp_path / "venue", source=source) as venue:
        gateway = venue.gateway()
        numbers = range(1, 10**6)
        yield process_bench(venue, gateway, iter(numbers)), engine_bench(open_engine(), iter(numbers))
        gateway.close()


def act(bench: Bench, dice: random.Random) -> str:
    """One random thing a desk does; says what came of it."""
    kind = dice.choice(["market", "limit", "stop", "clear", "wait", "wait"])
    side = dice.choice(list(Side))
    quantity = Decimal(dice.randint(1, 60)) / 1000
    away = f"{dice.choice([-1, 1]) * dice.randint(1, 40) / 10_000:.4f}"
    try:
        if kind == "market":
            bench.trade(side, str(quantity), reduce_only=dice.random() < 0.3)
        elif kind == "limit":
            bench.venue.submit(limit_order(bench, side, quantity, away))
        elif kind == "stop":
            bench.venue.submit_stop(stop_order(bench, side, dice.choice(list(StopType)), away))
        elif kind == "clear":
            bench.clear()
        else:
            bench.pass_minutes(dice.randint(1, 30))
    except VenueRejectedError as refusal:
        return f"{kind} {refusal.code}"
    return kind


def limit_order(bench: Bench, side: Side, quantity: Decimal, away: str) -> OrderRequest:
    return OrderRequest(
        symbol=SYMBOL,
        side=side,
        type=OrderType.LIMIT,
        quantity=quantity,
        client_id=bench.name("limit"),
        reduce_only=False,
        price=bench.price_at(away),
        time_in_force=TimeInForce.GTC,
    )


def stop_order(bench: Bench, side: Side, kind: StopType, away: str) -> StopRequest:
    return StopRequest(symbol=SYMBOL, side=side, type=kind, trigger=bench.price_at(away), client_id=bench.name("stop"))


def test_a_random_day_of_trading_ends_alike_with_and_without_the_wire(pair: tuple[Bench, Bench]) -> None:
    wired, direct = pair
    early = wired.start_of_time()
    one, other = random.Random(11), random.Random(11)
    for step in range(STEPS):
        assert act(wired, one) == act(direct, other), f"step {step}"
    left, right = wired.venue, direct.venue
    assert left.fills(SYMBOL, early) == right.fills(SYMBOL, early)
    assert len(left.fills(SYMBOL, early)) > 20
    assert left.open_orders() == right.open_orders()
    assert left.open_stops() == right.open_stops()
    assert [(row.kind, row.amount, row.at) for row in left.income(early)] == [
        (row.kind, row.amount, row.at) for row in right.income(early)
    ]
    # The venue publishes unrealised profit with eight decimals, the engine counts on.
    mine, theirs = left.account(), right.account()
    assert abs(mine.at - theirs.at) < timedelta(seconds=1)
    assert abs(mine.equity - theirs.equity) < Decimal("0.0000001")
    assert [
        replace(p, unrealized=Decimal(0), entry_price=Decimal(0), liquidation_price=None) for p in mine.positions
    ] == [replace(p, unrealized=Decimal(0), entry_price=Decimal(0), liquidation_price=None) for p in theirs.positions]
