"""Every fault there is. Each model's docstring says what the client meets; docs/faults.md is the table for people.

`processed` says whether the exchange did what it was asked before things went wrong: from outside nobody can tell.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from desk.venues.paper.faults.when import OnMessage, OnRequest

Seconds = Annotated[float, Field(gt=0, le=3_600)]
Lasting = Annotated[float | None, Field(gt=0, description="Venue seconds; until the script ends by default.")]


# Answers


class Timeout(OnRequest):
    """No answer, ever: the connection stays open until the client gives up, or `hold_s` wall seconds passed."""

    kind: Literal["timeout"] = "timeout"
    processed: bool
    hold_s: Seconds = 60.0


class Late(OnRequest):
    """The request gets stuck on its way and is processed only after `behind` later ones; it is never answered."""

    kind: Literal["late"] = "late"
    behind: int = Field(default=2, ge=1, le=1_000)


class Reset(OnRequest):
    """The connection is reset (RST) instead of an answer."""

    kind: Literal["reset"] = "reset"
    processed: bool


class Duplicate(OnRequest):
    """The request is delivered twice, and the client gets the answer to one of the two."""

    kind: Literal["duplicate"] = "duplicate"
    answer: Literal["first", "second"] = "second"


class Delay(OnRequest):
    """The answer takes `seconds` (wall) longer."""

    kind: Literal["delay"] = "delay"
    seconds: Seconds


class Drip(OnRequest):
    """The body arrives in `pieces` over `seconds` (wall)."""

    kind: Literal["drip"] = "drip"
    seconds: Seconds = 1.0
    pieces: int = Field(default=5, ge=2, le=1_000)


class Truncated(OnRequest):
    """The body ends after the fraction `keep` of what Content-Length promised."""

    kind: Literal["truncated"] = "truncated"
    keep: float = Field(default=0.5, ge=0, lt=1)


class Html(OnRequest):
    """A page of the machine in front, where JSON was expected."""

    kind: Literal["html"] = "html"
    status: Literal[200, 403, 502, 504] = 502
    server: Literal["cloudfront", "nginx"] = "cloudfront"
    processed: bool


class WrongType(OnRequest):
    """The right body under a wrong Content-Type."""

    kind: Literal["content_type"] = "content_type"
    content_type: str = Field(default="text/html", pattern=r"^[a-z]+/[a-z0-9.+-]+$")


class Overload(OnRequest):
    """HTTP 503 in Binance's three wordings: only `unknown` may have been carried out."""

    kind: Literal["overload"] = "overload"
    variant: Literal["unknown", "unavailable", "internal"] = "unknown"
    processed: bool = False


class Code(OnRequest):
    """An error code: -1000, -1001, -1006, -1007, -1008, -1015, -1021, -2013, -2015 or any other."""

    kind: Literal["code"] = "code"
    code: int = Field(lt=0, ge=-9_999)
    processed: bool = False
    status: int | None = Field(default=None, ge=400, le=599, description="Binance's own for the code by default.")
    message: str | None = None


class Limit(OnRequest):
    """-1003 with HTTP 429, or 418 for a ban; with or without Retry-After."""

    kind: Literal["limit"] = "limit"
    status: Literal[418, 429] = 429
    retry_after: int | None = Field(default=None, ge=0, le=86_400)


class Stale(OnRequest):
    """A read is answered from a copy that lags: as the same question was `back` times ago, up to `within_s` old."""

    kind: Literal["stale"] = "stale"
    back: int = Field(default=1, ge=1, le=8)
    within_s: Seconds = Field(default=5.0, description="By the venue's clock. No copy is older than that.")


# Time, market, venue: a request sets them off, and is then answered as usual


class Jump(OnRequest):
    """The venue's wire clock jumps by `ms`, forward or back, and stays there."""

    kind: Literal["jump"] = "jump"
    ms: int = Field(ge=-86_400_000, le=86_400_000)


class Drift(OnRequest):
    """The wire clock gains (or loses) `ms_per_s` for each venue second."""

    kind: Literal["drift"] = "drift"
    ms_per_s: float = Field(ge=-1_000, le=1_000)
    for_s: Lasting = None


class Skew(OnRequest):
    """`/time` says one thing, the check of timestamps goes by another: they differ by `ms`."""

    kind: Literal["skew"] = "skew"
    ms: int = Field(ge=-86_400_000, le=86_400_000)
    for_s: Lasting = None


class Halt(OnRequest):
    """`symbol` is halted: no quotes, orders refused with -1122, cancels pass; it reopens with a gap."""

    kind: Literal["halt"] = "halt"
    symbol: str = Field(min_length=2, max_length=40)
    for_s: Lasting = None


class Silence(OnRequest):
    """The price source falls silent: what needs a price is answered -1008, stops wait; it comes back with a gap."""

    kind: Literal["silence"] = "silence"
    for_s: Lasting = None


class RefuseTrigger(OnRequest):
    """The next `count` conditional orders that trigger (of `symbol`, or any) end REJECTED instead of trading."""

    kind: Literal["refuse_trigger"] = "refuse_trigger"
    symbol: str | None = None
    count: int = Field(default=1, ge=1, le=200)


class DropStops(OnRequest):
    """The venue cancels every resting conditional order (of `symbol`, or all)."""

    kind: Literal["drop_stops"] = "drop_stops"
    symbol: str | None = None


class KillKey(OnRequest):
    """The account's listen keys die early; with `quiet` nobody is told."""

    kind: Literal["kill_key"] = "kill_key"
    quiet: bool = False


# Streams


class Gap(OnMessage):
    """`count` messages in a row are lost."""

    kind: Literal["gap"] = "gap"
    count: int = Field(default=1, ge=1, le=10_000)


class Repeat(OnMessage):
    """The message arrives twice."""

    kind: Literal["repeat"] = "repeat"


class Reorder(OnMessage):
    """The message arrives after the next `behind` ones of its channel."""

    kind: Literal["reorder"] = "reorder"
    behind: int = Field(default=1, ge=1, le=100)


class Tardy(OnMessage):
    """The message, and every one of its channel behind it, arrives `seconds` (wall) late."""

    kind: Literal["tardy"] = "tardy"
    seconds: Seconds


class Corrupt(OnMessage):
    """The frame is cut in the middle, and is no JSON any more."""

    kind: Literal["corrupt"] = "corrupt"


class Freeze(OnMessage):
    """What the rule matches stands still for `for_s` venue seconds, on this connection; the rest goes on."""

    kind: Literal["freeze"] = "freeze"
    for_s: Annotated[float, Field(gt=0)] = 60.0


class HalfOpen(OnMessage):
    """The socket stays open and goes silent: no message, no pong."""

    kind: Literal["half_open"] = "half_open"


class Disconnect(OnMessage):
    """The connection is dropped; with `abrupt` without a close frame."""

    kind: Literal["disconnect"] = "disconnect"
    abrupt: bool = True


AnswerFault = (
    Timeout | Late | Reset | Duplicate | Delay | Drip | Truncated | Html | WrongType | Overload | Code | Limit | Stale
)
OverHttp = Drip | Html | WrongType
WorldFault = Jump | Drift | Skew | Halt | Silence | RefuseTrigger | DropStops | KillKey
StreamFault = Gap | Repeat | Reorder | Tardy | Corrupt | Freeze | HalfOpen | Disconnect
RequestFault = AnswerFault | WorldFault
Fault = RequestFault | StreamFault

Rule = Annotated[Fault, Field(discriminator="kind")]
"""One rule of a script: a kind, its measure, and when it strikes."""
