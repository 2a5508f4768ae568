"""What the gateway reports of the account is complete, consistent and typed, or it is an error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from desk.domain.errors import DataError, VenueRejectedError, VenueUnavailableError
from desk.venues.binance import BinanceGateway, KeyPermissions
from tests.unit.desk.venues.binance.scripted_venue import HANGS_UP, Reply, Request, ScriptedVenue, refused

ACCOUNT, RISK = "GET /fapi/v2/account", "GET /fapi/v3/positionRisk"
TRADES, INCOME = "GET /fapi/v1/userTrades", "GET /fapi/v1/income"
SINCE = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
SINCE_MS = int(SINCE.timestamp() * 1000)


def account_json(quantity: str = "0.010") -> dict[str, Any]:
    return {
        "totalWalletBalance": "9990.5",
        "totalUnrealizedProfit": "-12.25",
        "availableBalance": "9700",
        "positions": [
            {
                "symbol": "BTCUSDT",
                "positionSide": "BOTH",
                "positionAmt": quantity,
                "leverage": "3",
                "isolated": True,
            },
            {"symbol": "ETHUSDT", "positionSide": "BOTH", "positionAmt": "0.000", "leverage": "20", "isolated": False},
        ],
    }


def risk_json(quantity: str = "0.010", **changes: Any) -> list[dict[str, Any]]:
    row = {
        "symbol": "BTCUSDT",
        "positionSide": "BOTH",
        "positionAmt": quantity,
        "entryPrice": "60000.0",
        "markPrice": "58775.00000000",
        "unRealizedProfit": "-12.25000000",
        "liquidationPrice": "40123.1",
        "updateTime": SINCE_MS,
    }
    return [row | changes]


def trade_json(number: int, at_ms: int, **changes: Any) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "id": number,
        "orderId": number,
        "side": "BUY",
        "price": "60000",
        "qty": "0.001",
        "realizedPnl": "0",
        "commission": "0.024",
        "commissionAsset": "USDT",
        "time": at_ms,
        "maker": False,
    } | changes


def test_the_account_is_the_wallet_plus_what_is_open(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(ACCOUNT, Reply(account_json()))
    venue.answers(RISK, Reply(risk_json()))
    account = gateway.account()
    position = account.position("BTCUSDT")
    assert account.equity == Decimal("9978.25")
    assert position is not None
    assert (position.leverage, position.isolated) == (3, True)
    assert position.liquidation_price == Decimal("40123.1")
    assert account.position("ETHUSDT") is None


def test_a_trade_between_the_two_reads_makes_them_both_again(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(ACCOUNT, Reply(account_json("0.010")), Reply(account_json("0.020")))
    venue.answers(RISK, Reply(risk_json("0.020")))
    position = gateway.account().position("BTCUSDT")
    assert position is not None
    assert position.quantity == Decimal("0.020")


def test_position_lists_that_never_agree_are_an_error(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(ACCOUNT, Reply(account_json("0.010")))
    venue.answers(RISK, Reply([]))
    with pytest.raises(DataError, match="disagree"):
        gateway.account()


def test_a_hedge_mode_position_is_refused(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(ACCOUNT, Reply(account_json()))
    venue.answers(RISK, Reply(risk_json(positionSide="LONG")))
    with pytest.raises(DataError, match="hedge") as caught:
        gateway.account()
    assert "one-way" in caught.value.hint


@pytest.mark.parametrize("hedge", [True, False])
def test_the_position_mode_is_what_the_venue_says(venue: ScriptedVenue, gateway: BinanceGateway, hedge: bool) -> None:
    venue.answers("GET /fapi/v1/positionSide/dual", Reply({"dualSidePosition": hedge}))
    assert gateway.position_mode().one_way is not hedge


def test_reads_are_tried_again_only_when_no_connection_came_about(
    venue: ScriptedVenue, gateway: BinanceGateway
) -> None:
    venue.answers("GET /fapi/v1/openOrders", HANGS_UP)
    with pytest.raises(VenueUnavailableError):
        gateway.open_orders()
    assert len(venue.requests("GET /fapi/v1/openOrders")) == 1


def test_a_read_refused_for_its_timestamp_is_stamped_anew(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers("GET /fapi/v1/openOrders", refused(-1021, "Timestamp for this request is outside"), Reply([]))
    assert gateway.open_orders() == ()
    assert len(venue.requests("GET /fapi/v1/time")) == 2


def test_requests_are_stamped_with_the_venues_time(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.now_ms = lambda: 1_700_000_000_000
    venue.answers("GET /fapi/v1/openOrders", Reply([]))
    gateway.open_orders()
    stamp = int(venue.requests("GET /fapi/v1/openOrders")[0].params["timestamp"])
    assert abs(stamp - 1_700_000_000_000) < 1000


def test_trades_are_read_to_the_last_page_and_each_once(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    ledger = [trade_json(number, SINCE_MS + number) for number in range(1, 2501)]

    def page(request: Request) -> Reply:
        rows = [t for t in ledger if t["id"] >= int(request.params.get("fromId", 0))]
        return Reply(rows[: int(request.params["limit"])])

    venue.answers(TRADES, page)
    fills = gateway.fills("BTCUSDT", SINCE)
    assert [fill.trade_id for fill in fills] == list(range(1, 2501))
    assert all("fromId" not in r.params or "startTime" not in r.params for r in venue.requests(TRADES))


def test_trades_older_than_a_week_are_asked_for_week_by_week(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(TRADES, Reply([]))
    gateway.fills("BTCUSDT", datetime.now(UTC) - timedelta(days=20))
    windows = [(int(r.params["startTime"]), int(r.params["endTime"])) for r in venue.requests(TRADES)]
    assert len(windows) == 3
    assert all(end - start < 7 * 86_400_000 for start, end in windows)
    assert [start for start, _ in windows[1:]] == [end + 1 for _, end in windows[:-1]]


def test_trades_that_the_venue_no_longer_keeps_are_not_asked_for(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(TRADES, Reply([]))
    gateway.fills("BTCUSDT", datetime(2019, 9, 1, tzinfo=UTC))
    assert len(venue.requests(TRADES)) in (26, 27)


def test_a_fee_in_another_coin_is_not_counted_as_dollars(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(TRADES, Reply([trade_json(1, SINCE_MS + 1, commissionAsset="BNB")]))
    with pytest.raises(DataError, match="BNB") as caught:
        gateway.fills("BTCUSDT", SINCE)
    assert "BNB" in caught.value.hint


def income_json(number: int, at_ms: int) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "incomeType": "FUNDING_FEE",
        "income": "-0.5",
        "asset": "USDT",
        "time": at_ms,
        "tranId": number,
    }


def test_wallet_changes_are_paged_by_time_and_counted_once(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    # Ten changes share each millisecond, so pages must overlap.
    ledger = [income_json(number, SINCE_MS + number // 10) for number in range(1500)]

    def page(request: Request) -> Reply:
        rows = [row for row in ledger if row["time"] >= int(request.params["startTime"])]
        return Reply(rows[: int(request.params["limit"])])

    venue.answers(INCOME, page)
    found = gateway.income(SINCE)
    assert [row.transaction_id for row in found] == list(range(1500))


def test_an_income_page_that_repeats_itself_is_an_error(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(INCOME, Reply([income_json(number, SINCE_MS) for number in range(1000)]))
    with pytest.raises(DataError, match="one millisecond"):
        gateway.income(SINCE)


def test_the_keys_own_permissions_count(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    rights = {"enableFutures": True, "enableWithdrawals": True, "ipRestrict": False}
    venue.answers("GET /sapi/v1/account/apiRestrictions", Reply(rights))
    assert gateway.permissions() == KeyPermissions(can_trade=True, can_withdraw=True, ip_restricted=False)


def test_an_exchange_without_key_permissions_answers_with_the_accounts(
    venue: ScriptedVenue, gateway: BinanceGateway
) -> None:
    venue.answers("GET /fapi/v1/accountConfig", Reply({"canTrade": True, "canWithdraw": False}))
    assert gateway.permissions() == KeyPermissions(can_trade=True, can_withdraw=False, ip_restricted=False)


def test_a_wrong_key_is_the_venues_refusal(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(ACCOUNT, refused(-2014, "API-key format invalid.", 401))
    with pytest.raises(VenueRejectedError) as caught:
        gateway.account()
    assert caught.value.code == -2014
