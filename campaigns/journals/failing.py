"""A disk that says EIO, ENOSPC or EROFS at one exact call: no row that was acknowledged is lost, no failure unsaid."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from campaigns.campaign import Case
from campaigns.journals.traced import CALLS, ROWS, traced

_ERRORS = ("EIO", "ENOSPC", "EROFS")
_TURNS = 14


def failing(seed: int) -> Case:
    """One run of the journal with one failing call."""
    dice = random.Random(seed)
    call, error, when = CALLS[seed % len(CALLS)], dice.choice(_ERRORS), dice.randint(1, _TURNS)
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
        run = traced(Path(folder), f"{call}:error={error}:when={when}")
    what, broken = f"{error} at {call} {when}", list[str]()
    if run.ended not in (0, 4):
        broken.append(f"I12: {what}: the child ended with {run.ended}")
    if run.rows is not None and run.rows < len(run.acknowledged):
        broken.append(f"I10: {what}: {len(run.acknowledged)} rows acknowledged, {run.rows} on disk")
    if run.rows is None and run.acknowledged:
        broken.append(f"I10: {what}: {len(run.acknowledged)} rows acknowledged, and the journal does not verify")
    if len(run.acknowledged) + run.refused < ROWS and run.ended == 0:
        broken.append(f"I12: {what}: a row was neither acknowledged nor refused")
    if call == "fdatasync" and when <= ROWS and not run.injected:
        broken.append(f"I10: {len(run.acknowledged)} rows acknowledged, and fewer than {when} syncs")
    return Case(
        seed=seed,
        cases=int(run.injected),
        broken=tuple(broken),
        counts={"struck": int(run.injected), "refused rows": run.refused},
    )
