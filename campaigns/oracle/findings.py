"""What the judge found: one sentence for each broken promise, under the number it has in the list of invariants."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType

INVARIANTS = MappingProxyType(
    {
        "I1": "no order beyond a limit reaches the wire",
        "I2": "nothing is sent that was not journalled before",
        "I3": "one intent, one entry order at most",
        "I4": "the desk's books and the venue's agree after one reconciliation",
        "I5": "a latch goes by two human steps and by nothing else",
        "I6": "the baseline of a UTC day is written once",
        "I7": "an open position has its stop within two seconds, or is being closed",
        "I8": "a latched desk raises no risk",
        "I9": "no day loses more than its limit and the stated allowance",
        "I10": "the record verifies, and every order on the wire is in it",
        "I11": "the journal, replayed, gives the state that was told",
        "I12": "nothing trips without a reason, and nothing breaks unhandled",
    }
)
_KEPT = 20


@dataclass
class Findings:
    """Broken promises of one run. Only the first sentences are kept; all are counted."""

    counts: Counter[str] = field(default_factory=Counter[str])
    sentences: list[str] = field(default_factory=list[str])

    def broken(self, invariant: str, sentence: str) -> None:
        """Note that a promise was broken."""
        if invariant not in INVARIANTS:
            raise KeyError(invariant)
        self.counts[invariant] += 1
        if len(self.sentences) < _KEPT:
            self.sentences.append(f"{invariant}: {sentence}")

    def __bool__(self) -> bool:
        """Whether anything was broken."""
        return bool(self.counts)
