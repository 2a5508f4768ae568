"""Where a running venue can be found: `{pid, url, started_at}`, written whole once it listens, removed when it ends."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path


def write_run_file(path: Path, url: str) -> None:
    """Say where this process listens. Replaces what a killed process left behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {"pid": os.getpid(), "url": url, "started_at": datetime.now(UTC).isoformat()}
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(told) + "\n", encoding="utf-8")
    draft.replace(path)


def remove_run_file(path: Path) -> None:
    """Take the file away if it still speaks of this process; a successor's stays."""
    with suppress(OSError, ValueError):
        if json.loads(path.read_text(encoding="utf-8")).get("pid") == os.getpid():
            path.unlink()
