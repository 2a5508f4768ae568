"""What the streams say, in which order, and what becomes of readers that are slow, silent or gone."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType

from desk.venues.paper.engine.values import LiquidationEvent, Order, OrderKind, OrderStatus, Side, TimeInForce
from desk.venues.paper.engine.vocabulary.events import AccountEvent, AccountReason
from desk.venues.paper.settings import WireSettings
from desk.venues.paper.wire.streams.feed import MarketFeed
from desk.venues.paper.wire.streams.hub import StreamHub
from desk.venues.paper.wire.streams.listen_keys import LIFE_SECONDS
from desk.venues.paper.wire.streams.user_events import account_update
from tests.unit.desk.venues.paper.wire.rig import MINUTE, START_MS, FakeMarket, Rig, play


async def listen_key(rig: Rig) -> str:
    status, told = await rig.raw("POST", "/fapi/v1/listenKey", "")
    assert status == 200
    return str(told["listenKey"])


async def read(socket: ClientWebSocketResponse) -> dict[str, Any]:
    message = await socket.receive(5)
    assert message.type is WSMsgType.TEXT, message
    return json.loads(message.data)


async def read_until(socket: ClientWebSocketResponse, last: tuple[str, str]) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    while not events or named(events[-1]) != last:
        events.append(await read(socket))
    return events


def named(event: dict[str, Any]) -> tuple[str, str]:
    return event["e"], event.get("o", {}).get("X", "") if isinstance(event.get("o"), dict) else ""


def test_a_fill_is_told_as_new_account_lite_and_trade_on_every_address() -> None:
    async def story(rig: Rig) -> None:
        key = await listen_key(rig)
        addresses = (f"/ws/{key}", f"/ws?listenKey={key}", f"/private/ws/{key}", f"/private/ws?listenKey={key}")
        sockets = [await rig.session.ws_connect(rig.url + address) for address in addresses]
        wrapped = await rig.session.ws_connect(f"{rig.url}/private/stream?listenKey={key}")
        await rig.order(quantity="0.01", newClientOrderId="desk-7")
        for socket in sockets:
            events = [await read(socket) for _ in range(4)]
            assert [named(event) for event in events] == [
                ("ORDER_TRADE_UPDATE", "NEW"),
                ("ACCOUNT_UPDATE", ""),
                ("TRADE_LITE", ""),
                ("ORDER_TRADE_UPDATE", "FILLED"),
            ]
            fill = events[3]["o"]
            assert (fill["c"], fill["ap"], fill["l"], fill["n"], fill["N"]) == (
                "desk-7",
                "60003",
                "0.01",
                "0.30001500",
                "USDT",
            )
            assert events[1]["a"]["P"][0]["pa"] == "0.01"
        told = await read(wrapped)
        assert told["stream"] == key
        assert named(told["data"]) == ("ORDER_TRADE_UPDATE", "NEW")
        for socket in (*sockets, wrapped):
            await socket.close()

    play(story)


def test_a_stop_is_told_from_its_rest_to_its_end() -> None:
    falling = FakeMarket()
    falling.moves["BTCUSDT"] = {START_MS + 2 * MINUTE: Decimal(58_000)}

    async def story(rig: Rig) -> None:
        await rig.order(quantity="0.01")
        async with rig.session.ws_connect(f"{rig.url}/private/ws?listenKey={await listen_key(rig)}") as socket:
            await rig.stop(clientAlgoId="stop-1")
            await rig.step(3 * MINUTE)
            events = await read_until(socket, ("ALGO_UPDATE", "FINISHED"))
        algos = [event["o"]["X"] for event in events if event["e"] == "ALGO_UPDATE"]
        assert algos == ["NEW", "TRIGGERING", "TRIGGERED", "FINISHED"]
        order = next(event["o"] for event in events if named(event) == ("ORDER_TRADE_UPDATE", "FILLED"))
        assert events[-1]["o"]["ai"] == str(order["i"])
        assert events[-1]["o"]["caid"] == "stop-1"
        assert [named(event)[1] for event in events if event["e"] == "ORDER_TRADE_UPDATE"] == ["NEW", "FILLED"]

    play(story, market=falling)


def test_a_liquidation_is_called_told_in_private_and_in_public() -> None:
    crash = FakeMarket()
    crash.moves["BTCUSDT"] = {START_MS + MINUTE: Decimal(40_000)}

    async def story(rig: Rig) -> None:
        await rig.signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=50)
        await rig.order(quantity="1")
        private = await rig.session.ws_connect(f"{rig.url}/private/ws?listenKey={await listen_key(rig)}")
        public = await rig.session.ws_connect(f"{rig.url}/market/ws/btcusdt@forceOrder")
        await rig.step(MINUTE)
        events = await read_until(private, ("ORDER_TRADE_UPDATE", "FILLED"))
        assert events[0]["e"] == "MARGIN_CALL"
        assert events[0]["p"][0]["s"] == "BTCUSDT"
        last = events[-1]["o"]
        assert (last["S"], last["x"]) == ("SELL", "CALCULATED")
        assert last["c"].startswith("autoclose-")
        notice = await read(public)
        assert (notice["e"], notice["o"]["S"], notice["o"]["s"]) == ("forceOrder", "SELL", "BTCUSDT")
        _, rows = await rig.signed("GET", "/fapi/v1/forceOrders")
        assert [row["clientOrderId"] for row in rows] == [last["c"]]
        for socket in (private, public):
            await socket.close()

    play(story, market=crash)


def test_events_may_be_chosen_by_name_and_the_strict_venue_insists_on_it() -> None:
    async def story(rig: Rig) -> None:
        key = await listen_key(rig)
        mute = await rig.session.ws_connect(f"{rig.url}/private/ws?listenKey={key}")
        path = await rig.session.ws_connect(f"{rig.url}/private/ws/{key}")
        picky = await rig.session.ws_connect(f"{rig.url}/private/ws?listenKey={key}&events=ACCOUNT_UPDATE")
        await rig.order(quantity="0.01")
        assert (await read(picky))["e"] == "ACCOUNT_UPDATE"
        for socket in (mute, path):
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
            # The answer comes first, so nothing was sent before it.
            assert await read(socket) == {"result": [], "id": 1}
        for socket in (mute, path, picky):
            await socket.close()

    play(story, wire=WireSettings(strict_private_events=True))


def test_a_dead_listen_key_says_so_and_falls_silent() -> None:
    async def story(rig: Rig) -> None:
        key = await listen_key(rig)
        async with rig.session.ws_connect(f"{rig.url}/private/ws?listenKey={key}") as socket:
            rig.seconds[0] += LIFE_SECONDS
            rig.server.announcer.beat(keep=False)
            told = await read(socket)
            assert (told["e"], told["listenKey"]) == ("listenKeyExpired", key)
            await rig.order(quantity="0.01")
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": "last"})
            assert await read(socket) == {"result": [], "id": "last"}
        status, body = await rig.raw("PUT", "/fapi/v1/listenKey", "")
        assert (status, body["code"]) == (400, -1125)
        assert await listen_key(rig) != key

    play(story)


def test_subscriptions_by_message_are_confirmed_listed_and_ended() -> None:
    async def story(rig: Rig) -> None:
        # A path segment that is no stream is a shard number, as some clients append.
        async with rig.session.ws_connect(f"{rig.url}/market/ws/0") as socket:
            number = "3f1c-uuid"
            await socket.send_json({"method": "SUBSCRIBE", "params": ["btcusdt@markPrice", "nonsense"], "id": number})
            assert await read(socket) == {"result": None, "id": number}
            assert (await read(socket))["e"] == "markPriceUpdate"
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 2})
            assert await read(socket) == {"result": ["btcusdt@markPrice"], "id": 2}
            await socket.send_json({"method": "UNSUBSCRIBE", "params": ["btcusdt@markPrice"], "id": 3})
            assert await read(socket) == {"result": None, "id": 3}
            await rig.step(MINUTE)
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 4})
            assert await read(socket) == {"result": [], "id": 4}

    play(story)


def test_messages_that_make_no_sense_are_answered_and_harm_nobody() -> None:
    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(f"{rig.url}/ws") as socket:
            for text in ("{", "[]", '{"method":"DANCE","id":1}', '{"method":"SUBSCRIBE","params":"x","id":2}'):
                await socket.send_str(text)
                assert "error" in await read(socket)

    play(story)


def test_who_floods_the_venue_with_messages_is_disconnected() -> None:
    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(f"{rig.url}/ws") as socket:
            for number in range(12):
                await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": number})
            while (message := await socket.receive(5)).type is WSMsgType.TEXT:
                continue
            assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING)
            assert socket.close_code == 1008

    play(story)


def test_every_bar_that_closed_in_a_long_step_is_told_as_final_once() -> None:
    rising = FakeMarket()
    rising.moves["BTCUSDT"] = {START_MS + n * MINUTE: Decimal(60_000 + n) for n in range(1, 20)}

    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(f"{rig.url}/ws/btcusdt@kline_1m") as socket:
            await read(socket)
            await rig.step(5 * MINUTE)
            bars = [(await read(socket))["k"] for _ in range(6)]
        assert [bar["t"] for bar in bars] == [START_MS + n * MINUTE for n in range(6)]
        assert [bar["x"] for bar in bars] == [True] * 5 + [False]

    play(story, market=rising)


def test_book_updates_follow_each_other_without_a_hole() -> None:
    moving = FakeMarket()
    moving.moves["BTCUSDT"] = {START_MS + n * MINUTE: Decimal(60_000 + 10 * n) for n in range(1, 9)}

    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(f"{rig.url}/public/ws/btcusdt@depth@100ms") as socket:
            book: dict[str, str] = {}
            previous = None
            for _ in range(6):
                await rig.step(MINUTE)
                told = await read(socket)
                assert previous is None or told["pu"] == previous
                assert told["U"] == told["pu"] + 1 <= told["u"]
                previous = told["u"]
                for price, quantity in told["b"]:
                    book[price] = quantity
                book = {price: quantity for price, quantity in book.items() if quantity != "0"}
            _, depth = await rig.raw("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=1000")
            assert depth["lastUpdateId"] == previous
            assert book == dict(depth["bids"])

    play(story, market=moving)


def test_a_snapshot_taken_after_subscribing_joins_the_first_event() -> None:
    moving = FakeMarket()
    moving.moves["BTCUSDT"] = {START_MS + n * MINUTE: Decimal(60_000 + 10 * n) for n in range(1, 9)}

    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(f"{rig.url}/public/ws/btcusdt@depth@100ms") as socket:
            # The answer comes only once the subscription stands.
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
            await read(socket)
            _, snapshot = await rig.raw("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=1000")
            book, last = dict(snapshot["bids"]), snapshot["lastUpdateId"]
            for number in range(4):
                await rig.step(MINUTE)
                told = await read(socket)
                assert told["pu"] == last if number else told["U"] <= last <= told["u"]
                last = told["u"]
                book = {p: q for p, q in (book | dict(told["b"])).items() if q != "0"}
            _, depth = await rig.raw("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=1000")
            assert (depth["lastUpdateId"], dict(depth["bids"])) == (last, book)

    play(story, market=moving)


def test_a_stream_in_the_wrong_scope_is_accepted_and_stays_silent() -> None:
    async def story(rig: Rig) -> None:
        key = await listen_key(rig)
        async with rig.session.ws_connect(f"{rig.url}/public/ws/{key}/btcusdt@kline_1m/btcusdt@bookTicker") as socket:
            assert (await read(socket))["e"] == "bookTicker"
            await rig.order(quantity="0.01")
            await rig.step(MINUTE)
            assert (await read(socket))["e"] == "bookTicker"
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
            names = ["btcusdt@kline_1m", "btcusdt@bookTicker"]
            while "result" not in (told := await read(socket)):
                assert told["e"] == "bookTicker"
            assert told["result"] == names

    play(story)


def test_streams_of_all_symbols_tell_of_those_that_moved() -> None:
    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(f"{rig.url}/market/ws/!miniTicker@arr") as socket:
            assert [row["s"] for row in await read(socket)] == ["BTCUSDT", "ETHUSDT"]
            await rig.order(quantity="0.01")
            assert [row["s"] for row in await read(socket)] == ["BTCUSDT"]

    play(story)


def test_a_contract_that_changed_is_told_once() -> None:
    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(f"{rig.url}/market/ws/!contractInfo") as socket:
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
            await read(socket)
            await rig.step(2 * MINUTE)
            told = await read(socket)
            assert (told["e"], told["s"], told["ps"], told["cs"]) == ("contractInfo", "ETHUSDT", "ETHUSDT", "CLOSE")
            assert told["dt"] == START_MS + MINUTE
            assert told["bks"][0] | {"mi": 0, "ma": 0, "mmr": 0, "bnc": 0} == {
                "bs": 1, "bnf": 0, "bnc": 0, "mmr": 0, "cf": 0, "mi": 0, "ma": 0
            }  # fmt: skip
            await rig.step(MINUTE)
            await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 2})
            assert (await read(socket))["id"] == 2

    play(story, market=FakeMarket(delivered_at={"ETHUSDT": START_MS + MINUTE}))


def test_one_stream_more_than_a_connection_may_carry_ends_it() -> None:
    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(f"{rig.url}/market/ws") as socket:
            many = [f"coin{number}usdt@trade" for number in range(1_024)]
            await socket.send_json({"method": "SUBSCRIBE", "params": many, "id": 1})
            assert (await read(socket))["result"] is None
            await socket.send_json({"method": "SUBSCRIBE", "params": ["one@trade"], "id": 2})
            while (await socket.receive(5)).type is WSMsgType.TEXT:
                continue
            assert socket.close_code == 1008

    play(story)


def test_a_reader_that_does_not_read_holds_up_nobody() -> None:
    async def story(rig: Rig) -> None:
        key = await listen_key(rig)
        asleep = await rig.session.ws_connect(f"{rig.url}/stream?streams=btcusdt@bookTicker/btcusdt@depth")
        async with rig.session.ws_connect(f"{rig.url}/private/ws?listenKey={key}") as awake:
            for _ in range(40):
                await asyncio.wait_for(rig.step(MINUTE), 5)
            await rig.order(quantity="0.01")
            assert named(await read(awake)) == ("ORDER_TRADE_UPDATE", "NEW")
        await asleep.close()

    play(story)


def test_a_funding_payment_names_its_symbol_and_a_trade_does_not() -> None:
    paid = AccountEvent(
        account="paper", at_ms=1, reason=AccountReason.FUNDING_FEE, balances=(), positions=(), symbol="BTCUSDT"
    )
    assert account_update(paid, 2)["a"]["S"] == "BTCUSDT"
    assert "S" not in account_update(replace(paid, reason=AccountReason.ORDER, symbol=""), 2)["a"]


def test_of_several_liquidations_within_a_second_the_last_of_each_symbol_is_told() -> None:
    told: list[tuple[str, str]] = []
    clock = [100.0]

    class Heard(StreamHub):
        def hears(self, stream: str) -> bool:
            return stream in self.streams()

        def streams(self) -> tuple[str, ...]:
            return ("btcusdt@forceOrder", "!forceOrder@arr")

        def publish(self, stream: str, payload: Any) -> None:
            told.append((stream, payload["o"]["q"]))

    def struck(quantity: int) -> LiquidationEvent:
        order = Order(
            account="ann", order_id=1, client_id="autoclose-1", symbol="BTCUSDT", side=Side.SELL, type=OrderKind.LIMIT,
            original_type=OrderKind.LIMIT, time_in_force=TimeInForce.IOC, quantity=Decimal(quantity), price=Decimal(1),
            status=OrderStatus.FILLED, created_ms=1, updated_ms=1,
        )  # fmt: skip
        return LiquidationEvent(at_ms=1, order=order)

    async def story(rig: Rig) -> None:
        feed = MarketFeed(tape=rig.server.desk.tape, hub=Heard(), seconds=lambda: clock[0], stepped=False)
        for passed, quantities, expected in ((0.0, (1,), ["1"]), (0.2, (2, 3), []), (0.5, (), []), (0.3, (), ["3"])):
            clock[0] += passed
            feed.heard([struck(quantity) for quantity in quantities])
            told.clear()
            feed.flush()
            assert [quantity for stream, quantity in told if stream == "!forceOrder@arr"] == expected
            assert [quantity for stream, quantity in told if stream != "!forceOrder@arr"] == expected

    play(story)


def test_the_market_beats_faster_while_somebody_listens_to_a_book_ten_times_a_second() -> None:
    async def story(rig: Rig) -> None:
        announcer = rig.server.announcer
        usual = announcer.pause()
        async with rig.session.ws_connect(f"{rig.url}/public/ws/btcusdt@depth@500ms"):
            assert announcer.pause() == usual
        async with rig.session.ws_connect(f"{rig.url}/public/ws/btcusdt@depth@100ms"):
            assert announcer.pause() == 0.1 < usual
        await asyncio.sleep(0)

    play(story)
