"""Channels over Apprise: Telegram, Discord, mail, webhooks and whatever else it speaks, each by one URL.

The URL is the secret. It stands in no log, no message and no error: what the library says of a failure passes a cover
first. Stranger's text is sent as text: no service makes markup, a picture or a link of it on our account.
"""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any

from desk.alerts.values import Kind, Level, Posted
from desk.domain.errors import PrerequisiteError

# The library loads nearly two hundred services to find one: the usual ones are asked for by name.
_KNOWN: Mapping[str, tuple[str, str]] = {
    "tgram": ("telegram", "NotifyTelegram"),
    "discord": ("discord", "NotifyDiscord"),
    "mailto": ("email", "NotifyEmail"),
    "mailtos": ("email", "NotifyEmail"),
    "json": ("custom_json", "NotifyJSON"),
    "jsons": ("custom_json", "NotifyJSON"),
}
# Where each service's protocol begins below a server's address.
_PATHS: Mapping[str, str] = {"tgram": "/bot", "discord": "/api/webhooks"}
_TYPES: Mapping[Level, str] = {Level.INFO: "info", Level.WARNING: "warning", Level.CRITICAL: "failure"}
_LOGGER = "apprise"


class AppriseChannel:
    """One channel. `send` may be called from any thread."""

    for_people = True

    def __init__(
        self,
        name: str,
        url: str,
        *,
        least: Level = Level.INFO,
        kinds: frozenset[Kind] = frozenset(),
        base_url: str = "",
        cover: Callable[[str], str] = str,
    ) -> None:
        """Read the URL. Raises PrerequisiteError, without it, when no service has such a URL."""
        self._name, self._carries, self._cover = name, (least, kinds), cover
        self._service = _service_of(name, url, base_url)

    @property
    def name(self) -> str:
        """What the operator calls it."""
        return self._name

    @property
    def carries(self) -> tuple[Level, frozenset[Kind]]:
        """The least level, and the kinds; none means all."""
        return self._carries

    @property
    def service(self) -> str:
        """The service's own name, such as Telegram."""
        return str(getattr(self._service, "service_name", "") or type(self._service).__name__)

    def close(self) -> None:
        """Nothing is kept open between two messages."""

    def send(self, title: str, text: str, level: Level, about: Posted | None = None) -> str:
        """Send one message; empty when the service took it, else why not."""
        del about
        from apprise import Apprise

        # Through the library's front and not the plugin's own: that alone turns a text into the service's markup.
        front: Any = Apprise(self._service)  # partly typed there
        with _overheard() as said:
            try:
                taken = bool(
                    front.notify(body=text or title, title=title, notify_type=_TYPES[level], body_format="text")
                )
            except Exception as error:
                # The library's plugins are many hands' work: whatever breaks, this channel failed and nothing else.
                return self._cover(f"{type(error).__name__}: {error}")
        return "" if taken else self._cover(said[-1] if said else "the service did not take it")


def _service_of(name: str, url: str, base_url: str) -> Any:  # noqa: ANN401  the library's own plugin
    scheme = url.partition("://")[0].lower()
    if base_url and scheme not in _PATHS:
        raise PrerequisiteError(f"channel {name} has no `base_url`: its URL says where its server is")
    with _overheard():
        found = _instance(scheme, url)
    if found is None:
        raise PrerequisiteError(
            f"the URL of channel {name} is of no service", hint="tgram://, discord://, mailtos:// or jsons://"
        )
    found.request_rate_per_sec = 0  # the rules here say how often
    # A service refuses what is longer than it takes, each time anew: the message comes in parts, and all of it.
    found.overflow_mode = "split"
    if base_url:
        found.notify_url = base_url.rstrip("/") + _PATHS[scheme]
    if scheme == "discord":
        found.avatar = False
    return found


def _instance(scheme: str, url: str) -> Any:  # noqa: ANN401  the library's own plugin
    if scheme not in _KNOWN:
        from apprise import Apprise

        return Apprise.instantiate(url)  # pyright: ignore[reportUnknownMemberType]  partly typed there
    module, kind = _KNOWN[scheme]
    plugin = getattr(importlib.import_module(f"apprise.plugins.{module}"), kind)
    try:
        told = plugin.parse_url(url)
        return plugin(**told) if told else None
    except (TypeError, ValueError):
        return None


@contextmanager
def _overheard() -> Generator[list[str]]:
    """The warnings of the library on this thread meanwhile: why a service did not take a message."""
    hearing = _Hearing(threading.get_ident())
    logger = logging.getLogger(_LOGGER)
    logger.addHandler(hearing)
    try:
        yield hearing.said
    finally:
        logger.removeHandler(hearing)


class _Hearing(logging.Handler):
    """Keeps warnings of one thread."""

    def __init__(self, thread: int) -> None:
        super().__init__(logging.WARNING)
        self._thread = thread
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what this thread was told."""
        if record.thread == self._thread:
            self.said.append(record.getMessage())
