"""What a specialist may say: enums and bounded numbers, and one note for people that no other agent ever reads.

A report crosses from an agent that may have read hostile text to the agent that decides. So the master sees
`for_master()` only: every field but the note.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

NOTE_CHARS = 280

Unit = Annotated[float, Field(ge=0.0, le=1.0)]
Signed = Annotated[float, Field(ge=-1.0, le=1.0)]


class AgentName(StrEnum):
    """The seats at the desk, and those of the spike crew, in which risk sits too."""

    MASTER = "master"
    REGIME = "regime"
    CHART = "chart"
    NEWS = "news"
    SPIKES = "spikes"
    RISK = "risk"
    GUARDIAN = "guardian"
    SCANNER = "scanner"
    CONTEXT = "context"
    EXECUTOR = "executor"


class Answer(BaseModel):
    """Base of everything a model answers: strict types, no unknown field, no default, no NaN."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Report(Answer):
    """Base of every specialist's report."""

    note: Annotated[str, Field(max_length=NOTE_CHARS, description="One sentence for a person. No agent reads it.")]

    def for_master(self) -> dict[str, Any]:
        """The report without its free text."""
        return self.model_dump(mode="json", exclude={"note"})
