"""Everything that one run measured, as it is kept beside the code and told on the page."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.scale.address import UsedUp
from benchmarks.scale.shared_ledger import Shared
from benchmarks.scale.steps import Measured
from benchmarks.scale.units import Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The figures of a run. `ended` says why there was no larger step."""

    steps: tuple[Measured, ...]
    address: UsedUp
    shared: Shared | None
    units: Units
    ended: str
    cores: int
    memory: int
    python: str
    commit: str
