"""`/metrics` for Prometheus: what the guard tells at this moment, and nothing where it tells nothing.

A figure that is not known is absent, so that an alert on absence fires; a number kept from before would hide it.
"""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from ui.server.house import House, house_of

router = APIRouter(include_in_schema=False)


class DeskCollector:
    """Collects one desk's figures when they are asked for."""

    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Iterator[Metric]:
        """Every figure that is known now."""
        window = self._house.window
        seen = window.guard.look()
        yield _gauge("crewdesk_guard_up", "1 when the guard answers.", float(seen.status is not None))
        yield _gauge("crewdesk_account_known", "1 when the guard sees the account.", float(not seen.blind))
        yield _gauge("crewdesk_crew_paused", "1 while the crew pauses.", float(window.paused() is not None))
        yield _gauge(
            "crewdesk_kickoff_at_work", "1 while this server decides.", float(self._house.controls.kickoffs.at_work)
        )
        spent = window.spending()
        yield _gauge("crewdesk_models_usd_today", "What the models cost today, in USD.", float(spent.usd))
        yield _gauge("crewdesk_models_usd_limit", "The day's limit for models, in USD.", float(spent.limit))
        yield from self._services()
        if seen.status is None or seen.blind:
            return
        told = seen.status
        mode = GaugeMetricFamily("crewdesk_guard_mode", "1 for the guard's mode.", labels=["mode"])
        mode.add_metric([told.mode], 1.0)
        yield mode
        for name, words, value in (
            ("equity_usdt", "Equity.", told.equity),
            ("day_loss_usdt", "Lost today.", told.day.loss),
            ("day_left_usdt", "What may still be lost today.", told.day.left),
            ("rolling_left_usdt", "What may still be lost in 24 hours.", told.rolling.left),
            ("drawdown_ratio", "Below the highest equity, as a share of it.", told.drawdown.value),
            ("gap_budget_left_usdt", "Left of the gap budget.", told.gap_budget.left),
        ):
            yield _gauge(f"crewdesk_{name}", words, float(value))
        yield _gauge("crewdesk_positions", "Open positions.", float(len(told.positions)))
        bare = sum(one.stop is None for one in told.positions)
        yield _gauge("crewdesk_positions_without_stop", "Open positions without a resting stop.", float(bare))
        yield _gauge("crewdesk_journal_rows", "Rows of the guard's journal.", float(told.journal_seq))

    def _services(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("crewdesk_service_up", "1 when a process runs and answers.", labels=["service"])
        again = CounterMetricFamily(
            "crewdesk_service_restarts", "How often `crew up` started a service again.", labels=["service"]
        )
        held = GaugeMetricFamily("crewdesk_process_resident_bytes", "Memory a process holds.", labels=["service"])
        for one in self._house.window.services.services():
            up.add_metric([one.name], float(one.state == "up"))
            again.add_metric([one.name], float(one.restarts))
            if one.resident_bytes is not None:
                held.add_metric([one.name], float(one.resident_bytes))
        yield from (up, again, held)
        free, taken = self._house.window.services.disk()
        yield _gauge("crewdesk_disk_free_bytes", "Free where the data lie.", float(free))
        yield _gauge("crewdesk_disk_taken_bytes", "Taken by this profile's data.", float(taken))


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Prometheus's text format; scraped with a read token."""
    registry = CollectorRegistry()
    registry.register(DeskCollector(house_of(request)))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)
