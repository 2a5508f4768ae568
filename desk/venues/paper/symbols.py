"""Trading rules of the perpetuals the paper exchange lists: filters, fees and leverage brackets close to Binance's.

Filters of the named symbols follow Binance's public `exchangeInfo`; BTC, ETH and LTC brackets are the published tiers
(BTC and ETH share one table), and every other symbol borrows the LTC table. `cum` is never typed in: it follows from
the tiers by Binance's identity cum_n = cum_(n-1) + floor_n * (ratio_n - ratio_(n-1)). Any other USD-M symbol gets rules
derived from its price: about five significant digits of price, and a smallest quantity worth a few dollars or less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from desk.domain.account import SymbolRules
from desk.domain.errors import DataError
from desk.domain.money import ZERO
from desk.venues.paper.engine.values import Bracket, SymbolSpec

_QUOTES = ("USDT", "USDC", "BUSD", "FDUSD")
# VIP 0 rates of Binance USD-M futures.
_MAKER_FEE = Decimal("0.0002")
_TAKER_FEE = Decimal("0.0005")
_LIQUIDATION_FEE = Decimal("0.0125")
_MARKET_TAKE_BOUND = Decimal("0.05")
_TRIGGER_PROTECT = Decimal("0.05")
_PERCENT_UP = Decimal("1.05")
_PERCENT_DOWN = Decimal("0.95")
_FUNDING_HOURS = 8
# 2019-09-25, when the first of these contracts was listed; later ones differ, and nothing depends on it.
_ONBOARD_MS = 1_569_398_400_000

# (notional cap in USDT, maintenance ratio, highest leverage) of each tier.
_MAJOR_TIERS = (
    ("300000", "0.004", 150),
    ("800000", "0.005", 100),
    ("3000000", "0.0065", 75),
    ("12000000", "0.01", 50),
    ("70000000", "0.02", 25),
    ("100000000", "0.025", 20),
    ("230000000", "0.05", 10),
    ("480000000", "0.1", 5),
    ("600000000", "0.125", 4),
    ("800000000", "0.15", 3),
    ("1200000000", "0.25", 2),
    ("1800000000", "0.5", 1),
)
_OTHER_TIERS = (
    ("10000", "0.005", 75),
    ("50000", "0.01", 50),
    ("160000", "0.015", 40),
    ("800000", "0.02", 25),
    ("1600000", "0.025", 20),
    ("8000000", "0.05", 10),
    ("16000000", "0.1", 5),
    ("20000000", "0.125", 4),
    ("40000000", "0.25", 2),
    ("80000000", "0.5", 1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """What differs between symbols. Prices in quote asset, quantities in base asset, notional in quote asset."""

    tick: str
    step: str
    min_price: str
    max_price: str
    max_quantity: str
    market_max: str
    min_notional: str = "5"
    major: bool = False


_LISTINGS: Mapping[str, _Listing] = MappingProxyType(
    {
        "BTCUSDT": _Listing(
            tick="0.1",
            step="0.001",
            min_price="261.1",
            max_price="4529764",
            max_quantity="1000",
            market_max="120",
            min_notional="50",
            major=True,
        ),
        "ETHUSDT": _Listing(
            tick="0.01",
            step="0.001",
            min_price="39.86",
            max_price="306177",
            max_quantity="10000",
            market_max="2000",
            min_notional="20",
            major=True,
        ),
        "SOLUSDT": _Listing(
            tick="0.01",
            step="0.01",
            min_price="0.42",
            max_price="6857",
            max_quantity="1000000",
            market_max="80000",
        ),
        "BNBUSDT": _Listing(
            tick="0.01",
            step="0.01",
            min_price="6.6",
            max_price="100000",
            max_quantity="10000",
            market_max="2000",
        ),
        "XRPUSDT": _Listing(
            tick="0.0001",
            step="0.1",
            min_price="0.0143",
            max_price="100000",
            max_quantity="10000000",
            market_max="2000000",
        ),
        "ADAUSDT": _Listing(
            tick="0.0001",
            step="1",
            min_price="0.0174",
            max_price="20000",
            max_quantity="2000000",
            market_max="300000",
        ),
        "DOGEUSDT": _Listing(
            tick="0.00001",
            step="1",
            min_price="0.00244",
            max_price="30",
            max_quantity="50000000",
            market_max="30000000",
        ),
        "AVAXUSDT": _Listing(
            tick="0.001",
            step="1",
            min_price="0.35",
            max_price="2403",
            max_quantity="100000",
            market_max="20000",
        ),
        "LINKUSDT": _Listing(
            tick="0.001",
            step="0.01",
            min_price="0.464",
            max_price="100000",
            max_quantity="200000",
            market_max="30000",
        ),
        "LTCUSDT": _Listing(
            tick="0.01",
            step="0.001",
            min_price="3.61",
            max_price="100000",
            max_quantity="10000",
            market_max="5000",
        ),
    }
)

LISTED: tuple[str, ...] = tuple(_LISTINGS)


def spec_for(symbol: str, price: Decimal, *, tick: Decimal | None = None) -> SymbolSpec:
    """Rules of `symbol`, which trades near `price`. `tick` replaces the listed tick where data has a finer grid.

    Raises:
        DataError: when the symbol is not a USD-M pair or the price is not above zero.
    """
    if price <= ZERO:
        raise DataError(f"{symbol}: a price must be above zero, not {price}")
    base, quote = split_symbol(symbol)
    listing = _LISTINGS.get(symbol) or _derived(price)
    brackets = _brackets(_MAJOR_TIERS if listing.major else _OTHER_TIERS)
    rules = _rules(symbol, listing, Decimal(listing.tick) if tick is None else tick, brackets[0].initial_leverage)
    return SymbolSpec(
        symbol=symbol,
        pair=symbol,
        base=base,
        quote=quote,
        contract_type="PERPETUAL",
        rules=rules,
        brackets=brackets,
        maker_fee=_MAKER_FEE,
        taker_fee=_TAKER_FEE,
        liquidation_fee=_LIQUIDATION_FEE,
        market_take_bound=_MARKET_TAKE_BOUND,
        trigger_protect=_TRIGGER_PROTECT,
        funding_interval_hours=_FUNDING_HOURS,
        funding_cap=Decimal("0.003") if listing.major else Decimal("0.02"),
        funding_floor=Decimal("-0.003") if listing.major else Decimal("-0.02"),
        price_precision=decimals(rules.tick),
        quantity_precision=decimals(rules.step),
        onboard_ms=_ONBOARD_MS,
    )


def split_symbol(symbol: str) -> tuple[str, str]:
    """Base and quote asset of a USD-M symbol: `BTCUSDT` is `("BTC", "USDT")`.

    Raises:
        DataError: when the name is not upper-case letters and digits ending in a USD quote asset.
    """
    quote = next((q for q in _QUOTES if symbol.endswith(q) and len(symbol) > len(q)), None)
    if quote is None or not (symbol.isascii() and symbol.isalnum() and symbol == symbol.upper()):
        raise DataError(f"not a USD-M symbol: {symbol!r:.40}", hint=f"symbols end in {', '.join(_QUOTES)}")
    return symbol[: -len(quote)], quote


def decimals(step: Decimal) -> int:
    """How many digits stand behind the point of a multiple of `step`."""
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _derived(price: Decimal) -> _Listing:
    magnitude = price.adjusted()
    tick = Decimal(1).scaleb(max(-8, magnitude - 4))
    step = Decimal(1).scaleb(min(0, max(-3, -magnitude)))
    largest = Decimal(1).scaleb(max(3, 6 - magnitude))
    return _Listing(
        tick=format(tick, "f"),
        step=format(step, "f"),
        min_price=format(tick, "f"),
        max_price=format(price * 1000 // tick * tick, "f"),
        max_quantity=format(largest, "f"),
        market_max=format(largest / 10, "f"),
    )


def _rules(symbol: str, listing: _Listing, tick: Decimal, max_leverage: int) -> SymbolRules:
    step = Decimal(listing.step)
    return SymbolRules(
        symbol=symbol,
        tick=tick,
        min_price=Decimal(listing.min_price),
        max_price=Decimal(listing.max_price),
        step=step,
        min_quantity=step,
        max_quantity=Decimal(listing.max_quantity),
        market_step=step,
        market_max_quantity=Decimal(listing.market_max),
        min_notional=Decimal(listing.min_notional),
        percent_up=_PERCENT_UP,
        percent_down=_PERCENT_DOWN,
        max_leverage=max_leverage,
    )


def _brackets(tiers: tuple[tuple[str, str, int], ...]) -> tuple[Bracket, ...]:
    rows: list[Bracket] = []
    floor, previous, cum = ZERO, ZERO, ZERO
    for number, (cap, ratio, leverage) in enumerate(tiers, start=1):
        cum = cum + floor * (Decimal(ratio) - previous) if rows else ZERO
        rows.append(
            Bracket(
                number=number, initial_leverage=leverage, floor=floor, cap=Decimal(cap), ratio=Decimal(ratio), cum=cum
            )
        )
        floor, previous = Decimal(cap), Decimal(ratio)
    return tuple(rows)
