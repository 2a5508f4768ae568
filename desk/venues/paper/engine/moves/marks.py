"""The mark price: what profit, margin and stops are reckoned on, so that one odd trade cannot liquidate anybody.

mark = median(P1, P2, last); P1 = index x (1 + funding rate x share of the interval left); P2 = index + mean over the
last 30 seconds of (mid - index), one sample a second. Source: Binance's notice of 2025-09-18 and its mark price FAQ.
Funding (same notice): rate = [P + clamp(I - P, -0.05 %, 0.05 %)] / (8 / N), I = 0.01 % per 8 h, N = interval in hours,
P = time-weighted mean of (mid - index) / index, between the symbol's floor and cap.
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.money import EXACT, ONE, ZERO
from desk.venues.paper.engine.floor.state import Market
from desk.venues.paper.engine.money.margin import CENT
from desk.venues.paper.engine.vocabulary.instruments import SymbolSpec

HOUR_MS = 3_600_000
_BASIS_MS = 30_000
_SECOND_MS = 1_000
_INTEREST = Decimal("0.0001")
_CLAMP = Decimal("0.0005")
_STANDARD_HOURS = Decimal(8)


def observe_basis(market: Market, at_ms: int, basis: Decimal) -> None:
    """Add a second's sample of (mid - index), and forget those older than the average's window."""
    market.basis[at_ms // _SECOND_MS] = basis
    oldest = (at_ms - _BASIS_MS) // _SECOND_MS
    for second in [s for s in market.basis if s <= oldest]:
        del market.basis[second]


def mark_price(market: Market, index: Decimal, last: Decimal, at_ms: int) -> Decimal:
    """The mark at `at_ms`, to eight decimals."""
    interval = interval_ms(market.spec)
    left = Decimal(max(0, market.next_funding_ms - at_ms)) / interval
    first = index * (ONE + funding_rate(market) * left)
    mean = sum(market.basis.values(), ZERO) / len(market.basis) if market.basis else ZERO
    return sorted((first, index + mean, last))[1].quantize(CENT, context=EXACT)


def interval_ms(spec: SymbolSpec) -> int:
    """Length of the funding interval."""
    return spec.funding_interval_hours * HOUR_MS


def next_boundary(spec: SymbolSpec, at_ms: int) -> int:
    """The first funding time after `at_ms`: multiples of the interval since midnight UTC."""
    interval = interval_ms(spec)
    return (at_ms // interval + 1) * interval


def observe_premium(market: Market, until_ms: int) -> None:
    """Weigh the premium that stood since the last look with the time it stood."""
    elapsed = until_ms - market.at_ms
    if elapsed > 0 and market.index:
        market.premium_sum += (market.book.mid - market.index) / market.index * elapsed
        market.premium_ms += elapsed


def funding_rate(market: Market) -> Decimal:
    """The rate of the running interval: the source's where it knows it, else by formula, to eight decimals."""
    spec = market.spec
    if spec.is_dated:
        return ZERO
    if market.source_rate is not None:
        rate = market.source_rate
    else:
        premium = market.premium_sum / market.premium_ms if market.premium_ms else ZERO
        adjusted = premium + min(max(_INTEREST - premium, -_CLAMP), _CLAMP)
        rate = adjusted / (_STANDARD_HOURS / spec.funding_interval_hours)
    return min(max(rate, spec.funding_floor), spec.funding_cap).quantize(CENT, context=EXACT)
