"""The six detectors. Each answers with what it saw, in the symbol's own deviations, or with nothing.

PRICE                a high or low of the last n bars against each close of up to n bars before, over sigma x sqrt(bars)
VOLUME               log volume of a recent bar against the usual, signed by that bar's body
BOOK_IMBALANCE       (bid - ask) / (bid + ask) of the nearest ten levels
INDEX_DIVERGENCE     mark against index, in per cent, also in units of bar noise
LIQUIDATION_CASCADE  forced orders of one side, a fair share of a usual minute. Where only bars are at hand: a price
                     spike with a volume spike on the same bars that ran on in one direction, or snapped back by half,
                     which is what forced orders leave behind; sharper when funding shows that side crowded
NEWS_CATALYST        fresh headlines with a clear mood about this symbol
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from desk.domain.errors import ConfigError
from desk.domain.market import Mark, OrderBook
from desk.market.book import imbalance
from desk.market.candles import Candles
from desk.news.values import NewsReading, Tone
from desk.spikes.noise import Noise
from desk.spikes.values import SpikeDirection, SpikeType

_IMBALANCE_LEVELS = 10
_FRESH_NEWS_MINUTES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SpikeParameters:
    """Thresholds of one symbol; deviations are its own, so a wild symbol needs a larger move. Raises ConfigError.

    `price_floor_pct` is the least move in per cent that counts; `divergence_pct` the least distance of mark from index;
    `forced_share` the least forced volume of a minute and side, over a usual minute's volume.
    """

    price_sigma: float = 6.5
    price_floor_pct: float = 0.3
    volume_sigma: float = 4.0
    imbalance: float = 0.6
    divergence_pct: float = 0.3
    cascade_price_sigma: float = 8.0
    cascade_volume_sigma: float = 3.0
    forced_share: float = 0.5
    news_score: float = 0.35
    recent_bars: int = 5
    window: int = 720

    def __post_init__(self) -> None:
        """Refuse thresholds that nothing or everything would pass."""
        sizes = (self.price_sigma, self.volume_sigma, self.divergence_pct, self.cascade_price_sigma, self.forced_share)
        if min(sizes) <= 0 or self.price_floor_pct < 0 or self.cascade_volume_sigma <= 0:
            raise ConfigError("thresholds of size are above zero", file="spikes")
        if not (
            0 < self.imbalance < 1 and 0 < self.news_score < 1 and 1 <= self.recent_bars <= 20 and self.window >= 30
        ):
            raise ConfigError("imbalance and news score lie between 0 and 1, bars 1..20, window from 30", file="spikes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a detector saw, before anyone asked what stands behind it. `excess` is size over threshold, from 1 on."""

    type: SpikeType
    direction: SpikeDirection
    sigma: float
    percent: float
    bars_ago: int
    excess: float


def _direction(value: float) -> SpikeDirection:
    return SpikeDirection.UP if value > 0 else SpikeDirection.DOWN if value < 0 else SpikeDirection.NONE


def price_spike(candles: Candles, noise: Noise, parameters: SpikeParameters) -> Found | None:
    """The largest move to a high or low within the recent bars."""
    finds: list[Found] = []
    for ago in range(parameters.recent_bars):
        place = len(candles) - 1 - ago
        # Newest first, and none from before the recent bars.
        bases = candles.close[place - parameters.recent_bars + ago : place][::-1].tolist()
        for price in (float(candles.high[place]), float(candles.low[place])):
            found = reach(price, bases, noise, parameters)
            finds += [replace(found, bars_ago=ago)] if found else []
    return max(finds, key=lambda found: found.excess, default=None)


def reach(
    price: float, bases: Sequence[float], noise: Noise, parameters: SpikeParameters, *, unseen: int = 0
) -> Found | None:
    """How far a price is from each of the closes before its bar, the newest first; None below the thresholds.

    `unseen` bars lie between the newest close and the price's own bar: time in which it may have walked, too.
    """
    best, move = 0.0, 0.0
    for place, base in enumerate(bases):
        far = math.log(price / base)
        excess = abs(far) / (noise.sigma * math.sqrt(place + 1 + unseen) * parameters.price_sigma)
        if excess > best and abs(price / base - 1) * 100 >= parameters.price_floor_pct:
            best, move = excess, far
    if best < 1:
        return None
    return Found(
        type=SpikeType.PRICE,
        direction=_direction(move),
        sigma=math.copysign(best * parameters.price_sigma, move),
        percent=(math.exp(move) - 1) * 100,
        bars_ago=0,
        excess=best,
    )


def nearness(
    price: float, bases: Sequence[float], noise: Noise, parameters: SpikeParameters, *, unseen: int = 0
) -> float:
    """How much of the way to the price threshold this price has gone, whatever the floor; 0 without a close before."""
    ways = (abs(math.log(price / base)) / math.sqrt(place + 1 + unseen) for place, base in enumerate(bases))
    return max(ways, default=0.0) / (noise.sigma * parameters.price_sigma)


def volume_spike(candles: Candles, noise: Noise, parameters: SpikeParameters) -> Found | None:
    """The most unusual volume of the recent bars."""
    finds: list[Found] = []
    for ago in range(parameters.recent_bars):
        body = float(candles.close[-1 - ago] - candles.open[-1 - ago])
        found = loudness(float(candles.volume[-1 - ago]), body, noise, parameters)
        finds += [replace(found, bars_ago=ago)] if found else []
    return max(finds, key=lambda found: found.excess, default=None)


