"""What models answered, kept by exactly what they were asked: the same question again costs nothing.

One file for each question, named by its hash, written beside and renamed into place: a reader finds the whole answer or
none. A file that does not read is no answer, and a full disk costs the answer and never the decision.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

_SUFFIX = ".json"
_SPARE = 10  # a tenth of the shelf is cleared at once, so that not every answer has to look for the oldest
_log = logging.getLogger(__name__)


class ReplyShelf:
    """Answers by the hash of their question, at most `entries`; the ones unused for longest go first. Thread-safe."""

    def __init__(self, folder: Path, *, entries: int) -> None:
        self._folder = folder
        self._entries = entries
        self._lock = threading.Lock()
        self._count: int | None = None

    def get(self, key: str) -> Mapping[str, Any] | None:
        """The answer to the question of this hash, or None."""
        path = self._path(key)
        try:
            kept = json.loads(path.read_bytes())
            os.utime(path)
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(kept, dict):
            return None
        told = cast(dict[str, Any], kept)
        answer = told.get("answer")
        return cast(dict[str, Any], answer) if told.get("key") == key and isinstance(answer, dict) else None

    def put(self, key: str, answer: Mapping[str, Any]) -> None:
        """Keep an answer, JSON values only. Where it cannot be written it is not kept."""
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(path, json.dumps({"key": key, "answer": answer}).encode())
        except OSError as error:
            _log.warning("an answer is not kept: %s", error)
            return
        self._clear_the_oldest()

    def __len__(self) -> int:
        """How many answers are kept."""
        return sum(1 for _ in self._folder.glob(f"*/*{_SUFFIX}"))

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}{_SUFFIX}"

    def _clear_the_oldest(self) -> None:
        with self._lock:
            self._count = len(self) if self._count is None else self._count + 1
            if self._count <= self._entries:
                return
            kept = sorted(self._folder.glob(f"*/*{_SUFFIX}"), key=_used)
            spare = len(kept) - self._entries + self._entries // _SPARE
            for path in kept[: max(spare, 0)]:
                path.unlink(missing_ok=True)
            self._count = len(kept) - max(spare, 0)


def _used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _write(path: Path, data: bytes) -> None:
    """The whole file or none of it, for whoever reads at the same time."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
