"""The account's own events, typed: `text` in, one of a closed set of frozen values out, or a DataError.

An event is news, not truth: the guard looks at the venue when one arrives. Times are ms UTC of the venue's clock:
`at_ms` of the matching engine (`T`), `sent_ms` of the message (`E`).
Source: Binance USD-M futures, "User Data Streams", 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from desk.domain.money import ZERO
from desk.domain.orders import OrderStatus, Side, StopStatus
from desk.venues.binance.fields import Fields, each

# Words of older or rarer events for a state the desk treats alike: an order taken over by insurance fund or ADL lives.
_STATUSES = {
    "EXPIRED_IN_MATCH": OrderStatus.EXPIRED,
    "NEW_INSURANCE": OrderStatus.NEW,
    "NEW_ADL": OrderStatus.NEW,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardFill:
    """A trade as the stream tells it. `fee` is None where the message carries none (TRADE_LITE, liquidations)."""

    symbol: str
    trade_id: int
    order_id: int
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal | None
    fee_asset: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderUpdate:
    """ORDER_TRADE_UPDATE: an ordinary order as it stands now, and the trade that brought it there, if one did."""

    symbol: str
    order_id: int
    client_id: str
    side: Side
    type: str
    execution: str
    status: OrderStatus
    quantity: Decimal
    filled: Decimal
    average_price: Decimal | None
    reduce_only: bool
    fill: HeardFill | None
    at_ms: int
    sent_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeLite:
    """TRADE_LITE: a fill told early and without its fee; the ORDER_TRADE_UPDATE of the same trade follows."""

    fill: HeardFill
    client_id: str
    at_ms: int
    sent_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgoUpdate:
    """ALGO_UPDATE: a conditional order. `order_id` is the ordinary order it became; `reason` why it was refused."""

    symbol: str
    algo_id: int
    client_id: str
    side: Side
    type: str
    status: StopStatus
    trigger: Decimal
    close_position: bool
    order_id: int | None
    following: bool
    reason: str
    at_ms: int
    sent_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceChange:
    """A wallet after a change; `change` leaves out profit and fee."""

    asset: str
    wallet: Decimal
    cross_wallet: Decimal
    change: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionChange:
    """A position after a change; `side` is BOTH in one-way mode."""

    symbol: str
    side: str
    quantity: Decimal
    entry_price: Decimal
    unrealized: Decimal
    isolated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUpdate:
    """ACCOUNT_UPDATE: only what changed, and why (ORDER, FUNDING_FEE, DEPOSIT, ...)."""

    reason: str
    balances: tuple[BalanceChange, ...]
    positions: tuple[PositionChange, ...]
    at_ms: int
    sent_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigUpdate:
    """ACCOUNT_CONFIG_UPDATE: a symbol's leverage, or the multi-assets mode; the other is None."""

    symbol: str
    leverage: int | None
    multi_assets: bool | None
    at_ms: int
    sent_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginCallUpdate:
    """MARGIN_CALL: positions near liquidation."""

    symbols: tuple[str, ...]
    at_ms: int
    sent_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyExpired:
    """The listenKeyExpired event: this stream says nothing more."""

    at_ms: int
    sent_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherUpdate:
    """An event the desk has no use for; `kind` is the venue's name of it."""

    kind: str
    at_ms: int
    sent_ms: int


AccountEvent = (
    OrderUpdate | TradeLite | AlgoUpdate | AccountUpdate | ConfigUpdate | MarginCallUpdate | KeyExpired | OtherUpdate
)


def account_event(message: object) -> AccountEvent:
    """The event in a message, plain or as `{"stream", "data"}`.

    Raises:
        DataError: naming the field that is missing or malformed.
    """
    row = Fields(message, "account event")
    if row.has("stream") and row.has("data"):
        row = row.inside("data")
    kind, sent_ms = row.text("e"), row.integer("E")
    at_ms = row.integer("T") if row.has("T") else sent_ms
    read = _READERS.get(kind)
    return read(row, at_ms, sent_ms) if read else OtherUpdate(kind=kind, at_ms=at_ms, sent_ms=sent_ms)


