"""The learner beside a run: each decision's snapshot is a bar it may learn from. It never speaks in a decision."""

from __future__ import annotations

from collections.abc import Callable

from crews.learning.advice import seen_by
from desk.learning.lessons import lean_of
from desk.learning.pupil import LivePupil
from desk.market.snapshot import Snapshot

Learn = Callable[[Snapshot], None]


def learning_from(pupil: LivePupil) -> Learn:
    """What is called with every snapshot. Raises DataError for a market whose figures cannot be read."""
    policy = pupil.policy
    interval, symbols = policy.origin.interval, policy.origin.symbols

    def learn(snapshot: Snapshot) -> None:
        if interval not in snapshot.intervals or snapshot.symbol not in symbols:
            return
        figures = seen_by(snapshot, policy)
        newest = {name: column[-1:] for name, column in figures.items()}
        pupil.look(
            snapshot.symbol,
            bar=int(snapshot.candles(interval).open_time[-1]),
            state=int(policy.space.encode(newest)[0]),
            lean=int(lean_of(newest["trend"])[0]),
            mark=float(snapshot.mark.price),
        )

    return learn
