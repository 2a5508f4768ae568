"""What the desk's proofs let it do at a moment: the promoted policy's word, and the name it may trade under.

Both enter the snapshot, so that a decision replays with the advice it was made on. A policy that cannot be read costs
its advice and one warning, never a decision: without it the desk asks for less, or for nothing where a proof is needed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cached_property

import numpy as np

from crews.running.services import Folder
from desk.certificates.files import kept_in, read
from desk.domain.certificates import Certificate
from desk.domain.errors import DeskError
from desk.domain.moments import to_ms
from desk.learning.method import FLAT, LONG, SHORT
from desk.learning.policy import Advice, Policy, advise
from desk.learning.promoted import Promotions
from desk.learning.pupil import LivePupil
from desk.learning.shelf import PolicyShelf, Shelved
from desk.learning.sight import Mood, look
from desk.market.snapshot import PolicyBrief, Snapshot

_LOG = logging.getLogger(__name__)
_LEAD_DIGITS = 4


class Adviser:
    """The proofs of one profile, read once: a promotion takes effect at the next kickoff, as the guard's own do."""

    def __init__(self, folder: Folder, strategy_id: str, artefact: str | None = None) -> None:
        """`artefact` is the digest of the crew as it is set up: its own certificate is good for no other."""
        self._folder, self._strategy_id, self._artefact = folder, strategy_id, artefact

    def advise(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with the policy's word and the licence, where there are any."""
        brief = self._brief(snapshot)
        licence = self._licence(self._strategy_id, snapshot, artefact=self._artefact)
        if not licence and brief is not None and brief.certified:
            licence = brief.strategy_id
        return replace(snapshot, policy=brief, licence=licence or None)

    @property
    def word(self) -> Callable[[Snapshot, int], str] | None:
        """What the policy says to whoever holds a side (1, -1, 0); None where none is promoted."""
        if self._promoted is None:
            return None
        places = {0: FLAT, 1: LONG, -1: SHORT}

        def said(snapshot: Snapshot, side: int) -> str:
            told = self._said(snapshot, places[side])
            return "HOLD" if told is None else told.action

        return said

    @cached_property
    def pupil(self) -> LivePupil | None:
        """The learner that goes on from the promoted policy, None where none is promoted or its diary is harmed."""
        if self._promoted is None:
            return None
        try:
            return LivePupil(root=self._folder.pupil, name=self._promoted.name, policy=self._promoted.policy)
        except DeskError as error:
            _LOG.warning("nothing is learnt beside this run: %s", error)
            return None

    def _brief(self, snapshot: Snapshot) -> PolicyBrief | None:
        if self._promoted is None:
            return None
        said = self._said(snapshot, _holding(snapshot))
        if said is None:
            return None
        name = strategy_of(self._promoted.name)
        return PolicyBrief(
            strategy_id=self._licence(name, snapshot, artefact=self._promoted.digest) or name,
            action=said.action,
            lead=round(said.lead, _LEAD_DIGITS),
            visits=said.visits,
        )

    def _said(self, snapshot: Snapshot, position: int) -> Advice | None:
        """The policy's word on a market it learnt from and can see; else None."""
        if self._promoted is None:
            return None
        policy, interval = self._promoted.policy, self._promoted.policy.origin.interval
        if interval not in snapshot.intervals or snapshot.symbol not in policy.origin.symbols:
            return None
        try:
            return advise(policy, seen_by(snapshot, policy), position)
        except DeskError as error:
            _LOG.warning("the policy has no word on %s: %s", snapshot.symbol, error)
            return None

    def _licence(self, strategy: str, snapshot: Snapshot, artefact: str | None = None) -> str:
        """The name under which this strategy may open `snapshot.symbol` now; empty where nothing proves it."""
        for held in self._certificates:
            fits = held.strategy == strategy and snapshot.symbol in held.symbols and holds(held, snapshot.at)
            if fits and (artefact is None or artefact == held.artefact):
                return held.strategy_id
        return ""

    @cached_property
    def _promoted(self) -> Shelved | None:
        try:
            name = Promotions(self._folder.promotions).current
            return PolicyShelf(self._folder.policies).get(name) if name else None
        except DeskError as error:
            _LOG.warning("the promoted policy is not heard: %s", error)
            return None

    @cached_property
    def _certificates(self) -> tuple[Certificate, ...]:
        found: list[Certificate] = []
        for path in kept_in(self._folder.certificates):
            try:
                found.append(read(path))
            except DeskError as error:
                _LOG.warning("not a certificate: %s", error)
        return tuple(sorted(found, key=lambda one: one.issued_ms, reverse=True))


def strategy_of(policy: str) -> str:
    """What a policy is called as a strategy."""
    return f"policy-{policy}"


def holds(certificate: Certificate, at: datetime) -> bool:
    """Whether a certificate is in force."""
    return certificate.issued_ms <= to_ms(at) < certificate.expires_ms


def _holding(snapshot: Snapshot) -> int:
    position = snapshot.account.position(snapshot.symbol)
    return FLAT if position is None else LONG if position.quantity > 0 else SHORT


def seen_by(snapshot: Snapshot, policy: Policy) -> dict[str, np.ndarray]:
    """The figures of the newest bar, as the learner saw those of its lessons."""
    interval, leader = policy.origin.interval, policy.origin.leader
    known = {snapshot.symbol, *(reference.symbol for reference in snapshot.references)}
    ahead = snapshot.candles(interval, leader) if leader in known else None
    gauge = snapshot.outlook.fear_greed if snapshot.outlook else None
    mood = None if gauge is None else Mood(at=np.array([to_ms(gauge.at)]), value=np.array([float(gauge.value)]))
    return dict(look(snapshot.candles(interval), leader=ahead, mood=mood))
