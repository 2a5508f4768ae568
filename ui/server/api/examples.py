"""An example of every read, in the description that programs are written by: `examples.json`, one line a read.

The numbers are invented; a test holds each example against what its read is described to answer.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from fastapi import FastAPI


def add_examples(app: FastAPI, prefix: str) -> None:
    """Let the application's description carry them."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        known = app.openapi_schema is not None
        schema = plain()
        return schema if known else _with_examples(schema, prefix)

    # FastAPI's own way of extending a description.
    app.openapi = described


def _with_examples(schema: dict[str, Any], prefix: str) -> dict[str, Any]:
    text = resources.files("ui.server.api").joinpath("examples.json").read_text(encoding="utf-8")
    for path, example in json.loads(text).items():
        schema["paths"][prefix + path]["get"]["responses"]["200"]["content"]["application/json"]["example"] = example
    return schema
