"""The contracts this venue lists by itself, from `contracts.json` beside this file: read once, when first asked for.

The file tells only what differs between contracts and where each table came from. `cum` is never typed in: it follows
from the tiers by Binance's identity cum_n = cum_(n-1) + floor_n * (ratio_n - ratio_(n-1)).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from desk.domain.account import SymbolRules
from desk.domain.errors import DataError
from desk.domain.money import ZERO
from desk.venues.paper.engine.values import Bracket, SymbolSpec
from desk.venues.paper.listing.names import dated_name, decimals, quarter_end, split_symbol

USUAL_TIERS = "other"
# 2019-09-25, when the first of these contracts was listed; nothing depends on it.
_FIRST_LISTING_MS = 1_569_398_400_000
_QUARTER_MS = 91 * 86_400_000
_FILE = Path(__file__).with_name("contracts.json")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Terms(_Part):
    """What differs between contracts. Prices and notional in quote asset, quantities in base asset."""

    tick: Decimal = Field(gt=0)
    step: Decimal = Field(gt=0)
    min_price: Decimal = Field(gt=0)
    max_price: Decimal = Field(gt=0)
    max_quantity: Decimal = Field(gt=0)
    market_max: Decimal = Field(gt=0)
    min_notional: Decimal = Field(default=Decimal(5), gt=0)
    tiers: str = USUAL_TIERS
    funding_cap: Decimal = Field(default=Decimal("0.02"), ge=0)
    liquidation_fee: Decimal = Field(default=Decimal("0.0125"), ge=0)
    onboard_ms: int = _FIRST_LISTING_MS
    note: str = ""


class _Tiers(_Part):
    """(notional cap in quote asset, maintenance ratio, highest leverage) of each tier."""

    note: str
    rows: tuple[tuple[Decimal, Decimal, int], ...] = Field(min_length=1)


class _Catalogue(_Part):
    note: str
    tiers: Mapping[str, _Tiers]
    perpetuals: Mapping[str, Terms]
    quarters: Mapping[str, Terms]


def own_perpetuals() -> tuple[str, ...]:
    """The perpetuals of the catalogue, largest first, those margined in USDC last."""
    return tuple(_catalogue().perpetuals)


def own_names(at_ms: int) -> tuple[str, ...]:
    """Everything the catalogue lists at a moment: the perpetuals, and the quarter that runs then."""
    end = quarter_end(at_ms)
    return (*own_perpetuals(), *(dated_name(pair, end) for pair in _catalogue().quarters))


@cache
def own_perpetual(symbol: str) -> SymbolSpec | None:
    """The catalogue's contract of this name; None for any other."""
    terms = _catalogue().perpetuals.get(symbol)
    return None if terms is None else spec_of(symbol, terms)


def own_quarter(pair: str, delivery_ms: int, at_ms: int) -> SymbolSpec | None:
    """The contract of `pair` that is delivered at `delivery_ms`, as it is called at `at_ms`; None for other pairs."""
    terms = _catalogue().quarters.get(pair)
    if terms is None:
        return None
    kind = "CURRENT_QUARTER" if delivery_ms == quarter_end(at_ms) else "NEXT_QUARTER"
    return spec_of(pair, terms, kind=kind, delivery_ms=delivery_ms)


def spec_of(pair: str, terms: Terms, *, kind: str = "PERPETUAL", delivery_ms: int | None = None) -> SymbolSpec:
    """A contract on these terms, with the fees of VIP 0."""
    base, quote = split_symbol(pair)
    brackets = own_brackets(terms.tiers)
    symbol = pair if delivery_ms is None else dated_name(pair, delivery_ms)
    return SymbolSpec(
        symbol=symbol,
        pair=pair,
        base=base,
        quote=quote,
        contract_type=kind,
        rules=_rules(symbol, terms, brackets[0].initial_leverage),
        brackets=brackets,
        maker_fee=Decimal("0.0002"),
        taker_fee=Decimal("0.0005"),
        liquidation_fee=terms.liquidation_fee,
        market_take_bound=Decimal("0.05"),
        trigger_protect=Decimal("0.05"),
        funding_interval_hours=8,
        funding_cap=terms.funding_cap,
        funding_floor=-terms.funding_cap,
        price_precision=decimals(terms.tick),
        quantity_precision=decimals(terms.step),
        onboard_ms=terms.onboard_ms if delivery_ms is None else delivery_ms - 2 * _QUARTER_MS,
        delivery_ms=delivery_ms,
    )


@cache
def own_brackets(tiers: str) -> tuple[Bracket, ...]:
    """The brackets of one of the catalogue's tables."""
    return brackets_of(_catalogue().tiers[tiers].rows)


def brackets_of(tiers: Iterable[tuple[Decimal, Decimal, int]]) -> tuple[Bracket, ...]:
    """Brackets from (notional cap, maintenance ratio, highest leverage) of each tier, smallest first."""
    rows: list[Bracket] = []
    floor, previous, cum = ZERO, ZERO, ZERO
    for number, (cap, ratio, leverage) in enumerate(tiers, start=1):
        cum = cum + floor * (ratio - previous) if rows else ZERO
        rows.append(Bracket(number=number, initial_leverage=leverage, floor=floor, cap=cap, ratio=ratio, cum=cum))
        floor, previous = cap, ratio
    return tuple(rows)


@cache
def _catalogue() -> _Catalogue:
    try:
        told = _Catalogue.model_validate_json(_FILE.read_bytes())
    except (OSError, ValidationError) as error:
        raise DataError(f"{_FILE} is not this version's list of contracts", hint="install the desk anew") from error
    frozen = {name: MappingProxyType(dict(getattr(told, name))) for name in ("tiers", "perpetuals", "quarters")}
    return told.model_copy(update=frozen)


def _rules(symbol: str, terms: Terms, max_leverage: int) -> SymbolRules:
    return SymbolRules(
        symbol=symbol,
        tick=terms.tick,
        min_price=terms.min_price,
        max_price=terms.max_price,
        step=terms.step,
        min_quantity=terms.step,
        max_quantity=terms.max_quantity,
        market_step=terms.step,
        market_max_quantity=terms.market_max,
        min_notional=terms.min_notional,
        percent_up=Decimal("1.05"),
        percent_down=Decimal("0.95"),
        max_leverage=max_leverage,
    )
