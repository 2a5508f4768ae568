"""Real money is refused in one clear line while any of its three opt-ins is missing, before any process starts."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

import pytest

from desk.guard.secrets.live import PHRASE, VARIABLE
from tests.crew_command import Operator

pytestmark = pytest.mark.timeout(120)
ARMED, TOLD, SAID = "armed", "told", "said"
MISSING = {ARMED: "`armed: true`", TOLD: f"environment variable {VARIABLE}", SAID: "--live-phrase"}


@pytest.mark.parametrize("missing", [ARMED, TOLD, SAID])
def test_a_kickoff_with_one_opt_in_missing_starts_nothing(tmp_path: Path, missing: str) -> None:
    own = tmp_path / "own"
    (own / "profiles").mkdir(parents=True)
    with resources.as_file(resources.files("config") / "profiles" / "live.yaml") as packaged:
        shutil.copy(packaged, own / "profiles" / "live.yaml")
    file = own / "profiles" / "live.yaml"
    if missing != ARMED:
        file.write_text(file.read_text().replace("armed: false", "armed: true"))
    # Keys are at hand, so that it is the opt-ins alone that hold it back.
    keys = (("BINANCE_LIVE_KEY", "k"), ("BINANCE_LIVE_SECRET", "s"))
    told = ((VARIABLE, PHRASE),) if missing != TOLD else ((VARIABLE, "yes"),)
    said = ("--live-phrase", PHRASE) if missing != SAID else ()
    operator = Operator(tmp_path, keys=(*keys, *told))
    ran = operator.crew("kickoff", "BTCUSDT", "--profile", "live", "--config", str(own), "--json", *said)
    assert ran.code == 3, ran.err
    assert ran.out == ""
    assert "real money needs three opt-ins" in ran.err
    assert MISSING[missing] in ran.err
    assert not any(words in ran.err for what, words in MISSING.items() if what != missing)
    assert str(file) in ran.err.replace("\n", "")
    assert "Traceback" not in ran.err
    assert not (tmp_path / "var").exists()
    assert operator.beyond_loopback == []
