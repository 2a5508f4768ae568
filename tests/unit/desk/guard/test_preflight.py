"""A first start asks for everything, a restart only for what no guard works without, and each refusal has its fix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from desk.domain.errors import PrerequisiteError
from desk.guard.process.settings import GuardSettings
from desk.guard.venue.preflight import require_sound
from desk.venues.binance import BinanceGateway, open_gateway
from tests.unit.desk.venues.binance.scripted_venue import ScriptedVenue, scripted_venue
from tests.unit.desk.venues.binance.test_gateway_orders import stop_json
from tests.unit.desk.venues.binance.test_preflight import sound

FOREIGN = {"stops": [stop_json(clientAlgoId="web_2")]}


@pytest.fixture
def venue() -> Iterator[ScriptedVenue]:
    with scripted_venue() as running:
        yield running


@pytest.fixture
def gateway(venue: ScriptedVenue) -> Iterator[BinanceGateway]:
    opened = open_gateway(venue.url, "key", "secret")
    yield opened
    opened.close()


def settings(kind: str) -> GuardSettings:
    files = dict.fromkeys(("journal", "crew_token_file", "operator_token_file", "run_file"), "x")
    base_url = "https://fapi.binance.com" if kind == "live" else "http://127.0.0.1:1"
    venue = {"kind": kind, "base_url": base_url}
    return GuardSettings.model_validate({"profile": "test", "venue": venue, "symbols": ["BTCUSDT"], **files})


@pytest.mark.parametrize(
    ("kind", "first_start", "changes", "refused"),
    [
        ("live", True, {}, ""),
        ("live", True, {"withdrawals": True}, "key"),
        ("live", False, {"withdrawals": True}, "key"),
        ("testnet", True, {"withdrawals": True}, ""),
        ("testnet", True, FOREIGN, "foreign"),
        ("testnet", False, FOREIGN, ""),
        ("paper", True, FOREIGN, ""),
        ("testnet", True, {"switches": {"multiAssetsMargin": True}}, "asset mode"),
        ("testnet", False, {"switches": {"multiAssetsMargin": True}}, ""),
        ("testnet", False, {"switches": {"dualSidePosition": True}}, "position mode"),
        ("testnet", True, {"totals": {"totalWalletBalance": "0"}}, "account"),
        ("testnet", False, {"totals": {"totalWalletBalance": "0"}}, ""),
    ],
)
def test_who_may_start_where(
    venue: ScriptedVenue,
    gateway: BinanceGateway,
    kind: str,
    first_start: bool,
    changes: dict[str, Any],
    refused: str,
) -> None:
    sound(venue, **changes)
    if not refused:
        require_sound(gateway, settings(kind), first_start=first_start)
        return
    with pytest.raises(PrerequisiteError) as told:
        require_sound(gateway, settings(kind), first_start=first_start)
    assert told.value.message.startswith(f"{refused}: ")
    assert told.value.hint


def test_several_troubles_are_counted(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    sound(venue, switches={"multiAssetsMargin": True, "dualSidePosition": True})
    with pytest.raises(PrerequisiteError, match="1 more: `crew doctor --profile test`"):
        require_sound(gateway, settings("testnet"), first_start=True)
