"""Contracts and brackets as Binance publishes them: files of `exchangeInfo` and `leverageBracket`, plain or gzipped.

A file is read whole or refused with its name and the key that is wrong. What a file does not tell is this venue's own:
the fees of VIP 0, a funding interval of 8 hours, and for a symbol without brackets those of LTC's published table.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from desk.domain.account import SymbolRules
from desk.domain.errors import DataError
from desk.venues.paper.engine.values import Bracket, SymbolSpec
from desk.venues.paper.listing.catalogue import USUAL_TIERS, own_brackets, own_perpetual

_GZIP = b"\x1f\x8b"
_Amount = Annotated[Decimal, Field(gt=0)]
_PERPETUAL = "PERPETUAL"
_F = TypeVar("_F")
_T = TypeVar("_T")


class _Told(BaseModel):
    """Binance adds fields as it likes; what is not read here is left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _PriceFilter(_Told):
    kind: Literal["PRICE_FILTER"] = Field(alias="filterType")
    lowest: Decimal = Field(alias="minPrice", ge=0)
    highest: _Amount = Field(alias="maxPrice")
    tick: Decimal = Field(alias="tickSize", ge=0)


class _LotSize(_Told):
    kind: Literal["LOT_SIZE", "MARKET_LOT_SIZE"] = Field(alias="filterType")
    least: Decimal = Field(alias="minQty", ge=0)
    most: _Amount = Field(alias="maxQty")
    step: _Amount = Field(alias="stepSize")


class _MinNotional(_Told):
    kind: Literal["MIN_NOTIONAL"] = Field(alias="filterType")
    notional: Decimal = Field(ge=0)


class _PercentPrice(_Told):
    kind: Literal["PERCENT_PRICE"] = Field(alias="filterType")
    up: _Amount = Field(alias="multiplierUp")
    down: _Amount = Field(alias="multiplierDown")


class _OtherFilter(_Told):
    kind: str = Field(alias="filterType")


_Filter = _PriceFilter | _LotSize | _MinNotional | _PercentPrice


class _Contract(_Told):
    symbol: str = Field(min_length=2, max_length=40)
    pair: str
    contract_type: str = Field(alias="contractType")
    delivery_ms: int = Field(alias="deliveryDate")
    onboard_ms: int = Field(alias="onboardDate")
    status: str
    base: str = Field(alias="baseAsset")
    quote: str = Field(alias="quoteAsset")
    price_precision: int = Field(alias="pricePrecision", ge=0, le=18)
    quantity_precision: int = Field(alias="quantityPrecision", ge=0, le=18)
    trigger_protect: Decimal = Field(alias="triggerProtect", ge=0)
    liquidation_fee: Decimal = Field(alias="liquidationFee", ge=0)
    market_take_bound: Decimal = Field(alias="marketTakeBound", ge=0)
    filters: tuple[Annotated[_Filter | _OtherFilter, Field(union_mode="left_to_right")], ...]

    def filter(self, form: type[_F], kind: str) -> _F:
        """The filter of this kind; a DataError names the symbol that has none, or one that cannot be read."""
        for told in self.filters:
            if told.kind == kind and isinstance(told, form):
                return told
        raise DataError(f"{self.symbol}: no {kind} that can be read among its filters")


class _ExchangeInfo(_Told):
    symbols: tuple[_Contract, ...] = Field(min_length=1)


class _Bracket(_Told):
    number: int = Field(alias="bracket", ge=1)
    leverage: int = Field(alias="initialLeverage", ge=1)
    floor: Decimal = Field(alias="notionalFloor", ge=0)
    cap: _Amount = Field(alias="notionalCap")
    ratio: Decimal = Field(alias="maintMarginRatio", gt=0, lt=1)
    cum: Decimal = Field(ge=0)


class _Brackets(_Told):
    symbol: str
    brackets: tuple[_Bracket, ...] = Field(min_length=1)


def read_exchange_info(path: Path, brackets: Mapping[str, tuple[Bracket, ...]]) -> dict[str, SymbolSpec]:
    """Every contract of the file by name, in its order. `brackets` are laid over this venue's own.

    Raises:
        DataError: naming the file, and the symbol or key that is wrong.
    """
    told = _validated(path, TypeAdapter(_ExchangeInfo))
    try:
        return {row.symbol: _spec(row, brackets.get(row.symbol)) for row in told.symbols}
    except DataError as error:
        raise DataError(f"{path}: {error.message}") from error


