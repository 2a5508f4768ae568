"""Alerts: what people are told when something happens, kept durably before anything is sent.

Whoever has something to tell posts it to the `Outbox` and goes on: nothing here ever holds up the desk. The alert
service (`crew alerts run --profile NAME`, `ui.commands.alerts.run`) watches, delivers and, if so configured, acts on
what nobody acknowledges. When ready it says so in `run/alerts.json` of the profile's folder, as services do, and
SIGTERM ends it. Whoever embeds it calls `ui.messenger.service.run_alerts(...)`.
"""

from desk.alerts.outbox import Outbox
from desk.alerts.values import Alert, Kind, Level, Posted

__all__ = ["Alert", "Kind", "Level", "Outbox", "Posted"]
