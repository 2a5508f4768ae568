"""The market as a vector for the policy: names in one order, one version, each value in [-1, 1] or unknown.

A figure is what the desk's rooms measured, brought to one scale and cut off there; sign is direction where there is
one. What could not be measured is None, never a guess: a policy that needs a number decides for itself what to put
there. Whoever changes a name, a scale or the order raises VERSION, so that no policy is fed with what it did not learn
from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desk.domain.errors import DataError
from desk.domain.market import Crowd, FundingPoint, Mark, OrderBook
from desk.features.others import book_values, crowd_values, flow_values
from desk.features.scale import Values, unit
from desk.indicators.panel import IndicatorPanel, indicator_panel
from desk.market.candles import Candles
from desk.market.correlation import WINDOWS, correlate
from desk.market.funding import read_funding
from desk.market.order_flow import Flow
from desk.market.profile import read_profile
from desk.market.snapshot import Snapshot
from desk.regime.detect import INTERVALS, read_regime
from desk.regime.values import Regime
from desk.spikes.detect import SpikeParameters, price_spike, volume_spike
from desk.spikes.noise import measure_noise

VERSION = 2
PANEL_INTERVALS = ("15m", "1h", "4h")
_PANEL = ("rsi", "macd", "vwap", "band", "adx", "volume", "obv")
NAMES: tuple[str, ...] = (
    *(f"regime_{regime.value.lower()}" for regime in Regime),
    "regime_agreement",
    *(f"{name}_{interval}" for interval in PANEL_INTERVALS for name in _PANEL),
    "book_top",
    "book_deep",
    "book_spread",
    "book_microprice",
    "funding_rate",
    "funding_unusual",
    "premium",
    "profile_place",
    "profile_control",
    "spike_price",
    "spike_volume",
    "leader_correlation",
    *(f"correlation_{window}" for window in WINDOWS),
    "crowd_interest",
    "crowd_accounts",
    "crowd_divergence",
    "crowd_takers",
    "flow_pressure",
    "flow_takers",
    "flow_forced",
    "flow_cancels_bids",
    "flow_cancels_asks",
    "flow_walls_pulled",
    "book_walls",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureVector:
    """One moment of one symbol, in the order of NAMES."""

    version: int
    symbol: str
    values: tuple[float | None, ...]

    def of(self, name: str) -> float | None:
        """One value by name. Raises DataError for a name this version does not have."""
        if name not in NAMES:
            raise DataError(f"features of version {self.version} have no {name!r:.40}")
        return self.values[NAMES.index(name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What the vector is measured from; candles by interval, those of one leader of the same intervals if any."""

    symbol: str
    candles: Mapping[str, Candles]
    book: OrderBook | None = None
    mark: Mark | None = None
    funding: Sequence[FundingPoint] = ()
    leader: Mapping[str, Candles] | None = None
    spikes: SpikeParameters | None = None
    crowd: Crowd | None = None
    flow: Flow | None = None

    @staticmethod
    def of(snapshot: Snapshot, spikes: SpikeParameters | None = None) -> Sources:
        """What a snapshot holds; its first reference of another symbol is the leader."""
        leader = next((one.symbol for one in snapshot.references if one.symbol != snapshot.symbol), None)
        series = next((one.bars for one in snapshot.references if one.symbol == leader), ())
        return Sources(
            symbol=snapshot.symbol,
            candles=snapshot.all_candles(),
            book=snapshot.book,
            mark=snapshot.mark,
            funding=snapshot.funding,
            leader={s.interval: snapshot.candles(s.interval, leader) for s in series if s.bars},
            spikes=spikes,
            crowd=snapshot.crowd,
            flow=snapshot.flow,
        )


def feature_vector(sources: Sources) -> FeatureVector:
    """Measure everything at hand. Raises DataError when a book, a mark or a candle series is broken."""
    known: dict[str, float | None] = dict.fromkeys(NAMES)
    known |= _regime(sources) | _panels(sources) | book_values(sources.book) | _funding(sources)
    known |= _profile(sources) | _spikes(sources) | _leader(sources)
    known |= crowd_values(sources.crowd) | flow_values(sources.flow)
    return FeatureVector(version=VERSION, symbol=sources.symbol, values=tuple(known[name] for name in NAMES))


