"""One day of the invented market at a time: pure functions from a state and named random streams to bars and a state.

The common factor and every coin draw from streams of their own, named by seed, day and symbol. A coin's prices
therefore do not depend on which other coins are listed, and a day can be made again from the state before it.

log price of a coin = loading x factor + own walk. Both walk in quarters of a minute with volatility
usual x mood x hour of day x exp(slow + fast + quick layers), where each layer fades and is stirred anew, and a jump
stirs the fast one. A jump begins with one gap in the walk; the rest of it arrives within minutes, and some of it is
overdone or taken back.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from desk.venues.paper.sources.bars import MINUTE_MS
from desk.venues.paper.sources.randomness import Draws, Floats, exp, fading, half_life
from desk.venues.paper.sources.scenario_model import (
    COIN_JUMPS_A_DAY,
    FACTOR_VOL,
    HOME_PULL,
    HOURS_VOL,
    JUMP_AT_ONCE,
    LAYERS,
    MARKET_JUMPS_A_DAY,
    MINUTES,
    MOODS,
    OWN_VOL,
    PARTS,
    REST_PULL,
    SHARED_VOL,
    STEPS,
    STORY_DRIFT,
    STORY_HOURS,
    STRAYS,
    WEEKEND_VOL,
    Coin,
    Mood,
)

_HOURS = 24
_HOUR_STEPS = STEPS // _HOURS
_HOUR_MINUTES = MINUTES // _HOURS
_AFTER_STEPS = 48
# Jumps keep away from the ends of a day, so that what belongs to them lies in the same day.
_FIRST_JUMP_HOUR, _LAST_JUMP_HOUR = 1, 22
_KEEPS = tuple(half_life(minutes) for _, minutes in LAYERS)
_STIRS = tuple(deviation * sqrt(1 - keep * keep) for (deviation, _), keep in zip(LAYERS, _KEEPS, strict=True))
_LAYER_VARIANCE = sum(deviation * deviation for deviation, _ in LAYERS)
# Typical excess of a minute's extra tail factor: 86 % calm, 12 % lively, 2 % wild; mean square 1.
_TAILS = ((0.86, 0.83), (0.98, 1.48), (1.0, 2.65))
_NO_LAYERS = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """A jump of `size` in log price, in the step `step` of its day; `chased` is what followed, as a share of it."""

    step: int
    size: float
    chased: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorState:
    """Where the common factor stands at the beginning of a day."""

    level: float = 0.0
    rest: float = 0.0
    mood: Mood = Mood.SIDEWAYS
    drift: float = 0.0
    layers: tuple[float, float, float] = _NO_LAYERS


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorDay:
    """A day of the common factor: its steps, log volatility of each minute without and with hour, moods, jumps."""

    steps: Floats
    layers: Floats
    calendar: Floats
    moods: tuple[Mood, ...]
    drifts: tuple[float, ...]
    jumps: tuple[Jump, ...]
    after: FactorState


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinState:
    """Where a coin stands as a day begins: log price over its first, how far the last trade strayed, its own story."""

    level: float = 0.0
    stray: float = 0.0
    own: float = 0.0
    story: float = 0.0
    layers: tuple[float, float, float] = _NO_LAYERS
    premium: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinDay:
    """A day of one coin, per minute unless said otherwise.

    `prices` has five points a minute (its open and four quarters), over the coin's first price; `gaps` says which were
    jumped to. `vol` is the deviation of a minute's return, `stress` the same relative to usual, `premium` how far the
    contract stands above its index.
    """

    prices: Floats
    gaps: NDArray[np.bool_]
    vol: Floats
    stress: Floats
    turnover: Floats
    bought: Floats
    premium: Floats
    jumps: tuple[Jump, ...]
    after: CoinState


def stream(seed: int, day: int, name: str) -> Draws:
    """The random stream of one day of `name`."""
    return Draws(seed, day, zlib.crc32(name.encode()))


def calendar_of(first_ms: int) -> Floats:
    """Log volatility that hour and weekday give each minute of the day that begins at `first_ms`."""
    minute = (first_ms // MINUTE_MS + np.arange(MINUTES)) % MINUTES
    hour, inside = minute // 60, (minute % 60) / 60
    by_hour = np.array(HOURS_VOL)
    level = by_hour[hour] * (1 - inside) + by_hour[(hour + 1) % 24] * inside
    weekday = ((first_ms // MINUTE_MS + np.arange(MINUTES)) // MINUTES + 3) % 7
    level = np.where(weekday >= 5, level * WEEKEND_VOL, level) / 0.94
    # ln by its series around 1, exact to the same bit everywhere: |level - 1| is below one half.
    ratio = (level - 1) / (level + 1)
    square = ratio * ratio
    return 2 * ratio * (1 + square * (1 / 3 + square * (1 / 5 + square * (1 / 7 + square / 9))))


def factor_day(state: FactorState, draws: Draws, first_ms: int) -> FactorDay:
    """One day of what all coins have in common."""
    moods, drifts, rests = _moods(state, draws)
    jumps = _jumps(
        draws, [MARKET_JUMPS_A_DAY * MOODS[m].jumps for m in moods], [MOODS[m].up for m in moods], 0.010, 0.036
    )
    layers, layers_after = _layers(state.layers, draws, jumps)
    calendar = calendar_of(first_ms)
    mood_vol = np.repeat(np.array([MOODS[m].vol for m in moods]), _HOUR_MINUTES)
    vol = FACTOR_VOL / sqrt(365 * STEPS) * mood_vol * exp(layers + calendar - _LAYER_VARIANCE)
    steps = _noise(draws, vol) + _jump_steps(jumps)
    level, rest, mood = state.level, state.rest, state.mood
    walked = np.cumsum(steps)
    behind = 0.0
    for hour in range(_HOURS):
        if moods[hour] is not mood or rests[hour]:
            rest, mood = level, moods[hour]
        pull = -REST_PULL * (level - rest) if mood is Mood.SIDEWAYS else 0.0
        drift = (drifts[hour] + pull - HOME_PULL * level) / _HOURS
        ahead = float(walked[(hour + 1) * _HOUR_STEPS - 1])
        steps[hour * _HOUR_STEPS : (hour + 1) * _HOUR_STEPS] += drift / _HOUR_STEPS
        level += ahead - behind + drift
        behind = ahead
    after = FactorState(level=level, rest=rest, mood=mood, drift=drifts[-1], layers=layers_after)
    return FactorDay(
        steps=steps, layers=layers, calendar=calendar, moods=moods, drifts=drifts, jumps=jumps, after=after
    )


def coin_day(coin: Coin, state: CoinState, factor: FactorDay, draws: Draws) -> CoinDay:
    """One day of one coin."""
    idle = sqrt(1 - coin.common * coin.common)
    chance = [COIN_JUMPS_A_DAY * MOODS[m].jumps for m in factor.moods]
    jumps = _jumps(draws, chance, [0.5] * _HOURS, 0.02 * coin.vol * (0.3 + idle), 0.13 * coin.vol * (0.3 + idle))
    own_layers, layers_after = _layers(state.layers, draws, jumps)
    layers = SHARED_VOL * factor.layers + OWN_VOL * own_layers
    spread_out = _LAYER_VARIANCE * (SHARED_VOL * SHARED_VOL + OWN_VOL * OWN_VOL)
    mood_vol = np.repeat(np.array([MOODS[m].vol for m in factor.moods]), _HOUR_MINUTES)
    usual = coin.vol / sqrt(365 * STEPS)
    relative = mood_vol * exp(layers + factor.calendar - spread_out)
    own, own_after, story = _own_walk(state, draws, usual * idle * relative, coin, jumps)
    steps = coin.vol * coin.common / FACTOR_VOL * factor.steps + own
    steps = steps - np.repeat(0.5 * (usual * relative) * (usual * relative), PARTS)
    levels = state.level + np.cumsum(steps)
    vol = usual * relative * sqrt(PARTS)
    strays = draws.normal(STEPS) * np.repeat(vol, PARTS) * np.tile(STRAYS, MINUTES)
    prices = exp(np.concatenate(([state.level + state.stray], levels + strays)))
    minutes = np.concatenate((prices[:-1:PARTS, None], prices[1:].reshape(MINUTES, PARTS)), axis=1)
    premium = _premium(state.premium, factor, draws)
    turnover, bought = _flow(coin, minutes, vol, relative, draws)
    return CoinDay(
        prices=minutes,
        gaps=_gaps((*factor.jumps, *jumps)),
        vol=vol,
        stress=relative,
        turnover=turnover,
        bought=bought,
        premium=premium,
        jumps=jumps,
        after=CoinState(
            level=float(levels[-1]),
            stray=float(strays[-1]),
            own=own_after,
            story=story,
            layers=layers_after,
            premium=float(premium[-1]),
        ),
    )


def _moods(state: FactorState, draws: Draws) -> tuple[tuple[Mood, ...], tuple[float, ...], tuple[bool, ...]]:
    """The mood, daily drift and moment of coming to rest of each hour."""
    leave, choose, strength = draws.uniform(_HOURS), draws.uniform(_HOURS), draws.uniform(_HOURS)
    mood, drift = state.mood, state.drift
    moods: list[Mood] = []
    drifts: list[float] = []
    turned: list[bool] = []
    for hour in range(_HOURS):
        turns = float(leave[hour]) < 1 / MOODS[mood].hours
        if turns:
            mood = _chosen(MOODS[mood].turns_to, float(choose[hour]))
            drift = MOODS[mood].drift * (0.5 + float(strength[hour]))
        moods.append(mood)
        drifts.append(drift)
        turned.append(turns)
    return tuple(moods), tuple(drifts), tuple(turned)


def _chosen(odds: tuple[tuple[Mood, float], ...], at: float) -> Mood:
    reached = 0.0
    for mood, share in odds:
        reached += share
        if at < reached:
            return mood
    return odds[-1][0]


def _jumps(draws: Draws, rates: list[float], ups: list[float], least: float, more: float) -> tuple[Jump, ...]:
    """At most one jump an hour; small ones are usual, large ones rare."""
    happens, when, sign, size, chase = (draws.uniform(_HOURS) for _ in range(5))
    jumps: list[Jump] = []
    for hour in range(_FIRST_JUMP_HOUR, _LAST_JUMP_HOUR):
        if float(happens[hour]) < rates[hour] / _HOURS:
            step = hour * _HOUR_STEPS + int(float(when[hour]) * (_HOUR_STEPS - 1))
            direction = 1.0 if float(sign[hour]) < ups[hour] else -1.0
            far = least + more * float(size[hour] * size[hour] * size[hour])
            jumps.append(Jump(step=step, size=direction * far, chased=0.8 * float(chase[hour]) - 0.45))
    return tuple(jumps)


def _jump_steps(jumps: tuple[Jump, ...]) -> Floats:
    steps = np.zeros(STEPS)
    fade = np.arange(_AFTER_STEPS, 0, -1) / (_AFTER_STEPS * (_AFTER_STEPS + 1) / 2)
    for jump in jumps:
        steps[jump.step] += jump.size * JUMP_AT_ONCE
        steps[jump.step + 1 : jump.step + 1 + _AFTER_STEPS] += jump.size * (1 - JUMP_AT_ONCE + jump.chased) * fade
    return steps


def _gaps(jumps: tuple[Jump, ...]) -> NDArray[np.bool_]:
    gaps = np.zeros((MINUTES, PARTS + 1), dtype=np.bool_)
    for jump in jumps:
        gaps[jump.step // PARTS, jump.step % PARTS + 1] = True
    return gaps


def _layers(
    start: tuple[float, float, float], draws: Draws, jumps: tuple[Jump, ...]
) -> tuple[Floats, tuple[float, float, float]]:
    """Log volatility of each minute, and the layers at the end of the day."""
    total = np.zeros(MINUTES)
    ends: list[float] = []
    for place, (keep, stir) in enumerate(zip(_KEEPS, _STIRS, strict=True)):
        shocks = draws.normal(MINUTES) * stir
        if place == 1:
            for jump in jumps:
                shocks[min(MINUTES - 1, jump.step // PARTS)] += min(1.1, abs(jump.size) * 26)
        layer = fading(start[place], keep, shocks)
        ends.append(float(layer[-1]))
        total = total + layer
    return total, (ends[0], ends[1], ends[2])


def _noise(draws: Draws, vol: Floats) -> Floats:
    """Steps of a quarter of a minute; now and then a minute is wilder than its volatility says."""
    at = draws.uniform(MINUTES)
    (calm, low), (lively, middle), (_, high) = _TAILS
    tail = np.where(at < calm, low, np.where(at < lively, middle, high))
    return draws.normal(STEPS) * np.repeat(vol * tail, PARTS)


def _own_walk(
    state: CoinState, draws: Draws, vol: Floats, coin: Coin, jumps: tuple[Jump, ...]
) -> tuple[Floats, float, float]:
    """The coin's own steps, where its own walk ends, and the story it is in then (-1, 0 or 1)."""
    steps = _noise(draws, vol) + _jump_steps(jumps)
    walked = np.cumsum(steps)
    turn, choose = draws.uniform(_HOURS), draws.uniform(_HOURS)
    own, story, behind = state.own, state.story, 0.0
    for hour in range(_HOURS):
        if float(turn[hour]) < 1 / STORY_HOURS:
            at = float(choose[hour])
            story = -1.0 if at < 0.3 else 1.0 if at < 0.6 else 0.0
        drift = (story * STORY_DRIFT * coin.vol - HOME_PULL * own) / _HOURS
        ahead = float(walked[(hour + 1) * _HOUR_STEPS - 1])
        steps[hour * _HOUR_STEPS : (hour + 1) * _HOUR_STEPS] += drift / _HOUR_STEPS
        own += ahead - behind + drift
        behind = ahead
    return steps, own, story


