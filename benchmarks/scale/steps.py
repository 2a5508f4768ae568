"""One step: so many guards on one exchange, twenty seconds of calm, then a market that falls for all of them at once."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scale.desks import Desk, desks_of, start
from benchmarks.scale.market import RAISED, ManyAccounts, Passing, Weight, open_exchange
from benchmarks.scale.watching import WANTED_SECONDS, Beats, Punctual, cpu_of, machine_cpu, punctual, resident
from desk.domain.errors import DeskError

SYMBOLS = 500
CALM_SECONDS, CRASH_SECONDS = 20.0, 60.0
# The guards look once more, and settle, before it falls.
_BRINK_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calm:
    """Of twenty seconds with two positions open in every account. CPU as a share of one core, memory in bytes."""

    guard_cpu: float
    watcher_cpu: float
    exchange_cpu: float
    simulation_cpu: float
    machine_busy: float
    guard_bytes: int
    watcher_bytes: int
    exchange_bytes: int
    weight_a_minute: float
    looks: Punctual
    blind: int
    slowest_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """Seconds from the fall until the first and the last guard had tripped, and until the last was locked and flat.

    `guard_cpu` are the CPU seconds that one guard spent on it, `exchange_cpu` those of the exchange on all.
    """

    first_tripped: float
    last_tripped: float
    middle_locked: float
    last_locked: float
    locked: int
    flat: int
    guard_cpu: float
    exchange_cpu: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One step, whole. `entered` accounts of `guards` held both positions; `troubles` is what broke, in words."""

    guards: int
    symbols: int
    start_seconds: float
    entered: int
    slowest_entry: float
    calm: Calm
    fall: Fall
    troubles: tuple[str, ...]


def measure(guards: int, *, symbols: int = SYMBOLS, seconds: float = CALM_SECONDS) -> Measured:
    """Run one step in a folder of its own; everything it starts it ends."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        exchange, accounts = open_exchange(home / "exchange", guards, symbols, limits=RAISED)
        desks: list[Desk] = []
        try:
            desks = desks_of(home, accounts, exchange.url)
            took = start(desks)
            entered = _enter(desks, exchange)
            calm = _calm(desks, exchange, seconds)
            fall = fall_of(desks, exchange)
        finally:
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(Desk.stop, desks))
            exchange.stop()
    return Measured(
        guards=guards,
        symbols=symbols,
        start_seconds=took,
        entered=sum(well for well, _ in entered),
        slowest_entry=max(slow for _, slow in entered),
        calm=calm,
        fall=fall,
        troubles=tuple(troubles_of(guards, [well for well, _ in entered], calm, fall)),
    )


def troubles_of(guards: int, entered: Sequence[bool], calm: Calm, fall: Fall) -> list[str]:
    """What broke at this step, in words; nothing when everything held."""
    looks, found = calm.looks, list[str]()
    if not all(entered):
        found.append(f"{entered.count(False)} of {guards} accounts were refused an entry")
    if calm.blind or looks.silent:
        found.append(f"{max(calm.blind, looks.silent)} of {guards} guards could not see their account")
    if looks.worst > 2 * WANTED_SECONDS:
        found.append(f"a look came {looks.worst:.1f} s after the one before, {WANTED_SECONDS:.0f} s wanted")
    if fall.flat < guards:
        found.append(f"{guards - fall.flat} of {guards} accounts were not flat {CRASH_SECONDS:.0f} s after the fall")
    return found


def _enter(desks: Sequence[Desk], exchange: ManyAccounts) -> list[tuple[bool, float]]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda one: one.enter(exchange), desks))


def _calm(desks: Sequence[Desk], exchange: ManyAccounts, seconds: float) -> Calm:
    passing, beats = Passing(exchange), Beats(desks)
    passing.start()
    beats.start()
    guards, watchers = [one.pid for one in desks], [one.watcher for one in desks]
    groups = (guards, watchers, [exchange.pid])
    before, (busy, all_cores) = [sum(map(cpu_of, pids)) for pids in groups], machine_cpu()
    began, own, weight = time.monotonic(), time.process_time(), Weight(exchange.url)
    while time.monotonic() - began < seconds:
        time.sleep(1)
        weight.look()
    took = time.monotonic() - began
    cpu = [(sum(map(cpu_of, pids)) - old) / took for pids, old in zip(groups, before, strict=True)]
    busy_after, all_after = machine_cpu()
    beats.stop()
    passing.stop()
    return Calm(
        guard_cpu=cpu[0] / len(desks),
        watcher_cpu=cpu[1] / len(desks),
        exchange_cpu=cpu[2],
        simulation_cpu=(time.process_time() - own) / took,
        machine_busy=(busy_after - busy) / (all_after - all_cores),
        guard_bytes=max(map(resident, guards)),
        watcher_bytes=max(map(resident, watchers)),
        exchange_bytes=resident(exchange.pid),
        weight_a_minute=weight.others / took * 60,
        looks=punctual(beats.seen, took),
        blind=sum(1 for one in desks if _is_blind(one)),
        slowest_second=passing.longest,
    )


def _is_blind(desk: Desk) -> bool:
    try:
        told = desk.guard.state()
    except DeskError:
        return True
    return bool(told.trouble) or told.mode != "NORMAL"


def fall_of(desks: Sequence[Desk], exchange: ManyAccounts, *, fallen: Callable[[], object] = list) -> Fall:
    """Let the market fall, and follow every guard until it is locked, or for a minute; `fallen` is called then."""
    exchange.to_the_brink()
    time.sleep(_BRINK_SECONDS)
    pids = [one.pid for one in desks]
    before, sold = sum(map(cpu_of, pids)), cpu_of(exchange.pid)
    fell = exchange.crash()
    fallen()
    tripped, locked = _followed(desks, fell)
    spent, sold = sum(map(cpu_of, pids)) - before, cpu_of(exchange.pid) - sold
    times = sorted(locked.values()) or [CRASH_SECONDS]
    return Fall(
        first_tripped=min(tripped.values(), default=CRASH_SECONDS),
        last_tripped=max(tripped.values(), default=CRASH_SECONDS),
        middle_locked=times[len(times) // 2],
        last_locked=times[-1] if len(locked) == len(desks) else CRASH_SECONDS,
        locked=len(locked),
        flat=sum(1 for one in desks if not one.held(exchange)),
        guard_cpu=spent / len(desks),
        exchange_cpu=sold,
        reasons=tuple(sorted({_reason(one) for one in desks})),
    )


def _followed(desks: Sequence[Desk], fell: float) -> tuple[dict[str, float], dict[str, float]]:
    """When each guard was seen to have tripped, and to be locked, in seconds after the fall."""
    tripped: dict[str, float] = {}
    locked: dict[str, float] = {}
    while len(locked) < len(desks) and time.monotonic() - fell < CRASH_SECONDS:
        for desk in desks:
            name = desk.account.name
            if name in locked:
                continue
            mode = _mode(desk)
            if mode not in ("NORMAL", "REDUCE_ONLY", ""):
                tripped.setdefault(name, time.monotonic() - fell)
            if mode == "LOCKED":
                locked[name] = time.monotonic() - fell
        time.sleep(0.02)
    return tripped, locked


def _mode(desk: Desk) -> str:
    try:
        return desk.health()[0]
    except DeskError:
        return ""


def _reason(desk: Desk) -> str:
    try:
        latch = desk.guard.state().latch
    except DeskError:
        return "no answer"
    return latch.reason if latch is not None else "not latched"
