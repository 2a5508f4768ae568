"""The page holds everything it needs, shows what the trial found, and lets nothing a file's name says become markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from desk.backtest.report.curves import fall, kept_rows
from desk.backtest.report.page import page_of
from desk.backtest.report.words import ends, number, percent, share
from desk.backtest.terms import AccountTerms
from desk.backtest.trial.trial import Course, try_out
from desk.ledger import Tried
from tests.unit.desk.backtest.trial.tapes import Turner, candidate, market_of, wander

TERMS = AccountTerms(leverage=3.0)
NASTY = replace(market_of(wander(bars=24 * 90)), files=("</script><img src=x onerror=alert(1)>.parquet",))


@pytest.fixture(scope="module")
def page() -> str:
    course = Course(strain=True, walk=True, train_days=30, test_days=15)
    many = (candidate(Turner(), "<b>every 12</b>"), candidate(Turner(every=30), "every 30"))
    return page_of(try_out(NASTY, many, TERMS, course, lambda runs: Tried(count=2, spread=0.1)), NASTY, TERMS)


def test_a_page_asks_nobody_for_anything(page: str) -> None:
    own = page.replace(page[page.index("<script>") : page.rindex("<script>")], "")
    assert not re.search(r"""(?:src|href)\s*=\s*["']|url\(|@import|fetch\(""", own)


def test_what_others_named_stays_text(page: str) -> None:
    assert "<img src=x" not in page
    assert "<b>every 12</b>" not in page
    assert "&lt;b&gt;every 12" in page


def test_every_part_of_the_report_is_there(page: str) -> None:
    for heading in ("Equity", "Month by month", "Beside it", "How far to believe it", "At other costs", "Walk-forward"):
        assert f"<h2>{heading}" in page
    data = json.loads(re.search(r'id="data" type="application/json">(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
    assert len(data["trades"]) > 10
    assert set(data["curves"]["equity"]) == {"strategy", "flat", "buy and hold"}
    assert len(data["curves"]["charts"][0]["close"]) == len(data["curves"]["charts"][0]["time"])


def test_a_thinned_line_keeps_its_ends_its_peak_and_its_trough() -> None:
    line = np.random.default_rng(1).normal(0, 1, 50_000).cumsum()
    rows = kept_rows(line, 600)
    assert len(rows) <= 620
    assert {0, len(line) - 1, int(line.argmax()), int(line.argmin())} <= set(rows.tolist())
    assert kept_rows(line[:100], 600).tolist() == list(range(100))


def test_a_fall_is_measured_from_the_highest_so_far() -> None:
    assert fall(np.array([110.0, 99.0, 120.0, 60.0]), 100.0).tolist() == pytest.approx([0.0, -0.1, 0.0, -0.5])


def test_figures_have_a_sign_and_a_dash_where_there_is_nothing() -> None:
    assert (percent(0.1234), percent(-0.5), percent(-0.0), percent(None)) == ("+12.3 %", "−50.0 %", "+0.0 %", "–")
    assert (number(-1234.5), share(0.5), ends(None)) == ("−1,234.50", "50.0 %", "–")
    assert ends({"low": -0.1, "high": 0.2}) == "−10.0 % to +20.0 %"
