"""What the account holds, over REST: balances, positions, margins, income, fees, permissions, listen keys."""

from __future__ import annotations

from desk.venues.paper.engine.values import PositionRow
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.account import account_json
from desk.venues.paper.wire.calls import Desk, span, week_before
from desk.venues.paper.wire.figures import Json
from desk.venues.paper.wire.requests.params import Params


def balance(desk: Desk, params: Params) -> list[Json]:
    """GET v2 and v3 balance."""
    del params
    return account_json.balance_rows(desk.exchange.summary(desk.account))


def account_v3(desk: Desk, params: Params) -> Json:
    """GET v3 account: only symbols with a position or an open order."""
    del params
    exchange = desk.exchange
    return account_json.account_v3(exchange.summary(desk.account), exchange.positions(desk.account))


def account_v2(desk: Desk, params: Params) -> Json:
    """GET v2 account: every symbol."""
    del params
    exchange, account = desk.exchange, desk.account
    return account_json.account_v2(exchange.summary(account), exchange.positions(account, every=True))


def position_risk_v3(desk: Desk, params: Params) -> list[Json]:
    """GET v3 positionRisk: only symbols with a position or an open order, unless a switch wants all."""
    every = desk.wire.position_rows == "all"
    rows = desk.exchange.positions(desk.account, desk.symbol_or_none(params), every=every)
    return [account_json.position_risk_v3(row) for row in rows]


def position_risk_v2(desk: Desk, params: Params) -> list[Json]:
    """GET v2 positionRisk: every symbol, held or not."""
    symbol = desk.symbol_or_none(params)
    rows = [row for row in _every_row(desk) if symbol is None or row.symbol == symbol]
    return [account_json.position_risk_v2(row) for row in rows]


def _every_row(desk: Desk) -> list[PositionRow]:
    return list(desk.exchange.positions(desk.account, every=True))


def income(desk: Desk, params: Params) -> list[Json]:
    """GET income: the newest of the last week without times, the oldest from `startTime` on; `page` turns pages."""
    limit = params.bounded("limit", 100, 1, 1_000)
    number = params.bounded("page", 1, 1, 1_000_000)
    start, end = span(params)
    since = week_before(desk.tape.now_ms()) if start is None and end is None else start
    kind = params.word("incomeType")
    rows = [
        row
        for row in desk.exchange.income(desk.account, desk.symbol_or_none(params))
        if (kind is None or row.kind == kind)
        and (since is None or row.at_ms >= since)
        and (end is None or row.at_ms <= end)
    ]
    if start is None and number == 1:
        rows = rows[-limit:]
    return [account_json.income_row(row) for row in rows[(number - 1) * limit :][:limit]]


def symbol_config(desk: Desk, params: Params) -> list[Json]:
    """GET symbolConfig."""
    account = desk.account
    return [
        account_json.symbol_config(desk.exchange.symbol_settings(account, symbol)) for symbol in desk.symbols(params)
    ]


def account_config(desk: Desk, params: Params) -> Json:
    """GET accountConfig."""
    del params
    summary = desk.exchange.summary(desk.account)
    return {
        "feeTier": summary.fee_tier,
        "canTrade": desk.may_trade,
        "canDeposit": True,
        "canWithdraw": desk.may_withdraw,
        "dualSidePosition": summary.hedged,
        "updateTime": 0,
        "multiAssetsMargin": summary.multi_assets,
        "tradeGroupId": -1,
    }


def commission_rate(desk: Desk, params: Params) -> Json:
    """GET commissionRate."""
    symbol = desk.symbol(params)
    return account_json.commission_rate(symbol, *desk.exchange.fee_rates(desk.account, symbol))


def adl_quantile(desk: Desk, params: Params) -> list[Json]:
    """GET adlQuantile: always a list, of the named symbol or of what is held.

    Binance's reference, its SDK's model and ccxt's recorded answer all have a list.
    """
    named = desk.symbol_or_none(params)
    held = (row.symbol for row in desk.exchange.positions(desk.account) if row.quantity)
    told = dict.fromkeys(held if named is None else (named,))
    return [account_json.adl_quantile(name, desk.exchange.positions(desk.account, name, every=True)) for name in told]


def leverage_bracket(desk: Desk, params: Params) -> list[Json]:
    """GET leverageBracket: a list, even for one symbol."""
    return [account_json.leverage_bracket(desk.tape.spec(symbol)) for symbol in desk.symbols(params)]


def api_restrictions(desk: Desk, params: Params) -> Json:
    """GET sapi apiRestrictions: what this key may do. A trading desk must be refused a key that can withdraw."""
    del params
    return {
        "ipRestrict": True,
        "createTime": 0,
        "enableReading": True,
        "enableWithdrawals": desk.may_withdraw,
        "enableInternalTransfer": False,
        "enableMargin": False,
        "enableFutures": desk.may_trade,
        "permitsUniversalTransfer": False,
        "enableVanillaOptions": False,
        "enableFixApiTrade": False,
        "enableFixReadOnly": False,
        "enableSpotAndMarginTrading": False,
        "enablePortfolioMarginTrading": False,
    }


def issue_listen_key(desk: Desk, params: Params) -> Json:
    """POST listenKey: the living key, or a new one."""
    del params
    return {"listenKey": desk.listen_keys.issue(desk.account)}


def renew_listen_key(desk: Desk, params: Params) -> Json:
    """PUT listenKey: sixty minutes more, or -1125. A key named in the request must be the living one."""
    named = params.text("listenKey")
    if named is not None and desk.listen_keys.account_of(named) is None:
        raise errors.dead_listen_key()
    return {"listenKey": desk.listen_keys.renew(desk.account)}


def close_listen_key(desk: Desk, params: Params) -> Json:
    """DELETE listenKey."""
    del params
    desk.end_listen_keys(desk.listen_keys.revoke(desk.account))
    return {}
