"""The sweep and the replay through exchange and guard trade the same, and where a limit binds, it is named."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from desk.backtest.outcome import Exit, Outcome
from desk.backtest.plan import LEAVE_LONG, LEAVE_SHORT, Plan, plan
from desk.backtest.replay.compare import HELD, TICK, compare
from desk.backtest.replay.playing import replay
from desk.backtest.replay.values import Comparison, Replayed
from desk.backtest.run import run
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms, contracts
from desk.domain.errors import DataError
from desk.guard.bounds.limits import Limits
from desk.venues.paper.engine.values import SymbolSpec
from desk.venues.paper.symbols import spec_for

D = Decimal
HOUR_MS = 3_600_000
TERMS = AccountTerms(leverage=3.0)
# Limits that bind nothing a sweep does: what then differs is the engines' own.
WIDE = Limits(
    gap_stress={},
    gap_stress_default=D("0.01"),
    early_exit=D(1),
    max_position=D(5),
    max_gross=D(10),
    max_correlated=D(10),
    max_range=D("0.5"),
    turnover=D(500),
    daily_loss=D("0.2"),
    rolling_loss=D("0.3"),
    drawdown=D("0.5"),
    entries_per_minute=60,
    entries_per_day=2000,
    repeat_entries=2000,
    reentry_seconds=0,
    symbol_losses=50,
    streak_losses=50,
    crash_hour=D("0.5"),
    crash_five_btc=D("0.5"),
    crash_five_eth=D("0.5"),
)
PRICES = {"BTCUSDT": 50_000.0, "ETHUSDT": 3_000.0}


def specs_of(tape: Tape) -> tuple[SymbolSpec, ...]:
    return tuple(spec_for(symbol, D(str(PRICES[symbol]))) for symbol in tape.symbols)


def market(seed: int, bars: int, symbols: tuple[str, ...] = ("BTCUSDT",), *, gaps: bool = True) -> Tape:
    """A market on the contracts' own ticks that wanders, jumps between bars and charges funding."""
    rng = np.random.default_rng(seed)
    shape = (bars, len(symbols))
    close = np.array([PRICES[s] for s in symbols]) * np.exp(np.cumsum(rng.normal(0, 0.006, shape), axis=0))
    jump = np.where(rng.random(shape) < 0.1, rng.normal(0, 0.01, shape), 0.0) if gaps else np.zeros(shape)
    opened = np.vstack((close[:1], close[:-1])) * np.exp(jump)
    high = np.maximum(opened, close) * np.exp(np.abs(rng.normal(0, 0.004, shape)))
    low = np.minimum(opened, close) * np.exp(-np.abs(rng.normal(0, 0.004, shape)))
    tick = np.array([0.1 if s == "BTCUSDT" else 0.01 for s in symbols])
    opened, high, low, close = (np.round(column / tick) * tick for column in (opened, high, low, close))
    funding = np.where(np.arange(bars)[:, None] % 8 == 0, rng.normal(0, 2e-4, shape).round(8), 0.0)
    return Tape(
        symbols=symbols,
        step_ms=HOUR_MS,
        open_time=1_704_067_200_000 + np.arange(bars, dtype=np.int64) * HOUR_MS,
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=np.ones(shape),
        funding=funding,
    )


def wishes(seed: int, tape: Tape) -> Plan:
    """Enters, leaves and turns at random, with stops and targets that are often hit."""
    rng = np.random.default_rng(seed + 1)
    shape = tape.close.shape
    return plan(
        rng.choice(np.array([-1, 0, 0, 0, 1], dtype=np.int8), shape),
        leave=rng.choice(np.array([0, 0, 0, LEAVE_LONG, LEAVE_SHORT], dtype=np.int8), shape),
        stop=rng.choice([0.005, 0.012, 0.03], shape),
        target=rng.choice([0.03, 0.05], shape),
        size=rng.uniform(0.05, 0.3, shape),
    )


def both(tape: Tape, wanted: Plan, limits: Limits = WIDE) -> tuple[Outcome, Replayed, Comparison]:
    specs = specs_of(tape)
    swept = run(tape, wanted, TERMS, contracts(specs, TERMS.leverage))
    played = replay(tape, wanted, TERMS, specs, limits)
    return swept, played, compare(swept, played, specs)


@pytest.mark.parametrize("seed", range(3))
def test_sweep_and_replay_trade_the_same(seed: int) -> None:
    symbols = ("BTCUSDT", "ETHUSDT") if seed % 2 else ("BTCUSDT",)
    tape = market(seed, 90, symbols)
    swept, played, compared = both(tape, wishes(seed, tape))
    assert compared.differences == ()
    assert compared.same == compared.sweep == compared.replay > 10
    ended = {Exit(int(code)) for code in swept.column("reason")}
    assert {Exit.WISH, Exit.STOP} <= ended
    # A tick of price on each side of each trade is all that may lie between the two accounts.
    assert float(played.equity) == pytest.approx(swept.equity[-1], rel=2e-4)


