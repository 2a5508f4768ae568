"""`python -m campaigns`: play the campaigns, keep what they find, and write it to docs/evidence.md.

All of them have an hour together, on all cores. A run may be cut at any moment and goes on where it stopped. Exit code
0: nothing broken in what was played. 1: a promise was broken; each is shown with the command that plays its seed again.
130: you ended it.

  python -m campaigns                          every campaign for its share of the hour, then the page
  python -m campaigns --size short             as in the tests
  python -m campaigns --only storm --minutes 10  ten minutes of one, to be continued
  python -m campaigns --only storm --seed 17   one seed again, and all that it broke
  python -m campaigns --list                   what there is, what it promises, and how much of it was played
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import time

from campaigns.campaign import Campaign
from campaigns.catalogue import CAMPAIGNS
from campaigns.kept import kept
from campaigns.page import write_page
from campaigns.player import Hour, play_all, say

_HOUR = 60.0


def main(arguments: list[str] | None = None) -> int:
    """Play what was asked for. Returns the exit code."""
    wanted = _words().parse_args(arguments)
    # What the guard logs while it is tormented is not what a campaign tells.
    logging.disable(logging.CRITICAL)
    chosen = [one for one in CAMPAIGNS if not wanted.only or one.name in wanted.only]
    if wanted.list:
        return _list(chosen)
    if wanted.seed is not None:
        return _again(chosen, wanted.seed)
    if wanted.page:
        return _page()
    minutes = wanted.minutes or (float("inf") if wanted.only or wanted.size == "short" else _HOUR)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        results = play_all(chosen, wanted.size, wanted.jobs, Hour(time.monotonic() + minutes * 60))
    except KeyboardInterrupt:
        say("ended by you; the same command goes on from here")
        return 130
    if wanted.size == "full" and not wanted.only:
        _page()
    return int(any(result.broken for result in results))


def _list(chosen: list[Campaign]) -> int:
    for campaign in chosen:
        found = kept(campaign.name)
        played = f"{found.seeds:,} of {campaign.full:,} seeds" if found else "not played"
        sys.stdout.write(f"{campaign.name:10} {campaign.promise}\n{'':10} {played}; {campaign.minutes:g} minutes\n")
    return 0


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
    parser.add_argument("--list", action="store_true", help="name the campaigns and what was played of each, and end")
    parser.add_argument("--page", action="store_true", help="write docs/evidence.md from what is kept, and end")
    return parser


if __name__ == "__main__":
    sys.exit(main())
