"""docs/conformance.md, written from a run and from nothing else."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from conformance.exchange import ROOT
from conformance.results import Check, Explanation, Findings, Outcome, explanation_of
from conformance.suites import SEED, SUITES

PAGE: Final = ROOT / "docs" / "conformance.md"
_TITLES: Final = {suite.name: suite.title for suite in SUITES}


@dataclass(frozen=True, slots=True)
class Occasion:
    """When a run began (UTC, to the minute), on which state of the project, and how many minutes it took."""

    at: str
    commit: str
    minutes: int = 0

    @classmethod
    def now(cls) -> Occasion:
        """This moment; files that are changed and not committed are said to be."""
        commit, changed = _git("rev-parse", "--short", "HEAD"), _git("status", "--porcelain", "-uno")
        return cls(f"{datetime.now(UTC):%Y-%m-%d %H:%M}", f"{commit} with changes" if changed else commit)


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout.strip()


def write(found: Sequence[Findings], known: Sequence[Explanation], occasion: Occasion) -> None:
    """Write the page of a run."""
    PAGE.write_text(page(found, known, _head(occasion)))


def page(found: Sequence[Findings], known: Sequence[Explanation], head: str) -> str:
    """The text: a table of suites, then every check that failed or was set aside, with the reason."""
    parts = ["# Conformance", head, _table(found), *(_suite(findings, known) for findings in found)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(occasion: Occasion) -> str:
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    return (
        "Programs of other makers, unmodified, each in an environment of its own, against the paper exchange as its "
        "own command starts it. They are told an address and a key, in the way their own users would; the "
        "exchange is told to show this machine's time and to take more requests a minute than Binance does.\n\n"
        f"Written by `make conformance` on {occasion.at} UTC at commit {occasion.commit}, "
        f"seed {SEED}, {machine}, in {occasion.minutes} minutes. A failed check stays failed; where it is left so on "
        "purpose, the reason stands beside it (`conformance/explained.toml`). Not applicable is what a program says it "
        "does not do itself, or what asks for something a USD-M venue is not."
    )


def _table(found: Iterable[Findings]) -> str:
    rows = ["| suite | versions | checks | passed | failed | not applicable |", "|---|---|---|---|---|---|"]
    totals = dict.fromkeys(Outcome, 0)
    for findings in found:
        counts = {outcome: len(findings.of(outcome)) for outcome in Outcome}
        totals = {outcome: totals[outcome] + counts[outcome] for outcome in Outcome}
        versions = ", ".join(f"{name} {version}" for name, version in findings.versions.items())
        rows.append(_row(f"{_TITLES.get(findings.suite, findings.suite)} (`{findings.suite}`)", versions, counts))
    rows.append(_row("**all**", "", totals))
    return "\n".join(rows)


def _row(title: str, versions: str, counts: dict[Outcome, int]) -> str:
    figures = " | ".join(str(counts[outcome]) for outcome in Outcome)
    return f"| {title} | {versions} | {sum(counts.values())} | {figures} |"


def _suite(findings: Findings, known: Sequence[Explanation]) -> str:
    lines = [*_failures(findings, known), *_set_aside(findings)]
    if findings.broke:
        lines.insert(0, f"* **The program broke: {findings.broke}.**")
    return "\n".join([f"## {_TITLES.get(findings.suite, findings.suite)}", "", *lines]) if lines else ""


def _failures(findings: Findings, known: Sequence[Explanation]) -> Iterable[str]:
    for check in findings.of(Outcome.FAILED):
        about = explanation_of(findings.suite, check, known)
        why = f"{about.whose}: {about.why}" if about else "**not explained**"
        yield f"* failed `{check.name}`: {_plain(check.reason)} — {why}"


def _set_aside(findings: Findings) -> Iterable[str]:
    reasons: dict[str, list[Check]] = {}
    for check in findings.of(Outcome.NOT_APPLICABLE):
        reasons.setdefault(check.reason, []).append(check)
    for reason, checks in reasons.items():
        names = ", ".join(f"`{check.name}`" for check in checks)
        yield f"* not applicable, {reason}: {names}"


def _plain(text: str) -> str:
    """A reason without what differs from run to run, and without what a page would read as markup."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("`", "'")
