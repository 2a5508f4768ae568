"""Clocks that disagree, markets that stop, stops that are refused: and that all of it ends when it should."""

from decimal import Decimal

from tests.unit.desk.venues.paper.faults.bad_luck import place, plan, resting
from tests.unit.desk.venues.paper.wire.rig import KEYS, MINUTE, START_MS, FakeMarket, Rig, play

PING = {"path": "/fapi/v1/ping"}


async def struck(rig: Rig) -> None:
    """Set off what the script ties to a ping."""
    assert (await rig.public("/fapi/v1/ping"))[0] == 200


async def clock(rig: Rig) -> int:
    return (await rig.public("/fapi/v1/time"))[1]["serverTime"] - rig.now


def test_a_jump_of_the_clock_makes_honest_stamps_stale_until_the_client_asks_again() -> None:
    async def story(rig: Rig) -> None:
        await struck(rig)
        assert await clock(rig) == 60_000
        assert (await place(rig))[1]["code"] == -1021
        assert (await place(rig, timestamp=rig.now + 60_000))[0] == 200
        await struck(rig)
        assert await clock(rig) == -30_000
        assert (await place(rig, "two"))[1]["code"] == -1021
        assert (await place(rig, "two", timestamp=rig.now - 30_000))[0] == 200

    jumps = [{"kind": "jump", "ms": ms, "nth": [number], **PING} for number, ms in ((1, 60_000), (2, -90_000))]
    play(story, faults=plan(*jumps))


def test_a_drifting_clock_gains_with_time_and_stays_where_it_was_left() -> None:
    async def story(rig: Rig) -> None:
        await struck(rig)
        assert await clock(rig) == 0
        await rig.step(10_000)
        assert await clock(rig) == 100
        await rig.step(60_000)
        assert await clock(rig) == 200

    play(story, faults=plan({"kind": "drift", "ms_per_s": 10, "for_s": 20, **PING}))


def test_a_skewed_time_endpoint_misleads_whoever_believes_it() -> None:
    async def story(rig: Rig) -> None:
        await struck(rig)
        assert await clock(rig) == 7_000
        assert (await place(rig, timestamp=rig.now + 7_000))[1]["code"] == -1021
        assert (await place(rig, timestamp=rig.now))[0] == 200
        await rig.step(10_000)
        assert await clock(rig) == 0

    play(story, faults=plan({"kind": "skew", "ms": 7_000, "for_s": 10, **PING}))


def test_a_halted_symbol_takes_no_orders_lets_them_go_and_reopens_with_a_gap() -> None:
    async def story(rig: Rig) -> None:
        assert (await place(rig))[0] == 200
        await rig.order(quantity="0.01")
        await rig.stop(triggerPrice="59500")
        await struck(rig)
        assert (await place(rig, "two"))[1] == {"code": -1122, "msg": "Invalid symbol status."}
        listed = {row["symbol"]: row["status"] for row in (await rig.public("/fapi/v1/exchangeInfo"))[1]["symbols"]}
        assert listed == {"BTCUSDT": "BREAK", "ETHUSDT": "TRADING"}
        assert (await place(rig, "eth", symbol="ETHUSDT", price="2900", quantity="0.1"))[0] == 200
        rig.market.moves["BTCUSDT"] = {START_MS + 2 * MINUTE: Decimal(58_000)}
        await rig.step(4 * MINUTE)
        assert resting(rig) == ["one", "eth"]
        assert len(rig.venue.exchange.open_algos("paper")) == 1
        await rig.step(2 * MINUTE)
        (exit_,) = [trade for trade in rig.venue.exchange.trades("paper", "BTCUSDT") if trade.side == "SELL"]
        assert exit_.price < 58_100, "the price jumped over the trigger, so nothing was traded near it"
        assert (await place(rig, "three", price="57000"))[0] == 200

    play(story, faults=plan({"kind": "halt", "symbol": "BTCUSDT", "for_s": 300, **PING}))


def test_a_silent_market_takes_no_orders_shows_no_bars_and_comes_back() -> None:
    async def story(rig: Rig) -> None:
        await struck(rig)
        assert (await place(rig))[1]["code"] == -1008
        assert (await rig.public("/fapi/v1/klines", symbol="BTCUSDT", interval="1m"))[1]["code"] == -1008
        await rig.step(MINUTE)
        assert (await place(rig))[0] == 200

    play(story, faults=plan({"kind": "silence", "for_s": 60, **PING}))


def test_a_stop_refused_at_its_trigger_leaves_the_position_naked() -> None:
    market = FakeMarket(moves={"BTCUSDT": {START_MS + MINUTE: Decimal(58_000)}})

    async def story(rig: Rig) -> None:
        await rig.order(quantity="0.01")
        first, second = await rig.stop(triggerPrice="59500"), await rig.stop(triggerPrice="59000")
        await struck(rig)
        await rig.step(MINUTE)
        told = (await rig.signed("GET", "/fapi/v1/algoOrder", algoId=first["algoId"]))[1]
        assert (told["algoStatus"], told["actualOrderId"]) == ("REJECTED", "")
        told = (await rig.signed("GET", "/fapi/v1/algoOrder", algoId=second["algoId"]))[1]
        assert told["algoStatus"] == "FINISHED"

    play(story, market=market, faults=plan({"kind": "refuse_trigger", "count": 1, **PING}))


def test_the_venue_may_cancel_every_stop() -> None:
    async def story(rig: Rig) -> None:
        await rig.order(quantity="0.01")
        told = await rig.stop(triggerPrice="59500")
        await struck(rig)
        assert (await rig.signed("GET", "/fapi/v1/openAlgoOrders"))[1] == []
        assert (await rig.signed("GET", "/fapi/v1/algoOrder", algoId=told["algoId"]))[1]["algoStatus"] == "CANCELED"

    play(story, faults=plan({"kind": "drop_stops", **PING}))


class UpstreamMarket(FakeMarket):
    """A market that is read from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []

    async def open(self) -> None:
        self.fetched.append("open")

    async def close(self) -> None:
        self.fetched.append("close")

    async def fetch_klines(
        self, symbol: str, interval: str, start_ms: int | None, end_ms: int | None, limit: int
    ) -> None:
        self.fetched.append(f"{symbol} {interval}")

    async def fetch_funding(self, symbol: str, start_ms: int | None, end_ms: int | None, limit: int) -> None:
        self.fetched.append(f"{symbol} funding")


def test_a_market_read_from_elsewhere_is_still_fetched_before_it_answers() -> None:
    market = UpstreamMarket()

    async def story(rig: Rig) -> None:
        assert (await rig.public("/fapi/v1/klines", symbol="BTCUSDT", interval="1m"))[0] == 200
        assert market.fetched == ["BTCUSDT 1m"]

    play(story, market=market, faults=plan())


def test_a_new_script_makes_everything_well_again() -> None:
    async def story(rig: Rig) -> None:
        await struck(rig)
        assert (await rig.public("/fapi/v1/time"))[1]["serverTime"] == rig.now + 5_000
        headers = {"X-Paper-Token": KEYS.admin_token}
        async with rig.session.delete(f"{rig.url}/paper/v1/faults", headers=headers) as answer:
            assert answer.status == 200
        assert await clock(rig) == 0
        assert (await place(rig))[0] == 200

    play(
        story,
        faults=plan(
            {"kind": "jump", "ms": 5_000, **PING},
            {"kind": "silence", **PING},
            {"kind": "halt", "symbol": "BTCUSDT", **PING},
            admin=True,
        ),
    )
