"""When nothing opens although the market is open: hours of the week, and the time around named events. UTC only."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from desk.domain.moments import from_ms, to_ms

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Time = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_WEEK: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours(BaseModel):
    """A span of the day, its first minute in and `until` out. It may pass midnight; `days` name its start."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: Time
    until: Time
    days: tuple[Day, ...] = _WEEK

    @model_validator(mode="after")
    def _a_span(self) -> Self:
        if self.start == self.until:
            raise ValueError("start and until must differ")
        return self

    def holds(self, at_ms: int) -> bool:
        """Whether the moment, ms UTC, lies in the span."""
        moment = from_ms(at_ms)
        minute, start, until = _minute(f"{moment:%H:%M}"), _minute(self.start), _minute(self.until)
        today = _WEEK[moment.weekday()] in self.days
        if start < until:
            return today and start <= minute < until
        yesterday = _WEEK[moment.weekday() - 1] in self.days
        return (today and minute >= start) or (yesterday and minute < until)


class Blackout(BaseModel):
    """A named event, such as a rate decision, with the minutes before and after it that open nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=60)
    at: AwareDatetime
    before_minutes: int = Field(default=30, ge=0, le=10_080)
    after_minutes: int = Field(default=30, ge=0, le=10_080)

    def holds(self, at_ms: int) -> bool:
        """Whether the moment, ms UTC, is within the minutes around the event; the last one is free again."""
        away = at_ms - to_ms(self.at)
        return -self.before_minutes * 60_000 <= away < self.after_minutes * 60_000


def _minute(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])
