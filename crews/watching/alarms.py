"""Alerts as a snapshot keeps them: enums by their names and numbers to six digits, the weightiest first."""

from __future__ import annotations

from collections.abc import Sequence

from desk.domain.moments import from_ms
from desk.market.snapshot import AlarmBrief
from desk.screening.alert import Alert
from tools.rounding import short

MOST = 4


def alarm_briefs(alerts: Sequence[Alert]) -> tuple[AlarmBrief, ...]:
    """What a decision is told of the alerts that called for it."""
    return tuple(_brief(alert) for alert in sorted(alerts, key=lambda one: -one.worth)[:MOST])


def _brief(alert: Alert) -> AlarmBrief:
    found, stands = alert.alarm.found, alert.legitimacy
    return AlarmBrief(
        at=from_ms(alert.alarm.at),
        type=found.type.value,
        direction=found.direction.value,
        severity=alert.severity.value,
        sigma=short(found.sigma),
        percent=short(found.percent),
        market=None if alert.market is None else short(alert.market),
        score=stands.score,
        market_wide=stands.market_wide,
        volume_behind=stands.volume_behind,
        book_agrees=stands.book_agrees,
        headline=stands.headline,
    )
