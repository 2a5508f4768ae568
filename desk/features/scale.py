"""One scale for every figure of the vector: [-1, 1], cut off there, and unknown where nothing was measured."""

from __future__ import annotations

Values = dict[str, float | None]


def unit(value: float | None, scale: float = 1.0) -> float | None:
    """The value over its scale, held to [-1, 1]; None stays None."""
    return None if value is None else round(max(-1.0, min(1.0, value / scale)), 6)
