"""The charts of a profile, read now: what `crew chart` does on demand and a schedule every quarter of an hour.

No guard is asked and no key is needed; the venue is started where it is missing, and ended again by who started it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from config.loader import DeskConfig
from crews.running.clocks import VenueTime
from crews.running.opening import open_eyes
from crews.running.services import Folder, Services
from crews.seating import setup_of
from crews.setup import DeskSetup
from crews.spending.budget import Purse
from crews.spending.costs import Costs, open_costs
from crews.view.charts import Charted, Charts, keep
from desk.venues.binance.public import open_public
from memory.audit import AuditLog

_LOOKS = 2  # a picture, and the same in another form where an endpoint refuses the first


def read_charts(config: DeskConfig, folder: Folder, symbols: Sequence[str] = ()) -> list[Charted]:
    """Read and keep the charts of these symbols, or of the profile's own.

    Raises:
        PrerequisiteError: when the venue does not start, or a configured model lacks its key.
        VenueError: when the venue does not tell its time.
        JournalError: when what was read cannot be kept.
    """
    # Here and not above: the database library takes a third of a second to load.
    from crews.record.bookkeeping import ledger_url
    from desk.ledger import Ledger

    with ExitStack() as closing:
        services = Services(config, folder)
        closing.callback(services.close)
        public = open_public(services.open_venue())
        closing.callback(public.close)
        clock = VenueTime(public.server_time, stands_still=config.profile.clock.mode == "stepped")
        costs = open_costs(config, folder, closing)
        audit = AuditLog(folder.audit, clock)
        closing.callback(audit.close)
        ledger = Ledger(ledger_url(config, folder))
        closing.callback(ledger.close)
        setup, eyes = setup_of(config), open_eyes(config, closing, shelf=costs.shelf)
        charts = Charts(setup, public, audit, eyes=eyes, purse=lambda: _purse(setup, costs))
        found = [charts.read(symbol, clock.now()) for symbol in symbols or config.desk.symbols]
        for one in found:
            keep(ledger, one)
        return found


def _purse(setup: DeskSetup, costs: Costs) -> Purse:
    """What one chart may spend: its picture, under the ceilings of one agent in one decision and of the day."""
    return Purse(replace(setup.budget, requests=_LOOKS, seats=0), tariffs=setup.tariffs, book=costs.book)
