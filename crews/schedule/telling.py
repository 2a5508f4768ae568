"""What the schedule tells people: runs that did not end well, spikes as they were seen, and its own gaps."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from crews.schedule.jobs import Job
from crews.schedule.store import Outcome, Run
from desk.alerts import Alert, Kind, Level, Outbox
from desk.domain.errors import DeskError

_LOG = logging.getLogger(__name__)
_WORDS: Mapping[Outcome, str] = {
    Outcome.FAILED: "failed",
    Outcome.REFUSED: "was refused",
    Outcome.TIMED_OUT: "took longer than its deadline and was ended",
    Outcome.INTERRUPTED: "was interrupted: nobody knows how it ended",
    Outcome.MISSED: "was missed",
}
# A spike is worth a person's attention from here on; what is only notable stands in the log.
_SPIKE_LEVELS: Mapping[str, Level] = {"STRONG": Level.INFO, "EXTREME": Level.WARNING}


class Telling:
    """Posts alerts for a schedule. Never raises: an alert that cannot be kept holds up no job."""

    def __init__(self, outbox: Outbox, profile: str) -> None:
        self._outbox, self._profile = outbox, profile

    def ended(self, run: Run) -> None:
        """Tell of a run that did not end well; one that did, or was stopped by its operator, is no news."""
        words = _WORDS.get(run.outcome)
        if words is None or run.note == "the crew pauses":
            return
        self._post(
            Alert(
                kind=Kind.SCHEDULE,
                level=Level.WARNING,
                title=f"{self._profile}: {run.job} of {run.slot:%H:%M} UTC {words}",
                text=run.note,
                key=f"{run.job}/{run.outcome.value}",
            )
        )

    def heard(self, job: Job, told: Mapping[str, object]) -> None:
        """Tell of a spike that a run has printed."""
        level = _SPIKE_LEVELS.get(str(told.get("severity", "")).upper())
        if told.get("kind") != "alert" or level is None:
            return
        symbol, sort = str(told.get("symbol", ""))[:20], str(told.get("type", "")).replace("_", " ").lower()[:40]
        self._post(
            Alert(
                kind=Kind.SPIKE,
                level=level,
                title=f"{symbol}: {sort} spike {str(told.get('direction', '')).lower()[:10]}",
                text=f"{told.get('percent')} %, {told.get('sigma')} sigma; {told.get('score')} stands behind it",
                key=f"{symbol}/{sort}",
            )
        )

    def _post(self, alert: Alert) -> None:
        try:
            self._outbox.post(alert)
        except DeskError as error:
            _LOG.warning("an alert is not kept: %s", error)