def loudness(volume: float, body: float, noise: Noise, parameters: SpikeParameters) -> Found | None:
    """How unusual this volume of one bar is, signed by the bar's body; `percent` is its excess over the usual."""
    sigma = (math.log1p(volume) - noise.log_volume) / noise.log_volume_sigma
    if sigma < parameters.volume_sigma:
        return None
    usual = max(math.expm1(noise.log_volume), 1e-9)
    return Found(
        type=SpikeType.VOLUME,
        direction=_direction(body),
        sigma=sigma,
        percent=min((volume / usual - 1) * 100, 1e6),
        bars_ago=0,
        excess=sigma / parameters.volume_sigma,
    )


def volume_sigma(candles: Candles, noise: Noise, ago: int) -> float:
    """How unusual the volume `ago` bars back was, in deviations of log volume."""
    return (math.log1p(float(candles.volume[-1 - ago])) - noise.log_volume) / noise.log_volume_sigma


def book_spike(book: OrderBook, parameters: SpikeParameters) -> Found | None:
    """One side of the nearest ten levels outweighs the other; `sigma` is in multiples of the threshold."""
    lean = imbalance(book, _IMBALANCE_LEVELS)
    if abs(lean) < parameters.imbalance:
        return None
    excess = abs(lean) / parameters.imbalance
    return Found(
        type=SpikeType.BOOK_IMBALANCE,
        direction=_direction(lean),
        sigma=math.copysign(excess, lean),
        percent=lean * 100,
        bars_ago=0,
        excess=excess,
    )


def divergence_spike(mark: Mark, noise: Noise, parameters: SpikeParameters) -> Found | None:
    """The perpetual stands away from its index."""
    percent = (float(mark.price / mark.index) - 1) * 100
    excess = abs(percent) / parameters.divergence_pct
    if excess < 1:
        return None
    return Found(
        type=SpikeType.INDEX_DIVERGENCE,
        direction=_direction(percent),
        sigma=percent / (noise.sigma * 100),
        percent=percent,
        bars_ago=0,
        excess=excess,
    )


def cascade(
    candles: Candles, noise: Noise, parameters: SpikeParameters, price: Found | None, crowded: SpikeDirection
) -> Found | None:
    """Forced selling or buying, as far as bars can show it. `crowded` is the direction that hurts the crowded side."""
    if price is None:
        return None
    needed = parameters.cascade_price_sigma * (0.8 if crowded is price.direction else 1.0)
    loudest = max(volume_sigma(candles, noise, ago) for ago in range(parameters.recent_bars))
    if abs(price.sigma) < needed or loudest < parameters.cascade_volume_sigma:
        return None
    if not (_ran_one_way(candles, parameters.recent_bars) or _snapped_back(candles, price)):
        return None
    return Found(
        type=SpikeType.LIQUIDATION_CASCADE,
        direction=price.direction,
        sigma=price.sigma,
        percent=price.percent,
        bars_ago=price.bars_ago,
        excess=abs(price.sigma) / needed,
    )


def forced_orders(quantity: float, side: SpikeDirection, noise: Noise, parameters: SpikeParameters) -> Found | None:
    """A minute's forced orders of one side, in base asset, against a usual minute; `side` is where they push."""
    usual = max(math.expm1(noise.log_volume), 1e-9)
    excess = quantity / usual / parameters.forced_share
    if excess < 1:
        return None
    size = (math.log1p(quantity) - noise.log_volume) / noise.log_volume_sigma
    return Found(
        type=SpikeType.LIQUIDATION_CASCADE,
        direction=side,
        sigma=size,
        percent=min(quantity / usual * 100, 1e6),
        bars_ago=0,
        excess=excess,
    )


def _ran_one_way(candles: Candles, bars: int) -> bool:
    """Of what the recent bars walked, at least four fifths went one way."""
    bodies = candles.close[-bars:] - candles.open[-bars:]
    walked = float(abs(bodies).sum())
    return walked > 0 and abs(float(bodies.sum())) >= 0.8 * walked


def _snapped_back(candles: Candles, price: Found) -> bool:
    """The bar of the extreme closed at least half of its range away from it."""
    place = len(candles) - 1 - price.bars_ago
    high, low, close = float(candles.high[place]), float(candles.low[place]), float(candles.close[place])
    back = high - close if price.direction is SpikeDirection.UP else close - low
    return high > low and back >= 0.5 * (high - low)


def news_spike(news: NewsReading, parameters: SpikeParameters) -> Found | None:
    """Headlines of the last hour that name the symbol, with one clear mood."""
    fresh = [i for i in news.items if i.age_minutes <= _FRESH_NEWS_MINUTES and i.relevance >= 1 and not i.suspicious]
    weight = sum(item.confidence for item in fresh)
    if weight <= 0:
        return None
    score = sum(item.score * item.confidence for item in fresh) / weight
    toned = any(item.tone is not Tone.NEUTRAL for item in fresh)
    excess = abs(score) / parameters.news_score
    if excess < 1 or not toned:
        return None
    return Found(
        type=SpikeType.NEWS_CATALYST,
        direction=_direction(score),
        sigma=math.copysign(excess, score),
        percent=score * 100,
        bars_ago=0,
        excess=excess,
    )
