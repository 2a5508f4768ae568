"""The paper exchange's own side door: read its status, step its clock, read the headlines of its scenario.

Binance has none of this. It moves no money and places no order; stepping time needs the admin token, which is a file of
its own so that whoever steps the clock never opens the file that holds the trading key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import httpx

from desk.domain.errors import DataError, VenueUnavailableError
from desk.domain.market import Headline
from desk.domain.moments import from_ms, to_ms

# What to do when the embedded exchange is gone.
GONE = "logs/venue.log tells why; crew kickoff starts it again where it stopped, stops and all"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperStatus:
    """What the paper exchange says of itself. `now_ms` is its own, possibly virtual, time in ms UTC."""

    source: str
    clock: str
    now_ms: int
    symbols: tuple[str, ...]
    seed: int | None

    @property
    def now(self) -> datetime:
        """The venue's time, aware UTC."""
        return from_ms(self.now_ms)


class PaperAdmin:
    """Client of the paper exchange's admin endpoints; also a NewsFeed of its scenario's headlines."""

    def __init__(self, url: str, token: str, *, timeout: float = 30.0) -> None:
        self._http = httpx.Client(base_url=url, headers={"X-Paper-Token": token}, timeout=timeout, trust_env=False)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def status(self) -> PaperStatus:
        """What the exchange is and what time it has. Raises VenueUnavailableError or DataError."""
        told = self._ask("GET", "/paper/v1/status")
        try:
            return PaperStatus(
                source=str(told["source"]),
                clock=str(told["clock"]),
                now_ms=int(told["now"]),
                symbols=tuple(str(symbol) for symbol in told["symbols"]),
                seed=None if told.get("seed") is None else int(told["seed"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"the paper exchange's status cannot be read: {error}") from error

    def advance(self, to_ms: int) -> int:
        """Step the clock to `to_ms` (ms UTC) and return the exchange's time. Everything due on the way happens."""
        return int(self._ask("POST", "/paper/v1/clock/advance", {"to": to_ms})["now"])

    def faults(self) -> Mapping[str, Any]:
        """The fault script, how often each rule struck and each kind; the venue must serve its fault endpoint."""
        return self._ask("GET", "/paper/v1/faults")

    def end_faults(self) -> None:
        """Let everything be well again."""
        self._ask("DELETE", "/paper/v1/faults")

    def headlines(self, since: datetime) -> tuple[Headline, ...]:
        """Headlines of the scenario published at or after `since`, oldest first. Hostile text like any other."""
        told = self._ask("GET", f"/paper/v1/headlines?since={to_ms(since)}")
        try:
            return tuple(
                Headline(
                    at=from_ms(int(row["at"])),
                    source=str(row["source"]),
                    title=str(row["title"]),
                    symbols=tuple(str(symbol) for symbol in row["symbols"]),
                )
                for row in told["headlines"]
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"the paper exchange's headlines cannot be read: {error}") from error

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        try:
            answer = self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise VenueUnavailableError(
                f"the paper exchange does not answer: {error}",
                hint=GONE,
            ) from error
        if answer.is_error:
            raise VenueUnavailableError(f"the paper exchange refused {path}: {answer.text[:200]}")
        told: object = answer.json()
        if isinstance(told, list):
            return {"headlines": cast("list[Any]", told)}
        if not isinstance(told, dict):
            raise DataError(f"the paper exchange answered {path} with something that is no object")
        return cast("dict[str, Any]", told)
