"""`python -m campaigns.mutants.trial CAMPAIGN...`: play the first seeds of each until one breaks a promise.

Exit code 1 and one sentence when something broke, 0 when nothing did.
"""

from __future__ import annotations

import logging
import sys

from campaigns.catalogue import CAMPAIGNS

# Enough to notice what the tests' own short runs would notice within some nights.
SEEDS = {"storm": 40, "clocks": 10, "owned": 8, "texts": 3, "damage": 6, "errno": 12}


def main(names: list[str]) -> int:
    """Play; returns the exit code."""
    logging.disable(logging.CRITICAL)
    for name in names:
        [campaign] = [one for one in CAMPAIGNS if one.name == name]
        for seed in range(SEEDS[name]):
            case = campaign.play(seed)
            if case.broken:
                sys.stdout.write(f"{name}, seed {seed}: {case.broken[0]}\n")
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
