"""The fixtures of the desk's tests, shared: a tool is a function of a snapshot."""

from __future__ import annotations

from tests.unit.crews.conftest import demo_setup, look

__all__ = ["demo_setup", "look"]
