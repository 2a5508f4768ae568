"""Several margin assets: each alone, or all together behind everything; and what is paid in which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from desk.domain.errors import DataError
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import (
    AccountEvent,
    AccountReason,
    AssetSummary,
    NewOrder,
    OrderKind,
    Quote,
    Refusal,
    Side,
)
from tests.unit.desk.venues.paper.engine.pit import D, Pit, spec_of

BUY, SELL = Side.BUY, Side.SELL


class Bourse(Pit):
    """The pit with BTCUSDC, which settles in USDC, and BNBUSDT beside the others; `dan` holds several assets."""

    def __init__(self) -> None:
        super().__init__()
        usdc = replace(spec_of("BTCUSDC"), base="BTC", quote="USDC")
        self.specs = {**self.specs, "BTCUSDC": usdc, "BNBUSDT": spec_of("BNBUSDT")}
        self.exchange = Exchange(self.specs, now_ms=lambda: self.now)
        self.exchange.open_account("ann", D(100_000), others={"USDC": D(5_000)})
        self.exchange.open_account("dan", D(1_000), others={"BTC": D(1), "BNB": D(10)})
        for symbol, price in (("BTCUSDT", 50_000), ("BTCUSDC", 50_000), ("BNBUSDT", 600), ("ETHUSDT", 2_500)):
            self.ladder = tuple((D(rung) * D("0.001"), D(100)) for rung in range(20))
            self.quote(price, symbol)
        self.exchange.drain_events()

    def trade(self, symbol: str, side: Side, quantity: object, account: str = "ann") -> None:
        """A market order in any symbol."""
        new = NewOrder(symbol=symbol, side=side, type=OrderKind.MARKET, quantity=D(str(quantity)))
        self.exchange.place_order(account, new)

    def asset(self, name: str, account: str = "ann") -> AssetSummary:
        """One asset of the account."""
        return next(row for row in self.exchange.summary(account).assets if row.asset == name)


@pytest.fixture
def bourse() -> Bourse:
    return Bourse()


def code_of(ask: Callable[[], object]) -> int:
    with pytest.raises(Refusal) as refused:
        ask()
    return refused.value.code


def test_a_contract_settles_in_its_own_margin_asset_and_leaves_the_others_alone(bourse: Bourse) -> None:
    bourse.trade("BTCUSDC", BUY, "0.5")
    bourse.now += 8 * 3_600_000
    bourse.exchange.settle(bourse.now)
    bourse.quote(51_000, "BTCUSDC")
    bourse.trade("BTCUSDC", SELL, "0.5")
    rows = bourse.exchange.income("ann", "BTCUSDC")
    assert {row.asset for row in rows} == {"USDC"}
    assert {row.kind for row in rows} == {"COMMISSION", "REALIZED_PNL", "FUNDING_FEE"}
    assert bourse.asset("USDT").wallet == 100_000
    assert bourse.asset("USDC").wallet == 5_000 + sum(row.amount for row in rows)
    trade = bourse.exchange.trades("ann", "BTCUSDC")[-1]
    assert (trade.margin_asset, trade.fee_asset) == ("USDC", "USDC")


def test_in_single_asset_mode_no_asset_helps_another(bourse: Bourse) -> None:
    assert code_of(lambda: bourse.trade("BTCUSDC", BUY, 3)) == -2019
    bourse.exchange.open_account("eve", D(1_000_000), others={"USDC": D(3_000)})
    bourse.trade("BTCUSDC", BUY, 1, "eve")
    bourse.quote(47_100, "BTCUSDC")
    assert bourse.held("eve", "BTCUSDC") == 0
    assert bourse.asset("USDT", "eve").wallet == 1_000_000
    assert bourse.asset("USDC", "eve").wallet < 3_000


def test_together_all_assets_count_less_their_haircut(bourse: Bourse) -> None:
    bourse.exchange.set_multi_assets("dan", on=True)
    summary = bourse.exchange.summary("dan")
    expected = D(1_000) * D("0.9999") + D(50_000) * D("0.95") + D(6_000) * D("0.95")
    assert summary.wallet == summary.available == expected
    assert bourse.asset("USDT", "dan").available == expected
    assert bourse.asset("BTC", "dan").available == expected / 50_000
    assert bourse.asset("BTC", "dan").max_withdraw == 1


def test_together_a_debt_stands_until_it_outgrows_its_threshold(bourse: Bourse) -> None:
    bourse.exchange.set_multi_assets("dan", on=True)
    bourse.trade("BTCUSDC", BUY, "0.003", "dan")
    assert bourse.asset("USDC", "dan").wallet == D("-0.07500015")
    bourse.trade("BTCUSDC", BUY, "0.003", "dan")
    assert bourse.asset("USDC", "dan").wallet == 0
    sold, bought = (row for row in bourse.exchange.income("dan") if row.kind == "AUTO_EXCHANGE")
    assert (sold.asset, bought.asset, bought.amount) == ("USDT", "USDC", D("0.1500003"))
    assert -sold.amount == (D("0.1500003") * D("1.0001") / D("0.9999")).quantize(D("0.00000001"), "ROUND_CEILING")
    reasons = [e.reason for e in bourse.exchange.drain_events() if isinstance(e, AccountEvent)]
    assert AccountReason.AUTO_EXCHANGE in reasons
    assert bourse.exchange.imbalance() == 0


def test_together_the_next_asset_pays_when_one_is_used_up(bourse: Bourse) -> None:
    bourse.exchange.set_multi_assets("dan", on=True)
    bourse.trade("BTCUSDT", BUY, 1, "dan")
    bourse.quote(48_000, "BTCUSDT")
    bourse.trade("BTCUSDT", SELL, 1, "dan")
    assert bourse.asset("USDT", "dan").wallet == 0
    assert D("0.97") < bourse.asset("BTC", "dan").wallet < 1
    assert bourse.asset("BNB", "dan").wallet == 10


def test_together_collateral_that_falls_takes_the_positions_with_it(bourse: Bourse) -> None:
    bourse.exchange.set_multi_assets("dan", on=True)
    bourse.trade("ETHUSDT", SELL, 80, "dan")
    bourse.quote(2_990, "ETHUSDT")
    assert bourse.held("dan", "ETHUSDT") == -80
    bourse.quote(30_000, "BTCUSDT", gap=True)
    assert bourse.held("dan", "ETHUSDT") > -80
    assert bourse.exchange.imbalance() == 0


def test_together_an_account_that_is_worth_nothing_is_cleared_by_the_fund(bourse: Bourse) -> None:
    bourse.exchange.set_multi_assets("dan", on=True)
    bourse.trade("ETHUSDT", SELL, 100, "dan")
    bourse.quote(6_000, "ETHUSDT", gap=True)
    assert bourse.held("dan", "ETHUSDT") == 0
    assert all(row.wallet >= 0 for row in bourse.exchange.summary("dan").assets)
    assert bourse.exchange.imbalance() == 0


def test_the_asset_mode_changes_only_where_it_may(bourse: Bourse) -> None:
    mode = bourse.exchange.set_multi_assets
    assert code_of(lambda: mode("ann", on=False)) == -4171
    order = bourse.limit(BUY, 1, 49_000)
    assert code_of(lambda: mode("ann", on=True)) == -4170
    bourse.exchange.cancel_order("ann", "BTCUSDT", order.order_id)
    bourse.exchange.set_margin_type("ann", "BTCUSDT", isolated=True)
    assert code_of(lambda: mode("ann", on=True)) == -4167
    bourse.exchange.set_margin_type("ann", "BTCUSDT", isolated=False)
    mode("ann", on=True)
    assert code_of(lambda: bourse.exchange.set_margin_type("ann", "BTCUSDT", isolated=True)) == -4168
    mode("ann", on=False)
    mode("dan", on=True)
    bourse.trade("BTCUSDT", BUY, "0.5", "dan")
    assert code_of(lambda: mode("dan", on=False)) == -4169
    bourse.trade("BTCUSDC", BUY, "0.003", "dan")
    assert bourse.asset("USDC", "dan").wallet < 0
    assert code_of(lambda: mode("dan", on=False)) == -4172


def test_fees_are_paid_in_bnb_at_a_discount_while_there_is_any(bourse: Bourse) -> None:
    bourse.exchange.set_fee_burn("dan", on=True)
    bourse.trade("ETHUSDT", BUY, 1, "dan")
    trade = bourse.exchange.trades("dan")[-1]
    whole = trade.price * D("0.0005")
    assert (trade.fee_asset, trade.fee) == ("BNB", (whole * D("0.9") / 600).quantize(D("0.00000001")))
    assert bourse.asset("BNB", "dan").wallet == 10 - trade.fee
    bourse.exchange.open_account("eve", D(1_000), others={"BNB": D("0.0000001")})
    bourse.exchange.set_fee_burn("eve", on=True)
    bourse.trade("ETHUSDT", BUY, 1, "eve")
    assert bourse.exchange.trades("eve")[-1].fee_asset == "USDT"


@pytest.mark.parametrize(
    ("tier", "maker", "taker"), [(0, "0.0002", "0.0005"), (3, "0.00012", "0.00032"), (9, "0", "0.00017")]
)
def test_a_vip_tier_lowers_both_fees(bourse: Bourse, tier: int, maker: str, taker: str) -> None:
    bourse.exchange.open_account("vip", D(100_000), fee_tier=tier)
    assert bourse.exchange.fee_rates("vip", "BTCUSDT") == (D(maker), D(taker))
    bourse.trade("BTCUSDT", BUY, 1, "vip")
    assert bourse.exchange.trades("vip")[-1].fee == D("50000.1") * D(taker)


def test_an_account_cannot_be_opened_on_what_the_venue_does_not_know(bourse: Bourse) -> None:
    with pytest.raises(DataError, match="DOGE"):
        bourse.exchange.open_account("x", D(1), others={"DOGE": D(1)})
    with pytest.raises(DataError, match="debt"):
        bourse.exchange.open_account("x", D(-1))
    with pytest.raises(DataError, match="tier"):
        bourse.exchange.open_account("x", D(1), fee_tier=10)
    assert "x" not in bourse.exchange.accounts()


def test_an_asset_that_no_market_prices_is_worth_nothing(bourse: Bourse) -> None:
    told = {row.asset: row for row in bourse.exchange.asset_indexes()}
    assert told["BTC"].index == 50_000
    assert (told["BTC"].bid, told["BTC"].exchange_ask) == (D(47_500), D(51_250))
    blind = Exchange({"BTCUSDT": spec_of("BTCUSDT")}, now_ms=lambda: bourse.now)
    blind.open_account("x", D(0), others={"ETH": D(5)})
    blind.apply(Quote(symbol="BTCUSDT", at_ms=bourse.now, price=D(50_000), spread=D(0), ladder=bourse.ladder))
    blind.set_multi_assets("x", on=True)
    assert blind.summary("x").wallet == 0
    assert "ETH" not in {row.asset for row in blind.asset_indexes()}


def test_wallets_modes_and_purses_survive_a_restart(bourse: Bourse) -> None:
    bourse.exchange.set_multi_assets("dan", on=True)
    bourse.exchange.set_fee_burn("dan", on=True)
    bourse.trade("BTCUSDC", BUY, "0.1", "dan")
    again = Exchange(bourse.specs, now_ms=lambda: bourse.now)
    again.restore(bourse.exchange.dump())
    assert again.dump() == bourse.exchange.dump()
    assert again.summary("dan") == bourse.exchange.summary("dan")
    assert again.imbalances() == bourse.exchange.imbalances()
