"""The adviser tells what is promoted and proven, warns of what cannot be read, and costs no decision."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from crews.learning.advice import Adviser, strategy_of
from crews.learning.going_on import learning_from
from crews.running.services import Folder
from desk.certificates.files import sealed, write
from desk.domain.certificates import Certificate
from desk.domain.moments import to_ms
from desk.learning.method import Method
from desk.learning.policy import Origin, Policy
from desk.learning.promoted import Promotions
from desk.learning.shelf import PolicyShelf, Shelved
from desk.learning.states import SPACES
from desk.market.snapshot import Snapshot
from tests.unit.crews.conftest import Look

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "demo")


def shelved(folder: Folder, *, symbols: tuple[str, ...] = ("BTCUSDT",)) -> Shelved:
    """A policy that has been everywhere and always buys."""
    space = SPACES["lean"]
    table = np.zeros((space.size * 3, 3))
    table[:, 1] = 2.0
    policy = Policy(
        space=space,
        method=Method(),
        table=table,
        visits=np.full((space.size * 3, 3), 100, dtype=np.int64),
        origin=Origin(
            made_at=AT, seed=0, symbols=symbols, interval="1h", leader="BTCUSDT", learnt_from=AT,
            held_from=AT + timedelta(days=90), held_until=AT + timedelta(days=120), data={"BTCUSDT": "d" * 64},
        ),
    )  # fmt: skip
    return PolicyShelf(folder.policies).put(policy)


def certify(folder: Folder, one: Shelved, at: datetime, **changes: object) -> Certificate:
    base = Certificate(
        digest="",
        strategy=strategy_of(one.name),
        artefact=one.digest,
        symbols=("BTCUSDT",),
        issued_ms=to_ms(at) - 1000,
        expires_ms=to_ms(at) + 1000,
        evidence=(),
    )
    certificate = sealed(replace(base, **changes))
    write(certificate, folder.certificates, "o" * 40)
    return certificate


def advised(folder: Folder, snapshot: Snapshot) -> Snapshot:
    return Adviser(folder, "crew").advise(snapshot)


def test_without_a_promotion_nothing_is_added(folder: Folder, look: Look) -> None:
    seen = look()
    shelved(folder)
    assert advised(folder, seen) == seen


def test_a_promoted_policy_speaks_without_a_licence(folder: Folder, look: Look) -> None:
    one, seen = shelved(folder), look()
    Promotions(folder.promotions).promote(one.name, AT, certified=False)
    said = advised(folder, seen)
    assert said.policy is not None
    assert (said.policy.action, said.policy.lead, said.policy.visits) == ("BUY", 2.0, 300)
    assert (said.policy.certified, said.licence) == (False, None)


def test_a_certificate_gives_the_licence_while_it_holds(folder: Folder, look: Look) -> None:
    one, seen = shelved(folder), look()
    Promotions(folder.promotions).promote(one.name, AT, certified=True)
    certificate = certify(folder, one, seen.at)
    assert advised(folder, seen).licence == certificate.strategy_id
    later = replace(seen, at=seen.at + timedelta(seconds=2))
    assert advised(folder, later).licence is None


@pytest.mark.parametrize("changes", [{"artefact": "e" * 64}, {"symbols": ("ETHUSDT",)}, {"strategy": "policy-other"}])
def test_a_certificate_of_something_else_is_no_licence(folder: Folder, look: Look, changes: dict[str, object]) -> None:
    one, seen = shelved(folder), look()
    Promotions(folder.promotions).promote(one.name, AT, certified=True)
    certify(folder, one, seen.at, **changes)
    assert advised(folder, seen).licence is None


def test_the_crews_own_certificate_comes_first(folder: Folder, look: Look) -> None:
    one, seen = shelved(folder), look()
    Promotions(folder.promotions).promote(one.name, AT, certified=True)
    certify(folder, one, seen.at)
    own = certify(folder, one, seen.at, strategy="crew", artefact="c" * 64)
    assert advised(folder, seen).licence == own.strategy_id


def test_a_policy_keeps_silent_on_a_market_it_never_learnt(folder: Folder, look: Look) -> None:
    one = shelved(folder, symbols=("ETHUSDT",))
    Promotions(folder.promotions).promote(one.name, AT, certified=False)
    assert advised(folder, look()).policy is None


def test_what_cannot_be_read_costs_its_advice_and_one_warning(
    folder: Folder, look: Look, caplog: pytest.LogCaptureFixture
) -> None:
    one, seen = shelved(folder), look()
    Promotions(folder.promotions).promote(one.name, AT, certified=False)
    (folder.policies / one.name / "policy.npz").write_bytes(b"harmed")
    folder.certificates.mkdir(parents=True)
    (folder.certificates / "a.json").write_text("{}")
    adviser = Adviser(folder, "crew")
    with caplog.at_level(logging.WARNING):
        assert adviser.advise(adviser.advise(seen)) == seen
    assert len(caplog.records) == 2


def test_the_learner_beside_a_run_takes_each_bar_once(folder: Folder, look: Look) -> None:
    one, seen = shelved(folder), look()
    Promotions(folder.promotions).promote(one.name, AT, certified=False)
    pupil = Adviser(folder, "crew").pupil
    assert pupil is not None
    learn = learning_from(pupil)
    for _ in range(3):
        learn(seen)
    assert pupil.lessons == 0
    assert not pupil.look("BTCUSDT", bar=0, state=0, lean=0, mark=1.0)
