"""The desk's snapshots, shared: a vector is measured from one."""

from __future__ import annotations

from tests.unit.crews.conftest import demo_setup, look

__all__ = ["demo_setup", "look"]
