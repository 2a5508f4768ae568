"""One connection to Binance's REST interface: python-binance underneath, our clock, our timeouts, our errors.

Writes are sent once. Reads are tried again only when no connection came about, or the venue refused our timestamp.
Every failure leaves here as an error of `desk.domain.errors`, without URL, key or signature in its text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from desk.domain.errors import DataError, VenueError
from desk.domain.moments import from_ms, to_ms
from desk.venues.binance import errors
from desk.venues.binance.budget import BudgetReport, Purpose, RequestBudget
from desk.venues.binance.client import checked_url, is_live, open_client
from desk.venues.binance.fields import Fields
from desk.venues.binance.offset import ClockOffset
from desk.venues.binance.timing import MACHINE, Timing
from desk.venues.binance.weights import ORDER_CALLS, weight_of

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

T = TypeVar("T")

_PAUSES_S = (0.05, 0.25)


class Connection:
    """Calls python-binance methods by name. Safe to share between threads."""

    def __init__(
        self,
        base_url: str,
        api_key: str = "",
        secret: str = "",
        *,
        timeout: float,
        reads: Purpose = Purpose.WATCH,
        timing: Timing = MACHINE,
        carrier: BaseAdapter | None = None,
    ) -> None:
        """`reads` is what this connection's reads are for, see `budget`; `carrier` takes the network's place."""
        self._timing, self._reads = timing, reads
        self.budget = RequestBudget(monotonic=timing.monotonic, wall_ms=timing.wall_ms)
        self.clock = ClockOffset(measure=self.venue_ms, wall_ms=timing.wall_ms, monotonic=timing.monotonic)
        self.live = is_live(base_url)
        self.base_url = checked_url(base_url)
        self._client = open_client(self.base_url, api_key, secret, timeout=timeout, budget=self.budget, carrier=carrier)

    def close(self) -> None:
        """Drop the pooled sockets."""
        self._client.close()

    def venue_ms(self) -> int:
        """The venue's time now in ms UTC, asked for, not estimated."""
        return self._read("futures_time", _server_ms, {}, signed=False, purpose=Purpose.WATCH)

    def read(self, method: str, parse: Callable[[object], T], params: dict[str, object] | None = None) -> T:
        """An unsigned GET; `parse` turns its JSON into a value.

        Raises:
            VenueRejectedError, VenueUnavailableError, DataError.
        """
        return self._read(method, parse, params or {}, signed=False, purpose=self._reads)

    def read_signed(self, method: str, parse: Callable[[object], T], params: dict[str, object] | None = None) -> T:
        """A signed GET; `parse` turns its JSON into a value. Raises as `read`."""
        return self._read(method, parse, params or {}, signed=True, purpose=self._reads)

    def write(
        self,
        method: str,
        parse: Callable[[object], T],
        params: dict[str, object],
        *,
        purpose: Purpose = Purpose.EXIT,
    ) -> T:
        """A signed POST or DELETE, sent once.

        Raises:
            VenueRejectedError, VenueUnavailableError (nothing was accepted), OutcomeUnknownError.
        """
        self._clock_known(method)
        try:
            return self._call(method, parse, params, purpose=purpose, writes=True, signed=True)
        except _NotTakenError as problem:
            raise problem.error from None

    def _clock_known(self, method: str) -> None:
        try:
            self.clock.offset_ms()
        except DataError as problem:
            raise errors.not_sent(_words(method), f"its clock could not be read: {problem.message}") from None

    def _read(
        self,
        method: str,
        parse: Callable[[object], T],
        params: dict[str, object],
        *,
        signed: bool,
        purpose: Purpose,
    ) -> T:
        for pause in _PAUSES_S:
            try:
                return self._call(method, parse, params, purpose=purpose, writes=False, signed=signed)
            except _NotTakenError:
                self._timing.sleep(pause)
        try:
            return self._call(method, parse, params, purpose=purpose, writes=False, signed=signed)
        except _NotTakenError as problem:
            raise problem.error from None

    def _call(
        self,
        method: str,
        parse: Callable[[object], T],
        params: dict[str, object],
        *,
        purpose: Purpose,
        writes: bool,
        signed: bool,
    ) -> T:
        what = _words(method)
        if signed:
            self._client.timestamp_offset = self.clock.offset_ms() + self._timing.ahead_ms()
        orders = 1 if method in ORDER_CALLS else 0
        with self.budget.spending(purpose, weight_of(method, params), orders=orders):
            body = self._send(what, getattr(self._client, method), params, writes=writes)
        try:
            return parse(body)
        except DataError as problem:
            raise errors.unreadable(what, problem, writes=writes) from None

    def _send(self, what: str, call: Callable[..., object], params: dict[str, object], *, writes: bool) -> object:
        # Loaded with python-binance already; named here so that importing this module stays light.
        import requests
        from binance.exceptions import (  # pyright: ignore[reportMissingTypeStubs] - python-binance ships no stubs
            BinanceAPIException,
            BinanceRequestException,
        )

        try:
            return call(**params)
        except BinanceAPIException as answer:
            raise self._refused(what, answer, writes=writes) from None
        except BinanceRequestException:
            raise errors.in_doubt(what, "the answer is not JSON", writes=writes) from None
        except requests.exceptions.RequestException as problem:
            raise _broken(what, problem, writes=writes) from None
        except (KeyError, TypeError):
            # python-binance takes some answers apart itself, and trips over one that lacks what it looks for.
            raise errors.in_doubt(what, "the answer lacks a field", writes=writes) from None

    def _refused(self, what: str, answer: Any, *, writes: bool) -> Exception:  # noqa: ANN401 - an untyped library's error
        response = answer.response
        retry_after = response.headers.get("Retry-After")
        error = errors.refusal(
            what,
            writes=writes,
            status=response.status_code,
            body=response.text,
            retry_after=retry_after,
        )
        self.budget.refused(response.status_code, answer.code, retry_after, response.text)
        if answer.code in errors.CLOCK_CODES:
            self.clock.forget()
            return _NotTakenError(error)
        return error


