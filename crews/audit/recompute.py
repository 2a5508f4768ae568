"""A logged tool call, computed again from the stored snapshot: the same tool, the same arguments, the same text.

What a model saw in a chart or read in a headline cannot be had again, so its logged words stand in for it; every number
beside them is computed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from crews.setup import DeskSetup, Seat
from crews.view import headlines
from crews.work.calls import compute
from desk.domain.errors import ModelError
from desk.market.snapshot import Snapshot
from desk.news.mood import SecondReader
from desk.news.sentiment import Sentiment
from memory.audit import AuditRow
from tools.catalogue import tools_named
from tools.chart import READ_CHART, ReadBy
from tools.events import READ_HEADLINES
from tools.tool import ChartReader, PictureReading, ToolContext

_PICTURE = "picture_"


def again(
    logged: Mapping[str, Any], seat: Seat, snapshot: Snapshot, setup: DeskSetup, replies: Mapping[str, AuditRow]
) -> tuple[str, bool]:
    """The text a tool call gives now, and whether it succeeded.

    `logged` is the payload of its row, `replies` the rows of what models said before it, by their call.
    """
    context = ToolContext(
        snapshot=snapshot,
        settings=setup.tools_for(snapshot.symbol),
        chart_reader=_reader(logged),
        headline_reader=_headlines(logged, replies),
    )
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


def _headlines(logged: Mapping[str, Any], replies: Mapping[str, AuditRow]) -> SecondReader | None:
    """The model that read the headlines as the log remembers it, or None where none was asked."""
    if logged["tool"] != READ_HEADLINES.name or not logged["ok"] or "by_model" not in json.loads(logged["result"]):
        return None

    def read(titles: Sequence[str]) -> dict[str, Sentiment]:
        told: dict[str, Sentiment] = {}
        for title in titles:
            reply = replies.get(headlines.call_of(title))
            # A reply that did not parse was no reading then, and is none now.
            with suppress(ModelError):
                if reply is not None:
                    told[title] = headlines.sentiment_in(reply.payload["text"])
        return told

    return read
