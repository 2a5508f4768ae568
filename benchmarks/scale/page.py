"""The page: what was seen at each step, what broke, and what follows for a thousand accounts, each figure with its origin."""

from __future__ import annotations

from benchmarks.scale.address import UsedUp
from benchmarks.scale.reckoned import ACCOUNTS, FLAT_WITHIN, SYMBOLS, WEIGHT_A_MINUTE, needed, way
from benchmarks.scale.results import Results
from benchmarks.scale.steps import CALM_SECONDS, Measured


def written(told: Results) -> str:
    """The page, as a whole."""
    most = told.steps[-1].guards
    parts = [
        "# Scale",
        f"Written by `python -m benchmarks.scale`: a simulation of up to {most} accounts at once, and what follows from it.",
        _how(told),
        "## What was seen",
        _steps(told),
        _falls(told),
        "## What broke first",
        _broke(told),
        "## What one core carries",
        _units(told),
        f"## {ACCOUNTS:,} accounts and {SYMBOLS} symbols",
        needed(told),
        "## The way there",
        way(told),
        f"({told.cores} cores, {told.memory / 1e9:.0f} GB, Python {told.python}, commit {told.commit}.)",
    ]
    return "\n\n".join(parts) + "\n"


def _how(told: Results) -> str:
    return f"""Every account is a profile with a key, a journal, a guard process and a watcher of its own, started by the code that starts
the product's. All of them trade on one paper exchange in one process that lists {told.steps[-1].symbols} symbols with a quote a second each; its
clock is moved on by the simulation, a second at a time. Exchange and simulation run on the same {told.cores} cores as the guards and
take the share that is told: at a real venue that share is the guards'. Every account holds a position in BTCUSDT and one in
SOLUSDT, so each guard wants a look every two seconds. At the steps the exchange grants weight without end, to see what breaks
behind the published limit; what happens at that limit has a run of its own below."""


def _steps(told: Results) -> str:
    head = f"""Calm, {CALM_SECONDS:.0f} s each. CPU in thousandths of a core; memory is resident, shared pages counted for each.

| accounts | guard CPU | its watcher | exchange CPU | simulation | machine busy | guard | watcher | exchange | looks a second, of wanted | between looks, median and worst | weight a minute, each |
|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"""
    return "\n".join([head, *(_calm_row(one) for one in told.steps)])


def _calm_row(one: Measured) -> str:
    calm = one.calm
    cells = (
        f"{one.guards}",
        f"{calm.guard_cpu * 1000:.1f}",
        f"{calm.watcher_cpu * 1000:.1f}",
        f"{calm.exchange_cpu * 1000:.0f}",
        f"{calm.simulation_cpu * 1000:.0f}",
        f"{calm.machine_busy:.0%}",
        f"{calm.guard_bytes / 1e6:.0f} MB",
        f"{calm.watcher_bytes / 1e6:.0f} MB",
        f"{calm.exchange_bytes / 1e6:.0f} MB",
        f"{calm.looks.kept:.1f} of {calm.looks.wanted:.1f}",
        f"{calm.looks.middle:.2f} s, {calm.looks.worst:.2f} s",
        f"{calm.weight_a_minute / one.guards:.0f}",
    )
    return f"| {' | '.join(cells)} |"


def _falls(told: Results) -> str:
    head = """Then BTC opens 12 % lower, SOL 5 %, for all of them at once. The stop in BTC rests at the exchange and fills there; every guard
trips on the fall, and closes SOL itself. Seconds after the fall; flat is what the exchange says of the account. The guards are
asked one after another, so the more there are, the later a trip and a lock are seen: those times are upper bounds.

| accounts | started within | entered both | slowest entry | first tripped | last tripped | half of them locked | all locked | flat | CPU a guard spent on it | and the exchange on all |
|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"""
    return "\n".join([head, *(_fall_row(one) for one in told.steps)])


