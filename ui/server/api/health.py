"""Whether the desk lives: what runs, what is mute, and since when nobody has spoken."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from ui.server.house import House, house_of
from ui.window.services import LEVELS, Line, Service

router = APIRouter(tags=["health"])


class Info(BaseModel):
    """What this desk is."""

    version: str
    profile: str
    label: str
    symbols: tuple[str, ...]
    venue: str
    real_money: bool
    models: dict[str, str]


class Health(BaseModel):
    """Each part as `well` or what is wrong with it; `ok` when all are well."""

    ok: bool
    parts: dict[str, str]


class Machine(BaseModel):
    """Processes, the crew's market streams, bytes free and bytes taken by the profile."""

    services: tuple[Service, ...]
    streams: dict[str, Any]
    free_bytes: int
    taken_bytes: int


class Lines(BaseModel):
    """Lines of the logs, oldest first."""

    items: list[Line]


@router.get("/info")
def info(request: Request) -> Info:
    """What this desk is: profile, venue, symbols, and the model of each agent."""
    house = house_of(request)
    config = house.window.config
    return Info(
        version=house.version,
        profile=config.profile.name,
        label=config.profile.label,
        symbols=config.desk.symbols,
        venue=config.profile.venue.kind,
        real_money=config.profile.allows.real_money,
        models={agent: config.model_name(agent) for agent in config.agents},
    )


@router.get("/health")
def health(request: Request) -> Health:
    """Whether guard, venue, models and crew are well, in words."""
    parts = parts_of(house_of(request))
    return Health(ok=all(told == "well" for told in parts.values()), parts=parts)


@router.get("/services")
def services(request: Request) -> Machine:
    """Which processes run, how the streams fare, and how much disk is left."""
    pane = house_of(request).window.services
    free, taken = pane.disk()
    return Machine(services=pane.services(), streams=dict(pane.streams()), free_bytes=free, taken_bytes=taken)


@router.get("/logs")
def logs(request: Request, level: str = "", words: str = "", limit: int = 200) -> Lines:
    """The newest lines of every service's log; what looks like a secret is covered."""
    pane = house_of(request).window.services
    told = level if level in LEVELS else ""
    return Lines(items=pane.lines(level=told, words=words[:100], limit=max(1, min(limit, 1000))))


def parts_of(house: House) -> dict[str, str]:
    """Each part of the desk, as `well` or in words."""
    seen = house.window.guard.look()
    parts = {"guard": "well" if seen.status else seen.trouble, "venue": "well"}
    if seen.status is None:
        parts["venue"] = "unknown: no guard answers"
    elif seen.status.trouble:
        parts["venue"] = seen.status.trouble
    voices = house.window.record.voices()
    silent = [agent for agent, _ in voices.abstained] if voices else []
    parts["models"] = f"abstained in the newest decision: {', '.join(silent)}" if silent else "well"
    held = house.window.paused()
    parts["crew"] = f"paused: {held.reason}" if held else "well"
    return parts
