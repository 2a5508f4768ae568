"""Contracts that changed: listed, renamed in status, given other brackets. Told on `!contractInfo` once each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from desk.venues.paper.engine.values import SymbolSpec


@dataclass(slots=True)
class ContractWatch:
    """The contracts as they were last told, each with its present status."""

    _known: dict[str, SymbolSpec] = field(default_factory=dict[str, SymbolSpec])

    def begin(self, contracts: Iterable[SymbolSpec]) -> None:
        """Take the contracts as known."""
        self._known = {spec.symbol: spec for spec in contracts}

    def changed(self, contracts: Iterable[SymbolSpec]) -> Iterator[SymbolSpec]:
        """The contracts that differ from what was last told."""
        for spec in contracts:
            if self._known.get(spec.symbol) != spec:
                self._known[spec.symbol] = spec
                yield spec
