"""What the account is worth, twice: by the venue and by the guard's own books. The lower one counts.

Everything that limits compare with is *net equity*: the lower of both, minus all transfers since the guard's first
start. A deposit is therefore no profit and a withdrawal no loss. A loss limit in USDT is its fraction of the real
money at the reference moment or now, whichever is less: a deposit never buys a bigger loss.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from desk.domain.frozen import replace
from desk.domain.money import ONE, ZERO
from desk.domain.orders import Side
from desk.guard.bounds.rules import Rules
from desk.guard.record.memo import Newest
from desk.guard.vocabulary.facts import AccountFact, Facts, FillFact, IncomeFact
from desk.guard.vocabulary.state import GuardState, Holding, Ledger

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
FUNDING, INSURANCE = "FUNDING_FEE", "INSURANCE_CLEAR"
# Fills already carry their profit and fee, so these income rows would count them twice.
_IN_FILLS = frozenset({"REALIZED_PNL", "COMMISSION"})
_TRANSFERS = frozenset({"TRANSFER", "INTERNAL_TRANSFER", "CROSS_COLLATERAL_TRANSFER", "STRATEGY_UMFUTURES_TRANSFER"})
_SEEN_KEPT = 256


def opening_ledger(account: AccountFact, facts: Facts, at_ms: int) -> Ledger:
    """Books that start from what the account shows at the first look ever.

    What the venue tells of that very millisecond is already in the wallet: a deposit counted again would be a loss.
    """
    last: dict[str, int] = {}
    for fill in facts.fills:
        last[fill.symbol] = max(last.get(fill.symbol, 0), fill.trade_id)
    held = {one.symbol: one for one in account.positions}
    holdings = tuple(
        Holding(
            symbol=symbol,
            quantity=held[symbol].quantity if symbol in held else ZERO,
            average=held[symbol].entry if symbol in held else ZERO,
            last_trade=last.get(symbol, 0),
            last_ms=at_ms,
        )
        for symbol in sorted(held.keys() | last.keys())
    )
    seen = tuple(_income_key(income) for income in facts.income)
    return Ledger(
        cash=account.wallet, transfers=ZERO, holdings=holdings, since_ms=at_ms, income_ms=at_ms, income_seen=seen
    )


def book(ledger: Ledger, facts: Facts) -> Ledger:
    """The books after the fills and income in `facts`; each is counted once, however often it is told."""
    for fill in facts.fills:
        ledger = book_fill(ledger, fill) or ledger
    for income in facts.income:
        ledger = book_income(ledger, income) or ledger
    return ledger


def book_fill(ledger: Ledger, fill: FillFact) -> Ledger | None:
    """The books after one fill, or None when it was counted already."""
    old = next((one for one in ledger.holdings if one.symbol == fill.symbol), None)
    if old is None:
        old = Holding(symbol=fill.symbol, quantity=ZERO, average=ZERO, last_trade=0, last_ms=ledger.since_ms)
    if fill.trade_id <= old.last_trade or fill.at_ms < ledger.since_ms:
        return None
    signed = fill.quantity * fill.side.sign
    quantity, average, realized = _average_cost(old.quantity, old.average, signed, fill.price)
    new = Holding(symbol=fill.symbol, quantity=quantity, average=average, last_trade=fill.trade_id, last_ms=fill.at_ms)
    others = tuple(one for one in ledger.holdings if one.symbol != fill.symbol)
    return replace(ledger, cash=ledger.cash + realized - fill.fee, holdings=(*others, new))


def _average_cost(held: Decimal, average: Decimal, signed: Decimal, price: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Binance's average cost: quantity, average and realised profit after a trade of `signed` at `price`."""
    total = held + signed
    if held * signed >= ZERO:
        return total, (abs(held) * average + abs(signed) * price) / abs(total), ZERO
    closed = min(abs(held), abs(signed)) * (1 if held > ZERO else -1)
    realized = closed * (price - average)
    if total == ZERO:
        return ZERO, ZERO, realized
    return total, average if total * held > ZERO else price, realized


def book_income(ledger: Ledger, income: IncomeFact) -> Ledger | None:
    """The books after one wallet change, or None when it was counted already or is part of a fill."""
    key = _income_key(income)
    if income.at_ms < ledger.since_ms or key in ledger.income_seen or income.kind in _IN_FILLS:
        return None
    moved = income.amount if income.kind in _TRANSFERS else ZERO
    return replace(
        ledger,
        cash=ledger.cash + income.amount,
        transfers=ledger.transfers + moved,
        income_ms=max(ledger.income_ms, income.at_ms),
        income_seen=(*ledger.income_seen[-(_SEEN_KEPT - 1) :], key),
    )


def _income_key(income: IncomeFact) -> str:
    return f"{income.kind}:{income.symbol}:{income.transaction_id}"


def ledger_equity(ledger: Ledger, account: AccountFact, facts: Facts) -> Decimal:
    """Equity by the own books at the newest marks; a holding without any mark counts at cost."""
    total = ledger.cash
    for holding in ledger.holdings:
        if holding.quantity != ZERO:
            position = account.position(holding.symbol)
            told = facts.mark(holding.symbol)
            mark = position.mark if position else told.price if told else holding.average
            total += holding.quantity * (mark - holding.average)
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A loss budget in USDT: from `reference` net equity, `limit` may be lost, `loss` is, `left` remains."""

    reference: Decimal
    limit: Decimal
    loss: Decimal
    left: Decimal

    @property
    def spent(self) -> bool:
        """Whether nothing remains: a loss of exactly the limit is a breach."""
        return self.left <= ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What the account is worth now, and what each budget leaves. USDT.

    `equity` is the lower of both sources, transfers included: real money. `left` is the least of the three budgets,
    `difference` how far the two sources disagree, as a fraction of the venue's equity.
    """

    venue: Decimal
    ledger: Decimal
    net: Decimal
    day: Budget
    rolling: Budget
    drawdown: Budget
    # Read by every rule of every intent, so they are computed once.
    equity: Decimal = field(init=False)
    left: Decimal = field(init=False)
    difference: Decimal = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "equity", min(self.venue, self.ledger))
        object.__setattr__(self, "left", min(self.day.left, self.rolling.left, self.drawdown.left))
        object.__setattr__(self, "difference", abs(self.venue - self.ledger) / max(abs(self.venue), ONE))


