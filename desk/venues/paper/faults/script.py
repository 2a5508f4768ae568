"""The fault script: `--faults FILE`, YAML or JSON, or the log of an earlier run.

    seed: 7
    rules:
      - {kind: timeout, processed: true, method: POST, path: /fapi/v1/order, probability: 0.05}
      - {kind: gap, channel: user, stream: ORDER_TRADE_UPDATE, nth: [3]}

What is not understood is refused with the file and the key; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
from pydantic import Field, ValidationError

from desk.domain.errors import ConfigError
from desk.venues.paper.faults.kinds import Rule
from desk.venues.paper.faults.log import LOG_MARK, script_of_log
from desk.venues.paper.faults.when import Part


class Script(Part):
    """What may go wrong, in the order in which the rules are asked. `seed` feeds the dice of all of them."""

    seed: int = Field(default=7, ge=0)
    rules: tuple[Rule, ...] = ()


def read_script(path: Path) -> Script:
    """Read a script, or a fault log as one.

    Raises:
        ConfigError: naming the file and the first key that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", file=str(path), key="--faults") from error
    return parse_script(_tree(text, str(path)), str(path))


def parse_script(told: object, file: str) -> Script:
    """A script from parsed JSON or YAML; `file` is named in errors. Raises ConfigError."""
    try:
        return Script.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        hint = "docs/faults.md lists every kind and its keys"
        raise ConfigError(first["msg"], file=file, key=_dotted(first["loc"]), hint=hint) from error


def _tree(text: str, file: str) -> object:
    if text.startswith(LOG_MARK):
        return script_of_log(text, file)
    try:
        return orjson.loads(text) if file.endswith(".json") else _yaml(text)
    except ValueError as error:
        raise ConfigError(f"is neither YAML nor JSON: {' '.join(str(error).split())}", file=file) from error


def _yaml(text: str) -> object:
    # Loaded only by a venue that has a script to read.
    yaml: Any = import_module("yaml")
    try:
        _refuse_twins(yaml.compose(text, Loader=yaml.SafeLoader))
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _refuse_twins(node: Any) -> None:  # noqa: ANN401 - a node of an untyped library
    """Refuse a key written twice, of which YAML would silently keep the second."""
    if node is None or isinstance(node.value, str):
        return
    pairs = node.id == "mapping"
    keys = [str(key.value) for key, _ in node.value] if pairs else []
    twin = next((key for key in keys if keys.count(key) > 1), None)
    if twin is not None:
        raise ValueError(f"{twin!r} stands twice in the mapping of line {node.start_mark.line + 1}")
    for child in node.value:
        _refuse_twins(child[1] if pairs else child)


def _dotted(place: tuple[int | str, ...]) -> str:
    """`rules[2].nth`: pydantic puts the kind between the number and the key, where the file has none."""
    words: list[str] = []
    for at, part in enumerate(place):
        if isinstance(part, int):
            words[-1:] = [f"{words[-1]}[{part}]"] if words else [f"[{part}]"]
        elif not (at == 2 and place[0] == "rules"):
            words.append(part)
    return ".".join(words)


def told_of(script: Script) -> Mapping[str, object]:
    """The script as JSON, without what was left at its default."""
    rules = [{"kind": rule.kind, **rule.model_dump(mode="json", exclude_defaults=True)} for rule in script.rules]
    return {"seed": script.seed, "rules": rules}