def contract_of(row: object, brackets: tuple[Bracket, ...] | None = None) -> SymbolSpec:
    """One contract from its row of `exchangeInfo`, with this venue's own brackets where none are given.

    Raises:
        DataError: naming the key that is wrong.
    """
    try:
        return _spec(_Contract.model_validate(row), brackets)
    except ValidationError as error:
        raise DataError(f"exchangeInfo: {_first(error)}") from error


def read_brackets(path: Path) -> dict[str, tuple[Bracket, ...]]:
    """Margin brackets by symbol, smallest first.

    Raises:
        DataError: naming the file, and the symbol or key that is wrong.
    """
    told = _validated(path, TypeAdapter(tuple[_Brackets, ...]))
    return {row.symbol: _ascending(row, path) for row in told}


def _ascending(row: _Brackets, path: Path) -> tuple[Bracket, ...]:
    ordered = sorted(row.brackets, key=lambda bracket: bracket.floor)
    expected = Decimal(0)
    for bracket in ordered:
        if bracket.floor != expected or bracket.cap <= bracket.floor:
            raise DataError(f"{path}: {row.symbol}: bracket {bracket.number} does not begin where the last one ended")
        expected = bracket.cap
    return tuple(
        Bracket(
            number=bracket.number,
            initial_leverage=bracket.leverage,
            floor=bracket.floor,
            cap=bracket.cap,
            ratio=bracket.ratio,
            cum=bracket.cum,
        )
        for bracket in ordered
    )


def _spec(row: _Contract, brackets: tuple[Bracket, ...] | None) -> SymbolSpec:
    own = own_perpetual(row.symbol)
    dated = row.contract_type != _PERPETUAL
    usual = own.brackets if own else own_brackets("dated" if dated else USUAL_TIERS)
    brackets = brackets or usual
    cap = own.funding_cap if own else Decimal("0.02")
    return SymbolSpec(
        symbol=row.symbol,
        pair=row.pair,
        base=row.base,
        quote=row.quote,
        contract_type=row.contract_type,
        rules=_rules(row, brackets[0].initial_leverage),
        brackets=brackets,
        maker_fee=Decimal("0.0002"),
        taker_fee=Decimal("0.0005"),
        liquidation_fee=row.liquidation_fee,
        market_take_bound=row.market_take_bound,
        trigger_protect=row.trigger_protect,
        funding_interval_hours=8,
        funding_cap=cap,
        funding_floor=-cap,
        price_precision=row.price_precision,
        quantity_precision=row.quantity_precision,
        onboard_ms=row.onboard_ms,
        status=row.status,
        delivery_ms=row.delivery_ms if dated else None,
    )


def _rules(row: _Contract, max_leverage: int) -> SymbolRules:
    price = row.filter(_PriceFilter, "PRICE_FILTER")
    lot, market = row.filter(_LotSize, "LOT_SIZE"), row.filter(_LotSize, "MARKET_LOT_SIZE")
    band = row.filter(_PercentPrice, "PERCENT_PRICE")
    return SymbolRules(
        symbol=row.symbol,
        # Zero switches the rule off at Binance; prices then keep to the precision.
        tick=price.tick or Decimal(1).scaleb(-row.price_precision),
        min_price=price.lowest,
        max_price=price.highest,
        step=lot.step,
        min_quantity=lot.least,
        max_quantity=lot.most,
        market_step=market.step,
        market_max_quantity=market.most,
        min_notional=row.filter(_MinNotional, "MIN_NOTIONAL").notional,
        percent_up=band.up,
        percent_down=band.down,
        max_leverage=max_leverage,
    )


def _validated(path: Path, form: TypeAdapter[_T]) -> _T:
    try:
        raw = path.read_bytes()
        return form.validate_json(gzip.decompress(raw) if raw.startswith(_GZIP) else raw)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (EOFError, zlib.error) as error:
        raise DataError(f"{path}: is no whole gzip file") from error
    except ValidationError as error:
        raise DataError(f"{path}: {_first(error)}") from error


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in first['loc']) or 'file'}: {first['msg']}"
