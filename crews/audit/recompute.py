"""A logged tool call, computed again from the stored snapshot: the same tool, the same arguments, the same text.

What a vision model saw in a chart cannot be seen again, so its logged reading stands in for it; every number beside it
is computed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crews.setup import DeskSetup, Seat
from crews.work.calls import compute
from desk.domain.errors import ModelError
from desk.market.snapshot import Snapshot
from tools.catalogue import tools_named
from tools.chart import READ_CHART, ReadBy
from tools.tool import ChartReader, PictureReading, ToolContext

_PICTURE = "picture_"


def again(logged: Mapping[str, Any], seat: Seat, snapshot: Snapshot, setup: DeskSetup) -> tuple[str, bool]:
    """The text a tool call gives now, and whether it succeeded. `logged` is the payload of its row."""
    context = ToolContext(snapshot=snapshot, settings=setup.tools_for(snapshot.symbol), chart_reader=_reader(logged))
    return compute(tools_named(seat.tools, owner=seat.agent), logged["tool"], logged["arguments"], context)


class _Logged:
    """The vision model as the log remembers it."""

    def __init__(self, picture: PictureReading | None) -> None:
        self._picture = picture

    def read(self, symbol: str, interval: str, png: bytes) -> PictureReading:
        """The logged reading, or the failure that was logged instead."""
        if self._picture is None:
            raise ModelError("the vision model had failed")
        return self._picture


def _reader(logged: Mapping[str, Any]) -> ChartReader | None:
    if logged["tool"] != READ_CHART.name or not logged["ok"]:
        return None
    result = json.loads(logged["result"])
    if result.get("read_by") == ReadBy.NUMBERS:
        return None
    told = {name.removeprefix(_PICTURE): value for name, value in result.items() if name.startswith(_PICTURE)}
    return _Logged(PictureReading.model_validate(told) if told else None)
