"""What the engine remembers: markets, accounts, the venue's own money, and which of them changed since last stored.

Only the engine's own modules touch these; everything that leaves the engine is a frozen value.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from desk.domain.errors import DataError
from desk.domain.money import ZERO
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.deadlines import Deadlines
from desk.venues.paper.engine.floor.holdings import DEFAULT_LEVERAGE, Holding, Terms
from desk.venues.paper.engine.trading.book import Book
from desk.venues.paper.engine.vocabulary.events import Event
from desk.venues.paper.engine.vocabulary.instruments import SymbolSpec
from desk.venues.paper.engine.vocabulary.orders import AlgoOrder, WorkingType
from desk.venues.paper.engine.vocabulary.refusals import Refusal
from desk.venues.paper.engine.vocabulary.switches import Readings, Realism
from desk.venues.paper.engine.vocabulary.views import FundingCharge, MarkView, PublicTrade

PUBLIC_TRADES_KEPT = 1000
TRADING, SETTLING, CLOSED = "TRADING", "SETTLING", "CLOSE"

OrderKey = tuple[str, int]
"""An order or conditional order: (account, id)."""

RowKey = tuple[str, ...]
"""A durable row: its kind, then what names it within the kind."""


@dataclass(slots=True)
class Purse:
    """The venue's own money in one asset. What accounts hold, plus all of this but `deposits`, sums to `deposits`.

    `exchanged` is the other side of what accounts' assets were exchanged for; see `outside_cash` for trades.
    """

    insurance: Decimal = ZERO
    fees: Decimal = ZERO
    exchanged: Decimal = ZERO
    deposits: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What the venue was told about itself: what its insurance fund starts with, by asset, and whether it deleverages.

    With `auto_deleverage`, what a liquidation leaves is taken by opposite positions once the fund cannot pay for it;
    without, the fund takes everything, below zero if it must.
    """

    insurance: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    auto_deleverage: bool = False


@dataclass(slots=True)
class Market:
    """One symbol's prices, its book, the conditional orders waiting on it, and its running funding interval.

    `waiting` holds, by (working type, whether the price must rise to it), sorted (signed level, algo id, account).
    `delivery_sum` and `delivery_weight` (ms) make the mean that a dated contract is delivered at, `delivered` is that
    price once it was. `view` is the newest that was shown and what it was made of. `outside_quantity` and
    `outside_cash` are the rest of the world's side of every trade: with the wallets, the fees and the insurance fund
    they sum to what was deposited.
    """

    spec: SymbolSpec
    book: Book
    mark: Decimal = ZERO
    index: Decimal = ZERO
    last: Decimal = ZERO
    at_ms: int = -1
    basis: dict[int, Decimal] = field(default_factory=dict[int, Decimal])
    source_rate: Decimal | None = None
    next_funding_ms: int = 0
    premium_sum: Decimal = ZERO
    premium_ms: int = 0
    delivery_sum: Decimal = ZERO
    delivery_weight: int = 0
    delivered: Decimal | None = None
    outside_quantity: Decimal = ZERO
    outside_cash: Decimal = ZERO
    waiting: dict[tuple[WorkingType, bool], list[tuple[Decimal, int, str]]] = field(
        default_factory=lambda: {(kind, rising): [] for kind in WorkingType for rising in (True, False)}
    )
    trailing: dict[OrderKey, None] = field(default_factory=dict[OrderKey, None])
    arriving: Deadlines = field(default_factory=Deadlines)
    holders: dict[str, None] = field(default_factory=dict[str, None])
    trades: deque[PublicTrade] = field(default_factory=lambda: deque(maxlen=PUBLIC_TRADES_KEPT))
    funding: list[FundingCharge] = field(default_factory=list[FundingCharge])
    view: tuple[tuple[object, ...], MarkView] | None = None

    def status(self, now_ms: int) -> str:
        """The contract's status: a dated one is SETTLING from its delivery until it was settled, and then CLOSE."""
        due = self.spec.delivery_ms
        if due is None or self.spec.status != TRADING or now_ms < due:
            return self.spec.status
        return SETTLING if self.delivered is None else CLOSED

    def price(self, kind: WorkingType) -> Decimal:
        """The price that releases conditional orders of `kind`."""
        return self.mark if kind is WorkingType.MARK_PRICE else self.last


def note_holder(market: Market, account: Account) -> None:
    """Keep the market's list of who holds anything in it."""
    if account.holds(market.spec.symbol):
        market.holders[account.name] = None
    else:
        market.holders.pop(account.name, None)


