"""What the venue tells an account about itself and about the market: rows for the wire, in USDT and base asset."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from desk.domain.market import Level
from desk.domain.orders import Side
from desk.venues.paper.engine.vocabulary.orders import PositionSide


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionRow:
    """A position and the margin around it. `liquidation_price` is 0 where no price of this symbol liquidates it.

    `isolated_margin` is the isolated wallet plus unrealised profit; both isolated figures are 0 in cross margin.
    `realized_total` is the profit closed since the symbol was first traded, before fees.
    """

    symbol: str
    position_side: PositionSide
    quantity: Decimal
    entry_price: Decimal
    break_even_price: Decimal
    mark_price: Decimal
    unrealized: Decimal
    liquidation_price: Decimal
    leverage: int
    isolated: bool
    isolated_wallet: Decimal
    isolated_margin: Decimal
    notional: Decimal
    max_notional: Decimal
    initial_margin: Decimal
    position_initial_margin: Decimal
    open_order_initial_margin: Decimal
    maint_margin: Decimal
    bid_notional: Decimal
    ask_notional: Decimal
    realized_total: Decimal
    margin_asset: str
    adl: int
    updated_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetSummary:
    """What an account has and owes in one asset, in that asset.

    `wallet` is the cross wallet plus every isolated wallet; `margin_balance` adds unrealised profit; `available` is
    what new orders may use: cross wallet plus cross profit less the initial margin of cross positions and open orders.
    """

    asset: str
    wallet: Decimal
    cross_wallet: Decimal
    unrealized: Decimal
    cross_unrealized: Decimal
    margin_balance: Decimal
    initial_margin: Decimal
    position_initial_margin: Decimal
    open_order_initial_margin: Decimal
    maint_margin: Decimal
    available: Decimal
    max_withdraw: Decimal
    updated_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSummary(AssetSummary):
    """An account's totals, and each asset. The totals are USDT alone, or in multi-assets mode the USD value of all."""

    name: str
    hedged: bool
    multi_assets: bool
    fee_burn: bool
    fee_tier: int
    assets: tuple[AssetSummary, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetIndex:
    """What an asset is worth in USD, as an index, as collateral (bid), as a debt (ask), and when exchanged."""

    asset: str
    at_ms: int
    index: Decimal
    buffer: Decimal
    bid: Decimal
    ask: Decimal
    exchange_buffer: Decimal
    exchange_bid: Decimal
    exchange_ask: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRow:
    """One asset's balance inside an account event; `change` leaves out profit and fees, as Binance's `bc` does."""

    asset: str
    wallet: Decimal
    cross_wallet: Decimal
    change: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeRow:
    """One change of a wallet: TRANSFER, REALIZED_PNL, COMMISSION, FUNDING_FEE, INSURANCE_CLEAR or AUTO_EXCHANGE."""

    account: str
    symbol: str
    kind: str
    asset: str
    amount: Decimal
    info: str
    at_ms: int
    transaction_id: int
    trade_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolSettings:
    """What an account chose for a symbol, and the largest notional its leverage allows."""

    symbol: str
    leverage: int
    isolated: bool
    max_notional: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginChange:
    """A transfer into (`kind` 1) or out of (`kind` 2) an isolated position's wallet, made by its owner."""

    account: str
    symbol: str
    position_side: PositionSide
    asset: str
    amount: Decimal
    kind: int
    at_ms: int
    transaction_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkView:
    """A symbol's reference prices. `funding_rate` is what the running interval would charge; `last` the last trade.

    `settle` is what the contract would be settled at now: the index, or in a dated contract's last half hour its mean.
    """

    symbol: str
    mark: Decimal
    index: Decimal
    last: Decimal
    mid: Decimal
    bid: Decimal
    ask: Decimal
    funding_rate: Decimal
    next_funding_ms: int
    settle: Decimal
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingCharge:
    """A funding settlement of one symbol: the rate of the interval, and the mark it was charged on."""

    symbol: str
    rate: Decimal
    mark: Decimal
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """The book: outside liquidity and users' resting orders, best first. `update_id` grows with each change."""

    symbol: str
    at_ms: int
    update_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicTrade:
    """A trade everybody sees. `side` is the taker's."""

    symbol: str
    trade_id: int
    price: Decimal
    quantity: Decimal
    side: Side
    at_ms: int
