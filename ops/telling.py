"""What the keeper tells people: a service that ended, is being replaced, or is given up. An alert never holds it up."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from desk.alerts import Alert, Kind, Level, Outbox
from desk.domain.errors import DeskError
from ops.standing import Standing, State

_LOG = logging.getLogger(__name__)
_WORDS: Mapping[State, tuple[Level, str]] = {
    State.WAITING: (Level.WARNING, "ended and is started again"),
    State.REPLACED: (Level.CRITICAL, "is gone; its watcher puts one in its place that only flattens"),
    State.GIVEN_UP: (Level.CRITICAL, "is given up"),
}


class Telling:
    """Posts an alert for each service that has come to stand worse than a moment before."""

    def __init__(self, outbox: Outbox, profile: str) -> None:
        self._outbox, self._profile = outbox, profile

    def changed(self, before: Sequence[Standing], now: Sequence[Standing]) -> None:
        """Compare two moments of the same services, in the same order."""
        for old, new in zip(before, now, strict=True):
            if new.state is not old.state and new.state in _WORDS:
                self._post(new, *_WORDS[new.state])

    def _post(self, one: Standing, level: Level, words: str) -> None:
        alert = Alert(
            kind=Kind.SERVICE,
            level=level,
            title=f"{self._profile}: the {one.name} {words}",
            text=one.reason,
            key=f"{one.name}/{one.state.name.lower()}",
        )
        try:
            self._outbox.post(alert)
        except DeskError as error:
            _LOG.warning("an alert is not kept: %s", error)