class Floor:
    """The trading floor: all state of one venue, its counters, its announcements and its list of changed rows."""

    def __init__(
        self,
        specs: Mapping[str, SymbolSpec],
        now_ms: Callable[[], int],
        realism: Realism,
        readings: Readings,
        house: House,
    ) -> None:
        self.specs = specs
        self.realism = realism
        self.readings = readings
        self.house = house
        self.markets = {symbol: Market(spec, Book(spec.rules)) for symbol, spec in specs.items()}
        self.accounts: dict[str, Account] = {}
        # Binance starts every symbol at 20x, or at the most its first bracket allows.
        self.usual_leverage = {
            symbol: min(DEFAULT_LEVERAGE, spec.brackets[0].initial_leverage) for symbol, spec in specs.items()
        }
        self.counters: dict[str, int] = {}
        self.purses = {asset: Purse(insurance=seed, deposits=seed) for asset, seed in house.insurance.items()}
        self.expiring = Deadlines()
        self.suspects: dict[str, None] = {}
        self.events: list[Event] = []
        self.dirty: dict[RowKey, None] = {}
        self.moving_ms: int | None = None
        # No funding or delivery is due before it, so that time passes without asking every market; 0: ask them.
        self.markets_due_ms = 0
        # Asked before a conditional order trades; the reason it gives rejects the order.
        self.veto: Callable[[AlgoOrder], str | None] | None = None
        # Asked for the quotes of a symbol that has no price when somebody first looks at it.
        self.wake: Callable[[str], None] | None = None
        self._now_ms = now_ms

    def now(self) -> int:
        """The moment being worked on: the quote's while the market moves, else the venue clock's."""
        return self._now_ms() if self.moving_ms is None else self.moving_ms

    def next_id(self, name: str, *, first: int = 1) -> int:
        """The next number of the sequence `name`, from `first`."""
        number = self.counters.get(name, first - 1) + 1
        self.counters[name] = number
        self.dirty[("meta",)] = None
        return number

    def account(self, name: str) -> Account:
        """The account, which the server has authenticated before it asks.

        Raises:
            DataError: when it was never opened.
        """
        found = self.accounts.get(name)
        if found is None:
            raise DataError(f"no account named {name!r} at the paper venue")
        return found

    def market(self, symbol: str) -> Market:
        """The symbol's market. Raises Refusal -1121 for an unlisted symbol."""
        found = self.markets.get(symbol)
        if found is None:
            raise Refusal(-1121)
        return found

    def looked_at(self, symbol: str) -> Market:
        """The symbol's market; one that has no price yet is given its quotes first, where somebody has them."""
        market = self.market(symbol)
        if market.at_ms < 0 and self.wake is not None:
            self.wake(symbol)
        return market

    def priced(self, symbol: str) -> Market:
        """A market that has a price. Raises Refusal -1121, or -1122 when it is not trading (yet)."""
        market = self.looked_at(symbol)
        if market.at_ms < 0 or market.spec.status != TRADING:
            raise Refusal(-1122)
        return market

    def tradable(self, symbol: str) -> Market:
        """A market that takes orders. Raises Refusal as `priced` does, -4140 while it settles, -4141 once it closed."""
        market = self.priced(symbol)
        status = market.status(self.now())
        if status != TRADING:
            raise Refusal(-4140 if status == SETTLING else -4141)
        return market

    def margin_asset(self, symbol: str) -> str:
        """What positions of a symbol settle in."""
        return self.specs[symbol].quote

    def purse(self, asset: str) -> Purse:
        """The venue's own money in `asset`, about to change."""
        self.dirty[("purse", asset)] = None
        return self.purses.setdefault(asset, Purse())

    def pay(self, account: Account, asset: str, amount: Decimal) -> None:
        """Put money into a cross wallet, or with a negative `amount` take it out."""
        account.wallets[asset] = account.wallet(asset) + amount
        self.dirty[("wallet", account.name, asset)] = None
        self.touch_account(account, self.now())

    def touch_account(self, account: Account, at_ms: int) -> None:
        """Note that the account's own row changed, and that its margin must be looked at again."""
        account.updated_ms = at_ms
        self.suspects[account.name] = None
        self.dirty[("account", account.name)] = None

    def touch_holding(self, account: Account, holding: Holding) -> None:
        """Note that a position changed."""
        self.dirty[("holding", account.name, holding.symbol, holding.side.value)] = None

    def touch_terms(self, account: Account, terms: Terms) -> None:
        """Note that an account chose something for a symbol."""
        self.dirty[("terms", account.name, terms.symbol)] = None

    def touch_market(self, market: Market) -> None:
        """Note that prices, book or funding of a market changed."""
        self.dirty[("market", market.spec.symbol)] = None
