"""What pydantic found, told as one sentence with file, key, line and a hint. The value itself is never repeated."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.capabilities import nearest
from config.yaml_tree import Path, Tree, dotted
from desk.domain.errors import ConfigError

M = TypeVar("M", bound=BaseModel)

_PLAIN: Mapping[str, str] = {
    "missing": "required key is missing",
    "string_type": "should be text",
    "int_type": "should be a whole number",
    "float_type": "should be a number",
    "decimal_type": "should be a number",
    "decimal_parsing": "should be a number",
    "bool_type": "should be true or false",
    "tuple_type": "should be a list",
    "model_type": "should be keys and values",
    "dict_type": "should be keys and values",
    "mapping_type": "should be keys and values",
    "string_too_short": "should not be empty",
    "too_short": "should not be empty",
}


def validated(model: type[M], tree: Tree, path: Path) -> M:
    """The part of the tree at `path` as a model. Raises ConfigError for the first thing that is wrong."""
    value = at(tree.value, path)
    if not isinstance(value, dict):
        raise fault(tree, path, f"should be keys and values, not {_kind(value)}")
    try:
        return model.model_validate_json(_json(value), strict=True)
    except ValidationError as error:
        raise _first(error, model, tree, path) from None


def fault(tree: Tree, path: Path, message: str, hint: str = "") -> ConfigError:
    """The error for a value at `path`. The key is printed as the file has it: a section's own file does not name it."""
    place = tree.place(path)
    lent = path[0] != "profile" and place.file == tree.place(("profile",)).file
    return ConfigError(message, file=place.file, key=dotted(path if lent else path[1:]), line=place.line, hint=hint)


def at(value: Any, path: Path) -> Any:  # noqa: ANN401  any JSON value
    """The value at a path that exists."""
    for part in path:
        value = value[part]
    return value


def _json(value: object) -> str:
    # Through JSON, because there strict means what an operator means: a list is a tuple, a text an enum, 1 no true.
    return json.dumps(value)


def _first(error: ValidationError, model: type[BaseModel], tree: Tree, path: Path) -> ConfigError:
    found = error.errors(include_url=False, include_input=False)
    details = min(found, key=lambda one: (one["type"] != "extra_forbidden", _line(tree, path, one)))
    where = (*path, *details["loc"])
    message, hint = _sentence(details, model)
    if len(found) > 1:
        hint = f"{hint}; {len(found) - 1} more after this one".lstrip("; ")
    return fault(tree, where, message, hint)


def _line(tree: Tree, path: Path, details: ErrorDetails) -> int:
    return tree.place((*path, *details["loc"])).line or 0


def _sentence(details: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    kind, loc = details["type"], details["loc"]
    if kind == "extra_forbidden":
        return "unknown key", nearest(str(loc[-1]), _fields(model, loc[:-1]))
    if kind == "value_error":
        return details["msg"].removeprefix("Value error, "), ""
    if kind in _PLAIN:
        return _PLAIN[kind], ""
    if kind == "string_pattern_mismatch" and details.get("ctx", {}).get("pattern") == r"\S":
        return "should not be empty", ""
    return details["msg"].replace("Input should", "should").replace("String should", "should"), ""


def _fields(model: type[BaseModel], loc: Sequence[int | str]) -> Iterator[str]:
    """The keys that are known where an unknown one was found."""
    here: Any = model
    for part in loc:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(part))
            here = field.annotation if field else None
        else:
            here = next(_models_in(here), None)
    found = next(_models_in(here), None)
    return iter(found.model_fields if found else ())


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401  a type annotation
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        if issubclass(annotation, BaseModel):
            yield annotation
        return
    for part in typing.get_args(annotation):
        yield from _models_in(part)


def _kind(value: object) -> str:
    if isinstance(value, list):
        return "a list"
    if isinstance(value, Mapping):
        return "a mapping"
    return "nothing" if value is None else "a single value"
