"""The examination: five questions, each with a number, and all must be answered yes.

    enough        are there days and trades enough to say anything?
    beats_flat    does the interval of the mean daily return lie above zero as a whole?
    beats_peer    does the interval of the lead over the incumbent, day by day, lie above zero as a whole?
    beats_NAME    the same of the lead over each other who must be beaten, as holding and luck for the crew
    not_luck      is the Sharpe ratio, deflated for everything tried on this data, beyond what luck gives the best try?
    bearable      did the account fall no deeper than the desk allows?

Intervals are stationary bootstraps of whole stretches of days, because days cling together. Net of costs is the
backtest's affair: what is examined has paid fees, slippage and funding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from desk.backtest.doubt import Interval, bootstrap, deflated_sharpe
from desk.domain.errors import DataError
from desk.indicators.columns import Column
from desk.promotion.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Standards:
    """What is asked. `block` is the mean length in days of a bootstrapped stretch; fractions are of one."""

    days: int = 120
    trades: int = 30
    level: float = 0.98
    block: int = 5
    draws: int = 2_000
    certainty: float = 0.95
    drawdown: float = 0.15

    def __post_init__(self) -> None:
        """Refuse standards that would pass anything. Raises DataError."""
        if self.days < 30 or self.trades < 10 or not 0.9 <= self.level < 1 or not 0.9 <= self.certainty < 1:
            raise DataError("an examination asks for 30 days, 10 trades and a certainty of 90 % at the least")
        if not 1 <= self.block <= self.days // 4 or self.draws < 500 or not 0 < self.drawdown <= 0.5:
            raise DataError("stretches are short against the days, draws many, and the drawdown at most one half")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One question's answer, in numbers."""

    question: str
    passed: bool
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """All answers. `mean` and `lead` are of daily returns; `lead` is None where nobody trades now."""

    findings: tuple[Finding, ...]
    days: int
    mean: Interval | None
    lead: Interval | None

    @property
    def passed(self) -> bool:
        """Whether every answer is yes."""
        return all(finding.passed for finding in self.findings)

    @property
    def verdict(self) -> str:
        """The outcome in one line."""
        failed = ", ".join(finding.question for finding in self.findings if not finding.passed)
        return "edge proven" if self.passed else f"no edge proven: {failed}"


def examine(record: Record, standards: Standards | None = None, *, seed: int = 0) -> Examined:
    """Ask everything, whatever the first answers are; the same seed gives the same intervals."""
    asked = standards or Standards()
    mean = _interval(record.daily, asked, seed)
    lead = None if record.incumbent is None else _interval(record.daily - record.incumbent, asked, seed)
    return Examined(
        findings=tuple(_answers(record, asked, mean, lead, seed)),
        days=len(record.daily),
        mean=mean,
        lead=lead,
    )


def _answers(
    record: Record, asked: Standards, mean: Interval | None, lead: Interval | None, seed: int
) -> Iterator[Finding]:
    days = len(record.daily)
    yield Finding(
        question="enough",
        passed=days >= asked.days and record.trades >= asked.trades,
        told=f"{days} days of {asked.days}, {record.trades} trades of {asked.trades}",
    )
    yield Finding(question="beats_flat", passed=mean is not None and mean.above_zero, told=_shown(mean))
    if record.incumbent is not None:
        yield Finding(question="beats_peer", passed=lead is not None and lead.above_zero, told=_shown(lead))
    for name, theirs in record.peers.items():
        over = _interval(record.daily - theirs, asked, seed)
        yield Finding(question=f"beats_{name}", passed=over is not None and over.above_zero, told=_shown(over))
    certainty = _certainty(record)
    yield Finding(
        question="not_luck",
        passed=certainty >= asked.certainty,
        told=f"{certainty:.3f} of {asked.certainty:.2f}, deflated for {record.tries} tries",
    )
    yield Finding(
        question="bearable",
        passed=record.drawdown <= asked.drawdown,
        told=f"fell {record.drawdown:.1%} of {asked.drawdown:.0%} allowed",
    )


def _interval(values: Column, asked: Standards, seed: int) -> Interval | None:
    if len(values) < 2:
        return None
    return bootstrap(values, _mean, block=asked.block, draws=asked.draws, level=asked.level, seed=seed)


def _mean(values: Column) -> float:
    return float(values.mean())


def _certainty(record: Record) -> float:
    """The deflated Sharpe ratio; nothing is certain of days that do not vary."""
    try:
        return deflated_sharpe(record.daily, tries=record.tries, spread=record.spread)
    except DataError:
        return 0.0


def _shown(interval: Interval | None) -> str:
    if interval is None:
        return "no interval of less than two days"
    low, estimate, high = (10_000 * value for value in (interval.low, interval.estimate, interval.high))
    return f"{estimate:+.2f} bp a day, {interval.level:.0%} from {low:+.2f} to {high:+.2f}"
