"""Serve one profile: open the house, let uvicorn serve it, and leave in order at the first signal."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from config.loader import DeskConfig
from crews.running.services import Folder, write_private
from desk.guard.process.clock import SystemClock
from ui.controls import Controls
from ui.controls.kickoffs import Heard
from ui.server.access import Access
from ui.server.door import Place
from ui.server.house import House
from ui.server.hub import Hub
from ui.server.leaving import Server
from ui.server.roof import build
from ui.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Certificate and key files, or empty for none."""

    certificate: str = ""
    key: str = ""


def access_file(folder: Folder) -> Path:
    """Who may log in is kept beside the profiles, not in one of them: it outlives their data."""
    return folder.root.with_name(".access") / "access.sqlite"


def run_file(folder: Folder) -> Path:
    """Where a running server says its pid and address."""
    return folder.root / "run" / "console.json"


def open_house(
    config: Callable[[], DeskConfig],
    folder: Folder,
    place: Place,
    *,
    idle: float = 1800.0,
    phrase: str = "",
    config_root: Path | None = None,
) -> House:
    """The rooms of one profile's server. Raises PrerequisiteError when they cannot be opened."""
    clock, window = SystemClock(), Window(config(), folder)
    controls, hub = Controls(window, config, phrase=phrase), Hub()
    controls.kickoffs.listen(lambda heard: hub.tell(event_of(heard)))
    return House(
        window=window,
        controls=controls,
        access=Access(access_file(folder), clock, idle=idle),
        place=place,
        hub=hub,
        version=version("crewdesk"),
        config_root=config_root,
    )


def event_of(heard: Heard) -> dict[str, object]:
    """What a listener of events is told of a kickoff."""
    run = {"number": heard.run.number, "over": heard.run.over, "error": heard.run.error, "hint": heard.run.hint}
    if heard.decision is not None:
        return {"type": "decision", "run": run, "decision": heard.decision.to_json()}
    if heard.step is None:
        return {"type": "run", "run": run}
    step = heard.step
    told = {"kind": step.kind.value, "stage": step.stage.value, "agent": step.agent, "tool": step.tool}
    told |= {"symbol": step.symbol, "decision_id": step.decision_id, "note": step.note}
    return {"type": "step", "run": run, "step": {**told, "seconds": round(step.seconds, 3)}}


def serve(
    house: House, folder: Folder, *, tls: Tls, furnish: Callable[[FastAPI], None], ready: Callable[[], None]
) -> None:
    """Serve until a signal ends it; `ready` is called once the socket listens."""
    app = build(house, furnish=furnish)
    settings = uvicorn.Config(
        app,
        host=house.place.host,
        port=house.place.port,
        ssl_certfile=tls.certificate or None,
        ssl_keyfile=tls.key or None,
        # A proxy's word about who asks is believed only where one was announced.
        proxy_headers=bool(house.place.public),
        server_header=False,
        date_header=True,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=5,
        ws_max_size=64 * 1024,
        h11_max_incomplete_event_size=64 * 1024,
    )
    server = Server(settings, over=app.state.over, ready=lambda: _told(house, folder, ready))
    try:
        asyncio.run(server.serve())
    finally:
        run_file(folder).unlink(missing_ok=True)


def _told(house: House, folder: Folder, ready: Callable[[], None]) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_private(run_file(folder), json.dumps({"pid": os.getpid(), "url": house.place.url, "started_at": now}))
    ready()
