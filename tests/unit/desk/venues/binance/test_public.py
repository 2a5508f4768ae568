"""The crew sees finished, fresh and complete market data, or an error; never an empty answer."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from desk.domain.errors import DataError, StaleDataError, VenueRejectedError, VenueUnavailableError
from desk.venues.binance import BinancePublic, open_public
from tests.unit.desk.venues.binance.scripted_venue import Reply, Request, ScriptedVenue, refused

KLINES, MARK, DEPTH, FUNDING = (f"GET /fapi/v1/{name}" for name in ("klines", "premiumIndex", "depth", "fundingRate"))
MINUTE = 60_000
# Half a minute into a bar that started on a whole day.
NOW = 1_780_012_800_000 + 30_000


def bar_json(open_ms: int) -> list[Any]:
    return [open_ms, "10.0", "11.5", "9.5", "11.0", "3.25", open_ms + MINUTE - 1, "35", 7, "1", "10", "0"]


def history(bars: int) -> Any:
    """Serves `bars` minutes up to the unfinished one at NOW, as Binance does."""
    newest = NOW - NOW % MINUTE
    ledger = [bar_json(newest - (bars - 1 - n) * MINUTE) for n in range(bars)]

    def page(request: Request) -> Reply:
        limit = int(request.params["limit"])
        if "startTime" in request.params:
            return Reply([bar for bar in ledger if bar[0] >= int(request.params["startTime"])][:limit])
        return Reply(ledger[-limit:])

    return page


@pytest.fixture(autouse=True)
def _venue_time(venue: ScriptedVenue) -> None:
    venue.now_ms = lambda: NOW


def test_the_unfinished_bar_is_never_among_them(venue: ScriptedVenue, public: BinancePublic) -> None:
    venue.answers(KLINES, history(50))
    bars = public.bars("BTCUSDT", "1m", 10)
    assert len(bars) == 10
    assert bars[-1].open_time + MINUTE <= NOW
    assert NOW - bars[-1].open_time < 2 * MINUTE


@pytest.mark.parametrize(("after_close_ms", "finished"), [(-1, False), (0, True)])
def test_a_bar_is_finished_when_its_last_millisecond_has_passed(
    venue: ScriptedVenue, public: BinancePublic, after_close_ms: int, finished: bool
) -> None:
    opened = NOW - NOW % MINUTE - MINUTE
    venue.now_ms = lambda: opened + MINUTE + after_close_ms
    venue.answers(KLINES, Reply([bar_json(opened - MINUTE), bar_json(opened)]))
    assert (public.bars("BTCUSDT", "1m", 5)[-1].open_time == opened) is finished


@pytest.mark.parametrize("limit", [1, 1499, 1500, 1501, 3200])
def test_any_number_of_bars_is_one_unbroken_series(venue: ScriptedVenue, public: BinancePublic, limit: int) -> None:
    venue.answers(KLINES, history(4000))
    bars = public.bars("BTCUSDT", "1m", limit)
    starts = [bar.open_time for bar in bars]
    assert starts == list(range(starts[0], starts[0] + limit * MINUTE, MINUTE))
    assert starts[-1] == NOW - NOW % MINUTE - MINUTE


def test_a_young_symbol_has_fewer_bars_than_asked_for(venue: ScriptedVenue, public: BinancePublic) -> None:
    venue.answers(KLINES, history(30))
    assert len(public.bars("BTCUSDT", "1m", 2000)) == 29


def test_a_venue_that_ignores_start_time_does_not_loop_forever(venue: ScriptedVenue, public: BinancePublic) -> None:
    same = [bar_json(NOW - NOW % MINUTE - n * MINUTE) for n in range(1500, 0, -1)]
    venue.answers(KLINES, Reply(same[:1400]))
    with pytest.raises(DataError, match="startTime"):
        public.bars("BTCUSDT", "1m", 5000)


def test_old_bars_are_not_news(venue: ScriptedVenue, public: BinancePublic) -> None:
    venue.answers(KLINES, Reply([bar_json(NOW - NOW % MINUTE - 10 * MINUTE)]))
    with pytest.raises(StaleDataError):
        public.bars("BTCUSDT", "1m", 5)


BROKEN_BARS = {
    "empty": [],
    "not a list": {"bars": []},
    "too short": [[1, "2"]],
    "high below close": [[*bar_json(NOW - 2 * MINUTE)[:2], "10.5", *bar_json(NOW - 2 * MINUTE)[3:]]],
    "a number for a price": [[NOW - 2 * MINUTE, 10.0, *bar_json(NOW - 2 * MINUTE)[2:]]],
    "not a number": [[NOW - 2 * MINUTE, "NaN", *bar_json(NOW - 2 * MINUTE)[2:]]],
    "backwards": [bar_json(NOW - 2 * MINUTE), bar_json(NOW - 3 * MINUTE)],
}


@pytest.mark.parametrize("body", BROKEN_BARS.values(), ids=BROKEN_BARS.keys())
def test_bars_that_make_no_sense_are_an_error(venue: ScriptedVenue, public: BinancePublic, body: Any) -> None:
    venue.answers(KLINES, Reply(body))
    with pytest.raises(DataError):
        public.bars("BTCUSDT", "1m", 5)


def test_an_unknown_interval_is_not_sent(venue: ScriptedVenue, public: BinancePublic) -> None:
    with pytest.raises(DataError):
        public.bars("BTCUSDT", "7m", 5)
    assert not venue.asked


def mark_json(symbol: str, at_ms: int = NOW) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "markPrice": "60000.1",
        "indexPrice": "60001",
        "estimatedSettlePrice": "0",
        "lastFundingRate": "-0.00010000",
        "interestRate": "0.0001",
        "nextFundingTime": NOW + MINUTE,
        "time": at_ms,
    }


def test_every_symbol_asked_for_has_a_mark(venue: ScriptedVenue, public: BinancePublic) -> None:
    venue.answers(MARK, Reply([mark_json("BTCUSDT"), mark_json("ETHUSDT"), mark_json("XRPUSDT")]))
    marks = public.marks(["ETHUSDT", "BTCUSDT"])
    assert set(marks) == {"BTCUSDT", "ETHUSDT"}
    assert marks["ETHUSDT"].funding_rate == Decimal("-0.0001")


def test_a_missing_mark_is_an_error(venue: ScriptedVenue, public: BinancePublic) -> None:
    venue.answers(MARK, Reply([mark_json("BTCUSDT")]))
    with pytest.raises(DataError, match="ETHUSDT"):
        public.marks(["BTCUSDT", "ETHUSDT"])


def test_a_mark_of_another_symbol_is_no_answer(venue: ScriptedVenue, public: BinancePublic) -> None:
    venue.answers(MARK, Reply(mark_json("ETHUSDT")))
    with pytest.raises(DataError, match="BTCUSDT"):
        public.marks(["BTCUSDT"])


def test_an_old_mark_is_stale(venue: ScriptedVenue, public: BinancePublic) -> None:
    venue.answers(MARK, Reply(mark_json("BTCUSDT", NOW - 61_500)))
    with pytest.raises(StaleDataError):
        public.marks(["BTCUSDT"])


def depth_json(bids: list[list[str]], asks: list[list[str]]) -> dict[str, Any]:
    return {"lastUpdateId": 1, "E": NOW, "T": NOW, "bids": bids, "asks": asks}


def test_the_book_is_cut_to_the_depth_asked_for(venue: ScriptedVenue, public: BinancePublic) -> None:
    bids = [[str(100 - n), "1"] for n in range(10)]
    asks = [[str(101 + n), "2"] for n in range(10)]
    venue.answers(DEPTH, Reply(depth_json(bids, asks)))
    book = public.book("BTCUSDT", 7)
    assert (len(book.bids), len(book.asks)) == (7, 7)
    assert venue.requests(DEPTH)[0].params["limit"] == "10"


@pytest.mark.parametrize(
    ("bids", "asks"),
    [
        ([], [["101", "1"]]),
        ([["102", "1"]], [["101", "1"]]),
        ([["99", "1"], ["100", "1"]], [["101", "1"]]),
        ([["100", "0"]], [["101", "1"]]),
        ([["100"]], [["101", "1"]]),
    ],
    ids=["empty side", "crossed", "unsorted", "no quantity", "torn level"],
)
def test_a_book_that_makes_no_sense_is_an_error(
    venue: ScriptedVenue, public: BinancePublic, bids: list[list[str]], asks: list[list[str]]
) -> None:
    venue.answers(DEPTH, Reply(depth_json(bids, asks)))
    with pytest.raises(DataError):
        public.book("BTCUSDT", 5)


def test_no_funding_history_is_an_error_and_not_an_empty_one(venue: ScriptedVenue, public: BinancePublic) -> None:
    venue.answers(FUNDING, Reply([]))
    with pytest.raises(DataError, match="no funding"):
        public.funding("BTCUSDT", 5)


def test_funding_is_the_newest_oldest_first(venue: ScriptedVenue, public: BinancePublic) -> None:
    points = [{"symbol": "BTCUSDT", "fundingRate": "0.0001", "fundingTime": NOW - n * MINUTE} for n in (3, 2, 1)]
    venue.answers(FUNDING, Reply(points))
    assert [point.rate for point in public.funding("BTCUSDT", 3)] == [0.0001] * 3


def test_an_unknown_symbol_is_the_venues_refusal(venue: ScriptedVenue, public: BinancePublic) -> None:
    venue.answers(DEPTH, refused(-1121, "Invalid symbol."))
    with pytest.raises(VenueRejectedError) as caught:
        public.book("NOSUCH", 5)
    assert caught.value.code == -1121


def test_looking_on_stops_at_half_the_weight(venue: ScriptedVenue, public: BinancePublic) -> None:
    venue.answers(MARK, Reply(mark_json("BTCUSDT"), headers={"X-MBX-USED-WEIGHT-1M": "1201"}))
    venue.answers("GET /fapi/v1/time", Reply({"serverTime": NOW}, headers={"X-MBX-USED-WEIGHT-1M": "1202"}))
    public.marks(["BTCUSDT"])
    with pytest.raises(VenueUnavailableError, match="kept for exits"):
        public.marks(["BTCUSDT"])
    assert len(venue.requests(MARK)) == 1


def test_public_requests_carry_no_key_and_no_signature(venue: ScriptedVenue, public: BinancePublic) -> None:
    venue.answers(MARK, Reply(mark_json("BTCUSDT")))
    public.marks(["BTCUSDT"])
    assert all("X-MBX-APIKEY" not in r.headers and "signature" not in r.params for r in venue.asked)


def test_a_venue_that_is_not_there_is_said_to_be_away_at_once() -> None:
    public = open_public("http://127.0.0.1:9")
    began = time.monotonic()
    with pytest.raises(VenueUnavailableError, match="not reached"):
        public.server_time()
    assert time.monotonic() - began < 2
    public.close()


def statistics(*values: dict[str, Any]) -> Reply:
    return Reply([{"symbol": "BTCUSDT", "timestamp": NOW + n, **row} for n, row in enumerate(values)])


def test_what_traders_hold_is_four_answers_of_which_each_may_be_missing(
    venue: ScriptedVenue, public: BinancePublic
) -> None:
    data = "GET /futures/data/"
    venue.answers(f"{data}openInterestHist", statistics({"sumOpenInterest": "100"}, {"sumOpenInterest": "110.5"}))
    venue.answers(f"{data}globalLongShortAccountRatio", statistics({"longAccount": "0.6"}))
    venue.answers(f"{data}topLongShortPositionRatio", statistics({"longAccount": "1.6"}))
    venue.answers(f"{data}takerlongshortRatio", Reply([]))
    crowd = public.crowd("BTCUSDT", "1h", 25)
    assert [gauge.value for gauge in crowd.open_interest] == [100.0, 110.5]
    assert [gauge.value for gauge in crowd.accounts_long] == [0.6]
    assert (crowd.top_long, crowd.taker_buys) == ((), ())
    assert crowd.silent == ("top_long", "taker_buys")


def test_takers_are_told_as_the_share_that_bought(venue: ScriptedVenue, public: BinancePublic) -> None:
    rows = ({"buyVol": "3", "sellVol": "1"}, {"buyVol": "0", "sellVol": "0"})
    venue.answers("GET /futures/data/takerlongshortRatio", statistics(*rows))
    assert [gauge.value for gauge in public.crowd("BTCUSDT", "5m", 2).taker_buys] == [0.75, 0.5]


@pytest.mark.parametrize(("period", "points"), [("1m", 5), ("1h", 0), ("1h", 501)])
def test_statistics_that_the_venue_does_not_keep_are_not_asked_for(
    public: BinancePublic, period: str, points: int
) -> None:
    with pytest.raises(DataError):
        public.crowd("BTCUSDT", period, points)
