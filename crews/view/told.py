"""What the crew leaves for other programs to read: small JSON files, each replaced whole."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path


def tell(what: Mapping[str, object], path: Path) -> None:
    """Write it down; a disk that takes nothing more costs only that."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_text(json.dumps(what), encoding="utf-8")
        draft.replace(path)
