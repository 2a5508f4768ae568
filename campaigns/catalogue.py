"""The table of campaigns: what each promises, and how much is played. Sizes are seeds; a seed may hold many cases."""

from __future__ import annotations

from campaigns import hostile, journals, stormy
from campaigns.campaign import Campaign

CAMPAIGNS: tuple[Campaign, ...] = (
    Campaign(
        name="storm",
        title="The deterministic storm",
        promise="I1-I12 hold for the production guard on the production engine through any swarm of faults and kills",
        unit="runs of 500 events",
        short=10,
        full=10_000,
        play=stormy.once,
    ),
    Campaign(
        name="twice",
        title="The same seed twice",
        promise="the same seed writes the same journal, and the journal replays to the same state",
        unit="seeds of 200 events",
        short=3,
        full=1_000,
        play=stormy.twice,
    ),
    Campaign(
        name="clocks",
        title="Clocks that lie",
        promise="one baseline a UTC day, written once; no clock loosens a latch or opens a day twice",
        unit="runs over twelve midnights",
        short=5,
        full=300,
        play=stormy.clocks,
    ),
    Campaign(
        name="texts",
        title="Hostile texts at the guard",
        promise="no text breaks the guard, each refusal has a named rule, nothing mended or truncated becomes an order",
        unit="texts",
        short=4,
        full=1_000,
        play=hostile.texts,
    ),
    Campaign(
        name="owned",
        title="An owned model",
        promise="no strategy of a model that belongs to the attacker loses more than the day's limit and the allowance",
        unit="runs of 30 simulated days",
        short=2,
        full=1_000,
        play=hostile.owned,
    ),
    Campaign(
        name="honest",
        title="An honest crew",
        promise="at least 98 % of legal intents are accepted, and nothing trips",
        unit="legal intents",
        short=4,
        full=25,
        play=hostile.honest,
    ),
    Campaign(
        name="damage",
        title="A damaged journal",
        promise="what does not verify is not opened, and no younger state comes back",
        unit="damaged copies",
        short=10,
        full=200,
        play=journals.damaged,
    ),
    Campaign(
        name="errno",
        title="A disk that fails",
        promise="a write, a sync or a rename that fails opens nothing and loses no row that was acknowledged",
        unit="failing calls",
        short=10,
        full=300,
        play=journals.failing,
    ),
    Campaign(
        name="cut",
        title="Killed at every system call of a commit",
        promise="what was acknowledged is on disk and verifies, wherever the process died",
        unit="kills",
        short=6,
        full=400,
        play=journals.killed,
    ),
)