def still(bars: int = 40, price: float = 50_000.0) -> Tape:
    """A market where nothing happens, for one thing to happen in."""
    tape = market(0, bars)
    same = np.full_like(tape.close, price)
    return replace(tape, open=same, high=same, low=same, close=same.copy(), funding=np.zeros_like(same))


def long_at(row: int, bars: int = 40, **shape: float) -> Plan:
    enter = np.zeros((bars, 1), dtype=np.int8)
    enter[row] = 1
    return plan(enter, **({"stop": 0.02, "target": 0.05, "size": 0.3} | shape))


def test_who_holds_when_funding_is_charged_pays_it_in_both() -> None:
    tape = still()
    funding = tape.funding.copy()
    funding[8], funding[16] = 0.001, -0.0005
    swept, played, compared = both(replace(tape, funding=funding), long_at(3))
    assert compared.equal
    assert float(played.trades[0].funding) == pytest.approx(swept.column("funding")[0], abs=0.01)
    assert played.trades[0].funding < 0


def test_a_gap_over_the_stop_fills_at_the_open_in_both() -> None:
    tape = still()
    fallen = {name: getattr(tape, name).copy() for name in ("open", "high", "low", "close")}
    for column in fallen.values():
        column[10:] = 45_000.0
    swept, played, compared = both(replace(tape, **fallen), long_at(3))
    assert compared.equal
    assert float(played.trades[0].exit_price) == pytest.approx(45_000 * (1 - TERMS.slippage), abs=0.2)
    assert Exit(int(swept.column("reason")[0])) is Exit.STOP


def dipping(to: float) -> Tape:
    tape = still()
    low = tape.low.copy()
    low[10] = to
    return replace(tape, low=low)


def test_a_guard_that_leaves_early_is_named_as_the_cause() -> None:
    limits = Limits.model_validate(WIDE.model_dump() | {"early_exit": D("0.8")})
    _, played, compared = both(dipping(49_150.0), long_at(3), limits)
    assert [(one.what, one.cause) for one in compared.differences] == [("exit", "guard: early_exit")]
    assert played.trades[0].exit_row == 10


def test_a_stop_that_stands_on_a_tick_may_be_reached_where_the_exact_one_is_not() -> None:
    # Bought at 50,010, so that 2.0001 % below is 49,009.74999; the guard's stop stands at 49,009.8.
    enter = np.zeros((40, 1), dtype=np.int8)
    enter[3], leave = 1, np.zeros((40, 1), dtype=np.int8)
    leave[20] = LEAVE_LONG
    wanted = plan(enter, leave=leave, stop=0.020001, target=0.05, size=0.3)
    _, _, compared = both(dipping(49_009.8), wanted)
    assert [(one.what, one.cause) for one in compared.differences] == [("exit", TICK)]


def test_a_cap_that_binds_is_named_with_the_size_it_took() -> None:
    limits = Limits.model_validate(WIDE.model_dump() | {"max_position": D("0.1")})
    _, _, compared = both(still(), long_at(3), limits)
    assert [(one.what, one.cause) for one in compared.differences] == [("quantity", "guard: cap.position")]


def test_what_the_guard_refuses_is_missing_by_the_name_of_its_rule() -> None:
    _, played, compared = both(still(), long_at(3, target=0.01))
    assert [one.cause for one in compared.differences] == ["guard: target.ratio"]
    assert (compared.replay, played.answers[0].refused) == (0, True)


def test_a_desk_that_turns_asks_again_after_its_minute() -> None:
    enter = np.zeros((40, 1), dtype=np.int8)
    enter[3], enter[12] = 1, -1
    limits = Limits.model_validate(WIDE.model_dump() | {"reentry_seconds": 60})
    _, _, compared = both(still(), plan(enter, stop=0.02, target=0.05, size=0.3), limits)
    assert compared.equal


def test_a_day_that_lost_too_much_locks_the_desk_until_a_person_opens_it() -> None:
    limits = Limits.model_validate(WIDE.model_dump() | {"daily_loss": D("0.004"), "rolling_loss": D("0.3")})
    enter = np.zeros((40, 1), dtype=np.int8)
    enter[3], enter[30] = 1, 1
    _, played, compared = both(dipping(48_000.0), plan(enter, stop=0.03, target=0.05, size=0.3), limits)
    assert played.resets >= 1
    assert [trade.entry_row for trade in played.trades] == [4, 31]
    assert compared.equal, "the stop filled before the day's limit was reached, and a person opened the desk in time"


def test_a_trade_that_one_side_alone_had_is_told() -> None:
    tape = still()
    specs = specs_of(tape)
    swept = run(tape, long_at(3), TERMS, contracts(specs, TERMS.leverage))
    idle = Replayed(trades=(), answers=(), equity=D(10_000), bars=40, looks=0, resets=0)
    compared = compare(swept, idle, specs)
    assert [(one.what, one.replay, one.cause) for one in compared.differences] == [("trade", "none", HELD)]


def test_a_plan_about_other_bars_is_refused() -> None:
    with pytest.raises(DataError, match="not about the same bars"):
        replay(still(20), long_at(3), TERMS, specs_of(still()), WIDE)
