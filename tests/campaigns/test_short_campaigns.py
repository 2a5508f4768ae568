"""Every campaign at its short size, and the judge itself: a judge that finds nothing in a broken guard is no judge."""

from __future__ import annotations

import ast
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigns.campaign import Campaign, Case
from campaigns.catalogue import CAMPAIGNS
from campaigns.journals.traced import wanted
from campaigns.kept import ROOT, begun, build, fresh, kept
from campaigns.mutants.__main__ import plant, try_out
from campaigns.mutants.planted import MUTANTS, Mutant

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(300)]

TRACED = ("errno", "cut", "windows")
# One fault of each kind in every run; `python -m campaigns.mutants` plants them all.
QUICK = ("the last of two keys", "baseline written again", "a journal error swallowed", "opens in any mode")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """A tormented guard logs what it should; nobody reads it here."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda campaign: campaign.name)
def test_a_campaign_breaks_no_promise(campaign: Campaign) -> None:
    if campaign.name in TRACED and shutil.which("strace") is None and not wanted():
        pytest.skip("strace is not on this machine; .ci/run installs it")
    cases = [campaign.play(seed) for seed in range(campaign.short)]
    broken = [f"{sentence}\n  {campaign.replay(case.seed)}" for case in cases for sentence in case.broken]
    assert not broken, "\n".join(broken)
    assert sum(case.cases for case in cases) > 0


@pytest.mark.parametrize("mutant", [one for one in MUTANTS if one.name in QUICK], ids=lambda mutant: mutant.name)
def test_a_fault_of_the_guard_is_noticed(mutant: Mutant) -> None:
    assert try_out(mutant).noticed


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_planted_fault_still_has_its_place(mutant: Mutant, tmp_path: Path) -> None:
    copy = tmp_path / "copy.py"
    copy.write_text((ROOT / "desk" / mutant.file).read_text())
    plant(mutant, copy)
    ast.parse(copy.read_text())
    assert copy.read_text() != (ROOT / "desk" / mutant.file).read_text()


def test_the_judge_shares_no_code_with_the_guard() -> None:
    for file in (ROOT / "campaigns" / "oracle").glob("*.py"):
        imported = [
            node.module if isinstance(node, ast.ImportFrom) else name.name
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in node.names
        ]
        assert not [name for name in imported if name and name.startswith("desk.guard")], file.name


def test_a_result_reads_back_as_it_was_kept_and_goes_on_from_there(tmp_path: Path) -> None:
    result = fresh(CAMPAIGNS[0])
    result.add(Case(seed=0, counts={"trips": 2}), CAMPAIGNS[0])
    result.add(Case(seed=1, broken=("I1: too large",), counts={"trips": 1}), CAMPAIGNS[0])
    result.write(tmp_path)
    assert kept("storm", tmp_path) == begun(CAMPAIGNS[0], tmp_path) == result
    assert (result.seeds, result.broken, result.counts["trips"]) == (2, 1, 3)
    assert "--only storm --seed 1" in result.sentences[0]


def test_a_campaign_starts_anew_when_its_own_code_changed_and_goes_on_when_another_s_did() -> None:
    assert build(("stormy.py",)) != build(("hostile",))
    for campaign in CAMPAIGNS:
        assert all((ROOT / "campaigns" / place).exists() for place in campaign.code), campaign.name
