"""The journal on a real disk: damaged copies of it, and a process whose disk fails or that is killed mid-call."""

from __future__ import annotations

from campaigns.journals.damaged import damaged
from campaigns.journals.failing import failing
from campaigns.journals.killed import killed

__all__ = ["damaged", "failing", "killed"]
