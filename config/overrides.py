"""Single values from the environment or the command line, typed and checked like a line of the files.

`CREWDESK_DESK__BUDGET__REQUESTS=18` sets `budget.requests` of desk.yaml; sections are DESK, AGENTS, TASKS and PROFILE,
two underscores separate keys, and the value is read as YAML. On the command line the key is `desk.budget.requests`.
What arms real money, names the venue or widens what a profile may do cannot be overridden at all; with real money,
neither can a limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.capabilities import nearest
from config.yaml_tree import Path, Place, Tree, read_yaml
from desk.domain.errors import ConfigError

PREFIX = "CREWDESK_"
SECTIONS = ("desk", "agents", "tasks", "profile")
_FILE_ONLY = (("profile", "armed"), ("profile", "allows"), ("profile", "name"), ("profile", "keys"))
_FILE_ONLY_VENUE = ("profile", "venue", "kind")


def from_environment(environ: Mapping[str, str]) -> dict[str, tuple[tuple[str, ...], str]]:
    """The overrides among the variables: name to (keys, text). A name without `__` belongs to somebody else."""
    named = {name: text for name, text in sorted(environ.items()) if name.startswith(PREFIX) and "__" in name}
    return {name: (tuple(name.removeprefix(PREFIX).split("__")), text) for name, text in named.items()}


def apply(tree: Tree, origin: str, keys: tuple[str, ...], text: str, *, real_money: bool) -> None:
    """Set one value in the tree. Raises ConfigError naming `origin` for a key that is not there or may not be set."""
    path = _resolve(tree, origin, keys)
    if any(path[: len(barred)] == barred for barred in (*_FILE_ONLY, _FILE_ONLY_VENUE)):
        raise ConfigError("only the profile's own file may say this", file=origin, key=".".join(keys))
    if real_money and path[:2] == ("desk", "limits"):
        raise ConfigError("with real money, limits stand in a file", file=origin, key=".".join(keys))
    read = read_yaml(text if text.strip() else '""', origin)
    inner: Any = tree.value
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = read.value
    for known in [known for known in tree.places if known[: len(path)] == path]:
        del tree.places[known]
    tree.places |= {(*path, *inside): Place(origin, None) for inside in read.places}


def _resolve(tree: Tree, origin: str, keys: tuple[str, ...]) -> Path:
    """The path these keys mean. All but the last must exist; case and `-` do not matter, as variables have neither."""
    here: Any = tree.value
    path: list[str] = []
    for index, key in enumerate(keys):
        if not isinstance(here, dict):
            raise ConfigError(f"`{'.'.join(path)}` has no keys", file=origin, key=".".join(keys))
        known = {_plain(name): name for name in here}
        name = known.get(_plain(key))
        last = index == len(keys) - 1
        if name is None and (not last or not path):
            raise ConfigError(f"there is no `{key}` here", file=origin, key=".".join(keys), hint=nearest(key, here))
        path.append(name if name is not None else key.lower())
        here = here[name] if name is not None else None
    if len(path) < 2:
        raise ConfigError("a whole section cannot be overridden", file=origin, key=".".join(keys))
    return tuple(path)


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")
