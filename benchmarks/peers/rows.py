"""The comparisons, as a table: what is asked, of whom, by which programs, and how it is known that both did the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.agreement import TICK_AWAY, Agreement, columns_agree, freqtrade_trades, tables_agree, trades_agree
from benchmarks.peers.desk_side.learner import SPACE, terms_of, write_lesson
from benchmarks.peers.market import BARS, CALM, MINUTE_MS, START_MS, STORM, Year
from benchmarks.peers.turns import HERE, PEERS, WORK, Side, play
from conformance.exchange import running_exchange
from conformance.suites import exchange_settings
from desk.learning.method import Method

RULES: Mapping[str, Any] = json.loads((HERE / "rules.json").read_text())
_SERIES = WORK / "series"
_LESSON_SEED, _LESSON_BARS, _CURIOSITY = 7, 300_000, 0.2
_KEPT = 100_000
_REPLAYED, _REPLAY_WARM = 2_000, 400
TRIALS = 10_000


@dataclass(frozen=True, slots=True)
class Jobs:
    """What each side is told, and how their results are compared once both have run."""

    desk: Path
    peer: Path
    agree: Callable[[], Agreement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comparison. `least` is what the ratio is asked to be; `whole` counts whole processes, start to end."""

    name: str
    title: str
    unit: str
    least: float
    desk: Side
    peer: Side
    jobs: Callable[[Row, ExitStack], Jobs]
    whole: bool = field(default=False)


def _module(name: str) -> Side:
    return Side(name=f"desk-{name}", words=("-m", f"benchmarks.peers.desk_side.{name}"))


def _program(environment: str, name: str) -> Side:
    return Side(name=name, environment=environment, words=("-W", "ignore", str(HERE / "programs" / f"{name}.py")))


def _job(row: Row, side: str, **told: Any) -> Path:  # noqa: ANN401  (whatever JSON holds)
    path = WORK / "jobs" / f"{row.name}-{side}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told))
    return path


def _results(row: Row, side: str) -> Path:
    return WORK / "jobs" / f"{row.name}-{side}.npz"


def _years(year: Year, *, cold: bool = False) -> Callable[[Row, ExitStack], Jobs]:
    """Both sides trade one year; the desk once more without funding, which its peer does not know, to be compared."""

    def jobs(row: Row, closing: ExitStack) -> Jobs:
        series, (ours, theirs) = str(year.write(_SERIES)), (_results(row, side) for side in ("desk", "peer"))
        told = {"series": series, "rules": RULES}
        kept = {"trades": str(ours)} if cold else {}
        desk = _job(row, "desk", **told, **kept, warm=not cold)
        peer = _job(row, "peer", **told, trades=str(theirs))
        plain = _job(row, "plain", **told, trades=str(ours), funding=False)

        def agree() -> Agreement:
            play(row.desk, plain)
            return trades_agree(ours, theirs)

        return Jobs(desk, peer, agree)

    return jobs


def _freqtrade(row: Row, closing: ExitStack) -> Jobs:
    """freqtrade on the calm year. It asks an exchange what is listed: the paper exchange, started for it."""
    series, ours = str(CALM.write(_SERIES)), _results(row, "desk")
    exchange = closing.enter_context(running_exchange(WORK / "exchange", exchange_settings(datetime.now(UTC))))
    rest = {
        f"fapi{side}{version}": f"{exchange.url}/fapi/v{version[-1] if version else 1}"
        for side in ("Public", "Private")
        for version in ("", "V2", "V3")
    }
    listed = {
        "options": {"fetchCurrencies": False, "fetchMarkets": {"types": ["linear"]}},
        "urls": {"api": {**rest, "fapiData": f"{exchange.url}/futures/data"}},
    }
    work = WORK / "freqtrade"
    told = {"series": series, "rules": RULES}
    peer = {**told, "work": str(work), "exchange": listed, "bars": BARS}
    play(row.peer, _job(row, "prepare", **peer, prepare=True))
    plain = _job(row, "plain", **told, trades=str(ours), funding=False)

    def agree() -> Agreement:
        play(row.desk, plain)
        theirs = freqtrade_trades(work / "backtest_results", START_MS, MINUTE_MS, _results(row, "peer"))
        return trades_agree(ours, theirs, least=0.99)

    return Jobs(_job(row, "desk", **told, trades=str(ours), warm=False), _job(row, "peer", **peer), agree)


def _indicators(row: Row, closing: ExitStack) -> Jobs:
    series, files = str(CALM.write(_SERIES)), [_results(row, side) for side in ("desk", "peer")]
    desk, peer = (
        _job(row, side, series=series, columns=str(path), kept=_KEPT)
        for side, path in zip(("desk", "peer"), files, strict=True)
    )
    return Jobs(desk, peer, lambda: columns_agree(*files))


