"""`crew policy` from end to end on a recorded market of our own: learnt, shown, examined, refused, and taken back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from click.testing import Result
from typer.testing import CliRunner

from ui.cli import build
from ui.exits import Exit

HOUR = 3_600_000
START = 1_672_531_200_000  # 2023-01-01


@pytest.fixture
def market(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """4,000 hourly bars of a market that nobody can know, and a home of its own."""
    monkeypatch.setenv("CREWDESK_HOME", str(tmp_path / "var"))
    rng = np.random.default_rng(0)
    close = np.round(20_000 * np.exp(np.cumsum(rng.normal(0, 0.004, 4_000))), 1)
    opened = np.r_[20_000.0, close[:-1]]
    columns = {
        "open_time": START + np.arange(4_000, dtype=np.int64) * HOUR,
        "open": opened,
        "high": np.maximum(opened, close) + 5.0,
        "low": np.minimum(opened, close) - 5.0,
        "close": close,
        "volume": np.full(4_000, 10.0),
    }
    path = tmp_path / "BTCUSDT-1h-um-made.parquet"
    parquet.write_table(pa.table(columns), path)
    return path


def crew(*words: str) -> int:
    return asked(*words).exit_code


def asked(*words: str) -> Result:
    return CliRunner().invoke(build(), ["policy", *words])


def train(market: Path, *words: str) -> int:
    return crew("train", "--data", str(market), "--episodes", "60", "--length", "300", "--figures", "lean", *words)


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_a_policy_is_learnt_listed_shown_and_drawn(
    market: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "learning.html"
    assert crew("list") == Exit.OK
    assert "nothing has been learnt yet" in capfd.readouterr().out
    assert train(market, "--json", "--html", str(page)) == Exit.OK
    (told,) = lines(capfd)
    assert told["states"] == 108
    assert told["examination"]["passed"] is False
    assert page.read_text().startswith("<!doctype html>")
    assert crew("list", "--json") == Exit.OK
    (listed,) = lines(capfd)
    assert (listed["policy"], listed["advises"]) == (told["policy"], False)
    assert crew("show", str(told["policy"])[:5]) == Exit.OK
    assert "what it would do" in capfd.readouterr().out
    assert len(list((tmp_path / "var" / "policies" / "backups").iterdir())) == 1


def test_what_proves_no_edge_stays_in_the_shadow_and_says_why(market: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert train(market, "--json") == Exit.OK
    name = str(lines(capfd)[0]["policy"])
    refused = asked("promote", name, "--data", str(market))
    assert refused.exit_code == Exit.PREREQUISITE
    assert "no edge proven" in refused.stderr
    assert "stays in the shadow" in refused.stderr
    never = asked("promote", name, "--data", str(market), "--uncertified", "-p", "testnet")
    assert never.exit_code == Exit.PREREQUISITE
    assert "real venue" in never.stderr


def test_paper_may_listen_without_a_proof_and_the_word_can_be_taken_back(
    market: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    names = []
    for seed in ("1", "2"):
        assert train(market, "--json", "--seed", seed) == Exit.OK
        names.append(str(lines(capfd)[0]["policy"]))
        assert crew("promote", names[-1], "--data", str(market), "--uncertified", "--json") == Exit.OK
        (told,) = lines(capfd)
        assert (told["how"], told["certificate"]) == ("promoted uncertified", "")
    assert crew("compare", *names, "--data", str(market)) == Exit.OK
    assert "lead" in capfd.readouterr().out
    assert crew("rollback", "--json") == Exit.OK
    assert lines(capfd)[0]["policy"] == names[0]
    assert not (tmp_path / "var" / "demo" / "certificates").exists()


def test_every_training_counts_as_a_try(market: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for seed in ("1", "2", "2"):
        assert train(market, "--json", "--seed", seed) == Exit.OK
    luck = [one for told in lines(capfd) for one in told["examination"]["findings"] if one["question"] == "not_luck"]  # type: ignore[index]
    assert [one["told"].partition("deflated for ")[2] for one in luck] == ["1 tries", "2 tries", "2 tries"]


def test_another_market_is_no_proof(market: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert train(market, "--json") == Exit.OK
    name = str(lines(capfd)[0]["policy"])
    table = parquet.read_table(market)
    close = table["close"].to_numpy().copy()
    close[-1] += 1.0
    parquet.write_table(table.set_column(4, "close", pa.array(close)), market)
    refused = asked("promote", name, "--data", str(market))
    assert refused.exit_code != Exit.OK
    assert "not the recorded market" in refused.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--character", "lucky"), "no character"),
        (("--figures", "moon"), "different figures"),
        (("--own-trades",), "decided nothing yet"),
        (("--from", "2023-06-01"), "too few"),
    ],
)
def test_what_cannot_be_learnt_is_told_in_one_line(market: Path, words: tuple[str, ...], said: str) -> None:
    refused = asked("train", "--data", str(market), "--episodes", "5", *words)
    assert refused.exit_code != Exit.OK
    assert said in refused.stderr
