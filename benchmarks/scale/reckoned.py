"""What follows for a thousand accounts: each figure with the step it was measured at, and what was only reckoned."""

from __future__ import annotations

import math

from benchmarks.scale.results import Results

ACCOUNTS, SYMBOLS = 1000, 500
# Binance's published limit of request weight for one address; entries pass while half of it is left.
WEIGHT_A_MINUTE, FOR_ENTRIES = 2400, 0.5
# What a look asks, of which the marks of all symbols and the time are the same for every account.
LOOK_WEIGHT, SHARED_WEIGHT = 21, 11
DECISION_MINUTES, PICKED_AN_HOUR = 15, 20
ROWS_A_MINUTE = 2
FLAT_WITHIN = 5.0


def needed(told: Results) -> str:
    """What a thousand accounts need, line by line."""
    last, units = told.steps[-1], told.units
    calm, at = last.calm, f"measured at {last.guards}, times {ACCOUNTS / last.guards:,.0f}"
    cores = ACCOUNTS * (calm.guard_cpu + calm.watcher_cpu)
    gigabytes = ACCOUNTS * (calm.guard_bytes + calm.watcher_bytes) / 1e9
    burst = ACCOUNTS * last.fall.guard_cpu / FLAT_WITHIN
    each = addresses_share(calm.weight_a_minute / last.guards)
    lines = [
        "| part | needed | where the figure comes from |",
        "|---|---|---|",
        f"| guards and watchers, calm | {cores:.1f} cores | {at} |",
        f"| the same, all falling at once and flat within {FLAT_WITHIN:.0f} s | {burst:.0f} cores | CPU of a fall {at}, spread over {FLAT_WITHIN:.0f} s; the venue's own time not in it |",
        f"| memory of guards and watchers | {gigabytes:.0f} GB | {at} |",
        f"| addresses, half of the weight left for entries | {math.ceil(ACCOUNTS / each):,} | weight {at}; {each} accounts an address |",
        f"| screening of {SYMBOLS} symbols | {SYMBOLS * units.screened_cpu:.2f} cores, once for all | measured at {SYMBOLS} symbols |",
        f"| decisions, one desk for all | {PICKED_AN_HOUR / 3600 * units.decision_cpu:.3f} cores, {PICKED_AN_HOUR} an hour | measured of one; one crew that asks many guards is **not built** |",
        f"| decisions, every account its own | {ACCOUNTS / DECISION_MINUTES / 60 * units.decision_cpu:.1f} cores, {ACCOUNTS * units.crew_bytes / 1e9:.0f} GB | measured of one, one every {DECISION_MINUTES} minutes each |",
        _ledger_line(told),
    ]
    return "\n".join(lines)


def addresses_share(weight_a_minute: float) -> int:
    """How many guards one address carries while entries may still pass; never none."""
    return max(1, int(WEIGHT_A_MINUTE * FOR_ENTRIES // weight_a_minute))


def _ledger_line(told: Results) -> str:
    rows = ACCOUNTS * ROWS_A_MINUTE / 60
    if told.shared is None:
        return f"| ledger, {ROWS_A_MINUTE} rows a minute each | {rows * told.units.row_cpu:.2f} cores | SQLite, measured of one |"
    share = rows * (told.shared.server_cpu + told.shared.desk_cpu)
    return (
        f"| ledger in one PostgreSQL, {ROWS_A_MINUTE} rows a minute each | {share:.2f} cores for {rows:.0f} rows a second |"
        f" measured at {told.shared.ledgers} ledgers; {ACCOUNTS:,} connections at once need a pooler, not run |"
    )


def way(told: Results) -> str:
    """What is built, what is not, and in which order it is needed."""
    last = told.steps[-1]
    alone = last.calm.weight_a_minute / last.guards
    left = alone - SHARED_WEIGHT * last.calm.looks.kept / last.guards * 60
    return f"""1. **One guard per account**: built, and what was run here. `crewdesk@PROFILE` is one unit an account.
2. **Shared market data**: not built for guards. Of the {LOOK_WEIGHT} that a look weighs, {SHARED_WEIGHT} are the time and the marks of all symbols, the same
   for every account; told once to all guards of an address, a guard would need about {left:.0f} a minute instead of {alone:.0f}, so
   {addresses_share(left)} accounts an address instead of {addresses_share(alone)}. That is arithmetic. The rest is each account's own truth, which no other may tell it: more
   accounts need more addresses, whatever the machines.
3. **PostgreSQL**: built, by URL; many ledgers in one server were run here.
4. **An existing distributed engine**: searches and training run on Ray with the same code ([learning](learning.md)). Guards need none: they
   share nothing, and a machine more is so many units more.
5. **One crew that decides once and asks many guards**: not built; today a crew asks one guard.

Nothing here was run with more than {last.guards} accounts at once, on more than one machine, or from more than one address."""
