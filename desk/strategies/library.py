"""The whole library as one value: every strategy by name, the matrix of regimes, the books, and the brakes over all.

`config.strategies` reads it from YAML, where an operator adds a strategy without a line of Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from desk.backtest.strategy import Strategy
from desk.backtest.trial.values import Candidate
from desk.domain.errors import DataError
from desk.strategies.books import Books
from desk.strategies.brakes import Brake, Braked, CorrelationBrake, EmergencyStop, VolatilityBrake
from desk.strategies.breakout import MomentumBreakout
from desk.strategies.hedges import DefensiveHedge, PortfolioHedge
from desk.strategies.matrix import Matrix, Shares
from desk.strategies.news import NewsDriven
from desk.strategies.pairs import CrossPair
from desk.strategies.reversion import BollingerReversion, RsiReversion
from desk.strategies.rule import Rule
from desk.strategies.scalping import MicroTrend, RangeScalp
from desk.strategies.tones import Tones
from desk.strategies.trend import EmaCross, Momentum

MATRIX = "regime-matrix"
_RULES: tuple[type[Rule], ...] = (
    EmaCross,
    Momentum,
    RsiReversion,
    BollingerReversion,
    MomentumBreakout,
    DefensiveHedge,
    PortfolioHedge,
    MicroTrend,
    RangeScalp,
    NewsDriven,
    CrossPair,
)
KINDS: Mapping[str, type[Rule]] = MappingProxyType({rule.model_fields["kind"].default: rule for rule in _RULES})


class Brakes(BaseModel):
    """The rules over every strategy. Each can be left out, and none can be loosened by a strategy."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    emergency: EmergencyStop | None = None
    volatility: VolatilityBrake | None = None
    correlation: CorrelationBrake | None = None

    @property
    def all(self) -> tuple[Brake, ...]:
        """Those in force, in their order."""
        return tuple(one for one in (self.emergency, self.volatility, self.correlation) if one is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Strategies by name, who of them is heard in which regime, from which book they trade, and what brakes them."""

    rules: Mapping[str, Rule]
    shares: Shares
    books: Books
    brakes: Brakes

    @property
    def names(self) -> tuple[str, ...]:
        """Every strategy, and the matrix last."""
        return (*self.rules, *((MATRIX,) if self.shares else ()))

    def rule(self, name: str) -> Rule:
        """One rule, without brakes. Raises DataError naming those at hand."""
        if name not in self.rules:
            raise DataError(f"there is no strategy {name!r:.40}", hint=f"one of {', '.join(self.names)}")
        return self.rules[name]

    def strategy(self, name: str, step_ms: int) -> Strategy:
        """A strategy under the brakes, for bars of one length. Raises DataError naming those at hand."""
        return self._braked(self.matrix(step_ms) if name == MATRIX else self.rule(name))

    def candidates(self, name: str, step_ms: int) -> tuple[Candidate, ...]:
        """The strategy as it is set first, then as a walk-forward may choose it. The matrix has one setting."""
        if name == MATRIX:
            return (Candidate(label=self.matrix(step_ms).label, strategy=self.strategy(name, step_ms)),)
        return tuple(Candidate(label=one.label, strategy=self._braked(one)) for one in self.rule(name).variants())

    def hearing(self, tones: Tones) -> Library:
        """The same library with recorded headlines for the strategies that listen."""
        heard = {n: one.hearing(tones) if isinstance(one, NewsDriven) else one for n, one in self.rules.items()}
        return Library(rules=heard, shares=self.shares, books=self.books, brakes=self.brakes)

    def matrix(self, step_ms: int) -> Matrix:
        """Every strategy of the matrix as one. Raises DataError where there is no matrix."""
        if not self.shares:
            raise DataError("strategies.yaml has no matrix")
        named = sorted({name for row in self.shares.values() for name in row})
        strategies = [self.rule(name) for name in named]
        return Matrix(name=MATRIX, strategies=strategies, shares=self.shares, step_ms=step_ms)

    def _braked(self, strategy: Strategy) -> Strategy:
        brakes = self.brakes.all
        return Braked(strategy=strategy, brakes=brakes) if brakes else strategy
