"""One scan: all six detectors over the newest bars, book, mark and news; each find is asked what stands behind it.

`legitimacy` asks what stands behind each of them; here the leaders' candles answer for the market.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from desk.domain.errors import DataError
from desk.domain.market import FundingPoint, Mark, OrderBook
from desk.market.book import imbalance, read_book
from desk.market.candles import Candles
from desk.market.funding import Crowding, read_funding
from desk.news.values import NewsReading, Tone
from desk.spikes import detect, legitimacy
from desk.spikes.detect import Found, SpikeParameters
from desk.spikes.noise import Noise, measure_noise
from desk.spikes.values import Spike, SpikeDirection, SpikeScan, SpikeType

__all__ = ["SpikeParameters", "scan_spikes"]

_SIGN = {SpikeDirection.UP: 1, SpikeDirection.DOWN: -1, SpikeDirection.NONE: 0}


def scan_spikes(
    candles: Candles,
    *,
    book: OrderBook | None = None,
    mark: Mark | None = None,
    funding: Sequence[FundingPoint] = (),
    references: Sequence[Candles] = (),
    news: Sequence[NewsReading] = (),
    parameters: SpikeParameters | None = None,
) -> SpikeScan:
    """Look for all six kinds of spikes in the newest bars (1m or 5m), the book, the mark and the news.

    `references` are the leaders' candles of the same interval. `news` are readings of the same day, such as every two
    sources tell it; each way the clearest of them is the catalyst, and none takes from what another says. Raises
    DataError when there are too few bars to know what is usual, or the book or the mark is broken.
    """
    rules = parameters or SpikeParameters()
    noise = measure_noise(candles, rules.window, rules.recent_bars)
    price = detect.price_spike(candles, noise, rules)
    crowded = _crowded(mark, funding)
    finds = [price, detect.volume_spike(candles, noise, rules), detect.cascade(candles, noise, rules, price, crowded)]
    if book is not None:
        read_book(book)  # refuses a broken book before anything is concluded from it
        finds.append(detect.book_spike(book, rules))
    if mark is not None:
        finds.append(detect.divergence_spike(mark, noise, rules))
    heard = tuple(reading for reading in news if reading.available)
    finds.extend(_catalysts(heard, rules))
    market = _market_sigma(candles, references, rules)
    found = sorted((f for f in finds if f is not None), key=lambda f: (-f.excess, f.type))
    return SpikeScan(
        symbol=candles.symbol,
        interval=candles.interval,
        bar_sigma_pct=round(noise.sigma * 100, 5),
        spikes=tuple(_spike(f, candles, noise, book, market, heard, rules) for f in found),
    )


def _catalysts(news: Sequence[NewsReading], rules: SpikeParameters) -> tuple[Found, ...]:
    """The clearest catalyst each way."""
    clearest: dict[SpikeDirection, Found] = {}
    for found in (detect.news_spike(reading, rules) for reading in news):
        if found is not None and (found.direction not in clearest or found.excess > clearest[found.direction].excess):
            clearest[found.direction] = found
    return tuple(clearest.values())


def _crowded(mark: Mark | None, funding: Sequence[FundingPoint]) -> SpikeDirection:
    """The direction that hurts the side which pays to hold."""
    if mark is None:
        return SpikeDirection.NONE
    crowding = read_funding(mark, funding).crowding
    return {
        Crowding.LONGS_PAY: SpikeDirection.DOWN,
        Crowding.SHORTS_PAY: SpikeDirection.UP,
        Crowding.BALANCED: SpikeDirection.NONE,
    }[crowding]


def _market_sigma(candles: Candles, references: Sequence[Candles], rules: SpikeParameters) -> float | None:
    """How far the leaders moved over the same recent bars, in their own deviations; None without a leader."""
    moves: list[float] = []
    for leader in references:
        if leader.symbol == candles.symbol or leader.open_time[-1] != candles.open_time[-1]:
            continue
        try:
            noise = measure_noise(leader, rules.window, rules.recent_bars)
        except DataError:
            continue
        move = math.log(leader.last_close / float(leader.close[-1 - rules.recent_bars]))
        moves.append(move / (noise.sigma * math.sqrt(rules.recent_bars)))
    return sum(moves) / len(moves) if moves else None


def _spike(
    found: Found,
    candles: Candles,
    noise: Noise,
    book: OrderBook | None,
    market: float | None,
    news: Sequence[NewsReading],
    rules: SpikeParameters,
) -> Spike:
    sign = _SIGN[found.direction]
    stands = legitimacy.weigh(
        market_wide=None if market is None else sign * market >= legitimacy.MARKET_SIGMA,
        volume_behind=_volume_behind(found, candles, noise, rules),
        book_agrees=None if book is None else _book_agrees(found, book, sign),
        headline=_headline(found, news, sign),
    )
    return Spike(
        type=found.type,
        direction=found.direction,
        severity=legitimacy.severity_of(found.excess),
        sigma=round(found.sigma, 3),
        percent=round(found.percent, 4),
        interval=candles.interval,
        bars_ago=found.bars_ago,
        legitimacy=stands,
    )


def _volume_behind(found: Found, candles: Candles, noise: Noise, rules: SpikeParameters) -> bool | None:
    """Whether any recent bar traded clearly more than usual. A volume spike cannot vouch for itself."""
    if found.type is SpikeType.VOLUME:
        return None
    return max(detect.volume_sigma(candles, noise, ago) for ago in range(rules.recent_bars)) >= legitimacy.VOLUME_SIGMA


def _book_agrees(found: Found, book: OrderBook, sign: int) -> bool | None:
    if found.type is SpikeType.BOOK_IMBALANCE:
        return None
    return sign * imbalance(book, legitimacy.BOOK_LEVELS) >= legitimacy.BOOK_LEAN


def _headline(found: Found, news: Sequence[NewsReading], sign: int) -> bool | None:
    if not news or found.type is SpikeType.NEWS_CATALYST:
        return None
    tone = Tone.POSITIVE if sign > 0 else Tone.NEGATIVE
    return any(
        item.tone is tone and item.age_minutes <= 180 and item.relevance >= 0.4 and not item.suspicious
        for reading in news
        for item in reading.items
    )
