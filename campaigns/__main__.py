"""`python -m campaigns`: play the campaigns, keep what they find, and write it to docs/evidence.md.

A run may be cut at any moment and goes on where it stopped. Exit code 0: nothing broken in what was played. 1: a
promise was broken; each is shown with the command that plays its seed again.

  python -m campaigns                          every campaign to its full size, then the page
  python -m campaigns --size short             as in the tests
  python -m campaigns --only storm --minutes 10  ten minutes of one, to be continued
  python -m campaigns --only storm --seed 17   one seed again, and all that it broke
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from campaigns.campaign import Campaign, Case
from campaigns.catalogue import CAMPAIGNS
from campaigns.kept import Result, begun, fresh
from campaigns.page import write_page

_EVERY_S = 10.0


def main(arguments: list[str] | None = None) -> int:
    """Play what was asked for. Returns the exit code."""
    wanted = _words().parse_args(arguments)
    # What the guard logs while it is tormented is not what a campaign tells.
    logging.disable(logging.CRITICAL)
    chosen = [one for one in CAMPAIGNS if not wanted.only or one.name in wanted.only]
    if wanted.seed is not None:
        return _again(chosen, wanted.seed)
    if wanted.page:
        return _page()
    until = time.monotonic() + wanted.minutes * 60 if wanted.minutes else float("inf")
    results = [_play(one, wanted.size, wanted.jobs, until) for one in chosen]
    if wanted.size == "full" and not wanted.only:
        _page()
    return int(any(result.broken for result in results))


def _play(campaign: Campaign, size: str, jobs: int, until: float) -> Result:
    full = size == "full"
    result = begun(campaign.name) if full else fresh(campaign.name)
    seeds = range(result.seeds, campaign.full if full else campaign.short)
    written = time.monotonic()
    for case, cpu in _cases(campaign, seeds, jobs):
        result.add(case, campaign)
        result.cpu_seconds += cpu
        for sentence in case.broken:
            say(f"  seed {case.seed}: {sentence}\n    {campaign.replay(case.seed)}")
        if full and time.monotonic() - written > _EVERY_S:
            result.write()
            written = time.monotonic()
        if time.monotonic() > until:
            break
    if full:
        result.write()
    sys.stdout.write(f"{result.line()} ({result.seeds} of {campaign.full} seeds, {result.cpu_seconds:.0f} s CPU)\n")
    sys.stdout.flush()
    return result


def _cases(campaign: Campaign, seeds: range, jobs: int) -> Iterator[tuple[Case, float]]:
    """Every case in the order of the seeds, with the CPU seconds it took."""
    if jobs == 1:
        for seed in seeds:
            yield timed(campaign.name, seed)
        return
    with ProcessPoolExecutor(jobs, initializer=logging.disable, initargs=(logging.CRITICAL,)) as pool:
        for start in range(seeds.start, seeds.stop, 8 * jobs):
            block = range(start, min(start + 8 * jobs, seeds.stop))
            yield from pool.map(timed, [campaign.name] * len(block), block)


def timed(name: str, seed: int) -> tuple[Case, float]:
    """Play one seed of a campaign by its name; returns what it came to and the CPU seconds of it."""
    began = time.process_time()
    [campaign] = [one for one in CAMPAIGNS if one.name == name]
    case = campaign.play(seed)
    return case, time.process_time() - began


def _again(chosen: list[Campaign], seed: int) -> int:
    broken = 0
    for campaign in chosen:
        case = campaign.play(seed)
        broken += len(case.broken)
        sys.stdout.write(f"{campaign.name}, seed {seed}: {len(case.broken)} broken, {dict(case.counts)}\n")
        for sentence in case.broken:
            sys.stdout.write(f"  {sentence}\n")
    return int(broken > 0)


def _page() -> int:
    say(f"written: {write_page()}")
    return 0


def say(text: str) -> None:
    """Progress, on standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _words() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m campaigns", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [one.name for one in CAMPAIGNS]
    parser.add_argument("--only", action="append", choices=names, help="play this one alone; may be said again")
    parser.add_argument("--size", choices=("short", "full"), default="full", help="how many seeds; full is kept")
    parser.add_argument("--seed", type=int, help="play this seed alone and show all that it broke")
    parser.add_argument("--minutes", type=float, help="stop after this long; the next run goes on from there")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes side by side")
    parser.add_argument("--page", action="store_true", help="write docs/evidence.md from what is kept, and end")
    return parser


if __name__ == "__main__":
    sys.exit(main())
