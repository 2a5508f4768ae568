"""Every indicator of one candle series at its newest bar, in one call: a number, or None where history is too short."""

from __future__ import annotations

from dataclasses import dataclass

from desk.domain.errors import DataError
from desk.indicators import classic, derived
from desk.indicators.columns import BarColumns, newest

_Values = dict[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorPanel:
    """Newest values. Prices in quote asset; oscillators in their own bounds; `*_pct` in per cent of the close.

    `previous_*` is the value one bar earlier. `volume_ratio` is the newest volume over the mean of the 20 bars before.
    `obv_slope_20` is the net on-balance volume of 20 bars over all they traded, in [-1, 1].
    `squeeze_rank` is the share of the last 120 Bollinger widths that were narrower (0 = the tightest of them).
    """

    bars: int
    close: float
    ema_9: float | None
    ema_21: float | None
    ema_50: float | None
    ema_200: float | None
    sma_20: float | None
    sma_50: float | None
    sma_200: float | None
    macd: float | None
    macd_signal: float | None
    macd_histogram: float | None
    previous_macd_histogram: float | None
    rsi_14: float | None
    previous_rsi_14: float | None
    vwap_20: float | None
    vwap_session: float | None
    bollinger_upper: float | None
    bollinger_middle: float | None
    bollinger_lower: float | None
    bollinger_width_pct: float | None
    squeeze_rank: float | None
    atr_14: float | None
    atr_14_pct: float | None
    adx_14: float | None
    plus_di_14: float | None
    minus_di_14: float | None
    obv: float | None
    obv_slope_20: float | None
    stochastic_k: float | None
    stochastic_d: float | None
    cci_20: float | None
    mfi_14: float | None
    roc_10_pct: float | None
    williams_r_14: float | None
    donchian_upper_20: float | None
    donchian_lower_20: float | None
    keltner_upper: float | None
    keltner_middle: float | None
    keltner_lower: float | None
    volume_ratio: float | None


def indicator_panel(bars: BarColumns) -> IndicatorPanel:
    """Every indicator at the newest bar. Any length is allowed; raises DataError only for no bars at all."""
    if len(bars.close) == 0:
        raise DataError("an indicator needs at least one bar")
    values = {**_averages(bars), **_momentum(bars), **_bands(bars), **_flow(bars)}
    return IndicatorPanel(bars=len(bars.close), close=float(bars.close[-1]), **values)


def _averages(bars: BarColumns) -> _Values:
    close = bars.close
    values: _Values = {f"ema_{period}": newest(classic.ema(close, period)) for period in (9, 21, 50, 200)}
    values.update({f"sma_{period}": newest(classic.sma(close, period)) for period in (20, 50, 200)})
    values["vwap_20"] = newest(derived.rolling_vwap(bars))
    values["vwap_session"] = newest(derived.session_vwap(bars))
    return values


def _momentum(bars: BarColumns) -> _Values:
    high, low, close = bars.high, bars.low, bars.close
    line, signal, histogram = classic.macd(close)
    rsi = classic.rsi(close)
    strength, plus, minus = classic.adx(high, low, close)
    fast, slow = classic.stochastic(high, low, close)
    return {
        "macd": newest(line),
        "macd_signal": newest(signal),
        "macd_histogram": newest(histogram),
        "previous_macd_histogram": newest(histogram, 1),
        "rsi_14": newest(rsi),
        "previous_rsi_14": newest(rsi, 1),
        "adx_14": newest(strength),
        "plus_di_14": newest(plus),
        "minus_di_14": newest(minus),
        "stochastic_k": newest(fast),
        "stochastic_d": newest(slow),
        "cci_20": newest(classic.cci(high, low, close)),
        "roc_10_pct": newest(classic.roc(close)),
        "williams_r_14": newest(classic.williams_r(high, low, close)),
    }


def _bands(bars: BarColumns) -> _Values:
    high, low, close = bars.high, bars.low, bars.close
    upper, middle, lower = classic.bollinger(close)
    keltner_upper, keltner_middle, keltner_lower = derived.keltner(bars)
    atr = classic.atr(high, low, close)
    width = (upper - lower) / middle * 100.0
    return {
        "bollinger_upper": newest(upper),
        "bollinger_middle": newest(middle),
        "bollinger_lower": newest(lower),
        "bollinger_width_pct": newest(width),
        "squeeze_rank": derived.rank_of_newest(width),
        "atr_14": newest(atr),
        "atr_14_pct": newest(atr / close * 100.0),
        "donchian_upper_20": newest(classic.highest(high, 20)),
        "donchian_lower_20": newest(classic.lowest(low, 20)),
        "keltner_upper": newest(keltner_upper),
        "keltner_middle": newest(keltner_middle),
        "keltner_lower": newest(keltner_lower),
    }


def _flow(bars: BarColumns) -> _Values:
    obv = classic.obv(bars.close, bars.volume)
    return {
        "obv": newest(obv),
        "obv_slope_20": derived.slope_share(obv, bars.volume),
        "mfi_14": newest(classic.mfi(bars.high, bars.low, bars.close, bars.volume)),
        "volume_ratio": derived.volume_ratio(bars.volume),
    }
