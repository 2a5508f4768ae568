"""The crew is examined on its own days like a policy: skill passes, luck does not, another crew's days are no proof."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from config.loader import DeskConfig, load_desk
from crews.learning.advice import Adviser
from crews.learning.certifying import CrewExamined, certify, crew_digest, examine_crew
from crews.running.services import Folder
from desk.certificates.files import read
from desk.domain.errors import PrerequisiteError
from desk.ledger import DecisionRow, EquityRow, Ledger, ShadowRow, TradeClose, TradeRow, sqlite_url
from desk.ledger.pages import Pages
from desk.shadow.desks import Shadow
from tests.unit.crews.conftest import Look

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOW = START + timedelta(days=400)
OURS = load_desk("paper", environ={})
OTHER = load_desk("paper", environ={}, overrides={"desk.decision.min_strength": "4"})
D = Decimal


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(sqlite_url(tmp_path / "ledger.sqlite"))
    yield opened
    opened.close()


@pytest.fixture
def pages(ledger: Ledger, tmp_path: Path) -> Iterator[Pages]:
    opened = Pages(sqlite_url(tmp_path / "ledger.sqlite"))
    yield opened
    opened.close()


def lived(ledger: Ledger, days: int, *, gain: float, seed: int = 1, paid_in: dict[int, float] | None = None) -> None:
    """A desk that decided, traded and was shadowed once a day; `paid_in` is by days, as a multiple of the account."""
    rng = np.random.default_rng(seed)
    crew = 10_000 * np.cumprod(1 + rng.normal(gain, 0.004, days))
    others = {one: 10_000 * np.cumprod(1 + rng.normal(0, 0.004, days)) for one in (Shadow.HOLD, Shadow.RANDOM)}
    units, moved = 1.0, D(0)
    for day in range(days):
        at, name = START + timedelta(days=day), f"d{day}"
        ledger.record(
            DecisionRow(
                decision_id=name, run_id=f"r{day}", at=at, profile="paper", symbol="BTCUSDT", action="OPEN_LONG",
                conviction=D("0.5"), verdict="approved", rule="size.risk", intent_id=f"i{day}", mark=D(100),
                equity=D(10_000), snapshot_hash="s",
            )
        )  # fmt: skip
        came = (paid_in or {}).get(day, 0.0)
        before = D(repr(round(float(crew[day]) * units, 4)))
        units *= 1 + came
        worth = D(repr(round(float(crew[day]) * units, 4)))
        moved += worth - before
        ledger.record(EquityRow(at=at, equity=worth, wallet=worth, unrealized=D(0), transfers=moved))
        for one, curve in others.items():
            worth = D(repr(round(float(curve[day]), 4)))
            ledger.record(ShadowRow(desk=one.value, number=day + 1, decision_id=name, at=at, equity=worth, book="{}"))
        opened = TradeRow(
            intent_id=f"i{day}", decision_id=name, symbol="BTCUSDT", quantity=D(1), opened_at=at, entry_price=D(100)
        )
        ledger.record(opened)
        ledger.close_trade(
            f"i{day}",
            TradeClose(closed_at=at, exit_price=D(101), fees=D(0), funding=D(0), pnl=D(1), exit_reason="target"),
        )


def examined(ledger: Ledger, pages: Pages, *, changed_on: int = 0) -> CrewExamined:
    """The crew of the first `changed_on` days was set up otherwise."""

    def config_of(decision_id: str) -> DeskConfig:
        return OTHER if int(decision_id[1:]) < changed_on else OURS

    return examine_crew(OURS, ledger, pages, config_of, NOW)


def test_a_crew_with_an_edge_passes_and_its_certificate_is_good_for_no_other_crew(
    ledger: Ledger, pages: Pages, tmp_path: Path, look: Look
) -> None:
    lived(ledger, 150, gain=0.002)
    found = examined(ledger, pages)
    assert found.examined.passed, found.examined.verdict
    asked = {one.question for one in found.examined.findings}
    assert {"beats_flat", "beats_hold", "beats_random", "not_luck", "enough", "bearable"} <= asked
    folder = Folder(tmp_path / "paper")
    path = certify(found, "crew", folder.certificates, "o" * 40, NOW)
    held = read(path, "o" * 40)
    assert (held.strategy, held.artefact, held.symbols) == ("crew", crew_digest(OURS), ("BTCUSDT",))
    seen = replace(look(), at=NOW)
    assert Adviser(folder, "crew", crew_digest(OURS)).advise(seen).licence == held.strategy_id
    assert Adviser(folder, "crew", crew_digest(OTHER)).advise(seen).licence is None


def test_a_crew_without_an_edge_is_refused(ledger: Ledger, pages: Pages, tmp_path: Path) -> None:
    lived(ledger, 150, gain=0.0)
    found = examined(ledger, pages)
    assert not found.examined.passed
    with pytest.raises(PrerequisiteError, match="no edge proven"):
        certify(found, "crew", tmp_path, "o" * 40, NOW)


def test_what_is_paid_in_or_taken_out_makes_no_edge_and_no_fall(tmp_path: Path) -> None:
    found: list[CrewExamined] = []
    for number, paid_in in enumerate(({}, dict.fromkeys(range(20, 140, 10), 0.5), {60: -0.6})):
        url = sqlite_url(tmp_path / f"{number}.sqlite")
        with closing(Ledger(url)) as ledger, closing(Pages(url)) as pages:
            lived(ledger, 150, gain=0.0, paid_in=paid_in)
            found.append(examined(ledger, pages))
    bare, *others = found
    assert not bare.examined.passed
    assert bare.examined.mean is not None
    for one in others:
        told = [(finding.question, finding.passed) for finding in one.examined.findings]
        assert told == [(finding.question, finding.passed) for finding in bare.examined.findings]
        assert one.examined.mean is not None
        assert one.examined.mean.estimate == pytest.approx(bare.examined.mean.estimate, abs=1e-7)
        assert one.examined.findings[-1].told == bare.examined.findings[-1].told


def test_days_of_a_crew_that_was_set_up_otherwise_are_anothers_and_count_as_a_try(ledger: Ledger, pages: Pages) -> None:
    lived(ledger, 150, gain=0.002)
    found = examined(ledger, pages, changed_on=100)
    assert found.examined.days == 49
    told = {one.question: one for one in found.examined.findings}
    assert not told["enough"].passed
    assert "2 tries" in told["not_luck"].told
    with pytest.raises(PrerequisiteError, match="has not decided on two days"):
        examined(ledger, pages, changed_on=149)


def test_where_reports_are_read_from_and_the_profile_are_not_the_crew() -> None:
    elsewhere = load_desk("paper", environ={}, overrides={"desk.database": "sqlite:///elsewhere.sqlite"})
    assert crew_digest(elsewhere) == crew_digest(OURS)
    assert crew_digest(OTHER) != crew_digest(OURS)
