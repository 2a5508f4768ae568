"""When a rule strikes: every condition it names must hold, and a rule that names none strikes each time.

Counting is by what the rule can see: `nth: [3]` is the third request that passes the rule's own filters. Chance is
drawn once for each of those from a die of the rule's own, so that the same seed, script and requests give the same
faults, and a rule added to a script changes nothing for the others. Windows are seconds of the venue's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Part(BaseModel):
    """A piece of a script: frozen, and every key known or refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class When(Part):
    """The conditions that every kind of fault takes; `from_s` and `until_s` are seconds of the venue's clock."""

    name: str = Field(default="", max_length=60, description="Stands in the log; the kind and its place by default.")
    probability: float | None = Field(default=None, gt=0, le=1)
    nth: frozenset[int] = Field(default=frozenset(), description="Which of the matching requests, from 1.")
    every: int | None = Field(default=None, ge=1, description="Each so many matching requests.")
    from_s: float | None = Field(
        default=None, ge=0, description="Seconds since the script began, by the venue's clock."
    )
    until_s: float | None = Field(default=None, gt=0)
    most: int | None = Field(default=None, ge=1, description="At most so many times.")

    @model_validator(mode="after")
    def _a_window_has_a_length(self) -> When:
        if self.from_s is not None and self.until_s is not None and self.until_s <= self.from_s:
            raise ValueError("until_s must be later than from_s")
        if any(number < 1 for number in self.nth):
            raise ValueError("nth counts from 1")
        return self

    def due(self, seen: int, seconds: float) -> bool:
        """Whether number and time are right; chance is the die's affair."""
        if self.nth and seen not in self.nth:
            return False
        if self.every is not None and seen % self.every:
            return False
        return (self.from_s or 0.0) <= seconds and (self.until_s is None or seconds < self.until_s)


class OnRequest(When):
    """Strikes requests. `path` takes `*`; over the WebSocket API `method` is WS and `path` the method's name."""

    method: str | None = Field(default=None, pattern=r"^[A-Z]{1,10}$")
    path: str = Field(default="*", min_length=1)
    account: str | None = None
    where: Mapping[str, str] = Field(default={}, description="Parameters that the request must carry.")

    def concerns(self, method: str, path: str, account: str) -> bool:
        """Whether the rule could ever strike such a request."""
        return (
            self.method in (None, method)
            and self.account in (None, account)
            and (self.path == path or fnmatchcase(path, self.path))
        )

    def admits(self, params: Mapping[str, str]) -> bool:
        """Whether the parameters are those asked for; names and values without regard to case."""
        return all(params.get(name.lower(), "").upper() == value.upper() for name, value in self.where.items())


class OnMessage(When):
    """Strikes stream messages. `stream` is a market stream, or on the user channel the kind of event; it takes `*`."""

    channel: str = Field(default="user", pattern=r"^(user|market)$")
    stream: str = Field(default="*", min_length=1)

    def concerns(self, channel: str, stream: str) -> bool:
        """Whether the rule could ever strike such a message."""
        return self.channel == channel and (self.stream == stream or fnmatchcase(stream, self.stream))