def _fall_row(one: Measured) -> str:
    fall = one.fall
    cells = (
        f"{one.guards}",
        f"{one.start_seconds:.0f} s",
        f"{one.entered}",
        f"{one.slowest_entry:.2f} s",
        f"{fall.first_tripped:.2f} s",
        f"{fall.last_tripped:.2f} s",
        f"{fall.middle_locked:.2f} s",
        f"{fall.last_locked:.2f} s" if fall.locked == one.guards else f"{fall.locked} of {one.guards}",
        f"{fall.flat}",
        f"{fall.guard_cpu:.2f} s",
        f"{fall.exchange_cpu:.2f} s",
    )
    return f"| {' | '.join(cells)} |"


def _broke(told: Results) -> str:
    broken = [f"at {one.guards}: {'; '.join(one.troubles)}" for one in told.steps if one.troubles]
    seen = "; ".join(broken) or f"nothing, up to {told.steps[-1].guards} accounts on {told.cores} cores"
    return f"""1. **The venue's request weight, seen at {told.address.guards} accounts behind one address.** {_refused(told.address)}
2. **With the weight out of the way:** {seen}. {told.ended}
3. **What was left of the machine:** {_left(told)}"""


def _left(told: Results) -> str:
    last = told.steps[-1]
    calm = last.calm
    held = last.guards * (calm.guard_bytes + calm.watcher_bytes) + calm.exchange_bytes
    return (
        f"with {last.guards} accounts in calm it was {calm.machine_busy:.0%} busy, {calm.exchange_cpu / told.cores:.0%} with the exchange, and all"
        f" processes together held {held / 1e9:.1f} of {told.memory / 1e9:.0f} GB."
    )


def _refused(one: UsedUp) -> str:
    if not one.held_seconds:
        return f"At {WEIGHT_A_MINUTE} a minute none was refused: together they asked for {one.weight_a_minute:.0f}."
    fall = one.fall
    end = (
        f"the last was locked {fall.last_locked:.0f} s after the fall"
        if fall.locked == one.guards
        else (f"{one.guards - fall.locked} of them were not locked a minute after the fall")
    )
    return (
        f"They asked for {one.weight_a_minute:.0f} a minute of the {WEIGHT_A_MINUTE} that Binance grants, and"
        f" after {one.held_after:.0f} s of looking the first was refused, and then asks nothing for {one.held_seconds:.0f} s, until the minute is over, exits neither."
        f" The market was let fall in that time: three seconds later the exchange had closed BTC by the"
        f" resting stop for {one.stopped_after} of {one.guards} accounts, and {one.open_after} still held SOL; {end}, {fall.flat} of {one.guards} flat."
    )


def _units(told: Results) -> str:
    one, shared, last = told.units, told.shared, told.steps[-1]
    alone = last.calm.guard_cpu + last.calm.watcher_cpu
    rows = [
        "CPU time, because a disk is waited for.",
        "",
        "| of one | measured | so one core carries |",
        "|---|---|---|",
        f"| guard and its watcher, two positions, {last.symbols} marks a look, {last.guards} at once | {alone * 1000:.1f} ms a second | {1 / alone:,.0f} accounts |",
        f"| guard in a fall, from tick to locked, {last.guards} at once | {last.fall.guard_cpu:.2f} s | {FLAT_WITHIN / last.fall.guard_cpu:,.0f} accounts locked within {FLAT_WITHIN:.0f} s |",
        f"| decision of six agents, offline rules | {one.decision_cpu:.2f} s | {60 / one.decision_cpu:,.0f} decisions a minute |",
        f"| symbol screened, a trade and a score a second | {one.screened_cpu * 1e6:.0f} µs | {1 / one.screened_cpu:,.0f} symbols |",
        f"| row of the ledger on SQLite | {one.row_cpu * 1e3:.2f} ms | {1 / one.row_cpu:,.0f} rows a second |",
    ]
    if shared is not None:
        both = shared.server_cpu + shared.desk_cpu
        rows.append(
            f"| row of {shared.ledgers} ledgers in one PostgreSQL, all writing at once | {shared.desk_cpu * 1e3:.2f} ms in the desk,"
            f" {shared.server_cpu * 1e3:.2f} ms at the server | {1 / both:,.0f} rows a second; by the clock there were {shared.rows_a_second:,.0f} |"
        )
    return "\n".join(
        [
            *rows,
            "",
            f"A crew's process holds {one.crew_bytes / 1e6:.0f} MB with CrewAI loaded, whatever the number of symbols.",
        ]
    )
