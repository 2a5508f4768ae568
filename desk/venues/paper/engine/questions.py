"""Everything that may be asked of the venue without changing it. Rows come oldest first; the caller pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from desk.domain.money import ZERO
from desk.venues.paper.engine.floor import market_view, outside, reports, retention
from desk.venues.paper.engine.floor.holdings import HoldingKey
from desk.venues.paper.engine.floor.state import Floor, House
from desk.venues.paper.engine.money import conversion, exposure, fees, terms
from desk.venues.paper.engine.trading import requests
from desk.venues.paper.engine.values import (
    AccountSummary,
    AlgoOrder,
    Amendment,
    AssetIndex,
    AssetSummary,
    Depth,
    FundingCharge,
    IncomeRow,
    MarginChange,
    MarkView,
    Order,
    PositionRow,
    PublicTrade,
    Refusal,
    SymbolSettings,
    SymbolSpec,
    Trade,
)
from desk.venues.paper.engine.vocabulary.assets import USDT
from desk.venues.paper.engine.vocabulary.switches import Readings, Realism


class Questions:
    """The asking half of an exchange; `Exchange` adds the doing."""

    def __init__(
        self,
        specs: Mapping[str, SymbolSpec],
        *,
        now_ms: Callable[[], int],
        realism: Realism | None = None,
        readings: Readings | None = None,
        house: House | None = None,
    ) -> None:
        """A venue listing `specs`; `now_ms` is its (possibly virtual) clock, `house` what it was told about itself."""
        self._floor = Floor(specs, now_ms, realism or Realism(), readings or Readings(), house or House())

    @property
    def specs(self) -> Mapping[str, SymbolSpec]:
        """The contracts listed."""
        return self._floor.specs

    def status(self, symbol: str) -> str:
        """The contract's status now, as exchangeInfo shows it."""
        return self._floor.market(symbol).status(self._floor.now())

    def delivered_at(self, symbol: str) -> Decimal | None:
        """What a dated contract was delivered at; None for one that was not, yet or ever."""
        return self._floor.market(symbol).delivered

    @property
    def priced(self) -> Sequence[str]:
        """The symbols that have a price."""
        return [symbol for symbol, market in self._floor.markets.items() if market.at_ms >= 0]

    def mark(self, symbol: str) -> MarkView:
        """Mark, index, last, touch and funding of `symbol`. Raises Refusal -1121, or -1122 before the first quote."""
        return market_view.mark_view(self._floor.priced(symbol))

    def depth(self, symbol: str, limit: int) -> Depth:
        """The book of `symbol`, at most `limit` price levels a side."""
        return market_view.depth_view(self._floor.priced(symbol), limit)

    def public_trades(self, symbol: str, limit: int) -> Sequence[PublicTrade]:
        """The newest public trades of `symbol`, oldest first (at most 1000 are kept)."""
        return list(self._floor.looked_at(symbol).trades)[-limit:]

    def next_trade_id(self, symbol: str) -> int:
        """The number that the next public trade of `symbol` will have."""
        return outside.coming_trade_id(self._floor, self._floor.market(symbol))

    def funding_charges(self, symbol: str, limit: int) -> Sequence[FundingCharge]:
        """The newest funding settlements this venue made in `symbol`, oldest first."""
        return self._floor.market(symbol).funding[-limit:]

    def order(self, account: str, symbol: str, order_id: int | None = None, client_id: str | None = None) -> Order:
        """One order, open or final; the newest of a reused client id. Raises Refusal -2013."""
        found = requests.find_order(self._floor.account(account), symbol, order_id, client_id)
        if found is None or not self._remembers(found):
            raise Refusal(-2013)
        return found

    def open_orders(self, account: str, symbol: str | None = None) -> Sequence[Order]:
        """Orders that can still trade, oldest first."""
        owner = self._floor.account(account)
        numbers = [n for s, ns in owner.open_orders.items() if symbol in (None, s) for n in ns]
        return [owner.orders[number] for number in sorted(numbers)]

    def all_orders(self, account: str, symbol: str | None = None) -> Sequence[Order]:
        """Every order the venue remembers, oldest first; the caller pages."""
        orders = self._floor.account(account).orders.values()
        return [o for o in orders if symbol in (None, o.symbol) and self._remembers(o)]

    def amendments(
        self, account: str, symbol: str, order_id: int | None = None, client_id: str | None = None
    ) -> Sequence[Amendment]:
        """Every change of one order, oldest first. Raises Refusal -2013."""
        number = self.order(account, symbol, order_id, client_id).order_id
        return [row for row in self._floor.account(account).amendments if row.order_id == number]

    def trades(self, account: str, symbol: str | None = None) -> Sequence[Trade]:
        """Every fill, oldest first; the caller pages."""
        return [t for t in self._floor.account(account).trades if symbol in (None, t.symbol)]

    def algo(self, account: str, algo_id: int | None = None, client_id: str | None = None) -> AlgoOrder:
        """One conditional order, resting or done. Raises Refusal -2013."""
        found = requests.find_algo(self._floor.account(account), algo_id, client_id)
        if found is None or not self._remembers(found):
            raise Refusal(-2013)
        return found

    def open_algos(self, account: str, symbol: str | None = None) -> Sequence[AlgoOrder]:
        """Conditional orders still resting, oldest first."""
        owner = self._floor.account(account)
        resting = (owner.algos[number] for number in owner.open_algos)
        return [algo for algo in resting if symbol in (None, algo.symbol)]

    def all_algos(self, account: str, symbol: str | None = None) -> Sequence[AlgoOrder]:
        """Every conditional order the venue remembers, oldest first; the caller pages."""
        algos = self._floor.account(account).algos.values()
        return [a for a in algos if symbol in (None, a.symbol) and self._remembers(a)]

    def accounts(self) -> Sequence[str]:
        """Names of all accounts."""
        return list(self._floor.accounts)

    def equity(self, account: str) -> Decimal:
        """What `summary` shows as the USDT margin balance: wallets and profit at the marks. For who asks often."""
        return exposure.equity_of(self._floor, self._floor.account(account), USDT)

    def quantities(self, account: str) -> Mapping[HoldingKey, Decimal]:
        """What is held by (symbol, side), signed; flat sides are left out. For who asks often."""
        holdings = self._floor.account(account).holdings
        return {key: holding.quantity for key, holding in holdings.items() if holding.quantity}

    def summary(self, account: str) -> AccountSummary:
        """Totals of the account."""
        return reports.summary_of(self._floor, self._floor.account(account))

    def balance(self, account: str, asset: str) -> AssetSummary:
        """One asset's line of `summary`, of an account in single-asset mode."""
        return reports.asset_summary_of(self._floor, self._floor.account(account), asset)

    def positions(self, account: str, symbol: str | None = None, *, every: bool = False) -> Sequence[PositionRow]:
        """Rows of sides with a position or an open order; with `every`, of all symbols listed that have a price."""
        return reports.position_rows(self._floor, self._floor.account(account), symbol, every=every)

    def income(self, account: str, symbol: str | None = None) -> Sequence[IncomeRow]:
        """Every wallet change, oldest first; the caller filters by kind and pages."""
        return [row for row in self._floor.account(account).income if symbol in (None, row.symbol)]

    def symbol_settings(self, account: str, symbol: str) -> SymbolSettings:
        """Leverage, margin type and the notional limit of one symbol."""
        return terms.settings_of(self._floor, self._floor.account(account), symbol)

    def position_mode(self, account: str) -> bool:
        """Whether the account is in hedge mode."""
        return self._floor.account(account).hedged

    def multi_assets(self, account: str) -> bool:
        """Whether all of the account's assets stand behind all its positions."""
        return self._floor.account(account).multi_assets

    def fee_burn(self, account: str) -> bool:
        """Whether the account pays its fees in BNB while it has any."""
        return self._floor.account(account).fee_burn

    def fee_rates(self, account: str, symbol: str) -> tuple[Decimal, Decimal]:
        """(maker, taker) fee the account pays in `symbol`, as fractions of the notional."""
        return fees.rates_of(self._floor.account(account), self._floor.market(symbol).spec)

    def asset_indexes(self) -> Sequence[AssetIndex]:
        """What each margin asset that has a price is worth in USD."""
        return reports.asset_indexes(self._floor)

    def conversion_price(self, sold: str, bought: str) -> Decimal:
        """How much of `sold` the venue takes for one unit of `bought`. Raises Refusal -1130 without a price."""
        return conversion.priced(self._floor, sold, bought)

    def margin_changes(self, account: str, symbol: str) -> Sequence[MarginChange]:
        """Every `adjust_margin` of the symbol, oldest first."""
        return [change for change in self._floor.account(account).margin_changes if change.symbol == symbol]

    def insurance(self, asset: str = "USDT") -> Decimal:
        """What the insurance fund holds in `asset`; below zero, what it paid beyond what it had."""
        purse = self._floor.purses.get(asset)
        return purse.insurance if purse is not None else ZERO

    def imbalances(self) -> Mapping[str, Decimal]:
        """By asset, money in the venue less money brought to it: each 0, or the engine has invented or lost some.

        Wallets, profit at the mark, fees, insurance fund and the rest of the world's side, less all deposits.
        """
        return outside.imbalances(self._floor)

    def imbalance(self) -> Decimal:
        """All assets' imbalances without their signs, added up: always 0."""
        return sum((abs(amount) for amount in self.imbalances().values()), ZERO)

    def _remembers(self, order: Order | AlgoOrder) -> bool:
        floor = self._floor
        return not floor.readings.forgets or retention.remembers(order, floor.now())
