"""Settings: nonsense does not load, and the error names file, key and line."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from desk.domain.errors import ConfigError, PrerequisiteError
from desk.guard.process.settings import GuardSettings, KeySource, Limits, load_settings
from desk.guard.secrets.keys import ExchangeKey, read_key, token_of
from desk.guard.secrets.live import PHRASE, VARIABLE, require_opt_ins, require_safe_key

GOOD: dict[str, Any] = {
    "profile": "demo",
    "venue": {"kind": "paper", "base_url": "http://127.0.0.1:9000"},
    "symbols": ["BTCUSDT", "ETHUSDT"],
    "journal": "guard/journal.sqlite",
    "crew_token_file": "guard/crew.token",
    "operator_token_file": "guard/operator.token",
    "run_file": "run/guard.json",
}


def load(tmp_path: Path, **changes: Any) -> GuardSettings:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({**GOOD, **changes}, indent=1))
    return load_settings(file)


def live(**changes: Any) -> GuardSettings:
    venue = {"kind": "live", "base_url": "https://fapi.example.test"}
    return GuardSettings.model_validate({**GOOD, "venue": venue, "allow_live": True, **changes})


def test_good_settings_load(tmp_path: Path) -> None:
    assert load(tmp_path).limits == Limits()


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"symbls": []}, "symbls"),
        ({"symbols": []}, "symbols"),
        ({"symbols": ["btcusdt"]}, "symbols.0"),
        ({"limits": {"daily_loss": "5"}}, "limits.daily_loss"),
        ({"limits": {"daily_loss": "0"}}, "limits.daily_loss"),
        ({"limits": {"daily_loss": "-0.05"}}, "limits.daily_loss"),
        ({"limits": {"max_leverage": 125}}, "limits.max_leverage"),
        ({"limits": {"no_limit": True}}, "limits.no_limit"),
        ({"host": "0.0.0.0"}, "host"),
        ({"venue": {"kind": "casino", "base_url": "http://127.0.0.1:1"}}, "venue.kind"),
    ],
)
def test_a_wrong_key_is_named_with_its_file_and_line(tmp_path: Path, changes: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, **changes)
    assert caught.value.key == key
    assert caught.value.file.endswith("settings.json")
    assert caught.value.line is not None
    text = Path(caught.value.file).read_text().splitlines()[caught.value.line - 1]
    assert key.split(".")[-1].rstrip("0") in text or key.split(".")[0] in text


@pytest.mark.parametrize(
    "limits",
    [
        {"stop_min": "0.05", "stop_max": "0.05"},
        {"daily_loss": "0.1", "rolling_loss": "0.09"},
        {"rolling_loss": "0.3", "drawdown": "0.2"},
        {"daily_loss": "NaN"},
        {"gap_stress": {"BTCUSDT": "0"}},
        {"early_exit": "0"},
    ],
)
def test_limits_that_contradict_each_other_do_not_load(limits: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Limits.model_validate(limits)


def test_limits_cannot_be_changed_while_running() -> None:
    with pytest.raises(ValidationError):
        Limits().daily_loss = Decimal("0.5")  # type: ignore[misc]


def test_only_paper_has_a_clock_of_its_own() -> None:
    for venue in (
        {"kind": "live", "base_url": "https://x.test", "speed": 2},
        {"kind": "live", "base_url": "http://x.test"},
    ):
        with pytest.raises(ValidationError):
            GuardSettings.model_validate({**GOOD, "venue": venue})


@pytest.mark.parametrize("number", range(8))
def test_real_money_needs_all_three_opt_ins(number: int) -> None:
    file, variable, phrase = number & 1, number & 2, number & 4
    settings = live(allow_live=bool(file))
    environ = {VARIABLE: PHRASE} if variable else {}
    if number == 7:
        require_opt_ins(settings, environ, PHRASE)
        return
    with pytest.raises(PrerequisiteError, match="not armed"):
        require_opt_ins(settings, environ, PHRASE if phrase else "yes")


class May:
    def __init__(self, *, trade: bool, withdraw: bool) -> None:
        self.can_trade, self.can_withdraw = trade, withdraw


def test_a_live_key_that_can_withdraw_is_refused() -> None:
    require_safe_key(live(), May(trade=True, withdraw=False))
    with pytest.raises(PrerequisiteError, match="withdraw"):
        require_safe_key(live(), May(trade=True, withdraw=True))
    with pytest.raises(PrerequisiteError, match="cannot trade"):
        require_safe_key(live(), May(trade=False, withdraw=False))


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "keys.json"
    file.write_text('{"api_key":"k","secret":"s"}')
    file.chmod(mode)
    with pytest.raises(PrerequisiteError, match="read by others"):
        read_key(KeySource(file=file), {})


def test_keys_come_from_a_private_file_or_the_environment_and_show_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text('{"api_key":"public-part","secret":"hidden-part","admin_token":"x"}')
    file.chmod(0o600)
    key = read_key(KeySource(file=file), {})
    assert key == ExchangeKey(api_key="public-part", secret="hidden-part")
    assert "part" not in repr(key)
    assert read_key(KeySource(), {"CREWDESK_API_KEY": "a", "CREWDESK_API_SECRET": "b"}).secret == "b"


@pytest.mark.parametrize(
    "text", ["", "hidden-part", "[]", '{"api_key":"hidden-part"}', '{"api_key":"","secret":"hidden-part"}']
)
def test_an_unreadable_key_is_refused_without_being_quoted(tmp_path: Path, text: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(PrerequisiteError) as caught:
        read_key(KeySource(file=file), {})
    assert "hidden-part" not in str(caught.value)


def test_a_missing_key_is_refused() -> None:
    with pytest.raises(PrerequisiteError):
        read_key(KeySource(), {})


def test_tokens_are_made_once_and_kept_private(tmp_path: Path) -> None:
    file = tmp_path / "guard" / "crew.token"
    token = token_of(file)
    assert len(token) >= 32
    assert token_of(file) == token
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    with pytest.raises(PrerequisiteError):
        token_of(file)
