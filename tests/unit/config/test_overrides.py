"""Single values from outside the files: typed, named, and powerless where money is at stake."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from config import DeskConfig, load_desk, missing_opt_ins, require_opt_ins
from config.live import PHRASE, VARIABLE
from crews.running.services import Folder, guard_settings
from desk.domain.errors import ConfigError, PrerequisiteError
from desk.guard.process.settings import GuardSettings
from desk.guard.secrets import live as guard

Load = Callable[..., DeskConfig]


def test_a_variable_sets_one_value_and_keeps_its_type(load: Load) -> None:
    environ = {
        "CREWDESK_DESK__BUDGET__REQUESTS": "18",
        "CREWDESK_DESK__SPIKES__SOLUSDT__WINDOW": "100",
        "CREWDESK_DESK__SYMBOLS": "[SOLUSDT]",
        "CREWDESK_PROFILE__CLOCK__SUBSTEP_SECONDS": "30",
        "CREWDESK_HOME": "/nowhere",
        "PATH": "/bin",
    }
    config = load(environ=environ)
    assert config.desk.budget.requests == 18
    assert config.desk.spikes["SOLUSDT"].window == 100
    assert config.desk.symbols == ("SOLUSDT",)
    assert config.profile.clock.substep_seconds == 30


def test_the_command_line_wins_over_a_variable(load: Load) -> None:
    environ = {"CREWDESK_DESK__DEFAULT_MODEL": "vllm"}
    assert load(environ=environ).desk.default_model == "vllm"
    assert load(environ=environ, overrides={"desk.default_model": "ollama"}).desk.default_model == "ollama"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("CREWDESK_DESK__BUDGET__REQUESTS", "many", "whole number"),
        ("CREWDESK_DESK__BUDGET__REQUESTS", "", "whole number"),
        ("CREWDESK_DESK__BUDGET__REQUESTS", "0", "greater than or equal to 1"),
        ("CREWDESK_DESK__BUDGET__REQUESTZ", "5", "unknown key"),
        ("CREWDESK_DESK__BUDGETS__REQUESTS", "5", "there is no `BUDGETS` here"),
        ("CREWDESK_DEKS__BUDGET__REQUESTS", "5", "there is no `DEKS` here"),
        ("CREWDESK_DESK__SYMBOLS__0", "BTCUSDT", "has no keys"),
        ("CREWDESK_DESK__", "5", "unknown key"),
        ("CREWDESK_DESK__SYMBOLS", "[BTCUSDT", "not valid YAML"),
    ],
)
def test_a_variable_that_is_wrong_is_named(load: Load, name: str, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(environ={name: text})
    assert name in caught.value.file
    assert says in caught.value.message


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("profile.armed", "true"),
        ("profile.allows.real_money", "true"),
        ("profile.allows.network", "[evil.example]"),
        ("profile.venue.kind", "live"),
        ("profile.keys.file", "/tmp/keys.json"),
        ("profile.name", "live"),
    ],
)
@pytest.mark.parametrize("how", ["variable", "command line"])
def test_what_arms_or_widens_cannot_be_overridden(load: Load, key: str, text: str, how: str) -> None:
    variable = "CREWDESK_" + key.upper().replace(".", "__")
    with pytest.raises(ConfigError, match="only the profile's own file may say this"):
        load(environ={variable: text}) if how == "variable" else load(overrides={key: text})


def test_a_whole_section_cannot_be_overridden(load: Load) -> None:
    with pytest.raises(ConfigError, match="a whole section"):
        load(overrides={"profile": "{armed: true}"})


def test_with_real_money_limits_stand_in_a_file(folder: Path, load: Load) -> None:
    live = folder / "profiles" / "live.yaml"
    live.write_text(live.read_text().replace("armed: false", "armed: true"))
    assert load("live").profile.armed
    with pytest.raises(ConfigError, match="with real money, limits stand in a file"):
        load("live", environ={"CREWDESK_DESK__LIMITS__DAILY_LOSS": "0.2"})


@pytest.mark.parametrize(("armed", "variable", "phrase"), list(product([False, True], repeat=3)))
def test_real_money_needs_all_three_opt_ins(
    folder: Path, load: Load, armed: bool, variable: bool, phrase: bool
) -> None:
    if armed:
        live = folder / "profiles" / "live.yaml"
        live.write_text(live.read_text().replace("armed: false", "armed: true"))
    config = load("live")
    environ = {VARIABLE: PHRASE} if variable else {VARIABLE: "yes"}
    said = PHRASE if phrase else PHRASE.lower()
    if armed and variable and phrase:
        require_opt_ins(config, environ=environ, phrase=said)
        return
    with pytest.raises(ConfigError, match="three opt-ins") as caught:
        require_opt_ins(config, environ=environ, phrase=said)
    assert len(missing_opt_ins(config, environ=environ, phrase=said)) == 3 - armed - variable - phrase
    assert caught.value.file.endswith("live.yaml")
    assert caught.value.line


@pytest.mark.parametrize("name", ["demo", "replay", "paper", "testnet"])
def test_no_other_profile_asks_for_opt_ins(name: str) -> None:
    require_opt_ins(load_desk(name, environ={}), environ={}, phrase="")


@pytest.mark.parametrize("told", [None, "", PHRASE, PHRASE + " ", PHRASE.upper(), "I trade real mon\udce9y"])
@pytest.mark.parametrize(("armed", "said"), list(product([False, True], [PHRASE, "", "yes"])))
def test_the_guard_and_the_crew_never_disagree_about_real_money(
    folder: Path, load: Load, tmp_path: Path, armed: bool, said: str, told: str | None
) -> None:
    if armed:
        live = folder / "profiles" / "live.yaml"
        live.write_text(live.read_text().replace("armed: false", "armed: true"))
    config = load("live")
    environ = {} if told is None else {VARIABLE: told}
    settings = GuardSettings.model_validate(guard_settings(config, Folder(tmp_path), config.profile.venue.base_url))
    missing = missing_opt_ins(config, environ=environ, phrase=said)
    if missing:
        with pytest.raises(PrerequisiteError, match="not armed"):
            guard.require_opt_ins(settings, environ, said)
    else:
        guard.require_opt_ins(settings, environ, said)
    assert bool(missing) == ((armed, told, said) != (True, PHRASE, PHRASE))
