"""What an asset is worth as margin: its index in USD, and the haircut between the index and what it counts for.

In multi-assets mode a positive balance counts at the bid rate, index x (1 - buffer), and a debt at the ask rate. When
the venue itself exchanges assets to pay a debt, the narrower exchange buffers apply. Stable coins stand at one dollar
here; other assets at the index of their market against USDT, and an asset that no market prices is worth nothing.
Sources: Binance's assetIndex and its exchangeInfo of 2025-11-26 (thresholds); buffers of BTC as published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from desk.domain.money import ONE, ZERO
from desk.venues.paper.engine.floor.state import Floor

BNB = "BNB"
USDT = "USDT"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginAsset:
    """An asset that may stand behind positions. Buffers are fractions of the index.

    `exchange_below` is the balance (not above zero) below which the venue exchanges other assets to pay the debt.
    """

    name: str
    buffer: Decimal
    exchange_buffer: Decimal
    exchange_below: Decimal
    stable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetRate:
    """USD for one unit: the index, what a balance counts for, and what a debt does."""

    index: Decimal
    bid: Decimal
    ask: Decimal

    def worth(self, amount: Decimal) -> Decimal:
        """What `amount` counts for; a debt counts against."""
        return amount * (self.bid if amount >= ZERO else self.ask)


AT_PAR = AssetRate(index=ONE, bid=ONE, ask=ONE)
WORTHLESS = AssetRate(index=ZERO, bid=ZERO, ask=ZERO)


def _asset(name: str, buffer: str, exchange_buffer: str, below: str, *, stable: bool = False) -> MarginAsset:
    return MarginAsset(
        name=name,
        buffer=Decimal(buffer),
        exchange_buffer=Decimal(exchange_buffer),
        exchange_below=Decimal(below),
        stable=stable,
    )


# In the order in which the venue sells them to pay a debt: the least haircut first.
MARGIN_ASSETS: Mapping[str, MarginAsset] = MappingProxyType(
    {
        asset.name: asset
        for asset in (
            _asset("USDT", "0.0001", "0.0001", "-100", stable=True),
            _asset("USDC", "0.0001", "0.0001", "-0.1", stable=True),
            _asset("FDUSD", "0.001", "0.0005", "0", stable=True),
            _asset("BTC", "0.05", "0.025", "-0.001"),
            _asset("ETH", "0.05", "0.025", "-0.001"),
            _asset("BNB", "0.05", "0.025", "-0.001"),
        )
    }
)


def index_of(floor: Floor, asset: str) -> Decimal | None:
    """USD for one unit of `asset`; None while no market prices it."""
    known = MARGIN_ASSETS.get(asset)
    if known is not None and known.stable:
        return ONE
    market = floor.markets.get(f"{asset}USDT")
    return market.index if market is not None and market.at_ms >= 0 else None


def rate_of(floor: Floor, asset: str) -> AssetRate:
    """The rates at which `asset` counts as margin."""
    return _rate(floor, asset, MARGIN_ASSETS[asset].buffer)


def exchange_rate_of(floor: Floor, asset: str) -> AssetRate:
    """The rates at which the venue itself exchanges `asset`."""
    return _rate(floor, asset, MARGIN_ASSETS[asset].exchange_buffer)


def _rate(floor: Floor, asset: str, buffer: Decimal) -> AssetRate:
    index = index_of(floor, asset)
    if index is None:
        return WORTHLESS
    return AssetRate(index=index, bid=index * (ONE - buffer), ask=index * (ONE + buffer))
