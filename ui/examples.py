"""Examples under the help of a command: every word of `crew` has at least one."""

from __future__ import annotations


def examples(*lines: str) -> str:
    """Examples under a command's help, one a line."""
    return "\n\n".join(("Examples:", *lines))
