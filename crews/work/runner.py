"""How a seat's task is run: by CrewAI, which is imported when the first decision needs it and not before.

Importing it takes seconds and a quarter of a gigabyte; `crew status` shall not wait for that.
"""

from __future__ import annotations

import gc
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from crews.setup import Seat
from desk.domain.errors import PrerequisiteError


class Talk(Protocol):
    """What CrewAI is connected to. `crews.work.conversation.Conversation` keeps this contract."""

    @property
    def tool_names(self) -> tuple[tuple[str, str], ...]:
        """Name and description of each tool."""
        ...

    def turn(self, opening: Sequence[Mapping[str, Any]]) -> str | tuple[str, ...]:
        """The final answer, or tokens of tool calls. Never raises."""
        ...

    def tool_of(self, token: str) -> str | None:
        """The exact tool behind a token, or None."""
        ...

    def run_call(self, token: str) -> str:
        """Make the call behind a token."""
        ...


class Rehearsal:
    """One word, said once, so that the first decision finds everything warm."""

    tool_names: tuple[tuple[str, str], ...] = ()

    def turn(self, opening: Sequence[Mapping[str, Any]]) -> str:
        """The word."""
        return "ready"

    def tool_of(self, token: str) -> None:
        """There are no tools."""

    def run_call(self, token: str) -> str:
        """There are no calls."""
        return ""


_SEAT = Seat(
    agent="rehearsal",
    role="Rehearsal",
    goal="Be ready.",
    backstory="None.",
    task="Say ready.",
    expected_output="One word.",
    tools=(),
    deadline=1.0,
)
_rehearsed = threading.Event()
_rehearsing = threading.Lock()


def load() -> None:
    """Import CrewAI and run one crew for nothing. Seconds, once per process; several threads may ask at once.

    Raises:
        PrerequisiteError: when CrewAI does not load here; the next call tries again.
    """
    with _rehearsing:
        if _rehearsed.is_set():
            return
        try:
            with _nothing_swept():
                run_crew(_SEAT, Rehearsal(), _SEAT.task)
        except Exception as error:
            raise PrerequisiteError(
                f"CrewAI does not load: {type(error).__name__}: {error}", hint="crew doctor; or set up anew"
            ) from error
        _rehearsed.set()


@contextmanager
def _nothing_swept() -> Iterator[None]:
    """What is loaded stays: looking through it for garbage again and again costs a sixth of the loading."""
    sweeping = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if sweeping:
            gc.enable()


def run_crew(seat: Seat, conversation: Talk, task: str) -> None:
    """Let the seat do its task. Blocks until done; the outcome is in the conversation. Never raises."""
    from crews import crewai_adapter

    crewai_adapter.run(seat, conversation, task)


def quiet_environment() -> dict[str, str]:
    """What must be in the environment before CrewAI is imported: no telemetry, no tracing, nothing outside."""
    return {
        "CREWAI_DISABLE_TELEMETRY": "true",
        "CREWAI_DISABLE_TRACKING": "true",
        "CREWAI_TRACING_ENABLED": "false",
        "CREWAI_DISABLE_VERSION_CHECK": "true",
        "OTEL_SDK_DISABLED": "true",
        "ANONYMIZED_TELEMETRY": "false",
        # CrewAI reads a stray .env on import, which could name models and keys nobody meant.
        "PYTHON_DOTENV_DISABLED": "1",
        "CREWAI_STORAGE_DIR": os.path.join(tempfile.gettempdir(), f"crewdesk-crewai-{os.getuid()}"),
    }
