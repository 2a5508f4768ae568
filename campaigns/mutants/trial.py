"""`python -m campaigns.mutants.trial CAMPAIGN...`: play the first seeds of each until one breaks a promise.

Exit code 1 and a line of JSON when something broke: campaign, seed, cases played until then, and the first sentence.
0 and the number of cases when nothing did.
"""

from __future__ import annotations

import json
import logging
import signal
import sys
from types import FrameType

from campaigns.campaign import Campaign, Case
from campaigns.catalogue import CAMPAIGNS

# Enough to notice what the tests' own short runs would notice within some nights.
SEEDS = {"storm": 60, "clocks": 10, "owned": 40, "texts": 3, "damage": 6, "errno": 12, "honest": 3, "windows": 40}
_USUALLY = 8
# CPU seconds that one seed may take: many times what it takes a guard that is sound.
_PATIENCE_S = 60.0


class TooLongError(BaseException):
    """A seed does not come to its end: who watches the desk sees a guard that no longer keeps up."""


def main(names: list[str]) -> int:
    """Play; returns the exit code."""
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGVTALRM, _enough)
    cases = 0
    for name in names:
        [campaign] = [one for one in CAMPAIGNS if one.name == name]
        for seed in range(SEEDS.get(name, _USUALLY)):
            case = _played(campaign, seed)
            cases += case.cases
            if case.broken:
                told = {"campaign": name, "seed": seed, "cases": cases, "sentence": case.broken[0]}
                sys.stdout.write(json.dumps(told) + "\n")
                return 1
    sys.stdout.write(json.dumps({"cases": cases}) + "\n")
    return 0


def _played(campaign: Campaign, seed: int) -> Case:
    signal.setitimer(signal.ITIMER_VIRTUAL, _PATIENCE_S)
    try:
        return campaign.play(seed)
    except TooLongError:
        return Case(seed=seed, broken=(f"I12: not over after {_PATIENCE_S:.0f} s of CPU",))
    except Exception as error:
        return Case(seed=seed, broken=(f"I12: {type(error).__name__}: {error}",))
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _enough(number: int, frame: FrameType | None) -> None:
    raise TooLongError


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
