"""Events as they happen, over one socket: steps of a kickoff, decisions, and the guard's state when it changes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from ui.server.house import House, house_of, who

_BEAT_SECONDS = 1.0
_GONE = 4401
router = APIRouter()


@router.websocket("/events")
async def events(socket: WebSocket) -> None:
    """Every event as one JSON object with its `type`: step, decision, run, state, lost."""
    await socket.accept()
    telling = asyncio.create_task(_tell(socket))
    leaving = asyncio.create_task(_left(socket))
    try:
        # Whoever leaves says so only to a server that listens: without it a quiet desk would tell nobody for ever, and
        # a server that ends would have to break off the telling.
        await asyncio.wait((telling, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in (telling, leaving):
            one.cancel()
        # Not `gather`: cut off itself, it would raise a task's cancellation, which nobody outside knows as theirs.
        await asyncio.wait((telling, leaving))
    if not telling.cancelled():
        telling.result()


async def _tell(socket: WebSocket) -> None:
    """Tell until the session is over, or nobody takes it any more."""
    house, asks = house_of(socket), who(socket)
    told = ""
    with house.hub.listening(asks.session) as listener, suppress(WebSocketDisconnect, RuntimeError):
        while True:
            for event in await listener.next(_BEAT_SECONDS):
                await socket.send_json(event)
            # A session that ended, or was ended, hears no more.
            if asks.is_person and await asyncio.to_thread(house.access.sessions.of, asks.session) is None:
                await socket.close(_GONE, "the session is over")
                return
            state = await asyncio.to_thread(_state, house)
            if state["key"] != told:
                told = str(state.pop("key"))
                await socket.send_json(state)


async def _left(socket: WebSocket) -> None:
    """Wait until the other side, or this server, has closed the socket. What is sent to us is not read."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while (await socket.receive())["type"] != "websocket.disconnect":
            continue


def _state(house: House) -> dict[str, Any]:
    """The guard's state, and a key that changes when a reader would want to know."""
    seen = house.window.guard.look()
    if seen.status is None:
        return {"type": "state", "key": seen.trouble, "guard": None, "trouble": seen.trouble}
    told = seen.status.model_dump(mode="json")
    return {"type": "state", "key": f"{seen.status.state_hash}{seen.status.trouble}", "guard": told, "trouble": ""}
