"""The roof: one application over console, REST, events, MCP and metrics, with the door in front of all of it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException

from config.leaks import cover_of
from desk.domain.errors import (
    ConfigError,
    DataError,
    DeskError,
    GuardError,
    GuardUnreachableError,
    PrerequisiteError,
    VenueError,
)
from desk.guard.process.clock import SystemClock
from ui.server import api, login, metrics
from ui.server.api.examples import add_examples
from ui.server.door import Door
from ui.server.door.rates import Rates
from ui.server.house import House
from ui.server.leaving import LetsGo
from ui.server.mcp import add_mcp

# By who must act, as the command line's exit codes are; the first that fits.
_STATUS: tuple[tuple[type[DeskError], HTTPStatus], ...] = (
    (PrerequisiteError, HTTPStatus.CONFLICT),
    (ConfigError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (GuardUnreachableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (GuardError, HTTPStatus.CONFLICT),
    (VenueError, HTTPStatus.SERVICE_UNAVAILABLE),
    (DataError, HTTPStatus.UNPROCESSABLE_ENTITY),
)
_ERROR = {"content": {"application/json": {"example": {"error": "no guard runs", "hint": "crew kickoff"}}}}
RESPONSES: dict[int | str, dict[str, Any]] = {
    401: {"description": "Log in, or send a token.", **_ERROR},
    403: {"description": "This needs an operator, or came from another site.", **_ERROR},
    409: {"description": "It cannot be done now; the hint says what would help.", **_ERROR},
    422: {"description": "The request does not read, or the data do not allow it.", **_ERROR},
    429: {"description": "Too many requests; see Retry-After.", **_ERROR},
    503: {"description": "The guard or the venue does not answer: nothing old is told instead.", **_ERROR},
}


def build(house: House, *, furnish: Callable[[FastAPI], None] = lambda app: None) -> FastAPI:
    """The whole application. `furnish` adds what is shown to people, after the routes of programs."""
    app = FastAPI(
        title="Crewdesk",
        version=house.version,
        summary=f"The desk of profile {house.window.config.profile.name}",
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{api.PREFIX}/openapi.json",
        responses=RESPONSES,
    )
    app.state.house = house
    app.state.over = asyncio.Event()
    app.add_exception_handler(DeskError, _tell_desk_error)
    app.add_exception_handler(RequestValidationError, _tell_misread)
    app.add_exception_handler(HTTPException, _tell_plainly)
    app.include_router(login.router)
    app.include_router(metrics.router)
    app.include_router(api.router)
    app.add_api_route("/health", _alive, include_in_schema=False)
    add_examples(app, api.PREFIX)
    add_mcp(app, house)
    furnish(app)
    app.add_middleware(LetsGo, over=app.state.over)
    app.add_middleware(Door, access=house.access, place=house.place, rates=Rates(SystemClock()))
    return app


def _alive() -> PlainTextResponse:
    """That this server lives, and nothing more: whoever asks has not logged in."""
    return PlainTextResponse("ok\n")


def _tell_desk_error(request: Request, error: Exception) -> JSONResponse:
    del request
    if not isinstance(error, DeskError):
        raise error
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
    return _told(status, error.message, error.hint)


def _tell_misread(request: Request, error: Exception) -> JSONResponse:
    """One line of what does not fit; never the value, which may be a secret put in the wrong place."""
    del request
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or "the request"
    return _told(HTTPStatus.UNPROCESSABLE_ENTITY, f"{where}: {first['msg']}", "/api/v1/openapi.json describes it")


def _tell_plainly(request: Request, error: Exception) -> JSONResponse:
    del request
    if not isinstance(error, HTTPException):
        raise error
    return _told(HTTPStatus(error.status_code), str(error.detail), "")


def _told(status: HTTPStatus, message: str, hint: str) -> JSONResponse:
    cover = cover_of(os.environ)
    return JSONResponse({"error": cover(message), "hint": cover(hint)}, status.value)
