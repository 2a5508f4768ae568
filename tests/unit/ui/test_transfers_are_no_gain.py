"""Money paid in or taken out is shown as the account's, and never as a gain or a loss: console, REST and report."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from fastapi.testclient import TestClient

from crews.record.day import Day, read_day
from desk.ledger import EquityRow, Ledger, sqlite_url
from ui.console.panels import PANELS, Wanted
from ui.day.page import page_of
from ui.day.text import headline, text_of
from ui.server.house import House

BEGIN = datetime(2026, 3, 1, 9, tzinfo=UTC)
PAID_IN, TAKEN_OUT = Decimal(5_000), Decimal(-9_000)
DAYS = 24


def write(house: House, *, gain: float = 0.0, moved: bool = True, known: bool = True) -> None:
    """Two looks a day at an account of 10,000: half of it comes in on the 8th day, 9,000 go on the 16th."""
    house.window.folder.root.mkdir(parents=True, exist_ok=True)
    rng, units, price, transfers = np.random.default_rng(3), Decimal(1), Decimal(10_000), Decimal(0)
    with closing(Ledger(sqlite_url(house.window.folder.ledger))) as ledger:
        for look in range(2 * DAYS):
            price *= 1 + Decimal(round(float(rng.normal(gain, 0.004)), 6)) if gain else 1
            came = {15: PAID_IN, 31: TAKEN_OUT}.get(look, Decimal(0)) if moved else Decimal(0)
            transfers += came
            units += came / price
            equity = round(units * price, 8)
            at = BEGIN + timedelta(hours=12 * look)
            told = transfers if known else None
            ledger.record(EquityRow(at=at, equity=equity, wallet=equity, unrealized=Decimal(0), transfers=told))


def drawn(house: House, of: str) -> dict[str, list[list[float]]]:
    return json.loads(PANELS["curve"](house, Wanted(said={"of": of})))


def test_a_flat_desk_with_a_deposit_and_a_withdrawal_has_no_sharpe_no_fall_and_stays_where_it_is(house: House) -> None:
    write(house)
    track = house.window.track()
    assert (track.sharpe, track.drawdown, track.days) == (None, 0.0, DAYS - 1)
    assert not house.window.daily_returns().any()
    assert (track.first, track.last) == (10_000, 6_000)
    assert {fall for _, fall in drawn(house, "drawdown")["points"]} == {0.0}
    assert {value for _, value in drawn(house, "equity")["points"]} == {10_000, 15_000, 6_000}
    bands: list[dict[str, list[list[float]]]] = drawn(house, "ahead")["bands"]  # type: ignore[assignment]
    assert {value for band in bands for _, value in band["points"]} == {6_000}


def test_a_desk_that_trades_has_the_figures_it_has_without_transfers(house: House) -> None:
    write(house, gain=0.001)
    moved, falls = house.window.track(), drawn(house, "drawdown")["points"]
    since = house.window.track(since=BEGIN + timedelta(days=4))
    house.window.close()
    house.window.folder.ledger.unlink()
    bare = type(house.window)(house.window.config, house.window.folder)
    write(house, gain=0.001, moved=False)
    without = bare.track()
    assert moved.sharpe is not None
    assert without.sharpe is not None
    assert moved.sharpe.estimate == pytest.approx(without.sharpe.estimate, rel=1e-6)
    assert moved.drawdown == pytest.approx(without.drawdown, rel=1e-6)
    assert 0 < since.drawdown <= moved.drawdown
    assert min(fall for _, fall in falls) == pytest.approx(-100 * without.drawdown, abs=1e-3)
    bare.close()


def test_points_of_before_transfers_were_kept_read_as_they_did(house: House) -> None:
    write(house, known=False)
    track = house.window.track()
    assert track.drawdown == pytest.approx(0.6)
    assert track.sharpe is not None


def test_over_rest_the_curve_tells_the_transfers_and_the_figures_leave_them_out(
    house: House, client: TestClient, bearer: dict[str, str]
) -> None:
    write(house)
    told = client.get("/api/v1/performance", headers=bearer).json()
    assert (told["drawdown"], told["sharpe"], told["last"]) == (0.0, None, "6000")
    [newest] = client.get("/api/v1/equity?limit=1", headers=bearer).json()["items"]
    assert (newest["equity"], newest["transfers"]) == ("6000", "-4000")


def day_of(house: House, day: date) -> Day:
    return read_day(house.window.config, house.window.folder, day)


def test_the_report_of_a_day_tells_what_came_in_beside_what_was_gained(house: House) -> None:
    write(house)
    paid_in, taken_out = (day_of(house, BEGIN.date() + timedelta(days=one)) for one in (7, 15))
    assert (paid_in.began, paid_in.ended, paid_in.transfers, paid_in.pnl, paid_in.worst) == (
        10_000,
        15_000,
        5_000,
        0,
        0,
    )
    assert (taken_out.transfers, taken_out.pnl, taken_out.worst) == (-9_000, 0, 0)
    assert "= 0.00 USDT" in headline(paid_in)
    assert "Paid in 5,000.00 USDT, which is no gain" in text_of(paid_in)
    assert "Taken out 9,000.00 USDT, which is no loss" in text_of(taken_out)
    assert "Taken out, neither gain nor loss" in page_of(taken_out)
    assert taken_out.to_json()["transfers"] == "-9000"
    other = day_of(house, BEGIN.date())
    assert "Paid in" not in text_of(other) + page_of(other)
