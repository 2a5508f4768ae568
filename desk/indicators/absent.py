"""Packages that are not there while another is loaded: what only looks whether they exist does not load them to know.

For the thread that loads it alone; whoever else wants them imports them as ever, then and later.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from types import ModuleType


class _NotHere(MetaPathFinder):
    """Finds none of some packages for one thread, and leaves everything else to those who find it."""

    def __init__(self, *names: str) -> None:
        self._names, self._thread = frozenset(names), threading.get_ident()

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if fullname in self._names and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


@contextmanager
def absent(*names: str) -> Generator[None]:
    """For the length of the block, these packages cannot be imported anew by this thread."""
    finder = _NotHere(*names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
