"""Position modes, asset modes and fees over the wire: which rows an account is shown, and which code says no."""

from __future__ import annotations

from typing import Any

from tests.unit.desk.venues.paper.wire.rig import Rig, play

ORDER: dict[str, object] = {"symbol": "BTCUSDT", "type": "MARKET", "quantity": "0.01"}


async def done(rig: Rig, method: str, path: str, **params: object) -> Any:
    status, told = await rig.signed(method, path, **params)
    assert status == 200, told
    return told


async def refused(rig: Rig, method: str, path: str, **params: object) -> int:
    status, told = await rig.signed(method, path, **params)
    assert status == 400, told
    return told["code"]


def test_hedge_mode_shows_its_two_sides_wherever_positions_are_shown() -> None:
    async def story(rig: Rig) -> None:
        await done(rig, "POST", "/fapi/v1/positionSide/dual", dualSidePosition="true")
        assert await refused(rig, "POST", "/fapi/v1/order", **ORDER, side="BUY") == -4061
        long = {**ORDER, "side": "BUY", "positionSide": "LONG"}
        assert await refused(rig, "POST", "/fapi/v1/order", **long, reduceOnly="false") == -1106
        await done(rig, "POST", "/fapi/v1/order", **long)
        await done(rig, "POST", "/fapi/v1/order", **{**ORDER, "quantity": "0.02"}, side="SELL", positionSide="SHORT")
        held = {row["positionSide"]: row["positionAmt"] for row in await done(rig, "GET", "/fapi/v3/positionRisk")}
        assert held == {"LONG": "0.01", "SHORT": "-0.02"}
        for path in ("/fapi/v2/positionRisk", "/fapi/v2/account"):
            told = await done(rig, "GET", path)
            rows = told if isinstance(told, list) else told["positions"]
            sides = [row["positionSide"] for row in rows if row["symbol"] == "BTCUSDT"]
            assert sides == ["LONG", "SHORT"]
        quantiles = await done(rig, "GET", "/fapi/v1/adlQuantile", symbol="BTCUSDT")
        assert quantiles == [{"symbol": "BTCUSDT", "adlQuantile": {"LONG": 0, "SHORT": 0, "HEDGE": 0}}]
        trades = await done(rig, "GET", "/fapi/v1/userTrades", symbol="BTCUSDT")
        assert [trade["positionSide"] for trade in trades] == ["LONG", "SHORT"]
        assert await refused(rig, "POST", "/fapi/v1/positionSide/dual", dualSidePosition="false") == -4068
        assert (await done(rig, "GET", "/fapi/v1/accountConfig"))["dualSidePosition"] is True

    play(story)


def test_isolated_margin_is_moved_to_the_side_that_is_named() -> None:
    async def story(rig: Rig) -> None:
        await done(rig, "POST", "/fapi/v1/positionSide/dual", dualSidePosition="true")
        await done(rig, "POST", "/fapi/v1/marginType", symbol="BTCUSDT", marginType="ISOLATED")
        await done(rig, "POST", "/fapi/v1/order", **ORDER, side="SELL", positionSide="SHORT")
        move: dict[str, object] = {"symbol": "BTCUSDT", "amount": "10", "type": 1}
        assert await refused(rig, "POST", "/fapi/v1/positionMargin", **move) == -4061
        assert await refused(rig, "POST", "/fapi/v1/positionMargin", **move, positionSide="LONG") == -4054
        await done(rig, "POST", "/fapi/v1/positionMargin", **move, positionSide="SHORT")
        history = await done(rig, "GET", "/fapi/v1/positionMargin/history", symbol="BTCUSDT")
        assert [(row["positionSide"], row["asset"]) for row in history] == [("SHORT", "USDT")]

    play(story)


def test_asset_mode_and_isolated_margin_exclude_each_other() -> None:
    async def story(rig: Rig) -> None:
        path = "/fapi/v1/multiAssetsMargin"
        assert await refused(rig, "POST", path, multiAssetsMargin="false") == -4171
        await done(rig, "POST", "/fapi/v1/marginType", symbol="BTCUSDT", marginType="ISOLATED")
        assert await refused(rig, "POST", path, multiAssetsMargin="true") == -4167
        await done(rig, "POST", "/fapi/v1/marginType", symbol="BTCUSDT", marginType="CROSSED")
        await done(rig, "POST", path, multiAssetsMargin="true")
        assert await refused(rig, "POST", "/fapi/v1/marginType", symbol="BTCUSDT", marginType="ISOLATED") == -4168
        told = await done(rig, "GET", "/fapi/v2/account")
        assert told["multiAssetsMargin"] is True
        assert [row["asset"] for row in told["assets"]] == ["USDT", "USDC", "FDUSD", "BTC", "ETH", "BNB"]
        assert told["totalWalletBalance"] == "9999.00000000"

    play(story)


def test_fee_burn_is_switched_and_shown() -> None:
    async def story(rig: Rig) -> None:
        assert await done(rig, "GET", "/fapi/v1/feeBurn") == {"feeBurn": False}
        await done(rig, "POST", "/fapi/v1/feeBurn", feeBurn="true")
        assert await done(rig, "GET", "/fapi/v1/feeBurn") == {"feeBurn": True}
        assert (await done(rig, "GET", "/fapi/v2/account"))["feeBurn"] is True

    play(story)
