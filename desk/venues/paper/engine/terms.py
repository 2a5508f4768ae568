"""What an account may choose for itself: leverage, margin type, and how much stands behind an isolated position."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from desk.domain.money import ZERO
from desk.venues.paper.engine.events import AccountReason, ConfigEvent
from desk.venues.paper.engine.exposure import available, demand_of
from desk.venues.paper.engine.margin import CENT, max_notional
from desk.venues.paper.engine.orders import PositionSide
from desk.venues.paper.engine.refusals import Refusal
from desk.venues.paper.engine.state import Account, Floor, Holding
from desk.venues.paper.engine.statements import announce_account
from desk.venues.paper.engine.views import MarginChange, SymbolSettings

_ADDED, _REMOVED = 1, 2


def settings_of(floor: Floor, account: Account, symbol: str) -> SymbolSettings:
    """The account's choices for a symbol."""
    spec = floor.market(symbol).spec
    holding = account.holding(symbol)
    return SymbolSettings(
        symbol=symbol,
        leverage=holding.leverage,
        isolated=holding.isolated,
        max_notional=max_notional(spec, holding.leverage),
    )


def set_leverage(floor: Floor, account: Account, symbol: str, leverage: int) -> SymbolSettings:
    """Change the leverage: within the brackets, enough for what is held, and never less on an isolated position."""
    market = floor.market(symbol)
    limit = max_notional(market.spec, leverage)
    holding = account.holding(symbol)
    if abs(holding.quantity) * market.mark > limit:
        raise Refusal(-2027)
    if holding.isolated and holding.quantity and leverage < holding.leverage:
        raise Refusal(-4161)
    before, holding = holding.leverage, account.own(symbol)
    wanted_more = leverage < before and (holding.quantity or holding.bids or holding.asks)
    holding.leverage = leverage
    if wanted_more and available(floor, account) <= ZERO:
        holding.leverage = before
        raise Refusal(-2028)
    floor.touch_holding(account, symbol)
    floor.events.append(ConfigEvent(account=account.name, at_ms=floor.now(), symbol=symbol, leverage=leverage))
    return settings_of(floor, account, symbol)


def set_margin_type(floor: Floor, account: Account, symbol: str, *, isolated: bool) -> None:
    """Change between cross and isolated margin; only while nothing is open in the symbol."""
    floor.market(symbol)
    holding = account.holding(symbol)
    if holding.isolated == isolated:
        raise Refusal(-4046)
    if account.open_orders.get(symbol):
        raise Refusal(-4047)
    if holding.quantity:
        raise Refusal(-4048)
    holding = account.own(symbol)
    holding.isolated = isolated
    floor.touch_holding(account, symbol)
    announce_account(floor, account, AccountReason.MARGIN_TYPE_CHANGE, symbol)


def adjust_margin(floor: Floor, account: Account, symbol: str, amount: Decimal, *, add: bool) -> MarginChange:
    """Move money between the cross wallet and an isolated position.

    Raises:
        Refusal: -4055 not above zero, -4054 no position, -4049 not isolated, -4050 or -4051 not that much to move.
    """
    floor.priced(symbol)
    holding = account.holding(symbol)
    if not amount.is_finite() or amount <= ZERO:
        raise Refusal(-4055)
    if not holding.quantity:
        raise Refusal(-4054)
    if not holding.isolated:
        raise Refusal(-4049)
    if amount > (available(floor, account) if add else _removable(floor, holding)):
        raise Refusal(-4050 if add else -4051)
    amount = amount.quantize(CENT, rounding=ROUND_DOWN)
    moved = amount if add else -amount
    account.cross_wallet -= moved
    holding.isolated_wallet += moved
    floor.touch_holding(account, symbol)
    floor.touch_account(account, floor.now())
    announce_account(floor, account, AccountReason.MARGIN_TRANSFER, symbol)
    return _record(floor, account, symbol, amount, _ADDED if add else _REMOVED)


def _record(floor: Floor, account: Account, symbol: str, amount: Decimal, kind: int) -> MarginChange:
    change = MarginChange(
        account=account.name,
        symbol=symbol,
        position_side=PositionSide.BOTH,
        amount=amount,
        kind=kind,
        at_ms=floor.now(),
        transaction_id=floor.next_id("transaction"),
    )
    account.margin_changes.append(change)
    floor.dirty[("margin", account.name, str(len(account.margin_changes)))] = None
    return change


def _removable(floor: Floor, holding: Holding) -> Decimal:
    """What leaves the initial margin covered, and at any leverage the maintenance margin too."""
    demand = demand_of(floor, holding)
    needed = max(demand.position_initial, demand.maint + CENT)
    return max(ZERO, holding.isolated_wallet + min(ZERO, demand.unrealized) - needed)
