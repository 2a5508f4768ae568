"""The page of evidence carries the walk-forward's own verdict and figures, once, and none where it states none."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.walkforward.told import write

WALKED = """# What it came to

<!-- output:walks -->
## Out of sample

How.

| strategy | market | days | return a year | Sharpe | trades | without costs | beyond luck |
|---|---|---|---|---|---|---|---|
| momentum | BTC+ETH 1h | 1,711 | +4.5 % (−1.7 % to +11.5 %) | 0.69 | 1,240 | +8.3 % | 0.0 % |
| q-policy | XRP 1h | 900 | −29.1 % (−36.5 % to −22.3 %) | −3.31 | 7,697 | +2.3 % | 0.0 % |

{verdict}

Without costs 2 of 2.

(conditions)
<!-- /output:walks -->
"""
EVIDENCE = "# Evidence\n\nBefore.\n\n<!-- campaigns -->\nAfter.\n"


def written(folder: Path, verdict: str, times: int = 1) -> str:
    page, evidence = folder / "walkforward.md", folder / "evidence.md"
    page.write_text(WALKED.format(verdict=verdict), encoding="utf-8")
    evidence.write_text(EVIDENCE, encoding="utf-8")
    for _ in range(times):
        write(evidence, page)
    return evidence.read_text(encoding="utf-8")


def test_verdict_figures_and_conditions_are_those_of_the_walk(tmp_path: Path) -> None:
    text = written(tmp_path, "**No edge is proven.** None.")
    before, section = text.split("<!-- walkforward -->")
    assert before == "# Evidence\n\nBefore.\n\n"
    assert section.endswith("(conditions)\n<!-- /walkforward -->\n\n<!-- campaigns -->\nAfter.\n")
    assert "**No edge is proven.** None.\n" in section
    assert "| q-policy | XRP 1h | 900 | −29.1 % (−36.5 % to −22.3 %) | 7,697 | +2.3 % | 0.0 % |" in section
    assert "of BTC, ETH, XRP:" in section
    assert written(tmp_path, "**No edge is proven.** None.", times=2) == text


def test_a_walk_that_states_no_verdict_is_not_told(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="states 0 verdicts"):
        written(tmp_path, "All is well.")
