"""Contracts that changed: listed, renamed in status, given other brackets. Told on `!contractInfo` once each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from desk.venues.paper.engine.values import SymbolSpec


@dataclass(slots=True)
class ContractWatch:
    """The contracts as they were last told."""

    _known: dict[str, SymbolSpec] = field(default_factory=dict[str, SymbolSpec])

    def begin(self, specs: Mapping[str, SymbolSpec]) -> None:
        """Take the contracts as known."""
        self._known = dict(specs)

    def changed(self, specs: Mapping[str, SymbolSpec]) -> Iterator[SymbolSpec]:
        """The contracts that differ from what was last told."""
        for symbol, spec in specs.items():
            if self._known.get(symbol) != spec:
                self._known[symbol] = spec
                yield spec
