"""How long to wait before a service that ended is started again, and when to give it up. Pure: times are handed in."""

from __future__ import annotations

from dataclasses import dataclass, field

from config.services import Restarts


@dataclass(slots=True)
class Patience:
    """The ends of one service. Times are monotonic seconds and never go back."""

    rule: Restarts
    ends: list[float] = field(default_factory=list[float])

    def after_end(self, now: float) -> float | None:
        """Note one more end: seconds to wait before the next start, or None where it is given up."""
        since = now - self.rule.window_seconds
        self.ends = [one for one in self.ends if one > since] + [now]
        if len(self.ends) > self.rule.most:
            return None
        return min(self.rule.longest_seconds, self.rule.first_seconds * 2.0 ** (len(self.ends) - 1))

    def forget(self) -> None:
        """A human asked for a new start: what was before does not count."""
        self.ends.clear()
