"""The shape of every tool: strict arguments in, a small typed result out, and no way to do more than it says.

Arguments arrive as the model's raw text and are parsed here, strictly: no repair, no coercion, no default for a
misspelt name. A call that does not parse is refused with a typed reason that the model can read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from desk.domain.errors import ToolRefusedError
from desk.market.snapshot import Snapshot
from desk.news.mood import SecondReader
from desk.signals.weighted import SignalParameters
from desk.spikes.scan import SpikeParameters

MAX_ARGUMENT_CHARS = 4_000

SymbolName = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,20}$")]
"""A symbol as the venue spells it: room for a name, none for a sentence."""

IntervalName = Annotated[str, Field(pattern=r"^[0-9]{1,3}[mhdw]$")]
"""An interval of bars, such as 15m."""


class Trust(StrEnum):
    """Where a tool's result comes from. UNTRUSTED means that strangers can write what it is computed from."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"


class Args(BaseModel):
    """Base of every argument model: unknown names and coerced types are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Result(BaseModel):
    """Base of every result model: enums, bounded numbers and known names; no text a stranger wrote."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class NoArgs(Args):
    """A tool that needs no argument."""


class PictureTrend(StrEnum):
    """Where a chart points, as a vision model may say it."""

    UP = "UP"
    DOWN = "DOWN"
    FLAT = "FLAT"


class PictureReading(BaseModel):
    """All that a vision model may say of a chart: enums and bounded numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    trend: PictureTrend
    score: int = Field(ge=-100, le=100, description="-100 strongly bearish to 100 strongly bullish")
    confidence: float = Field(ge=0, le=1)


class ChartReader(Protocol):
    """Reads a chart picture with a vision model. Raises ModelError; the caller then reads the chart in numbers."""

    def read(self, symbol: str, interval: str, png: bytes) -> PictureReading:
        """What the picture shows."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a picture: the reading, the model's own words, and what it cost in tokens."""

    reading: PictureReading
    text: str
    prompt_tokens: int
    completion_tokens: int


class Eyes(Protocol):
    """A vision model. It never retries of its own: each look is one request, which somebody has paid for."""

    @property
    def label(self) -> str:
        """How reports and logs name this model."""
        ...

    def look(self, question: str, png: bytes) -> Look:
        """What the picture shows.

        Raises ModelError; FormRefusedError only where the next look asks in another form.
        """
        ...


class IntentDoor(Protocol):
    """Where a raw intent goes: the guard. One call sends at most once."""

    def propose_raw(self, text: str) -> Mapping[str, Any]:
        """The guard's answer as JSON. Raises GuardError or GuardUnreachableError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSettings:
    """What the operator sets for the tools of one symbol.

    Conviction and distances are what the desk holds a decision to, as fractions; `crowding_limit` is the share of
    equity that may move with a new position. `result_chars` bounds every result.
    """

    signal_interval: str
    signals: SignalParameters
    chart_interval: str
    chart_bars: int
    spikes: SpikeParameters
    known_symbols: tuple[str, ...]
    min_confidence: float
    max_conviction: float
    stop_bounds: tuple[float, float]
    target_bounds: tuple[float, float]
    crowding_limit: float
    result_chars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """What a tool may see: the snapshot, its settings, and the doors that most runs leave shut."""

    snapshot: Snapshot
    settings: ToolSettings
    chart_reader: ChartReader | None = None
    headline_reader: SecondReader | None = None
    intent_door: IntentDoor | None = None


A = TypeVar("A", bound=Args)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(Generic[A]):
    """One tool. `run` is a pure function of the snapshot unless `side_effect` says otherwise."""

    name: str
    description: str
    args: type[A]
    result: type[Result]
    trust: Trust
    side_effect: bool
    compute: Callable[[ToolContext, A], Result]

    def parse(self, raw: str) -> A:
        """The arguments a model wrote, or ToolRefusedError. Nothing is repaired."""
        strict_object(raw)
        try:
            return self.args.model_validate_json(raw)
        except ValidationError as error:
            raise ToolRefusedError("bad_arguments", _complaint(error)) from None

    def run(self, context: ToolContext, args: A) -> Result:
        """Compute the result for parsed arguments."""
        return self.compute(context, args)

    def schema(self) -> dict[str, Any]:
        """The tool as an OpenAI function definition."""
        parameters = self.args.model_json_schema()
        parameters.pop("title", None)
        parameters.pop("description", None)
        return {
            "type": "function",
            "function": {"name": self.name, "description": self.description, "parameters": parameters},
        }


def strict_object(raw: str) -> dict[str, Any]:
    """Parse one JSON object: no duplicate key, no NaN or Infinity, nothing around it. Raises ToolRefusedError."""
    if len(raw) > MAX_ARGUMENT_CHARS:
        raise ToolRefusedError("too_long", f"arguments are longer than {MAX_ARGUMENT_CHARS} characters")
    try:
        value = json.loads(raw, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise ToolRefusedError("not_json", f"arguments are not one JSON object: {error}") from None
    if not isinstance(value, dict):
        raise ToolRefusedError("not_json", "arguments are not a JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key appears twice")
    return found


def _no_constant(name: str) -> Any:  # noqa: ANN401  (never returns)
    raise ValueError(f"{name} is not a number")


def _complaint(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "arguments"
    return f"{where}: {first['msg']}"
