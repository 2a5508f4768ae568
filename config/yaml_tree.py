"""YAML read strictly: plain values, each with the line it stands on, and none of YAML's surprises.

Anchors, aliases, tags, merge keys, several documents, doubled keys and keys that are not text are refused. A plain
scalar is a number, `true`, `false` or `null` in JSON's own spelling, and text otherwise: `on`, `010` and `1:30` are
text here, so a field that wants something else says so instead of trading on a misreading. A number has at most 15
digits, which a float keeps exactly on its way to a `Decimal`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from desk.domain.errors import ConfigError

Path = tuple[str | int, ...]

MAX_CHARS = 1_000_000
MAX_DEPTH = 20
MAX_DIGITS = 15
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
_WORDS: Mapping[str, object] = {"true": True, "false": False, "null": None, "~": None, "": None}
# The C parser reads the same events ten times as fast; both tell the line.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value comes from: a file or a variable, and the line when there is one."""

    file: str
    line: int | None


@dataclass(slots=True)
class Tree:
    """Values as JSON has them, and the place of every one of them."""

    value: Any
    places: dict[Path, Place]

    def place(self, path: Path) -> Place:
        """The place of a value, or of the nearest part around it that stands in a file."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        raise AssertionError("the root always has a place")


def read_yaml(text: str, file: str) -> Tree:
    """Read one document. Raises ConfigError with file, key and line for anything but plain values."""
    if len(text) > MAX_CHARS:
        raise ConfigError("the file is too large for a configuration", file=file)
    places: dict[Path, Place] = {}
    try:
        events = iter(yaml.parse(text, Loader=_LOADER))
        value = _Reader(file, places, events).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not readable"
        line = mark.line + 1 if mark else None
        raise ConfigError(
            f"not valid YAML: {problem}", file=file, line=line, hint="check indentation, quotes"
        ) from None
    return Tree(value, places)


def dotted(path: Path) -> str:
    """A path as a person writes it: `models.fast.base_url`, `symbols[2]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class _Reader:
    """Builds the values of one document from parser events."""

    def __init__(self, file: str, places: dict[Path, Place], events: Iterator[Any]) -> None:
        self._file = file
        self._places = places
        self._events = events

    def document(self) -> Any:  # noqa: ANN401  any JSON value
        next(self._events)
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            raise ConfigError("the file is empty", file=self._file, line=1)
        value = self._value(next(self._events), ())
        next(self._events)
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise self._error("a second document begins here", event, ())
        return value

    def _value(self, event: Any, path: Path) -> Any:  # noqa: ANN401  a parser event, any JSON value
        if isinstance(event, yaml.AliasEvent):
            raise self._error("aliases are not allowed", event, path, "write the value out")
        if event.anchor:
            raise self._error("anchors are not allowed", event, path, "write the value out where it is needed")
        if event.tag:
            raise self._error(f"tags such as {event.tag} are not allowed", event, path)
        if len(path) > MAX_DEPTH:
            raise self._error("nested too deeply", event, path)
        self._places[path] = Place(self._file, event.start_mark.line + 1)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return event.value if event.style else self._plain(event, path)

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            name = self._name(event, path)
            if name in found:
                first = self._places[(*path, name)].line
                raise self._error(f"the key is here twice, first on line {first}", event, (*path, name))
            found[name] = self._value(next(self._events), (*path, name))
            # The key's line, not the value's: a folded text begins a line later.
            self._places[(*path, name)] = Place(self._file, event.start_mark.line + 1)
        return found

    def _sequence(self, path: Path) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._value(event, (*path, len(found))))
        return found

    def _name(self, event: Any, path: Path) -> str:  # noqa: ANN401  a parser event
        if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
            raise self._error("a key must be plain text", event, path)
        if event.value == "<<":
            raise self._error("merge keys are not allowed", event, path, "write the values out")
        return event.value

    def _plain(self, event: Any, path: Path) -> object:  # noqa: ANN401  a parser event
        text = event.value
        if text in _WORDS:
            return _WORDS[text]
        if not _NUMBER.fullmatch(text):
            return text
        if sum(character.isdigit() for character in text) > MAX_DIGITS:
            raise self._error(
                f"a number has at most {MAX_DIGITS} digits", event, path, "put it in quotes if it is text"
            )
        return float(text) if "." in text else int(text)

    def _error(self, message: str, event: Any, path: Path, hint: str = "") -> ConfigError:  # noqa: ANN401  an event
        line = event.start_mark.line + 1
        return ConfigError(message, file=self._file, key=dotted(path), line=line, hint=hint)
