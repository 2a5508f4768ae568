"""What the venue says no with before any order reaches the book: Binance's codes, its sentences, its HTTP statuses.

Clients map the number, and ccxt for some codes the sentence too, so both are copied from the published error list.
"""

from __future__ import annotations

from desk.venues.paper.engine.values import Refusal

UNKNOWN_PATH = -5000
TOO_MANY_REQUESTS = -1003
TOO_MANY_ORDERS = -1015
OVERLOADED = -1008

_STATUS = {
    -1000: 500,
    TOO_MANY_REQUESTS: 429,
    TOO_MANY_ORDERS: 429,
    -2014: 401,
    -2015: 401,
    UNKNOWN_PATH: 404,
    OVERLOADED: 503,
}


def status_of(code: int) -> int:
    """The HTTP status Binance sends with an error code; a business refusal is 400."""
    return _STATUS.get(code, 400)


def body_of(code: int, message: str) -> dict[str, object]:
    """The error as JSON."""
    return {"code": code, "msg": message}


def mandatory(name: str) -> Refusal:
    """-1102: a parameter that must be there was absent, empty or unreadable."""
    return Refusal(-1102, message=f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def empty(name: str) -> Refusal:
    """-1105: an optional parameter was sent without a value."""
    return Refusal(-1105, message=f"Parameter '{name}' was empty.")


def not_required(name: str) -> Refusal:
    """-1106: a parameter was sent that this order must not carry."""
    return Refusal(-1106, message=f"Parameter '{name}' sent when not required.")


def illegal(name: str, legal: str) -> Refusal:
    """-1100: characters that no value of this parameter may hold."""
    return Refusal(-1100, message=f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")


def invalid(name: str) -> Refusal:
    """-1130: a value outside what the parameter may be."""
    return Refusal(-1130, message=f"Data sent for parameter '{name}' is not valid.")


def invalid_json() -> Refusal:
    """-1135: a message that is no JSON object."""
    return Refusal(-1135, message="Invalid JSON Request.")


def bad_symbol() -> Refusal:
    """-1121: no such symbol is listed."""
    return Refusal(-1121, message="Invalid symbol.")


def bad_interval() -> Refusal:
    """-1120: no such kline interval."""
    return Refusal(-1120, message="Invalid interval.")


def unknown_path(path: str, method: str) -> Refusal:
    """-5000: nothing is served there."""
    return Refusal(UNKNOWN_PATH, message=f"Path {path}, Method {method} is invalid")


def no_market(reason: str) -> Refusal:
    """-1008, status 503: there is no market to trade or read now, and nothing was accepted."""
    text = f"Server is currently overloaded with other requests. Please try again in a few minutes. ({reason})"
    return Refusal(OVERLOADED, message=text)


def unexpected() -> Refusal:
    """-1000: the venue failed in a way of its own; the caller cannot know what was done."""
    return Refusal(-1000, message="An unknown error occurred while processing the request.")


def unsupported() -> Refusal:
    """-1020: a request that HTTP allows and nobody serves, such as one too large or half an upgrade."""
    return Refusal(-1020, message="This operation is not supported.")


def banned(until_ms: int) -> Refusal:
    """-1003, status 418: an IP that went on after it was told to stop, until `until_ms` of wall time."""
    text = (
        f"Way too many requests; IP banned until {until_ms}. Please use the websocket for live updates to avoid bans."
    )
    return Refusal(TOO_MANY_REQUESTS, message=text)


def duplicated(name: str) -> Refusal:
    """-1101: the same parameter twice in one place."""
    return Refusal(-1101, message=f"Duplicate values for parameter '{name}' detected.")


def bad_combination() -> Refusal:
    """-1128: optional parameters that exclude each other."""
    return Refusal(-1128, message="Combination of optional parameters invalid.")


def too_long(hours: int) -> Refusal:
    """-1127: more time between two ends than may be asked for at once."""
    return Refusal(-1127, message=f"More than {hours} hours between startTime and endTime.")


def wrong_way_round() -> Refusal:
    """-1023: a range that ends before it starts."""
    return Refusal(-1023, message="Start time is greater than end time.")


def mandatory_pair(first: str, second: str) -> Refusal:
    """-1102: one of two parameters has to be there, and neither was."""
    text = f"Param '{first}' or '{second}' must be sent, but both were empty/null!"
    return Refusal(-1102, message=text)


def dead_listen_key() -> Refusal:
    """-1125: the listen key never lived or has run out."""
    return Refusal(-1125, message="This listenKey does not exist.")
