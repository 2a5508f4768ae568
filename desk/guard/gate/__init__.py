"""The gate: an ordered list of named rules, all fail-closed. What no rule refuses is sized; the first refusal ends it.

It sees the intent, the guard's state and one look at the venue, nothing else. Missing, stale or contradictory data
opens nothing. Closing always passes: a locked desk may still get out, because refusing exits would trap the loss.
"""

from __future__ import annotations

from desk.domain.intents import Action, Outcome
from desk.domain.money import ONE, ZERO, plain
from desk.guard.gate import admission, conditions, conduct
from desk.guard.gate.case import DAY_MS, Case, Decision, Rule, refuse
from desk.guard.gate.sizing import size
from desk.guard.loss.equity import Standing
from desk.guard.vocabulary.facts import MarkFact

__all__ = ["ALWAYS", "DAY_MS", "OPENING", "Case", "Decision", "decide", "refuse"]

ALWAYS: tuple[Rule, ...] = (admission.expiry, admission.allow_list)
OPENING: tuple[Rule, ...] = (
    admission.one_per_run,
    admission.proof,
    conditions.mode,
    conditions.calendar,
    conditions.freshness,
    conditions.sources,
    conditions.collar,
    conditions.unexplained,
    admission.one_position,
    conduct.failures,
    conduct.entries,
    conduct.repeated,
    conduct.rest,
    admission.distances,
    admission.before_ruin,
    conditions.liquidity,
    conditions.volatility,
)


def decide(case: Case) -> Decision:
    """Approved, reduced or refused, by the first rule that has something to say."""
    for rule in ALWAYS:
        if refusal := rule(case):
            return refusal
    if case.intent.action is Action.CLOSE:
        return _close(case)
    for rule in OPENING:
        if refusal := rule(case):
            return refusal
    mark = case.event.facts.mark(case.intent.symbol)
    if mark is None or case.standing is None:
        return refuse("data.missing", "the account, its baseline or the mark is not known")
    return _sized(case, case.standing, mark)


def _close(case: Case) -> Decision:
    account = case.event.facts.account
    held = account.quantity(case.intent.symbol) if account else ZERO
    trade = case.state.trade(case.intent.symbol)
    if held == ZERO and trade is not None:
        held = trade.seen if trade.seen != ZERO else trade.filled
    if held == ZERO and trade is None:
        return refuse("close.no_position", f"nothing is open in {case.intent.symbol}")
    return Decision(
        outcome=Outcome.APPROVED,
        rule="close",
        message="closing always passes",
        quantity=abs(held),
        figures=(("held", held),),
    )


def _sized(case: Case, standing: Standing, mark: MarkFact) -> Decision:
    intent, rules, now = case.intent, case.rules, standing.worth
    filters = rules.filters[intent.symbol]
    sized = size(intent, case.state, case.event, standing, rules, mark.price)
    figures = (
        ("equity", now.equity),
        ("wanted", sized.wanted),
        ("allowed", sized.allowed),
        ("mark", mark.price),
        ("budget_left", now.left),
        *sized.caps,
    )
    if sized.bound and sized.allowed <= ZERO:
        message = f"{sized.bound} leaves no room for {intent.symbol}"
        return Decision(outcome=Outcome.REFUSED, rule=sized.bound, message=message, figures=figures)
    notional = sized.quantity * mark.price
    # A market order may fill below the mark it was sized at; the venue checks its own minimum against the fill.
    least = filters.min_notional * (ONE + rules.limits.slippage_reserve)
    if sized.quantity < filters.min_quantity or sized.quantity <= ZERO or notional < least:
        bound = f", bound by {sized.bound}" if sized.bound else ""
        message = f"{plain(sized.quantity)} {intent.symbol} is below the venue's smallest order{bound}"
        return Decision(outcome=Outcome.REFUSED, rule="size.below_minimum", message=message, figures=figures)
    outcome, rule = (Outcome.REDUCED, sized.bound) if sized.bound else (Outcome.APPROVED, "size.risk")
    message = f"{plain(sized.quantity)} {intent.symbol}, {plain(round(notional, 2))} USDT"
    return Decision(outcome=outcome, rule=rule, message=message, figures=figures, quantity=sized.quantity)
