"""What must be right before the desk trades on an account: each thing that is not is named, with its fix."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from desk.venues.binance import BinanceGateway
from desk.venues.binance.preflight import Finding, Wanted, preflight
from tests.unit.desk.venues.binance.scripted_venue import HANGS_UP, Reply, ScriptedVenue
from tests.unit.desk.venues.binance.test_fields_and_parse import symbol_json
from tests.unit.desk.venues.binance.test_gateway_orders import order_json, stop_json

WANTED = Wanted(symbols=("BTCUSDT",), leverage=3, real=True, ours=lambda name: name.startswith("cd-"))
NAMES = (
    "clock",
    "key",
    "account",
    "position mode",
    "asset mode",
    "symbols",
    "leverage",
    "margin mode",
    "foreign",
    "rate limits",
)
HELD = {"symbol": "BTCUSDT", "positionAmt": "0.030", "positionSide": "BOTH", "leverage": "3", "isolated": True}
RISK = HELD | {"entryPrice": "5", "markPrice": "5", "unRealizedProfit": "0", "liquidationPrice": "0"}
LIMITS = [
    {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400},
    {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300},
]


def sound(venue: ScriptedVenue, **changes: Any) -> None:
    """An account on which everything is right, but for `changes`."""
    totals = {"totalWalletBalance": "1000", "totalUnrealizedProfit": "0", "availableBalance": "900", "positions": []}
    bracket = {"notionalFloor": 0, "notionalCap": 100, "maintMarginRatio": 0.01, "cum": 0, "bracket": 1}
    leverage = {"symbol": "BTCUSDT", "brackets": [bracket | {"initialLeverage": changes.get("highest", 20)}]}
    switches = {"canTrade": True, "canWithdraw": False, "dualSidePosition": False, "multiAssetsMargin": False}
    setting = {"symbol": "BTCUSDT", "marginType": changes.get("margin", "ISOLATED"), "leverage": 3}
    answers: dict[str, Any] = {
        "/sapi/v1/account/apiRestrictions": {
            "enableFutures": changes.get("futures", True),
            "enableWithdrawals": changes.get("withdrawals", False),
            "ipRestrict": True,
        },
        "/fapi/v2/account": totals | {"positions": changes.get("held", [])} | changes.get("totals", {}),
        "/fapi/v3/positionRisk": [row | RISK for row in changes.get("held", [])],
        "/fapi/v1/accountConfig": switches | changes.get("switches", {}),
        "/fapi/v1/leverageBracket": [leverage],
        "/fapi/v1/exchangeInfo": {"symbols": [symbol_json()], "rateLimits": LIMITS},
        "/fapi/v1/symbolConfig": [setting | {"maxNotionalValue": "100"}],
        "/fapi/v1/openOrders": changes.get("orders", []),
        "/fapi/v1/openAlgoOrders": changes.get("stops", []),
    }
    used = {"X-MBX-USED-WEIGHT-1M": str(changes.get("used", 100))}
    for path, body in answers.items():
        venue.answers(f"GET {path}", Reply(body, headers=used))


def wrong(gateway: BinanceGateway, wanted: Wanted = WANTED) -> list[Finding]:
    return [one for one in preflight(gateway, wanted) if not one.well]


def test_a_sound_account_has_nothing_to_mend(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    sound(venue)
    found = preflight(gateway, WANTED)
    assert tuple(one.name for one in found) == NAMES
    assert [one for one in found if not one.well or one.fix] == []
    assert not [request for request in venue.asked if request.method != "GET"]


@pytest.mark.parametrize(
    ("changes", "name", "seen", "fix"),
    [
        ({"withdrawals": True}, "key", "can withdraw", "trading only"),
        ({"futures": False}, "key", "cannot trade futures", "enable futures"),
        ({"switches": {"canTrade": False}}, "account", "may not trade", "message box"),
        ({"totals": {"totalWalletBalance": "0"}}, "account", "no USDT", "transfer USDT"),
        ({"switches": {"dualSidePosition": True}}, "position mode", "hedge mode", "one-way"),
        ({"switches": {"multiAssetsMargin": True}}, "asset mode", "multi-assets", "single-asset"),
        ({"highest": 2}, "leverage", "less than 3x: BTCUSDT 2x", "`max_leverage`"),
        ({"orders": [order_json(avgPrice="0", clientOrderId="web_1")]}, "foreign", "order web_1", "sub-account"),
        ({"stops": [stop_json(clientAlgoId="web_2")]}, "foreign", "stop web_2", "sub-account"),
        ({"held": [HELD]}, "foreign", "position of 0.030 BTCUSDT", "sub-account"),
        ({"used": 1921}, "rate limits", "1921 of 2400", "stop what else asks"),
    ],
)
def test_what_is_wrong_is_named_with_its_fix(
    venue: ScriptedVenue, gateway: BinanceGateway, changes: dict[str, Any], name: str, seen: str, fix: str
) -> None:
    sound(venue, **changes)
    found = wrong(gateway)
    assert [one.name for one in found] == [name]
    assert seen in found[0].seen
    assert fix in found[0].fix
    assert "\n" not in found[0].fix


def test_a_symbol_that_is_not_listed_is_named(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    sound(venue)
    found = wrong(gateway, replace(WANTED, symbols=("BTCUSDT", "XYZUSDT")))
    assert [(one.name, "does not list XYZUSDT" in one.seen) for one in found] == [("symbols", True)]


def test_only_what_is_asked_for_is_looked_at(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    sound(venue, highest=2)
    assert [one.name for one in preflight(gateway, WANTED, only={"key"})] == ["key"]
    assert not venue.requests("GET /fapi/v1/openOrders")


def test_an_open_position_on_cross_margin_is_named(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    sound(venue, held=[HELD], margin="CROSSED", stops=[stop_json(clientAlgoId="cd-1")])
    assert [one.name for one in wrong(gateway)] == ["margin mode"]


def test_a_position_of_the_desks_is_known_by_its_stop_but_not_on_a_first_start(
    venue: ScriptedVenue, gateway: BinanceGateway
) -> None:
    sound(venue, held=[HELD], stops=[stop_json(clientAlgoId="cd-1")])
    assert wrong(gateway) == []
    assert [one.name for one in wrong(gateway, replace(WANTED, first_start=True))] == ["foreign"]


def test_a_clock_that_nobody_keeps_is_named(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    sound(venue)
    ahead = venue.now_ms
    venue.now_ms = lambda: ahead() + 90_000
    found = wrong(gateway)
    assert [one.name for one in found] == ["clock"]
    assert "NTP" in found[0].fix
    assert wrong(gateway, replace(WANTED, own_clock=True)) == []


def test_what_cannot_be_read_counts_as_wrong_and_hides_nothing_else(
    venue: ScriptedVenue, gateway: BinanceGateway
) -> None:
    sound(venue, highest=2)
    venue.answers("GET /fapi/v1/accountConfig", HANGS_UP)
    assert [one.name for one in wrong(gateway)] == ["account", "position mode", "asset mode", "leverage"]
    assert all(one.fix for one in wrong(gateway))
