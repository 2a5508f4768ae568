"""What a conformance run is told, what it calls explained, and what it writes down."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from conformance.page import page
from conformance.results import (
    Check,
    Explanation,
    Findings,
    Outcome,
    findings_of,
    needless,
    read_explanations,
    unexplained,
)
from conformance.suites import SUITES

FAILED = Check("async fetchMarginModes", Outcome.FAILED, "AssertionError: response is expected to be an array")
KNOWN = Explanation(suite="harness", check="* fetchMarginModes", whose="ccxt", why="asks for a list", saw="an array")


def found(*checks: Check) -> Findings:
    return Findings("harness", list(checks), versions={"ccxt": "4.5.90"})


def test_a_line_of_a_program_is_a_check() -> None:
    line = '{"check": "rest ping", "outcome": "not applicable", "reason": "spot"}'
    assert Check.told(line) == Check("rest ping", Outcome.NOT_APPLICABLE, "spot")


@pytest.mark.parametrize(
    "line", ["", "hello", "[]", '{"check": 1, "outcome": "passed"}', '{"check": "a", "outcome": "ok"}']
)
def test_anything_else_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Check.told(line)


def test_an_explanation_covers_its_own_failure_only() -> None:
    assert unexplained(found(FAILED), [KNOWN]) == []
    another_reason = Check(FAILED.name, Outcome.FAILED, "-1003 too many requests")
    another_name = Check("async fetchBalance", Outcome.FAILED, FAILED.reason)
    assert unexplained(found(another_reason, another_name), [KNOWN]) == [another_reason, another_name]
    elsewhere = Findings("unified", [FAILED])
    assert unexplained(elsewhere, [KNOWN]) == [FAILED]


def test_an_explanation_nobody_needs_is_told_once_its_suite_ran() -> None:
    assert needless([found(FAILED)], [KNOWN]) == []
    assert needless([found(Check(FAILED.name, Outcome.PASSED))], [KNOWN]) == [KNOWN]
    assert needless([], [KNOWN]) == []
    everywhere = replace(KNOWN, suite="*")
    assert needless([found(FAILED), Findings("unified")], [everywhere]) == []
    assert needless([Findings("unified")], [everywhere]) == [everywhere]


def test_a_kept_run_is_read_back_as_it_was() -> None:
    kept = found(FAILED, Check("sync ping", Outcome.PASSED))
    kept.seconds, kept.broke = 1.5, "it ended with code 1"
    assert findings_of(json.loads(json.dumps(asdict(kept)))) == kept


def test_the_page_counts_and_names_what_did_not_pass() -> None:
    aside = Check("sync signIn", Outcome.NOT_APPLICABLE, "no such method")
    text = page([found(Check("sync ping", Outcome.PASSED), FAILED, aside)], [KNOWN], "head")
    assert "| harness (`harness`) | ccxt 4.5.90 | 3 | 1 | 1 | 1 |" in text
    assert "* failed `async fetchMarginModes`: AssertionError: response is expected to be an array — ccxt: asks" in text
    assert "* not applicable, no such method: `sync signIn`" in text
    assert "sync ping" not in text


def test_an_unexplained_failure_and_a_broken_program_cannot_be_overread() -> None:
    broken = found(FAILED)
    broken.broke = "it ended with code 1"
    text = page([broken], [], "head")
    assert "**not explained**" in text
    assert "**The program broke: it ended with code 1.**" in text


def test_the_explanations_in_use_can_be_read_and_name_suites_that_exist() -> None:
    names = {suite.name for suite in SUITES}
    for one in read_explanations():
        assert any(one.speaks_of(name) for name in names)
        assert one.whose
        assert one.why


def test_every_suite_has_its_program_and_its_lock() -> None:
    here = Path(__file__).resolve().parents[3] / "conformance"
    for suite in SUITES:
        assert (here / "programs" / suite.program).is_file()
        lock = "node/package-lock.json" if suite.environment == "node" else f"requirements/{suite.environment}.txt"
        assert ("sha512-" if suite.environment == "node" else "--hash=sha256:") in (here / lock).read_text()