def net_equity(ledger: Ledger, account: AccountFact, facts: Facts) -> Decimal:
    """The lower of venue equity and own books, net of all transfers."""
    return min(account.equity, ledger_equity(ledger, account, facts)) - ledger.transfers


def worth(state: GuardState, account: AccountFact, facts: Facts, rules: Rules, at_ms: int) -> Worth | None:
    """Equity and budgets from a state that has a baseline; None before the first look."""
    if state.ledger is None or not state.days or state.peak is None:
        return None
    ledger, limits = state.ledger, rules.limits
    net = net_equity(ledger, account, facts)
    day, now = state.days[-1], ledger.transfers
    high = max(
        (one for one in state.hours if one.hour >= at_ms // HOUR_MS - 24),
        key=lambda one: one.equity,
        default=state.peak,
    )
    return Worth(
        venue=account.equity,
        ledger=ledger_equity(ledger, account, facts),
        net=net,
        day=_budget(day.baseline, min(day.transfers, now), limits.daily_loss, net),
        rolling=_budget(high.equity, min(high.transfers, now), limits.rolling_loss, net),
        drawdown=_budget(state.peak.equity, min(state.peak.transfers, now), limits.drawdown, net),
    )


def _budget(reference: Decimal, transfers: Decimal, fraction: Decimal, net: Decimal) -> Budget:
    limit = max(ZERO, (reference + transfers) * fraction)
    loss = reference - net
    return Budget(reference=reference, limit=limit, loss=loss, left=limit - loss)


def exposures(
    state: GuardState, account: AccountFact, facts: Facts, side: Side | None = None
) -> tuple[tuple[str, Decimal], ...]:
    """Notional by symbol in USDT, positions plus all that may still fill: unknown orders count at full size.

    With `side`, only what leans that way. Positions and orders of others on the account count like our own.
    """
    total: dict[str, Decimal] = {
        one.symbol: one.notional for one in account.positions if side is None or one.quantity * side.sign > ZERO
    }
    ours: set[str] = set()
    for trade in state.trades:
        ours.add(trade.entry_id)
        if trade.pending and side in (None, trade.side):
            told = facts.mark(trade.symbol)
            mark = max(trade.mark, told.price) if told else trade.mark
            # A fill already shown as position is not counted twice, a fill not yet shown is not missed.
            total[trade.symbol] = max(total.get(trade.symbol, ZERO), trade.quantity * mark)
    for order in facts.orders or ():
        told = facts.mark(order.symbol)
        if not order.reduce_only and order.client_id not in ours and told and side in (None, order.side):
            rest = (order.quantity - order.filled) * told.price
            total[order.symbol] = total.get(order.symbol, ZERO) + rest
    return tuple(sorted(total.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the account stands at one look: its worth, and by symbol in USDT what is open or may be."""

    worth: Worth
    open_now: tuple[tuple[str, Decimal], ...]
    long: tuple[tuple[str, Decimal], ...]
    short: tuple[tuple[str, Decimal], ...]
    gap_used: Decimal


def standing(state: GuardState, facts: Facts, rules: Rules, at_ms: int) -> Standing | None:
    """Where the account stands, or None while account or baseline are not known.

    A burst of intents is decided on one look: what the account is worth is computed once for all of it.
    """
    parts = (state.ledger, state.days, state.peak, state.hours, state.trades, facts, rules, at_ms // HOUR_MS)
    return _NEWEST.get(parts, lambda: _standing(state, facts, rules, at_ms))


_NEWEST: Newest[Standing | None] = Newest()


def _standing(state: GuardState, facts: Facts, rules: Rules, at_ms: int) -> Standing | None:
    if facts.account is None:
        return None
    now = worth(state, facts.account, facts, rules, at_ms)
    if now is None:
        return None
    open_now = exposures(state, facts.account, facts)
    return Standing(
        worth=now,
        open_now=open_now,
        long=exposures(state, facts.account, facts, Side.BUY),
        short=exposures(state, facts.account, facts, Side.SELL),
        gap_used=gap_used(rules, state, open_now),
    )


def entry_cost(rules: Rules, symbol: str) -> Decimal:
    """What one USDT of new notional may cost in a stressed gap: the gap, fees both ways, the slippage reserve."""
    limits = rules.limits
    return limits.stress(symbol) + 2 * limits.taker_fee + limits.slippage_reserve


def held_cost(rules: Rules, symbol: str) -> Decimal:
    """What one USDT of open notional may still cost: its way in is paid, the gap and the way out are not."""
    limits = rules.limits
    return limits.stress(symbol) + limits.taker_fee + limits.slippage_reserve / 2


def gap_used(rules: Rules, state: GuardState, open_now: tuple[tuple[str, Decimal], ...]) -> Decimal:
    """What a stressed gap on every symbol at once, all against us, would cost what is open or may be. USDT."""
    entering = {trade.symbol for trade in state.trades if trade.pending}
    used = ZERO
    for symbol, notional in open_now:
        used += notional * (entry_cost if symbol in entering else held_cost)(rules, symbol)
    return used


def utc_date(at_ms: int) -> str:
    """The UTC date of a venue time, ISO 8601."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).date().isoformat()
