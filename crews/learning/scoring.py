"""Reports held against what came: each leaves a forecast, the market settles it, and words earn their weight.

What happened is read from finished bars alone. A forecast whose bars are no longer to be had stays open and counts for
nothing. Where no record can be kept or read, nobody has earned anything: the desk goes on with unproven weights, which
are zero where orders reach a real venue.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from agents.reports import AgentName
from agents.views import STRAYS, forecast_of
from crews.record.record import DecisionRecord
from crews.setup import DeskSetup
from desk.domain.errors import DeskError
from desk.domain.market import Bar
from desk.domain.moments import to_ms
from desk.ledger import ForecastRow, Ledger
from desk.market.intervals import interval_ms
from desk.ports import MarketData
from memory.standing import Measure, Standing, Weight, standing, weight

_MEMORY_HALF_LIVES = 5
_PAGE = 10_000
_SHORTEST_MS = 60_000
_MOST_BARS = 1_000
_log = logging.getLogger(__name__)

Key = tuple[str, str, str]  # agent, model, regime; empty where it is over all of them


class Scorer:
    """One ledger's forecasts. `intervals` are those the market has, the shortest first."""

    def __init__(self, ledger: Ledger, setup: DeskSetup) -> None:
        self._ledger = ledger
        self._setup = setup
        self._intervals = sorted(setup.snapshot.intervals, key=interval_ms)

    def note(self, record: DecisionRecord) -> None:
        """Write down what a decision's reports forecast. Raises JournalError."""
        for row in forecasts(record, self._setup.trust.horizons):
            self._ledger.record(row)

    def settle(self, market: MarketData, now: datetime) -> int:
        """Hold what is due against the market; returns how many outcomes were written. Raises JournalError."""
        due: defaultdict[str, list[ForecastRow]] = defaultdict(list)
        for row in self._ledger.due(now):
            due[row.symbol].append(row)
        return sum(self._settle(market, symbol, rows, now) for symbol, rows in due.items())

    def weights(self, now: datetime) -> dict[str, Weight]:
        """What each agent's agreement counts for. Raises JournalError."""
        trust = self._setup.trust
        rows = self.known(now)
        own = {agent: [row for row in rows if row.agent == agent] for agent in trust.prior}
        return {
            agent: weight(standing(own[agent], now, trust.measure), prior, trust.measure)
            for agent, prior in trust.prior.items()
        }

    def known(self, now: datetime) -> Sequence[ForecastRow]:
        """Settled forecasts that have not faded to nothing. Raises JournalError."""
        since = now - timedelta(days=self._setup.trust.measure.half_life_days * _MEMORY_HALF_LIVES)
        return self._ledger.forecasts(since=since, limit=_PAGE)

    def _settle(self, market: MarketData, symbol: str, rows: Sequence[ForecastRow], now: datetime) -> int:
        oldest = min(row.at for row in rows)
        bars, step = self._bars(market, symbol, oldest, now)
        settled = 0
        for row in rows:
            outcome = outcome_of(row, bars, step)
            if outcome is not None:
                settled += self._ledger.settle(row, outcome)
        return settled

    def _bars(self, market: MarketData, symbol: str, since: datetime, now: datetime) -> tuple[Sequence[Bar], int]:
        """The finest finished bars that reach back to `since`, and their length in ms; none where nothing does."""
        for interval in self._intervals:
            step = interval_ms(interval)
            needed = (to_ms(now) - to_ms(since)) // step + 2
            if needed > _MOST_BARS:
                continue
            try:
                bars = market.bars(symbol, interval, needed)
            except DeskError as error:
                _log.info("no %s bars of %s to settle by: %s", interval, symbol, error)
                continue
            if bars and bars[0].open_time <= to_ms(since):
                return bars, step
        return (), _SHORTEST_MS


def forecasts(record: DecisionRecord, horizons: Mapping[str, int]) -> Iterator[ForecastRow]:
    """What the reports of a decision say will happen, each within its agent's horizon in minutes."""
    regime = record.reports.get(AgentName.REGIME.value, {}).get("regime", "")
    for agent, report in record.reports.items():
        said = forecast_of(agent, report)
        yield ForecastRow(
            decision_id=record.decision_id,
            agent=agent,
            at=record.decided_at,
            until=record.decided_at + timedelta(minutes=horizons[agent]),
            symbol=record.symbol,
            model=record.models.get(agent, ""),
            regime=regime,
            event=said.event,
            probability=said.probability,
            called=int(said.called),
            mark=record.mark,
            distance=said.distance,
        )


def outcome_of(row: ForecastRow, bars: Sequence[Bar], step: int) -> int | None:
    """Whether what was forecast came true, 1 or 0; None while the bars do not span its time.

    Only bars that lie wholly between `at` and `until` count, so that nothing from before the forecast helps it.
    """
    begin, end = to_ms(row.at), to_ms(row.until)
    inside = [bar for bar in bars if bar.open_time >= begin and bar.open_time + step <= end]
    whole = inside and inside[0].open_time - begin < step and end - inside[-1].open_time - step < step
    if not whole or len(inside) != (inside[-1].open_time - inside[0].open_time) // step + 1:
        return None
    mark = float(row.mark)
    if row.event == STRAYS:
        strayed = max(max(bar.high for bar in inside) / mark - 1.0, 1.0 - min(bar.low for bar in inside) / mark)
        return int(Decimal(repr(strayed)) >= row.distance)
    return int(inside[-1].close > mark)


def standings(rows: Sequence[ForecastRow], now: datetime, measure: Measure) -> dict[Key, Standing]:
    """Records by agent, by agent and model, and by agent and regime."""
    groups: defaultdict[Key, list[ForecastRow]] = defaultdict(list)
    for row in rows:
        for key in dict.fromkeys(((row.agent, "", ""), (row.agent, row.model, ""), (row.agent, "", row.regime))):
            groups[key].append(row)
    return {key: standing(group, now, measure) for key, group in sorted(groups.items())}
