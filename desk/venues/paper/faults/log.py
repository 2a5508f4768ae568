"""What struck, one JSON line each; the log of a run is a script that lets the same things happen again.

A line is a rule of its own: the fault with its measure, the very request or stream it struck, and which of those it
was (`nth`). `at` (venue ms) and `because` (the rule that struck) are for the reader.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from itertools import chain, count
from pathlib import Path
from typing import Any, cast

import orjson

from desk.domain.errors import ConfigError
from desk.venues.paper.faults.kinds import Fault
from desk.venues.paper.faults.when import OnMessage, OnRequest

LOG_MARK = '{"fault_log":1'
_FOR_THE_READER = ("at", "because")
_CONDITIONS = frozenset(OnRequest.model_fields) | frozenset(OnMessage.model_fields)


class FaultLog:
    """Writes to `path`, where one is named, first the seed; keeps the newest lines and a count of each kind at hand.

    No log is written over: where `path` is taken, `name-2`, `name-3` and so on are tried.
    """

    def __init__(self, path: Path | None, seed: int) -> None:
        self.newest: deque[Mapping[str, object]] = deque(maxlen=100)
        self.kinds: Counter[str] = Counter()
        self.path, self._file = path, None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.path = _free(path)
            self._file = self.path.open("xb", buffering=0)
            self._file.write(orjson.dumps({"fault_log": 1, "seed": seed}) + b"\n")

    def note(self, fault: Fault, struck: Mapping[str, object], *, at_ms: int, because: str) -> None:
        """Write one line; `struck` says what it was and holds `nth`."""
        measure = fault.model_dump(mode="json", exclude=set(_CONDITIONS), exclude_defaults=True)
        row = {"kind": fault.kind, **measure, **struck, "at": at_ms, "because": because}
        self.newest.append(row)
        self.kinds[fault.kind] += 1
        if self._file is not None:
            self._file.write(orjson.dumps(row) + b"\n")

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def _free(path: Path) -> Path:
    names = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return next(name for name in chain((path,), names) if not name.exists())


def script_of_log(text: str, file: str) -> Mapping[str, object]:
    """The script that a log amounts to: lines that differ only in which request they struck become one rule.

    Raises:
        ConfigError: for a line that is no JSON object.
    """
    header, *lines = text.splitlines()
    rules: dict[bytes, dict[str, Any]] = {}
    for number, line in enumerate(lines, 2):
        row = _object(line, file, number)
        for word in _FOR_THE_READER:
            row.pop(word, None)
        nth = cast("list[int]", row.pop("nth", []))
        rule = rules.setdefault(orjson.dumps(row, option=orjson.OPT_SORT_KEYS), {**row, "nth": []})
        rule["nth"] += nth
    return {"seed": _object(header, file, 1).get("seed", 0), "rules": list(rules.values())}


def _object(line: str, file: str, number: int) -> dict[str, Any]:
    try:
        told: object = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ConfigError(f"is no JSON: {error}", file=file, line=number) from error
    if not isinstance(told, dict):
        raise ConfigError("is no JSON object", file=file, line=number)
    return cast("dict[str, Any]", told)
