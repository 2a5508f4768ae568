"""One account: its wallets by asset, its positions and their terms, and every order it ever sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from desk.domain.money import ZERO
from desk.venues.paper.engine.floor.holdings import HEDGED, ONE_WAY, Holding, HoldingKey, Terms
from desk.venues.paper.engine.vocabulary.orders import AlgoOrder, Amendment, Order, PositionSide, Trade
from desk.venues.paper.engine.vocabulary.views import IncomeRow, MarginChange


@dataclass(slots=True)
class Account:
    """An account of the venue. `wallets` are its cross wallets by asset; isolated positions have their own.

    `hedged` is its position mode, `multi_assets` whether all its wallets stand behind all its positions, `fee_burn`
    whether fees are paid in BNB while there is any, `fee_tier` its VIP level.
    """

    name: str
    usual_leverage: Mapping[str, int]
    hedged: bool = False
    multi_assets: bool = False
    fee_burn: bool = False
    fee_tier: int = 0
    updated_ms: int = 0
    wallets: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    terms: dict[str, Terms] = field(default_factory=dict[str, Terms])
    holdings: dict[HoldingKey, Holding] = field(default_factory=dict[HoldingKey, Holding])
    orders: dict[int, Order] = field(default_factory=dict[int, Order])
    open_orders: dict[str, dict[int, None]] = field(default_factory=dict[str, dict[int, None]])
    order_by_client: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    algos: dict[int, AlgoOrder] = field(default_factory=dict[int, AlgoOrder])
    open_algos: dict[int, None] = field(default_factory=dict[int, None])
    algo_by_client: dict[str, int] = field(default_factory=dict[str, int])
    trades: list[Trade] = field(default_factory=list[Trade])
    income: list[IncomeRow] = field(default_factory=list[IncomeRow])
    margin_changes: list[MarginChange] = field(default_factory=list[MarginChange])
    amendments: list[Amendment] = field(default_factory=list[Amendment])

    @property
    def sides(self) -> tuple[PositionSide, ...]:
        """The sides a symbol has in the account's position mode."""
        return HEDGED if self.hedged else ONE_WAY

    @property
    def has_open_orders(self) -> bool:
        """Whether an order of any kind could still trade."""
        return bool(self.open_algos) or any(self.open_orders.values())

    def wallet(self, asset: str) -> Decimal:
        """The cross wallet in `asset`."""
        return self.wallets.get(asset, ZERO)

    def holding(self, symbol: str, side: PositionSide) -> Holding:
        """The position to look at; one that was never touched is flat, on the usual terms, and not kept."""
        return self.holdings.get((symbol, side)) or Holding(symbol, side, self.terms_of(symbol))

    def own(self, symbol: str, side: PositionSide) -> Holding:
        """The position to change."""
        found = self.holdings.get((symbol, side))
        if found is None:
            found = self.holdings[(symbol, side)] = Holding(symbol, side, self.own_terms(symbol))
        return found

    def holdings_of(self, symbol: str) -> list[Holding]:
        """The positions of a symbol, one for each side of the account's mode."""
        return [self.holding(symbol, side) for side in self.sides]

    def holds(self, symbol: str) -> bool:
        """Whether anything is held in a symbol, on whichever side."""
        found = (self.holdings.get((symbol, side)) for side in self.sides)
        return any(holding is not None and holding.quantity for holding in found)

    def terms_of(self, symbol: str) -> Terms:
        """The terms of a symbol to look at; the usual ones are not kept."""
        return self.terms.get(symbol) or Terms(symbol, leverage=self.usual_leverage[symbol])

    def own_terms(self, symbol: str) -> Terms:
        """The terms of a symbol to change."""
        found = self.terms[symbol] = self.terms_of(symbol)
        return found