class _NotTakenError(Exception):
    """The venue certainly took nothing and a read may try again; carries the error to raise otherwise."""

    def __init__(self, error: VenueError) -> None:
        super().__init__(error.message)
        self.error = error


def _words(method: str) -> str:
    return method.removeprefix("futures_").replace("_", " ")


def _broken(what: str, problem: Exception, *, writes: bool) -> Exception:
    """The error for a transport that failed. Only a connection that never came about proves that nothing was sent."""
    import requests
    from urllib3.exceptions import NewConnectionError

    reason = type(problem).__name__
    if isinstance(problem, requests.exceptions.ConnectTimeout | requests.exceptions.InvalidURL):
        return errors.not_sent(what, reason)
    cause = getattr(problem.args[0], "reason", None) if problem.args else None
    if isinstance(problem, requests.exceptions.ConnectionError) and isinstance(cause, NewConnectionError):
        return _NotTakenError(errors.not_sent(what, "connection refused or no route"))
    return errors.in_doubt(what, reason, writes=writes)


def _server_ms(body: object) -> int:
    return to_ms(Fields(body, "time").moment("serverTime"))


class Connected:
    """What both sides of the venue, the public one and the signed one, know of their connection."""

    def __init__(self, connection: Connection) -> None:
        self._venue = connection

    def close(self) -> None:
        """Drop the pooled sockets. Resting orders stay where they are."""
        self._venue.close()

    @property
    def used_weight(self) -> int:
        """Request weight used in the current minute, as the venue last reported it."""
        return self._venue.budget.used()

    def budget(self) -> BudgetReport:
        """The request budget as of now."""
        return self._venue.budget.report()

    def clock_offset_ms(self) -> int:
        """The venue's clock less ours in ms, measured anew where the last measurement is no longer trusted."""
        return self._venue.clock.offset_ms()

    def report(self) -> dict[str, object]:
        """What an operator asks about the connection: the request budget, and the clock's offset in ms."""
        return {"budget": asdict(self.budget()), "clock_offset_ms": self._venue.clock.known_ms}

    def server_time(self) -> datetime:
        """The venue's clock, aware UTC."""
        return from_ms(self._venue.venue_ms())