def _regime(sources: Sources) -> Values:
    readable = {i: c for i, c in sources.candles.items() if i in INTERVALS}
    try:
        reading = read_regime(readable)
    except DataError:
        return {}  # too young a market: unknown, as everything is that has no history
    odds = {f"regime_{regime.value.lower()}": unit(reading.odds.of(regime)) for regime in Regime}
    return odds | {"regime_agreement": unit(reading.agreement)}


def _panels(sources: Sources) -> Values:
    found: dict[str, float | None] = {}
    for interval in PANEL_INTERVALS:
        if interval in sources.candles:
            values = _panel(indicator_panel(sources.candles[interval]))
            found |= {f"{name}_{interval}": value for name, value in values.items()}
    return found


def _panel(panel: IndicatorPanel) -> Values:
    atr = panel.atr_14 or None

    def in_atr(value: float | None) -> float | None:
        return None if value is None or atr is None else value / atr

    middle = None if panel.vwap_20 is None else panel.close - panel.vwap_20
    return {
        "rsi": None if panel.rsi_14 is None else unit(panel.rsi_14 - 50, 50),
        "macd": unit(in_atr(panel.macd_histogram)),
        "vwap": unit(in_atr(middle), 3),
        "band": unit(_within(panel)),
        "adx": unit(panel.adx_14, 50),
        "volume": None if panel.volume_ratio is None else unit(panel.volume_ratio - 1, 4),
        "obv": unit(panel.obv_slope_20),
    }


def _within(panel: IndicatorPanel) -> float | None:
    """Where the close is between the Bollinger bands: -1 at the lower, +1 at the upper."""
    upper, lower = panel.bollinger_upper, panel.bollinger_lower
    if upper is None or lower is None or upper <= lower:
        return None
    return 2 * (panel.close - lower) / (upper - lower) - 1


def _funding(sources: Sources) -> Values:
    if sources.mark is None:
        return {}
    reading = read_funding(sources.mark, sources.funding)
    return {
        "funding_rate": unit(reading.annual_pct, 100),
        "funding_unusual": unit(reading.sigma, 5),
        "premium": unit(reading.premium_bps, 30),
    }


def _profile(sources: Sources) -> Values:
    series = [sources.candles[i] for i in PANEL_INTERVALS if i in sources.candles]
    if not any(float(candles.volume.sum()) > 0 for candles in series):
        return {}
    reading = read_profile(series, series[0].last_close)
    return {
        "profile_place": unit(2 * reading.place - 1, 3),
        "profile_control": unit(reading.control_distance_pct, 10),
    }


def _spikes(sources: Sources) -> Values:
    """Signed size over threshold, a third of it: one at three times an alarm, zero where there is none."""
    candles = sources.candles.get("1m") or sources.candles.get("5m")
    rules = sources.spikes or SpikeParameters()
    if candles is None:
        return {}
    try:
        noise = measure_noise(candles, rules.window, rules.recent_bars)
    except DataError:
        return {}
    price, volume = price_spike(candles, noise, rules), volume_spike(candles, noise, rules)
    signed = 0.0 if price is None else price.excess if price.sigma > 0 else -price.excess
    return {"spike_price": unit(signed, 3), "spike_volume": unit(0.0 if volume is None else volume.excess, 3)}


def _leader(sources: Sources) -> Values:
    leader = sources.leader or {}
    interval = next((i for i in ("1h", "15m", "4h") if i in leader and i in sources.candles), None)
    if interval is None:
        return {}
    found = correlate(sources.candles[interval], leader[interval])
    by_window = {f"correlation_{n}": unit(value) for n, value in zip(WINDOWS, found.by_window, strict=True)}
    return {"leader_correlation": unit(found.strongest), **by_window}
