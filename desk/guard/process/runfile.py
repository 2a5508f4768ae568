"""How a process says that it runs: a small file with its pid and address. It proves nothing; a killed one leaves it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFile:
    """What a run file tells."""

    pid: int
    url: str


def write_run_file(path: Path, url: str) -> None:
    """Say that this process runs, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {"pid": os.getpid(), "url": url, "started_at": datetime.now(UTC).isoformat()}
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(told), encoding="utf-8")
    os.replace(draft, path)


def read_run_file(path: Path) -> RunFile | None:
    """What the file tells, or None when there is none or it does not read."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return RunFile(pid=int(told["pid"]), url=str(told["url"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
