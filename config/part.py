"""The ground every configuration model stands on: frozen, strict, and deaf to unknown keys."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer

Value = TypeVar("Value")


class Part(BaseModel):
    """Base of every part of the configuration. A misspelt key or a coerced type is an error, never a default."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _freeze(value: Mapping[str, Value]) -> Mapping[str, Value]:
    return MappingProxyType(dict(value))


def _thaw(value: Mapping[str, Value]) -> dict[str, Value]:
    return dict(value)


Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
"""Text that says something."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
"""A name of ours: lower case, digits, `_` and `-`."""

Symbol = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,20}$")]
"""A symbol as the venue spells it, such as BTCUSDT."""

Fraction = Annotated[Decimal, Field(ge=0, le=1)]
"""A share of one: 0.02 is 2 %."""

Seconds = Annotated[float, Field(gt=0, le=3600)]
"""A span of time in seconds."""

Frozen = Annotated[Mapping[str, Value], AfterValidator(_freeze), PlainSerializer(_thaw)]
"""A mapping by name that nobody can change after loading."""
