"""Plays seeds on all cores, keeps what they come to in the order of the seeds, and shows on a terminal how far it is.

An hour is shared out: first each campaign has its own minutes, then those that were cut have what is left. Whatever
ends a run, the next one goes on behind the last seed that was kept.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field

from campaigns.campaign import Campaign, Case
from campaigns.catalogue import CAMPAIGNS
from campaigns.kept import Result, begun, fresh

Played = tuple[Case, float]
# Seeds that wait while the one before them takes its time.
_AHEAD = 8
_WRITTEN_EVERY_S = 5.0
_SHOWN_EVERY_S = (0.5, 60.0)


@dataclass
class Hour:
    """How long all of it may take. Times are of the monotonic clock, in seconds."""

    until: float
    began: float = field(default_factory=time.monotonic)

    @property
    def spent(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self.until


def play_all(chosen: Sequence[Campaign], size: str, jobs: int, hour: Hour) -> list[Result]:
    """Every campaign within its own minutes, then what was cut, until the hour is over."""
    results: dict[str, Result] = {}
    shares = _shares(chosen, hour)
    for one in chosen:
        until = min(time.monotonic() + shares[one.name], hour.until)
        results[one.name] = _play(one, size, jobs, Hour(until))
    for one in chosen:
        if size == "full" and results[one.name].seeds < one.full and not hour.spent:
            results[one.name] = _play(one, size, jobs, hour)
    return [results[one.name] for one in chosen]


def _shares(chosen: Sequence[Campaign], hour: Hour) -> Mapping[str, float]:
    """Seconds for each: its minutes, stretched or pressed to the time there is."""
    there_is, wanted = hour.until - hour.began, sum(one.minutes for one in chosen)
    return {one.name: there_is * one.minutes / wanted for one in chosen}


def _play(campaign: Campaign, size: str, jobs: int, hour: Hour) -> Result:
    full = size == "full"
    result = begun(campaign) if full else fresh(campaign)
    seeds = range(result.seeds, campaign.full if full else campaign.short)
    written = shown = time.monotonic()
    try:
        for case, cpu in _in_order(campaign.name, seeds, jobs, hour):
            result.add(case, campaign)
            result.cpu_seconds += cpu
            for sentence in case.broken:
                say(f"  seed {case.seed}: {sentence}\n    {campaign.replay(case.seed)}")
            now = time.monotonic()
            if full and now - written > _WRITTEN_EVERY_S:
                result.write()
                written = now
            if now - shown > _SHOWN_EVERY_S[not sys.stderr.isatty()]:
                _show(result, campaign, len(seeds) + seeds.start, hour)
                shown = now
    finally:
        if full:
            result.write()
    _clear()
    total = campaign.full if full else campaign.short
    sys.stdout.write(f"{result.line()} ({result.seeds:,} of {total:,} seeds, {result.cpu_seconds:,.0f} s CPU)\n")
    sys.stdout.flush()
    return result


def _in_order(name: str, seeds: range, jobs: int, hour: Hour) -> Iterator[Played]:
    """Every seed's case in the order of the seeds; all cores are busy until the hour is over.

    Each campaign has processes of its own: what one loads, another that forks need not carry.
    """
    coming, waiting = iter(seeds), deque[Future[Played]]()
    pool = ProcessPoolExecutor(jobs, initializer=_quietly)
    try:
        while True:
            while len(waiting) < _AHEAD * jobs and not hour.spent and (seed := next(coming, None)) is not None:
                waiting.append(pool.submit(timed, name, seed))
            if not waiting:
                return
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _quietly() -> None:
    """How a process that plays begins: silent, and ended by the one that started it, not by a terminal.

    What is loaded stays loaded, so the collector need not walk over it again after every few hundred values.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def timed(name: str, seed: int) -> Played:
    """Play one seed of a campaign by its name; returns what it came to and the CPU seconds of it, children included."""
    began = sum(os.times()[:4])
    [campaign] = [one for one in CAMPAIGNS if one.name == name]
    case = campaign.play(seed)
    return case, sum(os.times()[:4]) - began


def _show(result: Result, campaign: Campaign, total: int, hour: Hour) -> None:
    passed = time.monotonic() - hour.began
    left = "" if hour.until == float("inf") else f", {max(0.0, hour.until - time.monotonic()) / 60:.0f} min at most"
    line = (
        f"  {campaign.name}: {result.seeds:,} of {total:,} seeds, {result.broken} broken, {passed / 60:.1f} min{left}"
    )
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{line}")
        sys.stderr.flush()
    else:
        say(line)


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")


def say(text: str) -> None:
    """Progress, on standard error."""
    _clear()
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
