"""Read what a model wrote, exactly: one JSON object, or one inside a single fence. Nothing is repaired.

A doubled key, NaN, a truncated brace or words around the object make the answer malformed, because a guess at what a
model meant is how a broken order becomes a valid one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from desk.domain.errors import ModelMalformedError

MAX_ANSWER_CHARS = 20_000
_FENCE = re.compile(r"\s*```(?:json)?[ \t]*\n(.*?)\n?```\s*", re.DOTALL)
# Keywords that strict structured outputs do not take; our own validation applies them afterwards.
_DROPPED = frozenset({"maxLength", "minLength", "title", "default", "prefixItems"})

Model = TypeVar("Model", bound=BaseModel)


def unfence(text: str) -> str:
    """The inside of a single code fence that is the whole text, else the text itself."""
    found = _FENCE.fullmatch(text)
    return found.group(1) if found and "```" not in found.group(1) else text


def parse_object(text: str, *, limit: int = MAX_ANSWER_CHARS) -> dict[str, Any]:
    """One JSON object without doubled keys and without NaN. Raises ModelMalformedError."""
    if len(text) > limit:
        raise ModelMalformedError(f"the answer is longer than {limit} characters")
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ModelMalformedError(f"the answer is not one JSON object: {error}") from None
    if not isinstance(value, dict):
        raise ModelMalformedError("the answer is not a JSON object")
    return value


def parse_answer(kind: type[Model], text: str) -> Model:
    """The typed answer a text holds. Raises ModelMalformedError naming the first field that is wrong."""
    inside = unfence(text)
    parse_object(inside)
    try:
        return kind.model_validate_json(inside)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or kind.__name__
        raise ModelMalformedError(f"{where}: {first['msg']}") from None


def answer_schema(kind: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema to ask a model for: every property required, nothing else allowed, no unsupported keyword."""
    return _strict(kind.model_json_schema())


def _strict(node: Any) -> Any:  # noqa: ANN401  (a JSON schema)
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    kept = {key: _strict(value) for key, value in node.items() if key not in _DROPPED or key == "properties"}
    if "properties" in kept:
        kept["properties"] = {name: _strict(value) for name, value in node["properties"].items()}
        kept["required"] = list(kept["properties"])
        kept["additionalProperties"] = False
    return kept


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key appears twice")
    return found


def _refuse(name: str) -> Any:  # noqa: ANN401  (never returns)
    raise ValueError(f"{name} is not a number")
