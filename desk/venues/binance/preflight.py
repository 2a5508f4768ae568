"""Everything about an account that must be right before the desk trades on it, looked at once, each with its fix.

Nothing is changed here: modes, permissions and other people's orders are a person's to mend. What cannot be read counts
as wrong. All of it costs about 140 of request weight, most of it the two order lists of all symbols.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field

from desk.domain.errors import DataError, VenueError
from desk.domain.money import ZERO
from desk.venues.binance.gateway import BinanceGateway

# Binance refuses a request stamped more than a second ahead. The offset is corrected for, but a clock that far off is
# not kept by anybody, and may jump.
MOST_OFFSET_MS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at: whether it is well, what was seen, and the fix when it is not."""

    name: str
    well: bool
    seen: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the desk means to do there. `leverage` is the most it sets.

    `real` is whether money is real. `own_clock` is a venue whose time is not ours. `ours` tells the desk's client ids
    from others; a `first_start` finds none, and whatever lies on the account then is somebody else's.
    """

    symbols: Sequence[str]
    leverage: int
    real: bool
    own_clock: bool = False
    first_start: bool = False
    ours: Callable[[str], bool] = field(default=lambda name: False)


def preflight(gateway: BinanceGateway, wanted: Wanted, *, only: Container[str] | None = None) -> tuple[Finding, ...]:
    """Look at everything, or `only` at the checks named, in the order in which it is mended. Never raises."""
    checks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("clock", lambda: _clock(gateway, wanted)),
        ("key", lambda: _key(gateway, wanted)),
        ("account", lambda: _account(gateway)),
        ("position mode", lambda: _position_mode(gateway)),
        ("asset mode", lambda: _asset_mode(gateway)),
        ("symbols", lambda: _symbols(gateway, wanted)),
        ("leverage", lambda: _leverage(gateway, wanted)),
        ("margin mode", lambda: _margin(gateway, wanted)),
        ("foreign", lambda: _foreign(gateway, wanted)),
        ("rate limits", lambda: _limits(gateway, wanted)),
    )
    return tuple(_told(name, check) for name, check in checks if only is None or name in only)


def _told(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except (VenueError, DataError) as problem:
        fix = problem.hint or "look at the venue's status page and this machine's network, then try again"
        return Finding(name=name, well=False, seen=problem.message, fix=fix)


def _judged(name: str, seen: str, trouble: str, fix: str) -> Finding:
    return Finding(name=name, well=not trouble, seen=trouble or seen, fix=fix if trouble else "")


def _clock(gateway: BinanceGateway, wanted: Wanted) -> Finding:
    gateway.server_time()
    offset = gateway.clock_offset_ms()
    if wanted.own_clock:
        return Finding(name="clock", well=True, seen="the venue keeps a time of its own")
    far = f"this machine's clock is {offset} ms off the venue's" if abs(offset) > MOST_OFFSET_MS else ""
    return _judged("clock", f"{offset} ms off the venue's", far, "let the system keep its time by NTP")


def _key(gateway: BinanceGateway, wanted: Wanted) -> Finding:
    can = gateway.permissions()
    if not can.can_trade:
        fix = "enable futures for this key, or make one that may trade futures"
        return Finding(name="key", well=False, seen="this key cannot trade futures", fix=fix)
    if can.can_withdraw and wanted.real:
        fix = "make a key for trading only"
        return Finding(name="key", well=False, seen="this key can withdraw: the desk refuses it", fix=fix)
    bound = "bound to this address" if can.ip_restricted else "not bound to an address"
    return Finding(name="key", well=True, seen=f"may trade, {bound}")


def _account(gateway: BinanceGateway) -> Finding:
    view, can_trade = gateway.account(), gateway.switches().can_trade
    locked = "" if can_trade else "the account may not trade"
    empty = "" if view.wallet > ZERO else "the futures wallet holds no USDT"
    fix = "see the venue's message box" if locked else "transfer USDT to the futures wallet"
    return _judged("account", f"{view.wallet} USDT in the futures wallet", locked or empty, fix)


def _position_mode(gateway: BinanceGateway) -> Finding:
    hedge = "" if gateway.switches().one_way else "the account is in hedge mode"
    fix = "switch it to one-way mode (Preferences, Position Mode): the desk needs that"
    return _judged("position mode", "one-way", hedge, fix)


def _asset_mode(gateway: BinanceGateway) -> Finding:
    multi = (
        "the account is in multi-assets mode: isolated margin is impossible" if gateway.switches().multi_assets else ""
    )
    fix = "switch it to single-asset mode (Preferences, Asset Mode)"
    return _judged("asset mode", "single-asset", multi, fix)


def _symbols(gateway: BinanceGateway, wanted: Wanted) -> Finding:
    rules = gateway.rules()
    missing = [symbol for symbol in wanted.symbols if symbol not in rules]
    trouble = f"the venue does not list {', '.join(missing)}, or without the filters the desk needs" if missing else ""
    return _judged("symbols", f"{len(wanted.symbols)} listed, with their filters", trouble, "mend `symbols`")


def _leverage(gateway: BinanceGateway, wanted: Wanted) -> Finding:
    rules = gateway.rules()
    low = [
        f"{symbol} {rules[symbol].max_leverage}x"
        for symbol in wanted.symbols
        if symbol in rules and rules[symbol].max_leverage < wanted.leverage
    ]
    trouble = f"the venue allows less than {wanted.leverage}x: {', '.join(low)}" if low else ""
    return _judged("leverage", f"{wanted.leverage}x is allowed", trouble, "lower `max_leverage`")


def _margin(gateway: BinanceGateway, wanted: Wanted) -> Finding:
    held = {position.symbol for position in gateway.account().positions if position.quantity != ZERO}
    cross = [symbol for symbol in wanted.symbols if symbol in held and not gateway.symbol_setting(symbol).isolated]
    trouble = f"an open position stands on cross margin: {', '.join(cross)}" if cross else ""
    seen = "isolated where something is open; set before each entry"
    return _judged("margin mode", seen, trouble, "close it: its margin cannot be isolated while it is open")


def _foreign(gateway: BinanceGateway, wanted: Wanted) -> Finding:
    found = list(_not_ours(gateway, wanted))
    trouble = f"not the desk's: {', '.join(found[:5])}{' and more' if len(found) > 5 else ''}" if found else ""
    fix = "close and cancel it at the venue, or give the desk a sub-account of its own"
    return _judged("foreign", "no orders or positions of others", trouble, fix)


def _not_ours(gateway: BinanceGateway, wanted: Wanted) -> Iterator[str]:
    for order in gateway.open_orders():
        if not wanted.ours(order.client_id):
            yield f"order {order.client_id} of {order.symbol}"
    stops = gateway.open_stops()
    for stop in stops:
        if not wanted.ours(stop.client_id):
            yield f"stop {stop.client_id} of {stop.symbol}"
    guarded = {stop.symbol for stop in stops if wanted.ours(stop.client_id)}
    for position in gateway.account().positions:
        # A position of the desk's never stands without its stop; on a first start there is none of the desk's.
        if position.quantity != ZERO and (wanted.first_start or position.symbol not in guarded):
            yield f"position of {position.quantity} {position.symbol}"


def _limits(gateway: BinanceGateway, wanted: Wanted) -> Finding:
    now = gateway.budget()
    used = f"{now.used_weight} of {now.weight_limit} request weight used this minute"
    # Entries wait from half on anyway, and the desk's own last minute counts too: only a spent reserve is a reason not
    # to start. A venue whose clock stands still until it is told to go on has minutes without an end.
    spent = now.used_weight * 5 > now.weight_limit * 4 and not wanted.own_clock
    trouble = f"{used}: somebody else asks from this address" if spent else ""
    return _judged("rate limits", used, trouble, "stop what else asks the venue from this address")