def _learners(row: Row, closing: ExitStack) -> Jobs:
    lesson = str(write_lesson(_SERIES, _LESSON_SEED, _LESSON_BARS))
    terms = terms_of(Method(episodes=1, length=_LESSON_BARS), _CURIOSITY)
    files = [_results(row, side) for side in ("desk", "peer")]
    desk, peer = (
        _job(row, side, lesson=lesson, terms=terms, rows=SPACE.size * 3, table=str(path))
        for side, path in zip(("desk", "peer"), files, strict=True)
    )
    return Jobs(desk, peer, lambda: tables_agree(*files))


def _replays(row: Row, closing: ExitStack) -> Jobs:
    """A stretch of the calm year, event by event; and the sweep of the same, which the replay is held against."""
    series, (ours, theirs) = str(CALM.write(_SERIES, _REPLAYED)), (_results(row, side) for side in ("desk", "peer"))
    told = {"series": series, "rules": {**RULES, "warm_up": _REPLAY_WARM}}

    def agree() -> Agreement:
        # Trades of a stretch are few, and those that a stop ends are not its peer's.
        same = trades_agree(ours, theirs, least=0.95, price=TICK_AWAY)
        with np.load(ours) as kept:
            swept = f"{int(kept['same'])} of {int(kept['swept'])} trades of the sweep came out the same in the replay"
            looks = f"the guard looked {float(kept['looks_a_bar']):.1f} times a bar"
        return Agreement(f"{same.sentence}; {swept}; {looks}", same.enough)

    desk, peer = (_job(row, side, **told, trades=str(path)) for side, path in (("desk", ours), ("peer", theirs)))
    return Jobs(desk, peer, agree)


ROWS = (
    Row(
        name="backtest-calm",
        title="a year of minutes, calm: run and measures",
        unit="bars",
        least=100,
        desk=_module("year"),
        peer=_program("backtesting", "backtesting_year"),
        jobs=_years(CALM),
    ),
    Row(
        name="backtest-storm",
        title="a year of minutes, stops and targets hit: run and measures",
        unit="bars",
        least=100,
        desk=_module("year"),
        peer=_program("backtesting", "backtesting_year"),
        jobs=_years(STORM),
    ),
    Row(
        name="cold",
        title="cold process to finished year, stops and targets hit",
        unit="bars",
        least=2,
        desk=_module("year"),
        peer=_program("backtesting", "backtesting_year"),
        jobs=_years(STORM, cold=True),
        whole=True,
    ),
    Row(
        name="cold-freqtrade",
        title="cold process to finished year, calm",
        unit="bars",
        least=20,
        desk=_module("year"),
        peer=_program("freqtrade", "freqtrade_year"),
        jobs=_freqtrade,
        whole=True,
    ),
    Row(
        name="indicators",
        title="fifteen indicators over a year of minutes",
        unit="bars",
        least=80,
        desk=_module("columns"),
        peer=_program("ta", "ta_columns"),
        jobs=_indicators,
    ),
    Row(
        name="learner",
        title="Q-learning with replay, steps learnt",
        unit="steps",
        least=30,
        desk=_module("learner"),
        # Nobody's package: a dict of lists as a careful programmer writes it, in the desk's own interpreter.
        peer=Side(name="dict_learner", words=(str(HERE / "programs" / "dict_learner.py"),)),
        jobs=_learners,
    ),
    Row(
        name="replay-nautilus",
        title="event replay, the production guard on every bar; the peer by market orders alone",
        unit="bars",
        least=20,
        desk=_module("replay"),
        peer=_program("nautilus", "nautilus_year"),
        jobs=_replays,
    ),
    Row(
        name="replay-backtesting",
        title="event replay, the production guard on every bar",
        unit="bars",
        least=3,
        desk=_module("replay"),
        peer=_program("backtesting", "backtesting_year"),
        jobs=_replays,
    ),
)

SWEEP = _module("sweep")
SWEEP_SECONDS = 60.0


def sweep_job() -> Path:
    """Ten thousand trials on the calm year, by quarter-hours."""
    path = WORK / "jobs" / "sweep.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    rules = {**RULES, "warm_up": 200}
    path.write_text(json.dumps({"series": str(CALM.write(_SERIES)), "rules": rules, "trials": TRIALS}))
    return path


def locks() -> tuple[str, ...]:
    """The environments that are locked here."""
    return tuple(sorted(path.stem for path in PEERS.requirements.glob("*.in")))
