"""The picture of a decision can be had at any time, from its record alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from crews.audit.chart_of import chart_of
from desk.domain.errors import PrerequisiteError
from desk.guard.process.clock import SystemClock
from memory.audit import AuditLog


def test_a_decision_that_is_not_in_the_log_has_no_chart(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit.sqlite", SystemClock())
    with pytest.raises(PrerequisiteError, match="no decision"):
        chart_of(log, "d0")
    log.close()
