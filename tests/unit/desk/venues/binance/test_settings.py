"""Margin, leverage and mode are set as asked or not at all; what the account may and pays is read as the venue says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from desk.domain.errors import DataError, VenueRejectedError
from desk.venues.binance import BinanceGateway, BinancePublic
from desk.venues.binance.insight import Bracket, Commission, SymbolSetting
from tests.unit.desk.venues.binance.scripted_venue import Reply, ScriptedVenue, refused

D = Decimal
NOW = 1_780_000_000_000


def test_preparing_a_symbol_twice_is_not_an_error(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers("POST /fapi/v1/marginType", refused(-4046, "No need to change margin type."))
    venue.answers("POST /fapi/v1/leverage", Reply({"leverage": 3, "maxNotionalValue": "1", "symbol": "BTCUSDT"}))
    gateway.prepare("BTCUSDT", 3)
    assert venue.requests("POST /fapi/v1/marginType")[0].params["marginType"] == "ISOLATED"


def test_another_leverage_than_asked_is_not_accepted(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers("POST /fapi/v1/marginType", Reply({"code": 200, "msg": "success"}))
    venue.answers("POST /fapi/v1/leverage", Reply({"leverage": 20, "maxNotionalValue": "1", "symbol": "BTCUSDT"}))
    with pytest.raises(DataError, match="leverage 20"):
        gateway.prepare("BTCUSDT", 3)


@pytest.mark.parametrize("leverage", [0, 126, -1])
def test_a_leverage_out_of_bounds_is_not_sent(venue: ScriptedVenue, gateway: BinanceGateway, leverage: int) -> None:
    with pytest.raises(DataError, match="between 1 and 125"):
        gateway.set_leverage("BTCUSDT", leverage)
    assert not venue.requests("POST /fapi/v1/leverage")


def test_the_position_mode_goes_out_in_the_venues_words(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers("POST /fapi/v1/positionSide/dual", Reply({"code": 200}), refused(-4059), refused(-4068))
    gateway.set_position_mode(one_way=True)
    assert venue.requests("POST /fapi/v1/positionSide/dual")[0].params["dualSidePosition"] == "false"
    gateway.set_position_mode(one_way=True)
    with pytest.raises(VenueRejectedError) as told:
        gateway.set_position_mode(one_way=True)
    assert told.value.hint == "close every position before the position mode can change"


def bracket(number: int, floor: int, cap: int) -> dict[str, Any]:
    figures = {"notionalFloor": floor, "notionalCap": cap, "maintMarginRatio": 0.004, "cum": 0.0}
    return {"bracket": number, "initialLeverage": 125 // number, **figures}


@pytest.mark.parametrize("wrapped", [True, False])
def test_the_leverage_table_is_read_whole(venue: ScriptedVenue, gateway: BinanceGateway, *, wrapped: bool) -> None:
    table = {"symbol": "BTCUSDT", "brackets": [bracket(1, 0, 300_000), bracket(2, 300_000, 800_000)]}
    venue.answers("GET /fapi/v1/leverageBracket", Reply([table] if wrapped else table))
    first = Bracket(number=1, leverage=125, floor=D(0), cap=D(300_000), maintenance=D("0.004"), deduction=D(0))
    assert gateway.brackets("BTCUSDT")[0] == first


def test_a_leverage_table_with_a_gap_is_an_error(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    rows = [bracket(1, 0, 300_000), bracket(2, 400_000, 800_000)]
    venue.answers("GET /fapi/v1/leverageBracket", Reply([{"symbol": "BTCUSDT", "brackets": rows}]))
    with pytest.raises(DataError, match="gap"):
        gateway.brackets("BTCUSDT")


def test_settings_fees_and_balances_are_read(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    setting = {"symbol": "BTCUSDT", "marginType": "ISOLATED", "leverage": 5, "maxNotionalValue": "1000"}
    venue.answers("GET /fapi/v1/symbolConfig", Reply([setting]))
    rates = {"symbol": "BTCUSDT", "makerCommissionRate": "0.0002", "takerCommissionRate": "0.0005"}
    venue.answers("GET /fapi/v1/commissionRate", Reply(rates))
    venue.answers("GET /fapi/v3/balance", Reply([{"asset": "USDT", "balance": "5", "availableBalance": "4"}]))
    read = SymbolSetting(symbol="BTCUSDT", isolated=True, leverage=5, max_notional=D(1000))
    assert gateway.symbol_setting("BTCUSDT") == read
    assert gateway.commission("BTCUSDT") == Commission(symbol="BTCUSDT", maker=D("0.0002"), taker=D("0.0005"))
    assert [(one.asset, one.available) for one in gateway.balances()] == [("USDT", D(4))]
    with pytest.raises(DataError, match="ETHUSDT"):
        gateway.symbol_setting("ETHUSDT")


def test_sentiment_and_funding_terms_are_read(venue: ScriptedVenue, public: BinancePublic) -> None:
    row = {"symbol": "BTCUSDT", "longShortRatio": "2", "longAccount": "0.67", "shortAccount": "0.33"}
    venue.answers("GET /futures/data/globalLongShortAccountRatio", Reply([row | {"timestamp": str(NOW)}]))
    terms = {"adjustedFundingRateCap": "0.02", "adjustedFundingRateFloor": "-0.02", "fundingIntervalHours": 4}
    venue.answers("GET /fapi/v1/fundingInfo", Reply([{"symbol": "ETHUSDT", **terms}]))
    venue.answers("GET /fapi/v1/openInterest", Reply({"symbol": "BTCUSDT", "openInterest": "12.5", "time": NOW}))
    found = public.long_short("BTCUSDT", "5m", 1)
    assert (found[0].ratio, found[0].long) == (D(2), D("0.67"))
    assert [(one.symbol, one.hours, one.floor) for one in public.funding_terms()] == [("ETHUSDT", 4, D("-0.02"))]
    assert public.open_interest("BTCUSDT").quantity == D("12.5")
