"""Names, addresses, listen keys and queues of the stream side."""

import asyncio

import orjson
import pytest

from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.wire.streams.addresses import Scope, parse_address
from desk.venues.paper.wire.streams.hub import Listener, StreamHub
from desk.venues.paper.wire.streams.listen_keys import LIFE_SECONDS, ListenKeys
from desk.venues.paper.wire.streams.names import StreamKind, parse_stream
from desk.venues.paper.wire.streams.outbox import Outbox


@pytest.mark.parametrize(
    ("name", "kind", "symbol"),
    [
        ("btcusdt@kline_1m", StreamKind.KLINE, "BTCUSDT"),
        ("BTCUSDT@kline_1M", StreamKind.KLINE, "BTCUSDT"),
        ("btcusdt_perpetual@continuousKline_15m", StreamKind.CONTINUOUS_KLINE, "BTCUSDT"),
        ("btcusdt@aggTrade", StreamKind.AGG_TRADE, "BTCUSDT"),
        ("btcusdt@markPrice@1s", StreamKind.MARK_PRICE, "BTCUSDT"),
        ("!markPrice@arr@1s", StreamKind.MARK_PRICE, ""),
        ("btcusdt@depth20@100ms", StreamKind.PARTIAL_DEPTH, "BTCUSDT"),
        ("btcusdt@depth@500ms", StreamKind.DIFF_DEPTH, "BTCUSDT"),
        ("!ticker@arr", StreamKind.TICKER, ""),
        ("!bookTicker", StreamKind.BOOK_TICKER, ""),
        ("btcusdt@forceOrder", StreamKind.FORCE_ORDER, "BTCUSDT"),
        ("btcusdt@rpiDepth@500ms", StreamKind.RPI_DEPTH, "BTCUSDT"),
        ("!contractInfo", StreamKind.CONTRACT_INFO, ""),
        ("defiusdt@compositeIndex", StreamKind.COMPOSITE_INDEX, "DEFIUSDT"),
        ("!assetIndex@arr", StreamKind.ASSET_INDEX, ""),
        ("btcusdt_261225@kline_1m", StreamKind.KLINE, "BTCUSDT_261225"),
    ],
)
def test_stream_names_are_understood(name: str, kind: StreamKind, symbol: str) -> None:
    parsed = parse_stream(name)
    assert parsed is not None
    assert (parsed.kind, parsed.symbol) == (kind, symbol)


def test_a_month_is_not_a_minute() -> None:
    month, minute = parse_stream("btcusdt@kline_1M"), parse_stream("btcusdt@kline_1m")
    assert month is not None
    assert minute is not None
    assert (month.interval, minute.interval) == ("1M", "1m")


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("btcusdt@markPrice", 3.0),
        ("btcusdt@markPrice@1s", 1.0),
        ("!markPrice@arr", 3.0),
        ("btcusdt@ticker", 2.0),
        ("!ticker@arr", 1.0),
        ("btcusdt@bookTicker", 0.0),
        ("!bookTicker", 5.0),
        ("btcusdt@depth", 0.25),
        ("btcusdt@depth@100ms", 0.1),
        ("btcusdt@depth20@500ms", 0.5),
        ("btcusdt@kline_1m", 0.25),
    ],
)
def test_a_name_says_how_often_it_is_sent(name: str, seconds: float) -> None:
    parsed = parse_stream(name)
    assert parsed is not None
    assert parsed.pace == seconds


@pytest.mark.parametrize(
    ("scope", "name", "carried"),
    [
        (Scope.PUBLIC, "btcusdt@depth", True),
        (Scope.PUBLIC, "!bookTicker", True),
        (Scope.PUBLIC, "btcusdt@kline_1m", False),
        (Scope.MARKET, "btcusdt@kline_1m", True),
        (Scope.MARKET, "btcusdt@bookTicker", False),
        (Scope.PUBLIC, "btcusdt@trade", True),
        (Scope.MARKET, "btcusdt@trade", True),
        (Scope.PRIVATE, "btcusdt@trade", False),
        (Scope.PRIVATE, "btcusdt@kline_1m", False),
        (Scope.ALL, "btcusdt@depth", True),
        (Scope.ALL, "btcusdt@kline_1m", True),
    ],
)
def test_each_scope_carries_its_own_streams(scope: Scope, name: str, carried: bool) -> None:
    parsed = parse_stream(name)
    assert parsed is not None
    assert scope.carries(parsed.kind) is carried


