"""What holds for every test: nothing beyond loopback is reached, and what a test changes for all is put back."""

from __future__ import annotations

import decimal
import gc
import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

# The spy of the integration tests watches this very process too: a test that reaches out fails where it does so.
os.environ.setdefault(
    "LOOPBACK_SPY_LOG", str(Path(tempfile.gettempdir()) / f"crewdesk-beyond-loopback-{os.getpid()}.log")
)
from tests.log_levels import levels_as_found
from tests.postgres_server import PostgresServer, programs, serving
from tests.spies.loopback import sitecustomize as _spy  # noqa: F401  (installs its audit hook on import)

# How long an example takes is a matter of the machine's load; how long things may take is measured in benchmarks/.
settings.register_profile("desk", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("desk")


def pytest_collection_finish() -> None:
    """What was imported for all tests stays to the end: no sweep for garbage looks through it again."""
    gc.freeze()


@pytest.fixture(autouse=True)
def _left_as_found() -> Iterator[None]:
    """Logging's handlers and levels of ours, structlog's set-up and the decimal context: some change them for all."""
    before, context = list(logging.getLogger().handlers), decimal.getcontext().copy()
    with levels_as_found():
        yield
    root = logging.getLogger()
    for handler in [one for one in root.handlers if one not in before and type(one).__module__.startswith("desk.")]:
        root.removeHandler(handler)
    structlog.reset_defaults()
    decimal.setcontext(context)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server that every test shares; each asks it for a database of its own."""
    with serving(programs()) as server:
        yield server
