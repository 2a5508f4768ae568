"""No secret in a file, and no agent that reads strangers' text with a hand on the trigger."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config import load_desk
from config.capabilities import TOOLS, Reach, objection, reach_of
from config.leaks import refuse_secrets
from config.yaml_tree import read_yaml
from desk.domain.errors import ConfigError
from desk.venues.binance.streams.addresses import stream_root
from tools.catalogue import CATALOGUE
from tools.tool import Trust

Spoil = Callable[..., ConfigError]
PLANTED = [
    "sk-" + "a1B2" * 10,
    "sk-proj-" + "Zz9_" * 12,
    "AKIA" + "J7" * 10,
    "ghp_" + "x9Y" * 12,
    "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A",
    "0123456789abcdef" * 4,
    "https://user:hunter2@api.example.com/v1",
    "eyJhbGciOiJIUzI1NiJ9" + "eyJzdWIiOiIxMjM0",
]


@pytest.mark.parametrize("secret", PLANTED)
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("desk.yaml", "model: gpt-4.1-mini", "model: {}"),
        ("agents.yaml", "role: Head trader", "role: Head trader {}"),
        ("profiles/demo.yaml", "label: Demo, an invented market", "label: {}"),
    ],
)
def test_a_secret_in_a_file_is_refused_and_never_repeated(
    spoil: Spoil, file: str, old: str, new: str, secret: str
) -> None:
    error = spoil(file, old, new.replace("{}", secret))
    assert "looks like a secret" in error.message
    assert error.line
    assert secret not in str(error) + error.hint


@pytest.mark.parametrize("name", ["api_key", "secret", "password", "token", "API_KEY", "binance_secret"])
def test_a_key_named_like_a_secret_may_not_hold_one(name: str) -> None:
    with pytest.raises(ConfigError, match="does not belong in this file") as caught:
        refuse_secrets(read_yaml(f"venue:\n  {name}: hunter2\n", "profiles/x.yaml"))
    assert (caught.value.key, caught.value.line) == (f"venue.{name}", 2)
    assert "hunter2" not in str(caught.value)


def test_a_secret_in_a_variable_is_refused_too() -> None:
    with pytest.raises(ConfigError, match="secret") as caught:
        load_desk("demo", environ={"CREWDESK_DESK__MODELS__OPENAI__MODEL": PLANTED[0]})
    assert PLANTED[0] not in str(caught.value)


def test_a_secret_in_the_place_of_a_variables_name_is_not_repeated(spoil: Spoil) -> None:
    error = spoil("desk.yaml", "api_key_env: OPENAI_API_KEY", "api_key_env: hunter2hunter2")
    assert "hunter2" not in str(error) + error.hint


@pytest.mark.parametrize(
    "value",
    [
        "../shared/data/klines/BTCUSDT-15m-um-20230101-20250603.parquet",
        "/data/recorded/klines/2024/BTCUSDT-1m-2024-08-01-to-2024-09-01.csv.zip",
        "https://news.example.com/feeds/markets/crypto/2024/latest.xml",
        "anthropic/claude-sonnet-4.5-20260101-preview-extended",
        "Qwen/Qwen2.5-14B-Instruct-GPTQ-Int4",
        "BINANCE_TESTNET_SECRET",
    ],
)
def test_paths_addresses_and_names_are_no_secrets(value: str) -> None:
    refuse_secrets(read_yaml(f"a: '{value}'\n", "x"))


@pytest.mark.parametrize("agent", ["chart", "news", "spikes"])
def test_an_agent_that_reads_strangers_text_may_not_act(spoil: Spoil, agent: str, folder: Path) -> None:
    tools = ", ".join(load_desk("demo", environ={}).agents[agent].tools)
    error = spoil("agents.yaml", f"tools: [{tools}]", f"tools: [{tools}, propose_order]")
    assert error.key == f"{agent}.tools"
    assert "may not hold a tool that acts" in error.message


def test_the_master_holds_no_tools(spoil: Spoil) -> None:
    assert "holds no tools" in spoil("agents.yaml", "tools: []", "tools: [propose_order]").message


def sets_of(names: Iterable[str]) -> list[tuple[str, ...]]:
    known = list(names)
    return [chosen for count in range(len(known) + 1) for chosen in itertools.combinations(known, count)]


def test_nobody_ever_holds_text_data_and_trigger_together() -> None:
    acting = [name for name, reach in TOOLS.items() if reach.acts]
    # Without a tool that acts no set holds all three, so every set with one is tried.
    rest = sets_of(name for name in TOOLS if name not in acting)
    for trigger in filter(None, sets_of(acting)):
        for others in rest:
            tools = trigger + others
            assert objection(tools) or reach_of(tools) != Reach(untrusted=True, private=True, acts=True)


def test_no_packaged_agent_can_both_be_talked_to_and_act() -> None:
    for name, agent in load_desk("demo", environ={}).agents.items():
        reach = reach_of(agent.tools)
        assert not reach.acts, name
        assert sum((reach.untrusted, reach.private, reach.acts)) <= 2, name


def test_the_declared_reach_of_every_tool_is_what_the_tool_says_of_itself() -> None:
    assert set(TOOLS) == set(CATALOGUE)
    for name, tool in CATALOGUE.items():
        assert TOOLS[name].acts == tool.side_effect, name
        assert TOOLS[name].untrusted == (tool.trust is Trust.UNTRUSTED), name


@pytest.mark.parametrize("name", ["testnet", "live"])
def test_a_profile_allows_the_hosts_that_its_venue_is_dialled_at(name: str) -> None:
    profile = load_desk(name, environ={}).profile
    assert profile.venue.base_url is not None
    dialled = {urlsplit(profile.venue.base_url).hostname, urlsplit(stream_root(profile.venue.base_url)).hostname}
    assert dialled <= set(profile.allows.network)