@pytest.mark.parametrize(
    "name", ["", "0", "btcusdt", "btcusdt@", "btcusdt@kline", "btcusdt@depth7", "k" * 64, "!x@arr"]
)
def test_other_words_are_no_streams(name: str) -> None:
    assert parse_stream(name) is None


@pytest.mark.parametrize("scope", ["", "/public", "/market", "/private"])
def test_every_path_shape_that_clients_dial_is_an_address(scope: str) -> None:
    raw = parse_address(f"{scope}/ws/btcusdt@kline_1m", "")
    many = parse_address(f"{scope}/stream", "streams=a@trade/b@trade")
    key = parse_address(f"{scope}/ws", "listenKey=K&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE")
    assert raw is not None
    assert (raw.combined, raw.names) == (False, ("btcusdt@kline_1m",))
    assert many is not None
    assert (many.combined, many.names) == (True, ("a@trade", "b@trade"))
    assert key is not None
    assert key.listen_keys == ("K",)
    assert key.events == {"ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE"}


def test_other_paths_are_no_addresses() -> None:
    assert parse_address("/fapi/v1/ping", "") is None
    assert parse_address("/wss/x", "") is None


def test_a_listen_key_lives_an_hour_and_keepalive_buys_another() -> None:
    now = [0.0]
    keys = ListenKeys(seconds=lambda: now[0])
    key = keys.issue("paper")
    assert keys.issue("paper") == key
    now[0] = LIFE_SECONDS - 1
    assert keys.renew("paper") == key
    now[0] = 2 * LIFE_SECONDS - 2
    assert keys.account_of(key) == "paper"
    now[0] = 2 * LIFE_SECONDS - 1
    assert keys.account_of(key) is None
    assert keys.take_expired() == (key,)
    with pytest.raises(Refusal) as refused:
        keys.renew("paper")
    assert refused.value.code == -1125
    assert keys.issue("paper") != key


def taken(outbox: Outbox) -> list[bytes]:
    async def drain() -> list[bytes]:
        outbox.close()
        messages: list[bytes] = []
        while (message := await outbox.take()) is not None:
            messages.append(message)
        return messages

    return asyncio.run(drain())


def test_everything_unread_is_kept_in_order() -> None:
    outbox = Outbox()
    for number in range(5_000):
        outbox.put(b"%d" % number)
    assert taken(outbox) == [b"%d" % number for number in range(5_000)]


@pytest.mark.parametrize("outbox", [Outbox(most_messages=3), Outbox(most_bytes=12)], ids=["messages", "bytes"])
def test_a_reader_beyond_its_bounds_is_disconnected_and_told_why(outbox: Outbox) -> None:
    for _ in range(4):
        outbox.put(b"fill")
    assert outbox.reason == "Slow consumer"
    assert taken(outbox) == []
    outbox.put(b"late")
    assert len(outbox) == 0


def test_room_is_free_again_once_a_message_is_out() -> None:
    async def story() -> None:
        outbox = Outbox(most_messages=2, most_bytes=8)
        for _ in range(50):
            outbox.put(b"fill")
            assert await outbox.take() == b"fill"
        assert not outbox.reason

    asyncio.run(story())


def test_one_message_reaches_raw_and_combined_listeners_in_their_own_shape() -> None:
    hub, raw, combined = StreamHub(), Listener(combined=False), Listener(combined=True)
    for listener in (raw, combined):
        hub.connect(listener)
        hub.subscribe(listener, "x@trade")
    hub.publish("x@trade", {"e": "trade"})
    hub.publish("y@trade", {"e": "trade"})
    assert taken(raw.outbox) == [b'{"e":"trade"}']
    assert [orjson.loads(text) for text in taken(combined.outbox)] == [{"stream": "x@trade", "data": {"e": "trade"}}]
    hub.disconnect(raw)
    hub.disconnect(combined)
    assert hub.streams() == ()


def test_a_listener_may_ask_for_some_private_events_only() -> None:
    hub, picky = StreamHub(), Listener(combined=False, events=frozenset({"ACCOUNT_UPDATE"}))
    hub.connect(picky)
    hub.follow_account(picky, "K")
    hub.publish_private(("K",), {"e": "ORDER_TRADE_UPDATE"})
    hub.publish_private(("K",), {"e": "ACCOUNT_UPDATE"})
    assert taken(picky.outbox) == [b'{"e":"ACCOUNT_UPDATE"}']
