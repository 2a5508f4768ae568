"""A new role is two entries in YAML. A misspelt one is a mistake, named with file, key, line and what was meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from config import DeskConfig, load_desk
from config.seats import TAKEN, requests_of_seats
from desk.domain.errors import ConfigError

AGENT = """
{name}:
  role: Macro analyst
  goal: Say which way the wind blows.
  backstory: You have seen many winds.
  llm: default
  tools: [{tools}]
  max_iter: {rounds}
"""
TASK = """
{name}:
  agent: {agent}
  description: Report your view on {{symbol}}.
  expected_output: One JSON object.
"""
Load = Callable[..., DeskConfig]


@pytest.fixture
def seat(folder: Path) -> Callable[..., Path]:
    """Add a role to the operator's own files, wholly or in part."""

    def add(
        name: str = "macro", *, tools: str = "get_regime, get_funding", agent: str = "", task: str | None = None
    ) -> Path:
        with (folder / "agents.yaml").open("a") as file:
            file.write(AGENT.format(name=name, tools=tools, rounds=2 if tools else 1))
        if task != "":
            with (folder / "tasks.yaml").open("a") as file:
                file.write(TASK.format(name=task or name, agent=agent or name))
        return folder

    return add


def afford(folder: Path, requests: int) -> None:
    text = (folder / "desk.yaml").read_text()
    (folder / "desk.yaml").write_text(text.replace("requests: 13", f"requests: {requests}"))


def mistake(folder: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_desk("demo", root=folder, environ={})
    return caught.value


def line_of(path: Path, text: str) -> int:
    return path.read_text().splitlines().index(text) + 1


def test_a_new_role_is_two_entries_in_yaml(seat: Callable[..., Path], load: Load) -> None:
    afford(seat(), 14)
    config = load()
    assert config.agents["macro"].tools == ("get_regime", "get_funding")
    assert requests_of_seats(config.agents) == 14
    assert DeskConfig.from_json(config.to_json()) == config


def test_a_role_without_tools_needs_one_request(seat: Callable[..., Path], load: Load) -> None:
    seat(tools="")
    assert requests_of_seats(load().agents) == 13


def test_a_budget_too_small_for_the_seats_is_named_with_what_they_need(seat: Callable[..., Path]) -> None:
    folder = seat()
    error = mistake(folder)
    line = line_of(folder / "desk.yaml", "  requests: 13")
    assert (error.file, error.key, error.line) == (str(folder / "desk.yaml"), "budget.requests", line)
    assert "14 are needed" in error.message
    assert "macro 2" in error.message
    assert "at least 14" in error.hint


def test_a_picture_needs_one_request_beyond_the_seats(load: Load) -> None:
    seeing = {"desk.default_model": "openai"}
    assert load(overrides=seeing).desk.budget.requests == 13
    with pytest.raises(ConfigError, match=r"13 are needed .*the chart's picture 1"):
        load(overrides={**seeing, "desk.budget.requests": "12"})
    assert load(overrides={"desk.budget.requests": "12"}).desk.budget.requests == 12


@pytest.mark.parametrize("kind", ["kind: offline, vision: true", "kind: openai, structured: text, vision: true"])
def test_a_model_that_cannot_look_is_not_given_pictures(load: Load, kind: str) -> None:
    with pytest.raises(ConfigError, match="`vision` needs an openai endpoint"):
        load(overrides={"desk.models.eye": f"{{{kind}, model: eye, base_url: 'http://127.0.0.1:1/v1'}}"})


def test_a_role_without_a_task_is_named_with_what_it_needs(seat: Callable[..., Path]) -> None:
    folder = seat(task="")
    error = mistake(folder)
    assert (error.file, error.key) == (str(folder / "agents.yaml"), "macro")
    assert error.line == line_of(folder / "agents.yaml", "macro:")
    assert "a role needs a task `macro`" in error.hint


def test_a_task_of_almost_the_roles_name_is_guessed(seat: Callable[..., Path]) -> None:
    error = mistake(seat(task="marco"))
    assert (error.key, error.hint) == ("macro", "did you mean `marco`?")


def test_a_task_without_an_agent_is_named_with_the_nearest_one(folder: Path) -> None:
    with (folder / "tasks.yaml").open("a") as file:
        file.write(TASK.format(name="spike", agent="spike"))
    error = mistake(folder)
    assert (error.file, error.key, error.hint) == (str(folder / "tasks.yaml"), "spike.agent", "did you mean `spikes`?")
    assert error.line == line_of(folder / "tasks.yaml", "  agent: spike")


def test_a_task_is_the_work_of_the_role_it_is_named_after(seat: Callable[..., Path]) -> None:
    error = mistake(seat(agent="risk"))
    assert (error.key, error.message.rpartition(": ")[2]) == ("macro.agent", "task `macro` is the work of `macro`")


@pytest.mark.parametrize("seat_name", ["master", "regime", "chart", "news", "spikes", "risk"])
def test_a_known_name_misspelt_in_both_files_is_no_new_role(folder: Path, seat_name: str) -> None:
    for file in ("agents.yaml", "tasks.yaml"):
        text = (folder / file).read_text()
        text = text.replace(f"\n{seat_name}:\n", f"\n{seat_name}z:\n")
        (folder / file).write_text(text.replace(f"agent: {seat_name}\n", f"agent: {seat_name}z\n"))
    error = mistake(folder)
    assert (error.file, error.key) == (str(folder / "agents.yaml"), f"{seat_name}z")
    assert error.hint == f"did you mean `{seat_name}`?"


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_a_role_may_not_take_a_name_that_means_something_else(folder: Path, name: str) -> None:
    with (folder / "agents.yaml").open("a") as file:
        file.write(AGENT.format(name=name, tools="", rounds=1))
    error = mistake(folder)
    assert (error.key, "this name is taken" in error.message) == (name, True)


@pytest.mark.parametrize("name", ["Macro View", "MACRO", "7th", "m" * 41, "'macro.view'"])
def test_a_role_has_a_name_that_reports_can_carry(seat: Callable[..., Path], name: str) -> None:
    assert "should be a name" in mistake(seat(name, task="")).message


@pytest.mark.parametrize(
    ("tools", "key", "says"),
    [
        ("get_regme", "macro.tools[0]", "no tool is called `get_regme`"),
        ("get_regime, get_regime", "macro.tools[1]", "named twice"),
        ("propose_order", "macro.tools", "no agent may hold a tool that acts"),
        ("read_headlines, propose_order", "macro.tools", "reads what strangers write"),
    ],
)
def test_a_new_roles_tools_keep_the_rules_of_all(seat: Callable[..., Path], tools: str, key: str, says: str) -> None:
    folder = seat(tools=tools)
    afford(folder, 14)
    error = mistake(folder)
    assert error.key == key
    assert says in error.message


@pytest.mark.parametrize("key", ["role", "goal", "backstory", "llm", "tools", "max_iter"])
def test_a_new_role_leaves_nothing_out(seat: Callable[..., Path], key: str) -> None:
    folder = seat()
    own, _, rest = (folder / "agents.yaml").read_text().rpartition(f"  {key}: ")
    (folder / "agents.yaml").write_text(own + rest.partition("\n")[2])
    error = mistake(folder)
    assert (error.file, error.key) == (str(folder / "agents.yaml"), f"macro.{key}")
