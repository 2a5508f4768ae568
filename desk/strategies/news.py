"""News-driven: in when what is said turns clearly one way and the price agrees; out when the mood is gone."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import ConfigDict, Field

from desk.domain.errors import DataError
from desk.strategies.rule import Rule, Wanted
from desk.strategies.tones import Tones
from desk.strategies.views import View, begins, earlier

_HOUR_MS = 3_600_000


class NewsDriven(Rule):
    """Mood of the last `hours` over `tone` with enough headlines, and a price that moved its way over `bars` bars."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    kind: Literal["news"] = "news"
    hours: float = Field(default=12.0, gt=0, le=168)
    tone: float = Field(default=0.2, gt=0, lt=1, description="Least mean tone, in [-1, 1].")
    headlines: int = Field(default=8, ge=1, le=1000, description="Fewest headlines a mood rests on.")
    bars: int = Field(default=6, ge=1, le=200)
    tones: Tones | None = Field(default=None, exclude=True, repr=False)

    @property
    def memory(self) -> int:
        """See `Rule`."""
        return self.bars + 1

    def hearing(self, tones: Tones) -> Self:
        """The same rule with something to hear."""
        return self.model_copy(update={"tones": tones})

    def wanted(self, bars: View) -> Wanted:
        """See `Rule`. Raises DataError without a tone series: silence is not the same as no news."""
        if self.tones is None:
            raise DataError(f"{self.name or self.kind} needs recorded headlines", hint="--news FILE")
        # A bar is decided on when it is over: what was said in it can be known then, what is said later cannot.
        mood, count = self.tones.mood(bars.open_time + bars.step_ms, int(self.hours * _HOUR_MS))
        before = earlier(bars.close, self.bars)
        good = (mood >= self.tone) & (count >= self.headlines)
        bad = (mood <= -self.tone) & (count >= self.headlines)
        return Wanted(
            long=begins(good & (bars.close > before)),
            short=begins(bad & (bars.close < before)),
            leave_long=mood <= 0,
            leave_short=mood >= 0,
        )
