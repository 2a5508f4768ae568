"""Do an answer and the model the official SDK has of it name the same fields?

The SDK's fields are nearly all optional, so an answer without half of them still validates; hence this comparison. A
model of several shapes holds the one that fitted as `actual_instance`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

# Fields the SDK's own descriptions, or Binance's, say are there only sometimes.
ONLY_SOMETIMES = {
    "M": "only after a modify that named one",
    "activatePrice": "only of trailing stops",
    "priceRate": "only of trailing stops",
    "callbackRate": "only of trailing stops",
    "activationPrice": "only of trailing stops",
    "modifyId": "only after a modify that named one",
    "icebergQuantity": "null, which the SDK's sockets do not tell from missing",
    "code": "only of an order in a batch that was refused",
    "msg": "only of an order in a batch that was refused",
    "ai": "only when the margin mode changed",
    "ac": "only when the leverage changed",
    "additional_properties": "the SDK's own drawer",
}


@dataclass
class Differences:
    """Paths of fields that only the answers have, or only the model. In a list, one row that has a field is enough."""

    unknown: set[str] = field(default_factory=set)
    expected: set[str] = field(default_factory=set)
    present: set[str] = field(default_factory=set)

    @property
    def missing(self) -> set[str]:
        """What the model expects and no answer has."""
        return self.expected - self.present

    def __str__(self) -> str:
        parts = [("the SDK does not know", self.unknown), ("it expects", self.missing)]
        return "; ".join(f"{words} {', '.join(sorted(paths))}" for words, paths in parts if paths)

    def __bool__(self) -> bool:
        return bool(self.unknown or self.missing)


def compare(model: Any, answer: Any) -> Differences:
    """Walk a parsed answer and the raw one together."""
    return compare_all([(model, answer)])


def compare_all(pairs: Iterable[tuple[Any, Any]]) -> Differences:
    """The same of several answers of one kind, taken together."""
    seen = Differences()
    for model, answer in pairs:
        _walk(model, answer, "", seen)
    return seen


def _walk(model: Any, answer: Any, where: str, seen: Differences) -> None:
    if isinstance(model, BaseModel) and "actual_instance" in type(model).model_fields:
        _walk(model.actual_instance, answer, where, seen)  # type: ignore[attr-defined]
    elif isinstance(model, list) and isinstance(answer, list):
        for one, row in zip(model, answer, strict=False):
            _walk(one, row, f"{where}[]", seen)
    elif isinstance(model, BaseModel) and isinstance(answer, dict):
        _walk_fields(model, answer, where, seen)


def _walk_fields(model: BaseModel, answer: dict[str, Any], where: str, seen: Differences) -> None:
    names = {info.alias or name: name for name, info in type(model).model_fields.items() if name not in ONLY_SOMETIMES}
    names = {key: name for key, name in names.items() if key not in ONLY_SOMETIMES}
    seen.unknown |= {f"{where}.{key}".lstrip(".") for key in answer.keys() - names.keys() - ONLY_SOMETIMES.keys()}
    seen.expected |= {f"{where}.{key}".lstrip(".") for key in names}
    seen.present |= {f"{where}.{key}".lstrip(".") for key in answer}
    for key in names.keys() & answer.keys():
        _walk(getattr(model, names[key]), answer[key], f"{where}.{key}".lstrip("."), seen)


def gaps(model: Any) -> Differences:
    """The same of an answer whose raw form the SDK keeps to itself: what it left empty, and what it did not know."""
    seen = Differences()
    _look(model, "", seen)
    return seen


def _look(model: Any, where: str, seen: Differences) -> None:
    if isinstance(model, list):
        for one in model:
            _look(one, f"{where}[]", seen)
    elif isinstance(model, BaseModel) and "actual_instance" in type(model).model_fields:
        _look(model.actual_instance, where, seen)  # type: ignore[attr-defined]
    elif isinstance(model, BaseModel):
        seen.unknown |= {f"{where}.{key}".lstrip(".") for key in getattr(model, "additional_properties", {})}
        for name, info in type(model).model_fields.items():
            key, value = info.alias or name, getattr(model, name)
            path = f"{where}.{key}".lstrip(".")
            if key not in ONLY_SOMETIMES:
                (seen.expected if value is None else seen.present).add(path)
            _look(value, path, seen)
