"""Balances, margins and positions as they stand in REST answers. The versions differ, and clients depend on how.

v3 lists only symbols that hold a position or an open order; v2 lists every symbol and adds leverage and margin type.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from desk.venues.paper.engine.values import (
    AccountSummary,
    AssetSummary,
    IncomeRow,
    MarginChange,
    PositionRow,
    PositionSide,
    SymbolSettings,
    SymbolSpec,
)
from desk.venues.paper.wire.figures import Json, figure, fixed, money

USDT = "USDT"


def balance_rows(summary: AccountSummary) -> list[Json]:
    """GET balance, v2 and v3 alike: every margin asset, held or not."""
    return [
        {
            "accountAlias": "PaperDesk",
            "asset": row.asset,
            "balance": money(row.wallet),
            "crossWalletBalance": money(row.cross_wallet),
            "crossUnPnl": money(row.cross_unrealized),
            "availableBalance": money(row.available),
            "maxWithdrawAmount": money(row.max_withdraw),
            "marginAvailable": True,
            "updateTime": row.updated_ms,
        }
        for row in summary.assets
    ]


def account_v3(summary: AccountSummary, positions: Sequence[PositionRow]) -> Json:
    """GET v3 account: USDT, and what else is held or owed."""
    return {
        **_totals(summary),
        "assets": [_asset(row) for row in summary.assets if row.asset == USDT or row.wallet or row.initial_margin],
        "positions": [_account_position_v3(row) for row in positions],
    }


def account_v2(summary: AccountSummary, positions: Sequence[PositionRow]) -> Json:
    """GET v2 account: every margin asset."""
    return {
        "feeTier": summary.fee_tier,
        "feeBurn": summary.fee_burn,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": False,
        "updateTime": 0,
        "multiAssetsMargin": summary.multi_assets,
        "tradeGroupId": -1,
        **_totals(summary),
        "assets": [{**_asset(row), "marginAvailable": True} for row in summary.assets],
        "positions": [_account_position_v2(row) for row in positions],
    }


def _totals(summary: AccountSummary) -> Json:
    return {
        "totalInitialMargin": money(summary.initial_margin),
        "totalMaintMargin": money(summary.maint_margin),
        "totalWalletBalance": money(summary.wallet),
        "totalUnrealizedProfit": money(summary.unrealized),
        "totalMarginBalance": money(summary.margin_balance),
        "totalPositionInitialMargin": money(summary.position_initial_margin),
        "totalOpenOrderInitialMargin": money(summary.open_order_initial_margin),
        "totalCrossWalletBalance": money(summary.cross_wallet),
        "totalCrossUnPnl": money(summary.cross_unrealized),
        "availableBalance": money(summary.available),
        "maxWithdrawAmount": money(summary.max_withdraw),
    }


def _asset(row: AssetSummary) -> Json:
    return {
        "asset": row.asset,
        "walletBalance": money(row.wallet),
        "unrealizedProfit": money(row.unrealized),
        "marginBalance": money(row.margin_balance),
        "maintMargin": money(row.maint_margin),
        "initialMargin": money(row.initial_margin),
        "positionInitialMargin": money(row.position_initial_margin),
        "openOrderInitialMargin": money(row.open_order_initial_margin),
        "crossWalletBalance": money(row.cross_wallet),
        "crossUnPnl": money(row.cross_unrealized),
        "availableBalance": money(row.available),
        "maxWithdrawAmount": money(row.max_withdraw),
        "updateTime": row.updated_ms,
    }


def _account_position_v3(row: PositionRow) -> Json:
    return {
        "symbol": row.symbol,
        "positionSide": row.position_side.value,
        "positionAmt": figure(row.quantity),
        "unrealizedProfit": money(row.unrealized),
        "isolatedMargin": money(row.isolated_margin),
        "notional": figure(row.notional),
        "isolatedWallet": money(row.isolated_wallet),
        "initialMargin": money(row.initial_margin),
        "maintMargin": money(row.maint_margin),
        "updateTime": row.updated_ms,
    }


def _account_position_v2(row: PositionRow) -> Json:
    return {
        "symbol": row.symbol,
        "initialMargin": money(row.initial_margin),
        "maintMargin": money(row.maint_margin),
        "unrealizedProfit": money(row.unrealized),
        "positionInitialMargin": money(row.position_initial_margin),
        "openOrderInitialMargin": money(row.open_order_initial_margin),
        "leverage": str(row.leverage),
        "isolated": row.isolated,
        "entryPrice": figure(row.entry_price),
        "breakEvenPrice": figure(row.break_even_price),
        "maxNotional": figure(row.max_notional),
        "bidNotional": figure(row.bid_notional),
        "askNotional": figure(row.ask_notional),
        "positionSide": row.position_side.value,
        "positionAmt": figure(row.quantity),
        "notional": figure(row.notional),
        "isolatedWallet": money(row.isolated_wallet),
        "updateTime": row.updated_ms,
    }


def position_risk_v3(row: PositionRow) -> Json:
    """A row of GET v3 positionRisk."""
    return {
        "symbol": row.symbol,
        "positionSide": row.position_side.value,
        "positionAmt": figure(row.quantity),
        "entryPrice": figure(row.entry_price),
        "breakEvenPrice": figure(row.break_even_price),
        "markPrice": fixed(row.mark_price, 8),
        "unRealizedProfit": money(row.unrealized),
        "liquidationPrice": figure(row.liquidation_price),
        "isolatedMargin": money(row.isolated_margin),
        "notional": figure(row.notional),
        "marginAsset": row.margin_asset,
        "isolatedWallet": money(row.isolated_wallet),
        "initialMargin": money(row.initial_margin),
        "maintMargin": money(row.maint_margin),
        "positionInitialMargin": money(row.position_initial_margin),
        "openOrderInitialMargin": money(row.open_order_initial_margin),
        "adl": row.adl,
        "bidNotional": figure(row.bid_notional),
        "askNotional": figure(row.ask_notional),
        "updateTime": row.updated_ms,
    }


def position_risk_v2(row: PositionRow) -> Json:
    """A row of GET v2 positionRisk."""
    return {
        "symbol": row.symbol,
        "positionAmt": figure(row.quantity),
        "entryPrice": figure(row.entry_price),
        "breakEvenPrice": figure(row.break_even_price),
        "markPrice": fixed(row.mark_price, 8),
        "unRealizedProfit": money(row.unrealized),
        "liquidationPrice": figure(row.liquidation_price),
        "leverage": str(row.leverage),
        "maxNotionalValue": figure(row.max_notional),
        "marginType": "isolated" if row.isolated else "cross",
        "isolatedMargin": money(row.isolated_margin),
        "isAutoAddMargin": "false",
        "positionSide": row.position_side.value,
        "notional": figure(row.notional),
        "isolatedWallet": money(row.isolated_wallet),
        "updateTime": row.updated_ms,
    }


def symbol_config(settings: SymbolSettings) -> Json:
    """A row of symbolConfig."""
    return {
        "symbol": settings.symbol,
        "marginType": "ISOLATED" if settings.isolated else "CROSSED",
        "isAutoAddMargin": False,
        "leverage": settings.leverage,
        "maxNotionalValue": figure(settings.max_notional),
    }


def leverage_bracket(spec: SymbolSpec) -> Json:
    """A row of leverageBracket. Ratios and amounts are JSON numbers here, alone among Binance's figures."""
    return {
        "symbol": spec.symbol,
        "notionalCoef": 1.0,
        "brackets": [
            {
                "bracket": bracket.number,
                "initialLeverage": bracket.initial_leverage,
                "notionalCap": int(bracket.cap),
                "notionalFloor": int(bracket.floor),
                "maintMarginRatio": float(bracket.ratio),
                "cum": float(bracket.cum),
            }
            for bracket in spec.brackets
        ],
    }


