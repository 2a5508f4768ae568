"""Killed at one exact system call of a commit, for every call and turn: the journal is whole, and has each ack."""

from __future__ import annotations

import tempfile
from pathlib import Path

from campaigns.campaign import Case
from campaigns.journals.traced import CALLS, traced


def killed(seed: int) -> Case:
    """The child dies at call number `seed // calls` of one kind; what it acknowledged must be there."""
    call, when = CALLS[seed % len(CALLS)], seed // len(CALLS) + 1
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
        run = traced(Path(folder), f"{call}:signal=SIGKILL:when={when}")
    broken: list[str] = []
    what = f"killed at {call} {when}"
    if run.acknowledged and run.rows is None:
        broken.append(f"I10: {what}: the journal does not verify")
    if run.rows is not None and run.rows < len(run.acknowledged):
        broken.append(f"I10: {what}: {len(run.acknowledged)} rows acknowledged, {run.rows} on disk")
    if run.rows is not None and run.rows > len(run.acknowledged) + 1:
        broken.append(f"I10: {what}: more than one row beyond what was acknowledged")
    return Case(seed=seed, cases=int(run.injected), broken=tuple(broken), counts={"struck": int(run.injected)})
