"""What a failed request means for the desk: refused, not sent, or nobody can tell. When in doubt, nobody can tell.

| what happened                                          | a read (GET)          | a write (POST, DELETE) |
|--------------------------------------------------------|-----------------------|------------------------|
| not connected: refused, no route, connect timeout      | VenueUnavailableError | VenueUnavailableError  |
| connected, no whole answer: read timeout, reset, torn  | VenueUnavailableError | OutcomeUnknownError    |
| 4xx with a code of the venue                           | VenueRejectedError    | VenueRejectedError     |
| 429, 418, -1003, -1008, -1015, -1021: provably undone  | VenueUnavailableError | VenueUnavailableError  |
| -1000, -1001, -1006, -1007, other 5xx, 3xx, HTML       | VenueUnavailableError | OutcomeUnknownError    |

Source: Binance's error-code page and its general text on HTTP 503. No error carries the text of a transport exception,
because those quote the whole URL with its signature.
"""

from __future__ import annotations

import json
import re

from desk.domain.errors import DataError, OutcomeUnknownError, VenueError, VenueRejectedError, VenueUnavailableError
from desk.venues.binance.fields import Fields
from desk.venues.binance.hints import hint_for

NO_SUCH_ORDER = -2013
CANCEL_REJECTED = -2011
MARGIN_TYPE_UNCHANGED = -4046
POSITION_MODE_UNCHANGED = -4059
CLOCK_CODES = frozenset({-1021, -5028})

# The venue says of these that the request was certainly not carried out, and a later one may be.
_UNDONE = frozenset({-1003, -1008, -1015, -1021, -5028})
# The venue says of these, or leaves open, that the request may have been carried out.
_UNDECIDED = frozenset({-1000, -1001, -1006, -1007})
_LIMITED = frozenset({418, 429})
_SECRETIVE = re.compile(r"(?i)(signature|apikey|secret|listenKey)(\"?\s*[=:]\s*\"?)[^&\s\"']+|\b[0-9A-Za-z]{64}\b")


def redacted(text: str, limit: int = 200) -> str:
    """A venue's own words on one line, shortened, without anything that looks like a key or a signature."""
    line = " ".join(_SECRETIVE.sub("[hidden]", text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def refusal(what: str, *, writes: bool, status: int, body: str, retry_after: str | None = None) -> VenueError:
    """The error for an HTTP answer outside 2xx. `what` names the call in plain words, such as `order`."""
    code, words = _code_and_words(body)
    if status in _LIMITED or code in _UNDONE or (status == 503 and "service unavailable" in body.lower()):
        return VenueUnavailableError(
            f"{what}: the venue took no request now: {words} (HTTP {status}, code {code})",
            hint=_when_to_retry(status, code, retry_after),
        )
    if code is not None and 400 <= status < 500 and code not in _UNDECIDED:
        return VenueRejectedError(f"{what}: {words}", code=code, hint=hint_for(code))
    return in_doubt(what, f"HTTP {status}, code {code}: {words}", writes=writes)


def not_sent(what: str, reason: str) -> VenueError:
    """The error for a request that never left this machine."""
    return VenueUnavailableError(f"{what}: the venue was not reached ({reason})", hint="is the venue running?")


def in_doubt(what: str, reason: str, *, writes: bool) -> VenueError:
    """The error for a request that left and got no clear answer."""
    if writes:
        return OutcomeUnknownError(
            f"{what}: no clear answer ({reason})", hint="query by client id; do not send it again"
        )
    return VenueUnavailableError(f"{what}: no clear answer ({reason})")


def unreadable(what: str, problem: DataError, *, writes: bool) -> DataError | VenueError:
    """The error for a 2xx answer that makes no sense: a write may well have happened, a read is bad data."""
    if writes:
        return in_doubt(what, f"the answer made no sense: {problem.message}", writes=True)
    return DataError(f"{what}: {problem.message}", hint=problem.hint)


def _code_and_words(body: str) -> tuple[int | None, str]:
    try:
        fields = Fields(json.loads(body), "refusal")
        return fields.integer("code"), redacted(fields.text("msg") if fields.has("msg") else "")
    except ValueError:
        return None, "an answer that is not JSON"
    except DataError:
        return None, "an answer without a code"


def _when_to_retry(status: int, code: int | None, retry_after: str | None) -> str:
    if code in CLOCK_CODES:
        return "the clocks differ; the offset is measured again before the next request"
    if retry_after is not None and retry_after.isascii() and retry_after.isdigit():
        return f"wait {retry_after} s before the next request"
    if status == 418:
        return "this address is banned for a while: wait at least 2 minutes"
    return "wait until the next full minute"
