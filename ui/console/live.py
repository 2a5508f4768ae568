"""The page's socket: it says which panels it shows, and gets each when it has changed. One rendering serves all pages.

A panel that fails is told as trouble and takes no other with it. The session is looked at with every beat, so that one
that is over shows nothing more.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from threading import Lock
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from desk.domain.errors import DeskError
from ui.console.panels import PANELS, SERVES, Wanted
from ui.console.rendering import render, trouble
from ui.server.house import House, house_of, who

BEAT_SECONDS = 1.0
_MOST_PANELS, _MOST_SAID, _MOST_KEPT = 24, 80, 400
_OVER = 4401
_LOG = logging.getLogger(__name__)
router = APIRouter()


class Gallery:
    """Renderings, each kept for a moment, so that ten pages cost what one does. Thread-safe."""

    def __init__(self, house: House) -> None:
        self._house, self._lock = house, Lock()
        self._kept: dict[str, tuple[float, str]] = {}

    def show(self, key: str, name: str, said: Mapping[str, str]) -> str:
        """A panel's text, at most a moment old."""
        now = time.monotonic()
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and now - kept[0] < SERVES.get(name, BEAT_SECONDS) * 0.9:
                return kept[1]
        text = self._render(name, said)
        with self._lock:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = (now, text)
        return text

    def _render(self, name: str, said: Mapping[str, str]) -> str:
        try:
            return PANELS[name](self._house, Wanted(said=said))
        except DeskError as error:
            return trouble(error)
        except Exception:
            _LOG.exception("panel %s failed", name)
            return render("trouble.html", message=f"the panel {name} failed", hint="the server's log says where")


@router.websocket("/live")
async def live(socket: WebSocket) -> None:
    """Send what changed, once a second, until the page or the session is gone."""
    await socket.accept()
    house, asks = house_of(socket), who(socket)
    gallery: Gallery = socket.app.state.gallery
    watched: dict[str, tuple[str, Mapping[str, str]]] = {}
    told: dict[str, bytes] = {}
    # What somebody may not do is not offered to them; that they may not do it is the server's to see to.
    await socket.send_text(json.dumps({"operates": asks.operates}))
    with house.hub.listening(asks.session) as listener, suppress(WebSocketDisconnect, RuntimeError):
        hears = asyncio.create_task(_hear(socket, watched, told))
        try:
            while not hears.done():
                if await asyncio.to_thread(house.access.sessions.of, asks.session) is None:
                    await socket.close(_OVER, "the session is over")
                    return
                panels = await asyncio.to_thread(_changed, gallery, dict(watched), told)
                await socket.send_text(json.dumps({"panels": panels}))
                for event in await listener.next(BEAT_SECONDS):
                    if event.get("type") == "confirm":
                        await socket.send_text(json.dumps({"confirm": event["confirm"]}))
                await asyncio.sleep(0.05)
        finally:
            hears.cancel()


async def _hear(socket: WebSocket, watched: dict[str, tuple[str, Mapping[str, str]]], told: dict[str, bytes]) -> None:
    """Take in what the page shows now. What does not read is dropped: the page is not ours once it is in a browser."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            text = await socket.receive_text()
            wanted = _wanted(text)
            watched.clear()
            watched.update(wanted)
            for gone in told.keys() - wanted.keys():
                del told[gone]


def _wanted(text: str) -> dict[str, tuple[str, Mapping[str, str]]]:
    try:
        listed: Any = json.loads(text)["watch"]
        found: dict[str, tuple[str, Mapping[str, str]]] = {}
        for name, said in listed[:_MOST_PANELS]:
            if name in PANELS:
                key = json.dumps([name, said], separators=(",", ":"), ensure_ascii=False)
                found[key] = (name, {str(k): str(v)[:_MOST_SAID] for k, v in dict(said).items()})
    except (ValueError, KeyError, TypeError):
        return {}
    return found


def _changed(
    gallery: Gallery, watched: Mapping[str, tuple[str, Mapping[str, str]]], told: dict[str, bytes]
) -> dict[str, str]:
    """The panels whose text is another than this page has."""
    found: dict[str, str] = {}
    for key, (name, said) in watched.items():
        text = gallery.show(key, name, said)
        mark = blake2b(text.encode(), digest_size=16).digest()
        if told.get(key) != mark:
            told[key] = mark
            found[key] = text
    return found
