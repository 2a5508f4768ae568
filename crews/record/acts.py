"""Acts beside any decision, as rows of the audit log: who did what from where, and what came of it."""

from __future__ import annotations

import logging
import os
from contextlib import closing

from config.leaks import secret_values
from crews.running.services import Folder
from desk.domain.errors import DeskError
from desk.guard.process.clock import SystemClock
from desk.guard.secrets.veil import Veil
from memory.audit import AuditLog
from memory.rows import Kind

ACTS = "acts"
_LOG = logging.getLogger(__name__)


def note_act(folder: Folder, act: str, *, by: str, outcome: str) -> None:
    """Write one act down. Never raises: whoever makes the desk safer is not held up by a full disk; the log says so."""
    try:
        with closing(AuditLog(folder.audit, SystemClock(), veil=Veil(*secret_values(os.environ)))) as log:
            log.append(ACTS, Kind.ACT, {"act": act[:300], "by": by[:100], "outcome": outcome[:500]})
    except DeskError as error:
        _LOG.warning("an act is not in the record: %s: %s", act, error)
