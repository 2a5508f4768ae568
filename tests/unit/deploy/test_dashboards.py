"""Every query of the dashboard and of the rules names a metric that `/metrics` really shows, by labels that it has."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest

from config.loader import load_desk
from crews.running.services import Folder
from desk.guard.process.clock import SystemClock
from desk.guard.vocabulary.state import Mode
from ops.identity import identity_of
from ops.standing import DeskStanding, Standing, State, standing_file, write_standing
from tests.unit.crews.fakes import FakeGuard, FixedClock, status
from ui.controls import Controls
from ui.server.access import Access
from ui.server.door import Place
from ui.server.house import House
from ui.server.hub import Hub
from ui.server.metrics import DeskCollector
from ui.window import Window
from ui.window.guard import Seen

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboards" / "crewdesk.json").read_text())
RULES = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
QUERIES = [(panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What `/metrics` shows of a desk that is up, whose guard answers."""
    root = tmp_path_factory.mktemp("desk")
    config, folder = load_desk("demo", environ={}), Folder(root / "demo")
    me = identity_of(os.getpid())
    console = Standing(name="console", state=State.UP, since="2026-01-05T00:00:00+00:00", process=me, restarts=2)
    write_standing(
        standing_file(folder),
        DeskStanding(profile="demo", keeper=me, since=console.since, settled=True, services=(console,)),
    )
    window = Window(config, folder)
    window.guard.look = lambda: Seen(status=status(FakeGuard(FixedClock())))  # type: ignore[method-assign]  # a guard that answers
    house = House(
        window=window,
        controls=Controls(window, lambda: config),
        access=Access(root / "access.sqlite", SystemClock()),
        place=Place(host="127.0.0.1", port=8600),
        hub=Hub(),
        version="0",
    )
    registry = CollectorRegistry()
    registry.register(DeskCollector(house))
    yield generate_latest(registry).decode()
    house.close()


def named(query: str) -> set[str]:
    return set(re.findall(r"\bcrewdesk_\w+", query))


def labels(shown: str, name: str) -> set[str]:
    """The labels that a metric is shown with."""
    found = re.findall(rf"^{name}\{{(.*?)\}} ", shown, re.MULTILINE)
    return {label for one in found for label in re.findall(r"(\w+)=", one)}


def asked_for(query: str, *words: str) -> set[tuple[str, str]]:
    """The labels that a query, and the words beside it, ask of each of its metrics."""
    chosen = {
        (name, label)
        for name, inside in re.findall(r"(crewdesk_\w+)\{(.*?)\}", query)
        for label in re.findall(r"(\w+)\s*[=!]", inside)
    }
    spoken = {label for text in words for label in re.findall(r"\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}", text)}
    return chosen | {(name, label) for name in named(query) for label in spoken}


@pytest.mark.parametrize(("title", "query"), QUERIES, ids=[title for title, _ in QUERIES])
def test_a_panel_asks_for_what_is_shown(shown: str, title: str, query: str) -> None:
    del title
    assert named(query)
    assert [name for name in named(query) if not re.search(rf"^{name}(\{{| )", shown, re.MULTILINE)] == []


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_a_rule_watches_what_is_shown_and_says_what_happened(shown: str, rule: dict[str, dict[str, str]]) -> None:
    assert named(str(rule["expr"]))
    assert [one for one in named(str(rule["expr"])) if not re.search(rf"^{one}(\{{| )", shown, re.MULTILINE)] == []
    assert rule["annotations"]["summary"].endswith(".")


LEGENDS = [
    (panel["title"], target["expr"], target.get("legendFormat", ""))
    for panel in DASHBOARD["panels"]
    for target in panel["targets"]
]
SUMMARIES = [(rule["alert"], rule["expr"], rule["annotations"]["summary"]) for rule in RULES]


@pytest.mark.parametrize(("query", "words"), [one[1:] for one in (*LEGENDS, *SUMMARIES)])
def test_what_is_chosen_or_spoken_of_is_a_label_of_that_metric(shown: str, query: str, words: str) -> None:
    assert [one for one in asked_for(query, words) if one[1] not in labels(shown, one[0])] == []


@pytest.mark.parametrize("query", [one[1] for one in LEGENDS])
def test_a_metric_of_many_series_is_told_apart_by_its_label(shown: str, query: str) -> None:
    spoken = {legend for _, expr, legend in LEGENDS if expr == query}
    several = {label for name in named(query) for label in labels(shown, name)}
    assert all("{{" in legend for legend in spoken) is bool(several)


def test_the_modes_that_raise_an_alert_are_modes_of_the_guard() -> None:
    [query] = [rule["expr"] for rule in RULES if rule["alert"] == "BreakerTripped"]
    [told] = re.findall(r'mode=~"(.*?)"', str(query))
    assert set(told.split("|")) == set(Mode) - {Mode.NORMAL, Mode.REDUCE_ONLY}


def test_every_metric_of_the_account_has_a_panel(shown: str) -> None:
    everything = set(re.findall(r"^(crewdesk_\w+)", shown, re.MULTILINE))
    asked = {name for _, query in QUERIES for name in named(query)}
    assert sorted(name for name in everything - asked if not name.endswith("_created")) == []


def test_panels_lie_beside_one_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