def _premium(start: float, factor: FactorDay, draws: Draws) -> Floats:
    """How far the contract stands above its index, as a fraction: crowds pay for what has been rising."""
    keep = half_life(240)
    wanted = np.repeat(np.array([0.0001 + 0.03 * d for d in factor.drifts]), _HOUR_MINUTES)
    return fading(start, keep, wanted * (1 - keep) + draws.normal(MINUTES) * 0.00003)


def _flow(coin: Coin, minutes: Floats, vol: Floats, stress: Floats, draws: Draws) -> tuple[Floats, Floats]:
    """Turnover of each minute in quote asset, and the share of it that buyers took."""
    moved = (minutes[:, PARTS] - minutes[:, 0]) / minutes[:, 0] / vol
    stretch = (minutes.max(axis=1) - minutes.min(axis=1)) / minutes[:, 0] / vol
    # Turnover follows volatility and the way travelled; 0.5 brings its mean to the coin's daily figure.
    turnover = (
        coin.turnover / MINUTES * 0.5 * stress * exp(0.45 * np.minimum(stretch, 7.0) + 0.5 * draws.normal(MINUTES))
    )
    bought = 0.5 + 0.09 * np.clip(moved, -2.5, 2.5) + 0.04 * draws.normal(MINUTES)
    return turnover, np.clip(bought, 0.04, 0.96)
