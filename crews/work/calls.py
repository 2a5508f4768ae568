"""One tool call as the desk makes it: exact name, strict arguments, a bounded result, or a refusal the model can read.

A decision and its replay make calls by this one function, so that what is compared cannot come from two readings of the
rules.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from desk.domain.errors import DataError, ToolRefusedError
from memory.payload import canonical
from tools.tool import Tool, ToolContext

_log = logging.getLogger(__name__)


def compute(tools: Iterable[Tool[Any]], name: str, arguments: str, context: ToolContext) -> tuple[str, bool]:
    """The call's text, and whether it succeeded. A tool that cannot compute refuses; it never guesses."""
    try:
        tool = next((tool for tool in tools if tool.name == name), None)
        if tool is None:
            raise ToolRefusedError("unknown_tool", "no tool of this exact name was given to you")
        result = tool.run(context, tool.parse(arguments))
        text = canonical(result.model_dump(mode="json", exclude_none=True))
        if len(text) > context.settings.result_chars:
            raise ToolRefusedError("result_too_large", "ask for less")
        return text, True
    except ToolRefusedError as error:
        return refusal(error), False
    except DataError as error:
        return refusal(ToolRefusedError("no_data", error.message)), False
    except Exception:
        # A defect in a tool costs this one result. Raised, it would reach the framework instead of the record.
        _log.exception("tool %s failed", name[:40])
        return refusal(ToolRefusedError("tool_failed", "the tool could not compute this")), False


def refusal(error: ToolRefusedError) -> str:
    """What the model is told instead of a result."""
    return canonical({"refused": error.code, "message": error.message[:300]})