def commission_rate(symbol: str, maker: Decimal, taker: Decimal) -> Json:
    """GET commissionRate."""
    return {
        "symbol": symbol,
        "makerCommissionRate": fixed(maker, 6),
        "takerCommissionRate": fixed(taker, 6),
        "rpiCommissionRate": fixed(Decimal(0), 6),
    }


def adl_quantile(symbol: str, rows: Sequence[PositionRow]) -> Json:
    """A row of adlQuantile. Hedged cross sides share one figure, and HEDGE (a sign, no value) stands for BOTH."""
    told: Json = {row.position_side.value: row.adl for row in rows}
    if PositionSide.BOTH.value in told:
        return {"symbol": symbol, "adlQuantile": {"LONG": 0, "SHORT": 0, **told}}
    if any(row.isolated for row in rows):
        return {"symbol": symbol, "adlQuantile": {**told, "BOTH": 0}}
    shared = max(row.adl for row in rows)
    return {"symbol": symbol, "adlQuantile": {"LONG": shared, "SHORT": shared, "HEDGE": 0}}


def income_row(row: IncomeRow) -> Json:
    """A row of income."""
    return {
        "symbol": row.symbol,
        "incomeType": row.kind,
        "income": money(row.amount),
        "asset": row.asset,
        "info": row.info,
        "time": row.at_ms,
        "tranId": row.transaction_id,
        "tradeId": "" if row.trade_id is None else str(row.trade_id),
    }


def margin_change_row(change: MarginChange) -> Json:
    """A row of positionMargin/history."""
    return {
        "symbol": change.symbol,
        "type": change.kind,
        "deltaType": "USER_ADJUST",
        "amount": money(change.amount),
        "asset": change.asset,
        "time": change.at_ms,
        "positionSide": change.position_side.value,
        "clientTranId": "",
    }
