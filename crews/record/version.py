"""Which code decides: the package's version and the hash of everything in it that can have a say in a decision.

A record names it, so that a decision which other code made is told from one that was altered.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
# Where a decision is made. What only shows, starts or stores it changes none.
_DECIDES = (
    "agents",
    "config",
    "crews/judgement",
    "crews/view",
    "crews/work",
    "desk/domain",
    "desk/indicators",
    "desk/market",
    "desk/news",
    "desk/regime",
    "desk/risk",
    "desk/signals",
    "desk/spikes",
    "memory",
    "tools",
)
_DIGITS = 12


@cache
def code_version() -> str:
    """As `0.1.0+3f9c...`; the same on every machine that runs the same files. Read once in a process."""
    told = hashlib.sha256()
    for folder in _DECIDES:
        for path in sorted((_ROOT / folder).rglob("*.py")):
            told.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{version('crewdesk')}+{told.hexdigest()[:_DIGITS]}"
