"""`/paper/v1/faults`: read, replace or end the script of a running venue. Off unless the venue was started with it on.

GET tells the script, what struck, and the newest lines of the log. PUT begins anew with the script it carries as JSON.
DELETE puts the empty script in its place: everything is well again.
"""

from __future__ import annotations

import hmac

import orjson

from desk.domain.errors import ConfigError
from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.faults.faults import Faults
from desk.venues.paper.faults.script import Script, parse_script
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.figures import Json


def answer(faults: Faults, method: str, body: bytes, token: str | None, expected: str) -> Json:
    """Answer one request of the operator.

    Raises:
        Refusal: -5000 when the endpoint is off, -2015 with a wrong token, -1130 with a script that cannot be read.
    """
    if not faults.admin or method not in ("GET", "PUT", "DELETE"):
        raise errors.unknown_path("/paper/v1/faults", method)
    if not token or not hmac.compare_digest(token.encode(), expected.encode()):
        raise Refusal(-2015)
    if method != "GET":
        faults.load(Script() if method == "DELETE" else _script(body))
    return faults.report()


def _script(body: bytes) -> Script:
    try:
        return parse_script(orjson.loads(body), "the request")
    except orjson.JSONDecodeError as error:
        raise Refusal(-1130, message=f"the request: is no JSON: {error}") from None
    except ConfigError as error:
        raise Refusal(-1130, message=error.message) from None
