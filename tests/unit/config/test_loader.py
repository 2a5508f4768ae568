"""The operator's files load as a whole, or the first mistake is named with file, key, line and a hint."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config import DeskConfig, load_desk, profiles
from config.seats import SPECIALISTS, SPIKE_CREW
from config.yaml_tree import dotted, read_yaml
from desk.domain.errors import ConfigError

ROOT = Path(__file__).resolve().parents[3]
FILES = ("desk.yaml", "agents.yaml", "tasks.yaml", *(f"profiles/{name}.yaml" for name in profiles()))
# A profile without `desk:` values of its own, so that what is spoiled in a common file is in force.
BARE = "testnet"
# Below these, names are the operator's own, so a new name is not a mistake in itself.
FREE = {("desk.yaml", "models"), ("desk.yaml", "modes"), ("desk.yaml", "spikes"), ("desk.yaml", "limits.gap_stress")}
Spoil = Callable[..., ConfigError]


@pytest.mark.parametrize("name", ["demo", "replay", "paper", "testnet", "live"])
def test_every_packaged_profile_loads(name: str) -> None:
    config = load_desk(name, environ={})
    assert config.profile.name == name
    assert set(config.agents) == {"master", *SPECIALISTS, *SPIKE_CREW}
    assert not config.profile.armed


def test_the_demo_needs_no_key_and_no_network() -> None:
    config = load_desk("demo", environ={})
    assert config.profile.allows.network == ()
    assert config.profile.keys.source == "generated"
    assert config.model_of("master").kind == "offline"


def test_a_profile_lays_its_own_desk_values_over_the_common_ones() -> None:
    common, live = load_desk("demo", environ={}), load_desk("live", environ={})
    assert live.desk.limits.daily_loss < common.desk.limits.daily_loss
    assert live.desk.limits.early_exit == common.desk.limits.early_exit
    assert live.place("desk.limits.daily_loss").file == "config/profiles/live.yaml"
    assert live.place("desk.limits.early_exit").file == "config/desk.yaml"


def test_an_operator_file_stands_in_for_the_packaged_one_alone(tmp_path: Path) -> None:
    packaged = load_desk("demo", environ={})
    text = (ROOT / "config" / "desk.yaml").read_text().replace("max_items: 20", "max_items: 19")
    (tmp_path / "desk.yaml").write_text(text)
    config = load_desk("demo", environ={"CREWDESK_CONFIG": str(tmp_path)})
    assert config.desk.news.max_items == 19
    assert config.agents == packaged.agents
    assert config.place("desk.news.max_items").file == str(tmp_path / "desk.yaml")
    assert config.digest != packaged.digest


def _keys(file: str) -> list[tuple[str, str, int]]:
    """Every key of a packaged file with its line, except names that the operator chooses."""
    tree = read_yaml((ROOT / "config" / file).read_text(), file)
    found: list[tuple[str, str, int]] = []
    for path, place in tree.places.items():
        if path and isinstance(path[-1], str) and (file, dotted(path[:-1])) not in FREE:
            found.append((dotted(path[:-1]), path[-1], place.line or 0))
    return found


@pytest.mark.parametrize("file", FILES)
def test_a_wrong_key_anywhere_names_file_key_and_line(file: str, folder: Path) -> None:
    profile = Path(file).stem if file.startswith("profiles/") else BARE
    lines = (folder / file).read_text().splitlines(keepends=True)
    keys = _keys(file)
    assert len(keys) > 8
    for parent, key, line in keys:
        spoiled = list(lines)
        spoiled[line - 1], count = re.subn(rf"(?<![A-Za-z_]){key}:", f"{key}x:", spoiled[line - 1], count=1)
        assert count == 1
        (folder / file).write_text("".join(spoiled))
        with pytest.raises(ConfigError) as caught:
            load_desk(profile, root=folder, environ={})
        error = caught.value
        wanted = f"{parent}.{key}x" if parent else f"{key}x"
        assert (error.file, error.key, error.line) == (str(folder / file), wanted, line), str(error)
        assert error.hint


@pytest.mark.parametrize("file", FILES)
def test_a_value_of_the_wrong_type_anywhere_names_file_key_and_line(file: str, folder: Path) -> None:
    profile = Path(file).stem if file.startswith("profiles/") else BARE
    original = yaml.load((folder / file).read_text(), Loader=yaml.CSafeLoader)
    for path in list(read_yaml((ROOT / "config" / file).read_text(), file).places):
        if not path or isinstance(path[-1], int):
            continue
        spoiled = copy.deepcopy(original)
        inner: Any = spoiled
        for part in path[:-1]:
            inner = inner[part]
        inner[path[-1]] = [{"unheard": "of"}]
        text = yaml.dump(spoiled, Dumper=yaml.CSafeDumper, sort_keys=False)
        (folder / file).write_text(text)
        with pytest.raises(ConfigError) as caught:
            load_desk(profile, root=folder, environ={})
        error = caught.value
        assert error.file == str(folder / file), f"{path}: {error}"
        assert error.key.startswith(dotted(path)), f"{path}: {error}"
        line = read_yaml(text, file).place(path).line or 0
        # What is wrong may be the list itself or its only item, which stands on the next line.
        assert error.line in (line, line + 1), f"{path}: {error}"


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("content", ["- a\n- b\n", "just text\n", "5\n", "null\n"])
def test_a_file_that_is_not_keys_and_values_is_named(file: str, content: str, folder: Path) -> None:
    (folder / file).write_text(content)
    profile = Path(file).stem if file.startswith("profiles/") else BARE
    with pytest.raises(ConfigError, match="keys and values") as caught:
        load_desk(profile, root=folder, environ={})
    assert (caught.value.file, caught.value.line) == (str(folder / file), 1)


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "says", "hint"),
    [
        ("desk.yaml", "default_model: offline", "default_model: offlin", "default_model", "no model", "`offline`"),
        ("agents.yaml", "tools: [read_chart,", "tools: [read_chat,", "chart.tools[0]", "`read_chat`", "`read_chart`"),
        ("agents.yaml", "llm: default", "llm: gpt-9", "master.llm", "no model", "known: default"),
        ("agents.yaml", "role: Head trader", 'role: ""', "master.role", "should not be empty", ""),
        ("agents.yaml", "role: Head trader", 'role: "  "', "master.role", "should not be empty", ""),
        ("agents.yaml", "role: Head trader", "role:", "master.role", "should be text", ""),
        ("agents.yaml", "Decide from typed", "Decide on {symbol}", "master.goal", "{symbol}", "description of a task"),
        ("tasks.yaml", "Decide on {symbol}", "Decide on {symbl}", "decide.description", "{symbl}", "`symbol`"),
        ("agents.yaml", "chart:\n", "charts:\n", "charts", "nobody at the desk", "`chart`"),
        ("tasks.yaml", "agent: chart", "agent: charts", "chart.agent", "`charts`", "`chart`"),
        ("tasks.yaml", "agent: chart", "agent: news", "chart.agent", "the work of `chart`", ""),
        ("tasks.yaml", "decide:", "deside:", "deside", "nobody does", "`decide`"),
        ("tasks.yaml", "Plan the work on {symbol}", "Plan {timeframe}", "plan.description", "{timeframe}", ""),
        ("desk.yaml", "threshold: 3", "threshold: 3.5", "signals.threshold", "whole number", ""),
        ("desk.yaml", "threshold: 3", "threshold: '3'", "signals.threshold", "whole number", ""),
        ("desk.yaml", "threshold: 3", "threshold: true", "signals.threshold", "whole number", ""),
        ("desk.yaml", "vision: true", "vision: yes", "models.openai.vision", "true or false", ""),
        ("agents.yaml", "max_iter: 1", "max_iter: 2", "master.max_iter", "should be 2 for an agent with tools", ""),
        ("desk.yaml", "daily_loss: 0.05", "daily_loss: 5", "limits.daily_loss", "less than or equal", ""),
        ("desk.yaml", "daily_loss: 0.05", "daily_loss: .nan", "limits.daily_loss", "should be a number", ""),
        ("desk.yaml", "  interval: 15m\n  macd", "  interval: 2h\n  macd", "signals.interval", "market.intervals", ""),
        ("desk.yaml", "stop: {default: 0.02", "stop: {default: 0.2", "stop", "min <= default <= max", ""),
        ("desk.yaml", "max: 0.05}", "max: 0.15}", "stop.max", "limits.stop_max", ""),
        ("desk.yaml", "target: {default: 0.05", "target: {default: 0.01", "target.default", "nearer than", ""),
        ("desk.yaml", "symbols: [BTCUSDT,", "symbols: [ETHUSDT,", "symbols", "named twice", ""),
        ("desk.yaml", "symbols: [BTCUSDT,", "symbols: [btcusdt,", "symbols[0]", "pattern", ""),
        ("desk.yaml", "SOLUSDT: {price", "SOLUSD: {price", "spikes.SOLUSD", "not among", "`SOLUSDT`"),
        ("desk.yaml", "min_confidence: 0.3", "min_confidence: 0.95", "decision.min_confidence", "max_conviction", ""),
        ("desk.yaml", "reserve_prompt_tokens: 6000", "reserve_prompt_tokens: 30000",
         "budget.reserve_prompt_tokens", "leaves no", ""),
        ("desk.yaml", "base_url: https://api.openai.com/v1", "base_url: http://api.openai.com/v1",
         "models.openai", "clear text", ""),
        ("desk.yaml", "base_url: https://api.openai.com/v1", "base_url: api.openai.com",
         "models.openai", "plain http", ""),
        ("profiles/demo.yaml", "name: demo", "name: other", "name", "should be `demo`", ""),
        ("profiles/demo.yaml", "network: []", "network: [1]", "allows.network[0]", "should be text", ""),
        ("profiles/demo.yaml", "mode: stepped", "mode: steped", "clock.mode", "'stepped'", ""),
        ("profiles/demo.yaml", "real_money: false", "real_money: true", "", "allows.real_money", ""),
        ("profiles/demo.yaml", "armed: false", "armed: true", "", "`armed` is only for", ""),
        ("profiles/demo.yaml", 'base_url: ""', "base_url: https://fapi.binance.com", "", "allows.network", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_named_where_it_stands(
    spoil: Spoil, folder: Path, file: str, old: str, new: str, key: str, says: str, hint: str
) -> None:
    error = spoil(file, old, new)
    text = (folder / file).read_text()
    assert error.key == key, str(error)
    assert says in error.message
    assert hint in error.hint
    assert error.file == str(folder / file)
    if key:
        line = text[: text.index(old)].count("\n") + 1
        assert error.line is not None
        assert abs(error.line - line) <= 2, str(error)


def test_a_missing_key_is_named_with_the_part_it_is_missing_from(spoil: Spoil) -> None:
    error = spoil("agents.yaml", "  role: Head trader\n", "")
    assert (error.key, error.message.rpartition(": ")[2]) == ("master.role", "required key is missing")


def test_several_mistakes_are_counted(spoil: Spoil) -> None:
    assert "1 more after this one" in spoil("desk.yaml", "  plan: 20\n  specialist: 25\n", "").hint


def test_an_unknown_profile_gets_the_nearest_name() -> None:
    with pytest.raises(ConfigError) as caught:
        load_desk("papr", environ={})
    assert (caught.value.file, caught.value.hint) == ("profiles/papr.yaml", "did you mean `paper`?")


@pytest.mark.parametrize("name", ["../desk", "", "a b", "DEMO", "demo\n"])
def test_a_profile_name_cannot_leave_its_folder(name: str) -> None:
    with pytest.raises(ConfigError, match="no such profile"):
        load_desk(name, environ={})


def test_a_folder_that_is_not_there_or_of_no_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        load_desk("demo", root=tmp_path / "none", environ={})
    with pytest.raises(ConfigError, match="holds no configuration file"):
        load_desk("demo", root=tmp_path, environ={})


@pytest.mark.parametrize(("name", "hint"), [("agent.yaml", "`agents.yaml`"), ("desk.yml", "`desk.yaml`")])
def test_a_file_that_nothing_would_read_is_a_mistake(folder: Path, name: str, hint: str) -> None:
    (folder / name).write_text("a: 1\n")
    with pytest.raises(ConfigError, match="nothing reads a file") as caught:
        load_desk("demo", root=folder, environ={})
    assert hint in caught.value.hint


def test_bytes_that_are_no_text_are_named_with_their_line(folder: Path) -> None:
    (folder / "desk.yaml").write_bytes(b"symbols: [BTCUSDT]\ncycle_seconds: \xff\n")
    with pytest.raises(ConfigError, match="not UTF-8") as caught:
        load_desk("demo", root=folder, environ={})
    assert caught.value.line == 2


def test_a_file_that_may_not_be_read_is_named(folder: Path) -> None:
    (folder / "tasks.yaml").unlink()
    (folder / "tasks.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"tasks\.yaml: cannot be read"):
        load_desk("demo", root=folder, environ={})


def test_an_operator_may_add_a_profile(folder: Path) -> None:
    shutil.copy(folder / "profiles" / "demo.yaml", folder / "profiles" / "calm.yaml")
    text = (folder / "profiles" / "calm.yaml").read_text().replace("name: demo", "name: calm")
    (folder / "profiles" / "calm.yaml").write_text(text)
    assert load_desk("calm", root=folder, environ={}).profile.name == "calm"
    assert "calm" in profiles(folder)


def test_a_day_without_a_time_is_its_first_moment_utc() -> None:
    config = load_desk("replay", environ={}, overrides={"profile.venue.source.start": "2024-08-01"})
    source = config.profile.venue.source
    assert source is not None
    assert source.start is not None
    assert source.start.isoformat() == "2024-08-01T00:00:00+00:00"
    with pytest.raises(ConfigError, match="timezone"):
        load_desk("replay", environ={}, overrides={"profile.venue.source.start": "2024-08-01T12:00:00"})


def test_what_is_in_force_can_be_shown_with_where_it_comes_from() -> None:
    environ = {"CREWDESK_DESK__BUDGET__REQUESTS": "19"}
    config = load_desk("live", environ=environ, overrides={"desk.default_model": "ollama"})
    shown = {setting.key: setting for setting in config.describe()}
    assert shown["desk.budget.requests"].value == 19
    assert shown["desk.budget.requests"].place.file == "CREWDESK_DESK__BUDGET__REQUESTS"
    assert shown["desk.default_model"].place.file == "command line"
    assert shown["desk.limits.drawdown"].place.file == "config/profiles/live.yaml"
    assert shown["desk.limits.collar"].place.file == "default"
    line = shown["desk.symbols"].place.line or 0
    assert (ROOT / "config" / "desk.yaml").read_text().splitlines()[line - 1].startswith("symbols:")


def test_the_digest_tells_any_two_configurations_apart() -> None:
    one, same = load_desk("demo", environ={}), load_desk("demo", environ={})
    other = load_desk("demo", environ={}, overrides={"desk.signals.threshold": "4"})
    assert one.digest == same.digest
    assert one == same
    assert one.digest != other.digest


@pytest.mark.parametrize("name", profiles())
def test_a_configuration_comes_back_whole_from_its_own_text(name: str) -> None:
    config = load_desk(name, environ={})
    again = DeskConfig.from_json(config.to_json())
    assert again == config
    assert again.to_json() == config.to_json()
    assert again.digest == config.digest


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"desk": {}}', "null", '{"desk":1,"agents":[],"tasks":2,"profile":3}']
)
def test_a_text_that_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        DeskConfig.from_json(text)


def test_nothing_in_force_can_be_changed() -> None:
    config = load_desk("demo", environ={})
    with pytest.raises(Exception, match="frozen"):
        config.desk.cycle_seconds = 1  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(TypeError):
        config.desk.models["x"] = config.desk.models["offline"]  # pyright: ignore[reportIndexIssue]
    with pytest.raises(TypeError):
        config.agents["x"] = config.agents["risk"]  # pyright: ignore[reportIndexIssue]


@given(
    requests=st.integers(12, 100),
    confidence=st.integers(0, 90).map(lambda n: n / 100),
    risk=st.integers(1, 500).map(lambda n: n / 10_000),
    symbols=st.lists(st.sampled_from(["BTCUSDT", "ETHUSDT", "XRPUSDT", "1000PEPEUSDT"]), unique=True, min_size=1),
    cycle=st.floats(0.5, 3600, allow_nan=False).map(lambda x: round(x, 3)),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_values_within_bounds_load_and_come_back_exactly(
    requests: int, confidence: float, risk: float, symbols: list[str], cycle: float
) -> None:
    overrides = {
        "desk.budget.requests": str(requests),
        "desk.decision.min_confidence": repr(confidence),
        "desk.limits.risk_per_trade": f"{risk:.4f}",
        "desk.symbols": f"[{', '.join(symbols)}]",
        "desk.spikes": "{default: {price_sigma: 4, volume_sigma: 4, imbalance: 0.5, divergence_pct: 1, "
        "recent_bars: 3, window: 60}}",
        "desk.cycle_seconds": repr(cycle),
    }
    config = load_desk("demo", environ={}, overrides=overrides)
    assert (config.desk.budget.requests, str(config.desk.limits.risk_per_trade)) == (requests, str(risk))
    assert config.desk.symbols == tuple(symbols)
    assert config.desk.cycle_seconds == cycle
    assert DeskConfig.from_json(config.to_json()) == config


def test_what_the_agents_are_told_is_lean() -> None:
    config = load_desk("demo", environ={})
    for name, agent in config.agents.items():
        tasks = [task for task in config.tasks.values() if task.agent == name]
        told = len(agent.role + agent.goal + agent.backstory)
        told += sum(len(task.description + task.expected_output) for task in tasks)
        assert told < 2800, f"{name} is told {told} characters"
