"""The signed side of Binance USD-M futures: the guard's only way to trade, and the only holder of its key.

Orders leave here at most once. Conditional orders live in an id space and in lists of their own (`algoOrder`), and are
asked for there. "There is no such order" is said only after the query, the open list and the history agree.

Request weight of one full look (account, positions, both order lists): 90 of the 2400 a minute that Binance grants.
Source: Binance USD-M futures REST documentation, 2026; python-binance 1.0.37.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from desk.domain.account import AccountView, Income, SymbolRules
from desk.domain.market import Mark, OrderBook
from desk.domain.moments import from_ms
from desk.domain.money import ZERO
from desk.domain.orders import Fill, OrderRequest, OrderType, OrderView, Side
from desk.venues.binance import listing, market, parse
from desk.venues.binance.conditionals import Conditionals
from desk.venues.binance.connection import Connection
from desk.venues.binance.history import fills_since, income_since
from desk.venues.binance.orders import Orders
from desk.venues.binance.permissions import KeyPermissions
from desk.venues.binance.settings import AccountSettings
from desk.venues.binance.streams.heard_fills import HeardFills
from desk.venues.binance.streams.listen_keys import ListenKeys
from desk.venues.binance.streams.user_stream import UserStream, Wake

__all__ = ["BinanceGateway", "KeyPermissions", "open_gateway"]

# The account and its positions are two requests; a trade between them is seen at most this often in a row.
_ACCOUNT_ATTEMPTS = 3


def open_gateway(base_url: str, api_key: str, secret: str, *, timeout: float = 5.0) -> BinanceGateway:
    """A gateway to `base_url` (`https://fapi.binance.com`, or a paper exchange on loopback). Sends nothing yet.

    `timeout` bounds connecting and each read, in seconds.

    Raises:
        PrerequisiteError: when the URL would send the key in clear text over a network.
    """
    return BinanceGateway(Connection(base_url, api_key, secret, timeout=timeout))


class BinanceGateway(Orders, Conditionals, AccountSettings):
    """`desk.ports.TradingVenue` over REST, for live, demo and paper alike. Safe to share between threads."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._heard_fills = HeardFills()

    def user_stream(self, wake: Wake) -> UserStream:
        """The account's stream, not started yet. Fills it tells are confirmed by those that `fills` reads."""
        return UserStream(
            self._venue.base_url,
            ListenKeys(self._venue),
            wake=wake,
            heard=self._heard_fills,
            venue_ms=self._venue.clock.estimate_ms,
        )

    # What the venue says

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:
        """See `desk.ports.MarkFeed`."""
        return market.read_marks(self._venue, symbols)

    def book(self, symbol: str, depth: int) -> OrderBook:
        """See `desk.ports.MarkFeed`."""
        return market.read_book(self._venue, symbol, depth)

    def rules(self) -> Mapping[str, SymbolRules]:
        """Trading rules of every perpetual this account can trade, with its own highest leverage."""
        leverage = self._venue.read_signed("futures_leverage_bracket", listing.leverages)
        info = self._venue.read("futures_exchange_info", parse.untouched)
        self._venue.budget.limits = listing.limits(info)
        return listing.rules(info, leverage)

    # The account's truth

    def account(self) -> AccountView:
        """See `desk.ports.Account`."""
        for _ in range(_ACCOUNT_ATTEMPTS - 1):
            try:
                return self._account_once()
            except parse.TornReadError:
                continue
        return self._account_once()

    def _account_once(self) -> AccountView:
        summary = self._venue.read_signed("futures_account", parse.untouched)
        risk = self._venue.read_signed("futures_position_information", parse.untouched)
        return parse.account(summary, risk, from_ms(self._venue.clock.now_ms()))

    def fills(self, symbol: str, since: datetime) -> tuple[Fill, ...]:
        """See `desk.ports.Account`."""
        found = fills_since(self._venue, symbol, since)
        self._heard_fills.confirm(found)
        return found

    def income(self, since: datetime) -> tuple[Income, ...]:
        """See `desk.ports.Account`."""
        return income_since(self._venue, since)

    # Ways out

    def close_position(self, symbol: str, client_id: str) -> OrderView | None:
        """Send a reduce-only market order over the whole position, once; None when there is none.

        Sent again by mistake it can close, never open: the venue refuses or cuts what would not reduce.
        """
        position = self.account().position(symbol)
        if position is None:
            return None
        order = OrderRequest(
            symbol=symbol,
            side=Side.SELL if position.quantity > ZERO else Side.BUY,
            type=OrderType.MARKET,
            quantity=abs(position.quantity),
            client_id=client_id,
            reduce_only=True,
        )
        return self.submit(order)

    def countdown(self, symbol: str, milliseconds: int) -> None:
        """See `desk.ports.OrderEntry`. Whether conditional orders go too is not documented: POST countdownCancelAll."""
        params: dict[str, object] = {"symbol": symbol, "countdownTime": milliseconds}
        self._venue.write("futures_countdown_cancel_all", parse.untouched, params)

    def cancel_all(self, symbol: str) -> None:
        """Cancel every order of `symbol`, ordinary and conditional: the venue sweeps its two lists apart."""
        for method in ("futures_cancel_all_open_orders", "futures_cancel_all_algo_open_orders"):
            self._venue.write(method, parse.untouched, {"symbol": symbol})
