"""Webhooks for programs: each alert as one signed POST, so that whoever receives it knows it is ours, whole and new.

Signed as the Standard Webhooks specification (1.0) says, so that any of its libraries verifies it: HMAC-SHA256 over id,
timestamp and body. The id follows from the alert alone: a try after a failure, or after a kill, carries the same one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from desk.alerts.values import Kind, Level, Posted
from desk.domain.errors import FetchError, PrerequisiteError
from desk.domain.moments import from_ms, to_ms
from desk.fetch.client import GuardedClient
from desk.fetch.links import read_link
from desk.ports import Clock

_PREFIX = "whsec_"
_LEAST_BYTES = 24
_VERSION = 1


class SignedHook:
    """One program that is told. `send` may be called from any thread; a client of its own is closed with `close`."""

    for_people = False
    service = "signed webhook"

    def __init__(
        self,
        name: str,
        url: str,
        secret: str,
        *,
        client: GuardedClient,
        clock: Clock,
        least: Level = Level.INFO,
        kinds: frozenset[Kind] = frozenset(),
        cover: Callable[[str], str] = str,
    ) -> None:
        """Read address and secret. Raises PrerequisiteError, without either, when one of them is none."""
        self._name, self._url, self._key = name, _address(name, url), _key_of(name, secret)
        self._client, self._clock, self._carries, self._cover = client, clock, (least, kinds), cover

    @property
    def name(self) -> str:
        """What the operator calls it."""
        return self._name

    @property
    def carries(self) -> tuple[Level, frozenset[Kind]]:
        """The least level, and the kinds; none means all that people are told."""
        return self._carries

    def close(self) -> None:
        """Close the client."""
        self._client.close()

    def send(self, title: str, text: str, level: Level, about: Posted | None = None) -> str:
        """Post one event; empty when it was taken with a 2xx, else why not."""
        now = self._clock.now()
        told = _test_of(title, text, level, to_ms(now)) if about is None else event_of(about)
        body = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
        stamp = str(to_ms(now) // 1000)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": str(told["id"]),
            "webhook-timestamp": stamp,
            "webhook-signature": signature(self._key, str(told["id"]), stamp, body),
        }
        trouble = self._client.post(self._url, body, headers)
        return "" if trouble is None else self._cover(f"{trouble.rule}: {trouble.message}")


def event_of(posted: Posted) -> dict[str, Any]:
    """An alert as a program reads it: times in ISO 8601 UTC, amounts as text, `data` as the record has it."""
    alert = posted.alert
    return {
        "id": f"alert-{posted.number}-{to_ms(posted.at)}",
        "version": _VERSION,
        "type": alert.kind.value,
        "level": alert.level.value,
        "timestamp": posted.at.isoformat(),
        "title": alert.title,
        "text": alert.text,
        "data": dict(alert.data),
    }


def signature(key: bytes, id_: str, stamp: str, body: bytes) -> str:
    """What goes into the header `webhook-signature`. `stamp` in whole seconds since 1970 UTC."""
    signed = hmac.new(key, b".".join((id_.encode(), stamp.encode(), body)), hashlib.sha256)
    return f"v1,{base64.b64encode(signed.digest()).decode()}"


def _test_of(title: str, text: str, level: Level, now: int) -> Mapping[str, Any]:
    told: dict[str, Any] = {
        "level": level.value,
        "timestamp": from_ms(now).isoformat(),
        "title": title,
        "text": text,
        "data": {},
    }
    return {"id": f"test-{now}", "version": _VERSION, "type": Kind.TEST.value, **told}


def _key_of(name: str, secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < _LEAST_BYTES:
        raise PrerequisiteError(
            f"the secret of webhook {name} is not {_LEAST_BYTES} bytes or more in base64",
            hint=f'make one: echo "{_PREFIX}$(openssl rand -base64 32)"',
        )
    return key


def _address(name: str, url: str) -> str:
    try:
        read_link(url)
    except FetchError as error:
        raise PrerequisiteError(f"the address of webhook {name} does not read: {error.message}") from None
    return url
