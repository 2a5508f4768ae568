"""Whoever is cut off while the socket's last words are awaited is cut off, and nobody takes that for a fault."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio
import pytest
from fastapi import WebSocket

from ui.server.api import events as told


async def _for_ever(_: WebSocket) -> None:
    await asyncio.Event().wait()


def _soon(turns: int, what: Any) -> None:
    """Call `what` so many turns of the loop from now."""
    loop = asyncio.get_running_loop()
    loop.call_soon(_soon, turns - 1, what) if turns else what()


async def _cut_off(turns: int) -> bool:
    """Listen, leave, and be cut off so many turns later; whether the cut stayed with who made it."""
    with anyio.CancelScope() as scope:
        said = iter(({"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}))

        async def receive() -> dict[str, Any]:
            message = next(said)
            if message["type"] == "websocket.disconnect":
                _soon(turns, scope.cancel)
            return message

        async def send(_: Any) -> None:
            return

        await told.events(WebSocket({"type": "websocket", "path": "/", "headers": []}, receive, send))
    return True


@pytest.mark.parametrize("turns", range(8))
def test_a_cut_at_any_moment_of_the_leaving_ends_where_it_was_made(turns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "_tell", _for_ever)
    assert asyncio.run(_cut_off(turns))
