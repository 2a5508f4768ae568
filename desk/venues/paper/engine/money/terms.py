"""What an account may choose: leverage, margin type, position mode, asset mode, and what stands behind a position."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from desk.domain.money import ZERO
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.holdings import Holding
from desk.venues.paper.engine.floor.state import Floor
from desk.venues.paper.engine.floor.statements import announce_account
from desk.venues.paper.engine.money.exposure import available, demand_of, totals_by_asset, totals_in_usd
from desk.venues.paper.engine.money.margin import CENT, max_notional
from desk.venues.paper.engine.vocabulary.events import AccountReason, ConfigEvent
from desk.venues.paper.engine.vocabulary.orders import PositionSide
from desk.venues.paper.engine.vocabulary.refusals import Refusal
from desk.venues.paper.engine.vocabulary.views import MarginChange, SymbolSettings

_ADDED, _REMOVED = 1, 2


def settings_of(floor: Floor, account: Account, symbol: str) -> SymbolSettings:
    """The account's choices for a symbol."""
    spec = floor.market(symbol).spec
    terms = account.terms_of(symbol)
    return SymbolSettings(
        symbol=symbol,
        leverage=terms.leverage,
        isolated=terms.isolated,
        max_notional=max_notional(spec, terms.leverage),
    )


def set_leverage(floor: Floor, account: Account, symbol: str, leverage: int) -> SymbolSettings:
    """Change the leverage: within the brackets, enough for what is held, and never less on an isolated position."""
    market = floor.market(symbol)
    limit = max_notional(market.spec, leverage)
    sides = account.holdings_of(symbol)
    if any(abs(holding.quantity) * market.mark > limit for holding in sides):
        raise Refusal(-2027)
    before = account.terms_of(symbol)
    if before.isolated and leverage < before.leverage and account.holds(symbol):
        raise Refusal(-4161)
    previous, terms = before.leverage, account.own_terms(symbol)
    wanted_more = leverage < previous and any(holding.weighs for holding in sides)
    terms.leverage = leverage
    if wanted_more and available(floor, account, market.spec.quote) <= ZERO:
        terms.leverage = previous
        raise Refusal(-2028)
    floor.touch_terms(account, terms)
    floor.events.append(ConfigEvent(account=account.name, at_ms=floor.now(), symbol=symbol, leverage=leverage))
    return settings_of(floor, account, symbol)


def set_margin_type(floor: Floor, account: Account, symbol: str, *, isolated: bool) -> None:
    """Change between cross and isolated margin; only while nothing is open in the symbol."""
    floor.market(symbol)
    if account.terms_of(symbol).isolated == isolated:
        raise Refusal(-4046)
    if isolated and account.multi_assets:
        raise Refusal(-4168)
    if account.open_orders.get(symbol):
        raise Refusal(-4047)
    if account.holds(symbol):
        raise Refusal(-4048)
    terms = account.own_terms(symbol)
    terms.isolated = isolated
    floor.touch_terms(account, terms)
    announce_account(floor, account, AccountReason.MARGIN_TYPE_CHANGE, {}, *account.holdings_of(symbol))


def set_position_mode(floor: Floor, account: Account, *, hedge: bool) -> None:
    """Change between one-way and hedge mode for every symbol; only while nothing at all is open.

    Raises:
        Refusal: -4059 when it is so already, -4067 with an open order of any kind, -4068 with a position.
    """
    if account.hedged == hedge:
        raise Refusal(-4059)
    if account.has_open_orders:
        raise Refusal(-4067)
    if any(holding.quantity for holding in account.holdings.values()):
        raise Refusal(-4068)
    account.hedged = hedge
    floor.touch_account(account, floor.now())


def set_multi_assets(floor: Floor, account: Account, *, on: bool) -> None:
    """Let all wallets stand behind all positions, or each margin asset alone behind its own.

    Raises:
        Refusal: -4171 when it is so already, -4170 with an open order, -4167 with a symbol in isolated margin, -4172
            with a debt that would be left to itself, -4169 when the margin would not do afterwards.
    """
    if account.multi_assets == on:
        raise Refusal(-4171)
    if account.has_open_orders:
        raise Refusal(-4170)
    if on and any(terms.isolated for terms in account.terms.values()):
        raise Refusal(-4167)
    if not on and any(amount < ZERO for amount in account.wallets.values()):
        raise Refusal(-4172)
    account.multi_assets = on
    if not _covers_its_margin(floor, account):
        account.multi_assets = not on
        raise Refusal(-4169)
    floor.touch_account(account, floor.now())
    floor.events.append(ConfigEvent(account=account.name, at_ms=floor.now(), multi_assets=on))


def set_fee_burn(floor: Floor, account: Account, *, on: bool) -> None:
    """Pay fees in BNB, or in the margin asset."""
    account.fee_burn = on
    floor.touch_account(account, floor.now())


def adjust_margin(
    floor: Floor, account: Account, symbol: str, amount: Decimal, *, add: bool, side: PositionSide
) -> MarginChange:
    """Move money between the cross wallet and an isolated position.

    Raises:
        Refusal: -4055 not above zero, -4061 a side of the other position mode, -4054 no position, -4049 not isolated,
            -4050 or -4051 not that much to move.
    """
    floor.priced(symbol)
    if not amount.is_finite() or amount <= ZERO:
        raise Refusal(-4055)
    if side not in account.sides:
        raise Refusal(-4061)
    holding = account.holding(symbol, side)
    if not holding.quantity:
        raise Refusal(-4054)
    if not holding.isolated:
        raise Refusal(-4049)
    asset = floor.margin_asset(symbol)
    if amount > (available(floor, account, asset) if add else _removable(floor, holding)):
        raise Refusal(-4050 if add else -4051)
    amount = amount.quantize(CENT, rounding=ROUND_DOWN)
    moved = amount if add else -amount
    floor.pay(account, asset, -moved)
    holding.isolated_wallet += moved
    floor.touch_holding(account, holding)
    announce_account(floor, account, AccountReason.MARGIN_TRANSFER, {asset: -moved}, holding)
    return _record(floor, account, holding, amount, _ADDED if add else _REMOVED)


def _record(floor: Floor, account: Account, holding: Holding, amount: Decimal, kind: int) -> MarginChange:
    change = MarginChange(
        account=account.name,
        symbol=holding.symbol,
        position_side=holding.side,
        asset=floor.margin_asset(holding.symbol),
        amount=amount,
        kind=kind,
        at_ms=floor.now(),
        transaction_id=floor.next_id("transaction"),
    )
    account.margin_changes.append(change)
    floor.dirty[("margin", account.name, str(len(account.margin_changes)))] = None
    return change


def _covers_its_margin(floor: Floor, account: Account) -> bool:
    sums = totals_by_asset(floor, account)
    pools = [totals_in_usd(floor, sums)] if account.multi_assets else list(sums.values())
    return all(pool.equity >= pool.cross_demand for pool in pools if pool.cross_demand)


def _removable(floor: Floor, holding: Holding) -> Decimal:
    """What leaves the initial margin covered, and at any leverage the maintenance margin too."""
    demand = demand_of(floor, holding)
    needed = max(demand.position_initial, demand.maint + CENT)
    return max(ZERO, holding.isolated_wallet + min(ZERO, demand.unrealized) - needed)
