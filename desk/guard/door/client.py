"""The crew's and the operator's way to the guard: one small HTTP client on loopback, with a bearer token.

It never retries: a request that got no answer raises, and the caller asks the state what happened. Proposing the same
intent again with the same bytes is safe, because the guard answers it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, cast

import httpx
from pydantic import ValidationError

from desk.domain.errors import GuardError, GuardUnreachableError
from desk.domain.intents import Intent
from desk.guard.door.wire import GuardAnswer, answer_from_data, intent_to_json
from desk.guard.record.build import HEADER, build_hash
from desk.guard.vocabulary.status import GuardStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One row of the guard's journal: `body` is its canonical JSON text, chained by `previous` and `hash`."""

    seq: int
    kind: str
    body: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetCode:
    """The code of a reset request, shown once. It works from `valid_from` until `valid_until` (ms UTC)."""

    code: str
    valid_from: int
    valid_until: int


class GuardClient:
    """Talks to one guard. Thread-safe; close it, or use it as a context manager.

    Every method raises GuardUnreachableError when nobody answered and GuardError when the answer is a refusal to
    serve (with the guard's own sentence) or does not read.
    """

    def __init__(self, url: str, token: str, *, timeout: float = 15.0) -> None:
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}", HEADER: build_hash()},
            timeout=timeout,
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def propose(self, intent: Intent) -> GuardAnswer:
        """Ask for one intent; the answer is approved, reduced or refused, and what was executed."""
        return self.propose_text(intent_to_json(intent))

    def propose_text(self, text: str) -> GuardAnswer:
        """Ask with a raw text, exactly as a model wrote it; what is not an intent comes back as refused."""
        return answer_from_data(self._call("POST", "/v1/intents", content=text.encode("utf-8", "surrogatepass")))

    def state(self) -> GuardStatus:
        """The state as the guard last saw it."""
        return _status(self._call("GET", "/v1/state"))

    def sync(self) -> GuardStatus:
        """Make the guard look at the venue once now, act on what it sees, and tell its state."""
        return _status(self._call("POST", "/v1/sync"))

    def halt(self, reason: str) -> GuardStatus:
        """Latch: cancel entries, flatten, lock. Only the operator's reset lifts it."""
        return _status(self._call("POST", "/v1/halt", json={"reason": reason}))

    def flatten(self, reason: str) -> GuardStatus:
        """Close every position and cancel every entry now, without latching."""
        return _status(self._call("POST", "/v1/flatten", json={"reason": reason}))

    def tighten(self, changes: Mapping[str, str]) -> GuardStatus:
        """Make limits stricter, by name; only the operator's reset gives the file its word back."""
        return _status(self._call("POST", "/v1/limits", json=dict(changes)))

    def journal(self, after: int = 0, limit: int = 500) -> tuple[JournalEntry, ...]:
        """Journal rows with a sequence number above `after`, oldest first."""
        data = self._call("GET", "/v1/journal", params={"after": after, "limit": limit})
        try:
            return tuple(
                JournalEntry(
                    seq=row["seq"], kind=row["kind"], body=row["body"], previous=row["previous"], hash=row["hash"]
                )
                for row in data["rows"]
            )
        except (KeyError, TypeError) as error:
            raise GuardError("the guard's journal does not read") from error

    def health(self) -> dict[str, Any]:
        """Whether the guard's main loop lives: profile, mode, seconds since its last beat."""
        return self._call("GET", "/v1/health")

    def venue(self) -> dict[str, Any]:
        """How the guard's side of the venue fares: request weight, clock offset, the account's stream."""
        return self._call("GET", "/v1/venue")

    def request_reset(self, reason: str) -> ResetCode:
        """First human step (operator token): returns the code that the second step must repeat after a wait."""
        data = self._call("POST", "/v1/reset/request", json={"reason": reason})
        try:
            return ResetCode(code=data["code"], valid_from=data["valid_from"], valid_until=data["valid_until"])
        except (KeyError, TypeError) as error:
            raise GuardError("the guard's reset code does not read") from error

    def confirm_reset(self, code: str) -> GuardStatus:
        """Second human step (operator token): lifts the latch when the code and the circumstances allow."""
        return _status(self._call("POST", "/v1/reset/confirm", json={"code": code}))

    def _call(self, method: str, path: str, **how: Any) -> Any:  # noqa: ANN401 - JSON and httpx's own arguments
        try:
            answer = self._http.request(method, path, **how)
        except httpx.TimeoutException as error:
            raise GuardUnreachableError("the guard did not answer in time", hint="crew status") from error
        except httpx.TransportError as error:
            raise GuardUnreachableError(
                "no guard answers; stops keep resting at the venue",
                hint="logs/guard.log tells why; crew kickoff starts one that takes up where it was",
            ) from error
        try:
            data = answer.json()
        except ValueError as error:
            raise GuardError(f"the guard answered {answer.status_code} without JSON") from error
        if not answer.is_success:
            told = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
            raise GuardError(str(told.get("error", "the guard refused")), hint=str(told.get("hint", "")))
        return data


def _status(data: object) -> GuardStatus:
    try:
        return GuardStatus.model_validate(data)
    except ValidationError as error:
        raise GuardError(f"the guard's state does not read: {error.errors()[0]['loc']}") from error
