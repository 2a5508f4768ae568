"""One way in: `load_desk` reads the operator's files strictly, or says which file, key and line is wrong."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from config import overrides as single
from config.checks import check
from config.faults import fault, validated
from config.files import SECTIONS, Files, Source
from config.leaks import refuse_secrets
from config.models import AgentSettings, DeskSettings, ModelSettings, TaskSettings
from config.profile import ProfileSettings
from config.yaml_tree import Path as KeyPath
from config.yaml_tree import Place, Tree, dotted, read_yaml
from desk.domain.errors import ConfigError

FOLDER_VARIABLE = "CREWDESK_CONFIG"


class Setting(NamedTuple):
    """One value in force, and where it comes from."""

    key: str
    value: object
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskConfig:
    """Everything that is in force. `digest` is the SHA-256 of its canonical JSON; `sources` are the files read."""

    profile: ProfileSettings
    desk: DeskSettings
    agents: Mapping[str, AgentSettings]
    tasks: Mapping[str, TaskSettings]
    digest: str
    sources: tuple[Source, ...] = field(default=(), compare=False)
    _tree: Tree = field(default_factory=lambda: Tree({}, {(): Place("stored", None)}), compare=False, repr=False)

    def to_json(self) -> str:
        """Canonical JSON of all that is in force, so that a decision can be replayed under it."""
        return _canonical(self.profile, self.desk, self.agents, self.tasks)

    @staticmethod
    def from_json(text: str) -> DeskConfig:
        """The configuration this text was made from. Raises ConfigError when it is not one."""
        try:
            tree = Tree(json.loads(text), {(): Place("stored configuration", None)})
            return _build(tree, ())
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"does not read: {error}", file="stored configuration") from None

    def model_name(self, agent: str) -> str:
        """The name of the model an agent asks."""
        return self.desk.model_name(agent, self.agents[agent].llm)

    def model_of(self, agent: str) -> ModelSettings:
        """The model an agent asks."""
        return self.desk.models[self.model_name(agent)]

    def place(self, key: str) -> Place:
        """Where a value such as `desk.budget.requests` comes from."""
        return self._tree.place(tuple(key.split(".")))

    def describe(self) -> Iterator[Setting]:
        """Every value of desk and profile that is in force, with its place: for `crew config check`."""
        for section in ("profile", "desk"):
            for path, value in _leaves((section,), json.loads(self.to_json())[section]):
                yield Setting(dotted(path), value, self._tree.places.get(path, Place("default", None)))


def load_desk(
    profile: str,
    *,
    root: Path | None = None,
    overrides: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> DeskConfig:
    """The configuration of `profile`, validated as a whole.

    `root` is an operator folder whose files stand in for the packaged ones, file by file. `environ` (the process's, if
    not given) supplies CREWDESK_CONFIG (a root) and `CREWDESK_DESK__KEY__KEY` values; `overrides` maps dotted keys such
    as `desk.default_model` to YAML text and wins over both.

    Raises:
        ConfigError: naming file, key and line of the first thing that is wrong.
    """
    environ = os.environ if environ is None else environ
    if root is None and environ.get(FOLDER_VARIABLE):
        root = Path(environ[FOLDER_VARIABLE]).expanduser()
    files = Files(root)
    sources = (*(files.read(section) for section in SECTIONS), files.profile(profile))
    tree = _merge(sources)
    real_money = bool(tree.value["profile"].get("armed"))
    for name, (keys, text) in single.from_environment(environ).items():
        single.apply(tree, name, keys, text, real_money=real_money)
    for key, text in (overrides or {}).items():
        single.apply(tree, "command line", tuple(key.split(".")), text, real_money=real_money)
    refuse_secrets(tree)
    config = _build(tree, sources)
    if config.profile.name != profile:
        raise fault(tree, ("profile", "name"), f"should be `{profile}`, as the file is called")
    return config


def profiles(root: Path | None = None) -> tuple[str, ...]:
    """Names of all profiles at hand."""
    return Files(root).profiles()


def _merge(sources: tuple[Source, ...]) -> Tree:
    """All sections in one tree. A profile's own `desk:` keys replace those of desk.yaml, each with its own place."""
    merged = Tree({}, {(): Place("config", None)})
    for source in sources:
        tree = read_yaml(source.text, source.name)
        if not isinstance(tree.value, dict):
            raise ConfigError("the file should hold keys and values", file=source.name, line=tree.place(()).line)
        merged.value[source.section] = tree.value
        merged.places |= {(source.section, *path): place for path, place in tree.places.items()}
    own = merged.value["profile"].pop("desk", {})
    if not isinstance(own, dict):
        raise fault(merged, ("profile", "desk"), "should be keys and values")
    _lay_over(merged, own, ("desk",))
    return merged


def _lay_over(merged: Tree, own: Mapping[str, Any], path: KeyPath) -> None:
    here: Any = merged.value
    for part in path:
        here = here[part]
    for name, value in own.items():
        target = (*path, name)
        if isinstance(value, dict) and isinstance(here.get(name), dict):
            _lay_over(merged, value, target)
            continue
        here[name] = value
        prefix = ("profile", *target)
        moved = {known[1:]: place for known, place in merged.places.items() if known[: len(prefix)] == prefix}
        merged.places = {known: p for known, p in merged.places.items() if known[: len(target)] != target} | moved


def _build(tree: Tree, sources: tuple[Source, ...]) -> DeskConfig:
    desk = validated(DeskSettings, tree, ("desk",))
    agents = {name: validated(AgentSettings, tree, ("agents", name)) for name in tree.value["agents"]}
    tasks = {name: validated(TaskSettings, tree, ("tasks", name)) for name in tree.value["tasks"]}
    settings = validated(ProfileSettings, tree, ("profile",))
    check(tree, desk, agents, tasks)
    return DeskConfig(
        profile=settings,
        desk=desk,
        agents=MappingProxyType(agents),
        tasks=MappingProxyType(tasks),
        digest=hashlib.sha256(_canonical(settings, desk, agents, tasks).encode()).hexdigest(),
        sources=sources,
        _tree=tree,
    )


def _canonical(
    profile: ProfileSettings, desk: DeskSettings, agents: Mapping[str, AgentSettings], tasks: Mapping[str, TaskSettings]
) -> str:
    value = {
        "profile": profile.model_dump(mode="json"),
        "desk": desk.model_dump(mode="json"),
        "agents": {name: agent.model_dump(mode="json") for name, agent in agents.items()},
        "tasks": {name: task.model_dump(mode="json") for name, task in tasks.items()},
    }
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _leaves(path: KeyPath, value: object) -> Iterator[tuple[KeyPath, object]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _leaves((*path, name), part)
    else:
        yield path, value
