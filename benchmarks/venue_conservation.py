"""A long storm on the paper exchange: `python -m benchmarks.venue_conservation --operations 1000000 --seed 1`.

Every promise of the storm is looked at after every operation; the first that breaks ends the run with its seed.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.unit.desk.venues.paper.engine.storm import Storm

# A storm's history grows; many of this length are as rough as one long one and stay quick.
_EACH = 5_000


def main() -> None:
    """Blow storm after storm, and tell what happened in them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    done, liquidations, deleveraged, began = 0, 0, 0, time.process_time()
    seed = wanted.seed
    while done < wanted.operations:
        storm = Storm(seed=seed, auto_deleverage=seed % 2 == 1)
        length = min(_EACH, wanted.operations - done)
        try:
            storm.blow(length)
        except AssertionError as broken:
            sys.exit(f"seed {seed}: {broken}")
        done, seed = done + length, seed + 1
        liquidations += storm.counts["liquidations"]
        deleveraged += storm.counts["adl"]
    spent = time.process_time() - began
    print(f"{done} operations in {spent:.1f} s of CPU; every sum exact after each one")
    print(f"{liquidations} forced fills, {deleveraged} of deleveraging; seeds {wanted.seed} to {seed - 1}")


if __name__ == "__main__":
    main()
