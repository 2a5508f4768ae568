"""Where words of somebody's own would fit into a typed value: what has no room for a sentence cannot carry one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

_SCALARS = frozenset({"integer", "number", "boolean", "null"})


def free_text(model: type[BaseModel], *, without: str = "") -> str:
    """The first field of a model that can carry words of somebody's own, or an empty text when there is none."""
    schema = model.model_json_schema()
    return next(_loose(schema, schema.get("$defs", {}), "", without), "")


def _loose(part: Mapping[str, Any], known: Mapping[str, Any], path: str, without: str) -> Iterator[str]:
    part = known[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
    if "enum" in part or "const" in part:
        return
    for inner in (*part.get("anyOf", ()), *part.get("prefixItems", ())):
        yield from _loose(inner, known, path, without)
    kind = part.get("type")
    if kind == "string" and "pattern" not in part:
        yield path
    elif kind == "array" and "items" in part:
        yield from _loose(part["items"], known, path, without)
    elif kind == "object":
        yield from _loose_fields(part, known, path, without)
    elif kind is not None and kind not in _SCALARS and kind not in ("string", "array"):
        yield path


def _loose_fields(part: Mapping[str, Any], known: Mapping[str, Any], path: str, without: str) -> Iterator[str]:
    fields: Mapping[str, Any] = part.get("properties", {})
    for name, inner in fields.items():
        if name != without or path:
            yield from _loose(inner, known, f"{path}.{name}".lstrip("."), without)
    extra = part.get("additionalProperties", False)
    if isinstance(extra, dict):
        yield from _loose(extra, known, f"{path}.*", without)
    elif extra:
        yield path