def _order(event: Fields, at_ms: int, sent_ms: int) -> OrderUpdate:
    row = event.inside("o")
    average = row.not_negative("ap")
    return OrderUpdate(
        symbol=row.text("s"),
        order_id=row.integer("i"),
        client_id=row.text("c"),
        side=row.choice("S", Side),
        type=row.text("ot"),
        execution=row.text("x"),
        status=_STATUSES.get(row.text("X")) or row.choice("X", OrderStatus),
        quantity=row.not_negative("q"),
        filled=row.not_negative("z"),
        average_price=average if average > ZERO else None,
        reduce_only=row.flag("R"),
        fill=_fill(row, at_ms) if row.integer("t") and row.not_negative("l") > ZERO else None,
        at_ms=at_ms,
        sent_ms=sent_ms,
    )


def _fill(row: Fields, at_ms: int) -> HeardFill:
    return HeardFill(
        symbol=row.text("s"),
        trade_id=row.integer("t"),
        order_id=row.integer("i"),
        side=row.choice("S", Side),
        quantity=row.positive("l"),
        price=row.positive("L"),
        fee=row.decimal("n") if row.has("n") else None,
        fee_asset=row.text("N") if row.has("N") else "",
        at_ms=at_ms,
    )


def _lite(row: Fields, at_ms: int, sent_ms: int) -> TradeLite:
    return TradeLite(fill=_fill(row, at_ms), client_id=row.text("c"), at_ms=at_ms, sent_ms=sent_ms)


def _algo(event: Fields, at_ms: int, sent_ms: int) -> AlgoUpdate:
    row = event.inside("o")
    return AlgoUpdate(
        symbol=row.text("s"),
        algo_id=row.integer("aid"),
        client_id=row.text("caid"),
        side=row.choice("S", Side),
        type=row.text("o"),
        status=row.choice("X", StopStatus),
        trigger=row.not_negative("tp"),
        close_position=row.flag("cp"),
        order_id=(row.integer("ai") or None) if row.has("ai") else None,
        following=row.flag("ia") if row.has("ia") else False,
        reason=row.text("rm") if row.has("rm") else "",
        at_ms=at_ms,
        sent_ms=sent_ms,
    )


def _account(event: Fields, at_ms: int, sent_ms: int) -> AccountUpdate:
    row = event.inside("a")
    return AccountUpdate(
        reason=row.text("m"),
        balances=each(row.rows("B"), "balance change", _balance) if row.has("B") else (),
        positions=each(row.rows("P"), "position change", _position) if row.has("P") else (),
        at_ms=at_ms,
        sent_ms=sent_ms,
    )


def _balance(row: Fields) -> BalanceChange:
    return BalanceChange(
        asset=row.text("a"),
        wallet=row.decimal("wb"),
        cross_wallet=row.decimal("cw"),
        change=row.decimal("bc"),
    )


def _position(row: Fields) -> PositionChange:
    return PositionChange(
        symbol=row.text("s"),
        side=row.text("ps"),
        quantity=row.decimal("pa"),
        entry_price=row.not_negative("ep"),
        unrealized=row.decimal("up"),
        isolated=row.text("mt").lower() == "isolated",
    )


def _config(event: Fields, at_ms: int, sent_ms: int) -> ConfigUpdate:
    leverage = event.inside("ac") if event.has("ac") else None
    mode = event.inside("ai") if event.has("ai") else None
    return ConfigUpdate(
        symbol=leverage.text("s") if leverage else "",
        leverage=leverage.integer("l") if leverage else None,
        multi_assets=mode.flag("j") if mode else None,
        at_ms=at_ms,
        sent_ms=sent_ms,
    )


def _margin_call(event: Fields, at_ms: int, sent_ms: int) -> MarginCallUpdate:
    symbols = each(event.rows("p"), "margin call", lambda row: row.text("s"))
    return MarginCallUpdate(symbols=symbols, at_ms=at_ms, sent_ms=sent_ms)


def _expired(_: Fields, at_ms: int, sent_ms: int) -> KeyExpired:
    return KeyExpired(at_ms=at_ms, sent_ms=sent_ms)


_READERS: Mapping[str, Callable[[Fields, int, int], AccountEvent]] = MappingProxyType(
    {
        "ORDER_TRADE_UPDATE": _order,
        "TRADE_LITE": _lite,
        "ALGO_UPDATE": _algo,
        "ACCOUNT_UPDATE": _account,
        "ACCOUNT_CONFIG_UPDATE": _config,
        "MARGIN_CALL": _margin_call,
        "listenKeyExpired": _expired,
    }
)
