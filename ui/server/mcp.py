"""The desk over the Model Context Protocol, for agents of other makers: the same reads, and two acts through the gate.

Whoever calls carries a token. A read token reads; to halt and to propose needs the scope to operate. What is proposed
is recorded, judged and sized like every other trade: nothing that calls here can name a quantity, a limit or a reset.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal

from fastapi import FastAPI
from mcp.server.fastmcp import Context, FastMCP
from mcp.server.fastmcp.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations

from config.leaks import cover_of
from desk.domain.errors import DeskError, GuardUnreachableError, PrerequisiteError
from desk.ledger.pages import Asked as PageAsked
from ui.server.access import Identity
from ui.server.api.acts import asked_of, told_of
from ui.server.api.health import parts_of
from ui.server.api.series import scores_of
from ui.server.house import House
from ui.server.plain_json import plain_json

_LOG = logging.getLogger(__name__)
PATH = "/mcp"
_READS = ToolAnnotations(readOnlyHint=True, openWorldHint=False)
_ACTS = ToolAnnotations(readOnlyHint=False, destructiveHint=True, openWorldHint=False)
_MOST = 200
_WORDS = (
    "A futures desk behind a deterministic guard. Read what it holds, decided and why. propose_trade asks the guard, "
    "which sizes every position itself and may refuse; halt closes everything and locks until a human resets it."
)


def add_mcp(app: FastAPI, house: House) -> None:
    """Serve MCP under the application's roof, for as long as the application is served."""
    server = _quietly_made()
    _add_reads(server, house)
    _add_figures(server, house)
    _add_acts(server, house)
    app.router.routes.extend(server.streamable_http_app().routes)
    before = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(served: FastAPI) -> AsyncGenerator[Any]:
        async with before(served) as state, server.session_manager.run():
            yield state

    app.router.lifespan_context = lifespan


def _quietly_made() -> FastMCP:
    """The library's server, without the log handlers that it gives to the whole process."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    server = FastMCP(
        "crewdesk",
        instructions=_WORDS,
        stateless_http=True,
        json_response=True,
        streamable_http_path=PATH,
        # Which names this server answers to is the door's to ask, and it has.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    root.handlers[:] = handlers
    root.setLevel(level)
    return server


def _add_reads(server: FastMCP, house: House) -> None:
    window = house.window

    @server.tool(annotations=_READS)
    async def status() -> str:
        """Equity, today's loss and limits, breaker, positions with their stops: what the guard says now."""
        return await _told(lambda: _guard_status(house))

    @server.tool(annotations=_READS)
    async def health() -> str:
        """Whether guard, venue, models and crew are well, in words."""
        return await _told(lambda: parts_of(house))

    @server.tool(annotations=_READS)
    async def decisions(symbol: str = "", limit: int = 20) -> str:
        """The newest decisions, newest first, with verdict, rule and outcome."""
        return await _told(lambda: window.record.decisions(symbol=symbol, limit=max(1, min(limit, _MOST))))

    @server.tool(annotations=_READS)
    async def why(decision_id: str = "") -> str:
        """Why a decision came out as it did (the newest without an id): who said what, which rule decided, the end."""
        return await _told(lambda: window.record.why(decision_id or window.record.newest()).to_json())

    @server.tool(annotations=_READS)
    async def market(symbol: str) -> str:
        """What the desk last saw of a market: regime, signal, chart, spikes, news, profile, book, with its age."""
        return await _told(lambda: _readings(house, symbol))


def _add_figures(server: FastMCP, house: House) -> None:
    """Reads of what the ledger keeps."""
    window = house.window

    @server.tool(annotations=_READS)
    async def signals(symbol: str = "", limit: int = 50) -> str:
        """Weighted signals, newest first."""
        asked = PageAsked(symbol=symbol, limit=max(1, min(limit, _MOST)))
        return await _told(lambda: pages.signals(asked) if (pages := window.books.pages()) else ())

    @server.tool(annotations=_READS)
    async def trades(symbol: str = "", limit: int = 50) -> str:
        """Trades from opening to close, newest first."""
        asked = PageAsked(symbol=symbol, limit=max(1, min(limit, _MOST)))
        return await _told(lambda: pages.trades(asked) if (pages := window.books.pages()) else ())

    @server.tool(annotations=_READS)
    async def performance() -> str:
        """Closed trades and equity: profit factor, win rate and Sharpe with their intervals; null of too few."""
        return await _told(window.track)

    @server.tool(annotations=_READS)
    async def breakdown() -> str:
        """Closed trades by strategy and certificate, by regime, and by what each agent had said; null: not known."""
        return await _told(window.breakdown)

    @server.tool(annotations=_READS)
    async def agents() -> str:
        """Each agent's forecasts against what came of them, and what its word counts for."""
        return await _told(lambda: scores_of(house))


def _add_acts(server: FastMCP, house: House) -> None:
    @server.tool(annotations=_ACTS)
    async def propose_trade(
        symbol: str,
        action: Literal["OPEN_LONG", "OPEN_SHORT", "CLOSE"],
        context: Context[Any, Any, Any],
        conviction: str = "0.5",
        stop_pct: str = "",
        target_pct: str = "",
    ) -> str:
        """Ask the guard for one trade. Conviction in (0, 1] sizes it, distances are fractions such as 0.02."""
        asks = _operates(context)
        terms = {"symbol": symbol, "action": action, "conviction": conviction}
        terms |= {"stop_pct": stop_pct, "target_pct": target_pct}
        return await _told(
            lambda: told_of(house.controls.trade(asked_of(terms, by=f"{asks.name} over MCP"))).model_dump()
        )

    @server.tool(annotations=_ACTS)
    async def halt(reason: str, context: Context[Any, Any, Any]) -> str:
        """Cancel entries, close every position, lock. Only a human at the machine can lift it."""
        asks = _operates(context)
        return await _told(lambda: house.controls.halt(reason, asked_by=f"{asks.name} over MCP"))

    @server.tool(annotations=_ACTS)
    async def pause(reason: str, context: Context[Any, Any, Any]) -> str:
        """Let the crew decide nothing more; the guard works on."""
        asks = _operates(context)
        return await _told(lambda: house.controls.pause(reason, asked_by=f"{asks.name} over MCP"))


def _operates(context: Context[Any, Any, Any]) -> Identity:
    """Whoever calls, if they may operate. Raises ToolError otherwise."""
    request = context.request_context.request
    asks: Identity | None = request.scope["state"]["identity"] if request is not None else None
    if asks is None or not asks.operates:
        raise ToolError("this needs a token with the scope to operate")
    if asks.is_person:
        raise ToolError("a person acts in the console, where they are asked to confirm")
    return asks


async def _told(read: Callable[[], Any]) -> str:
    """What a read gives, as JSON text; a desk error in its own words."""
    try:
        return json.dumps(plain_json(await asyncio.to_thread(read)), ensure_ascii=False)
    except DeskError as error:
        raise ToolError(cover_of(os.environ)(f"{error.message}. {error.hint}".strip())) from None
    except Exception as fault:
        # The library would tell it as it stands, and whatever it is may quote an address with a password.
        _LOG.exception("a read over MCP ended by a fault of the desk's own")
        raise ToolError(cover_of(os.environ)(f"{type(fault).__name__}: {fault}")) from None


def _guard_status(house: House) -> Any:  # noqa: ANN401  JSON
    seen = house.window.guard.look()
    if seen.status is None or seen.blind:
        raise GuardUnreachableError(seen.status.trouble if seen.status else seen.trouble)
    return seen.status


def _readings(house: House, symbol: str) -> dict[str, Any]:
    if symbol not in house.window.symbols:
        raise PrerequisiteError(f"{symbol[:20]} is not on the desk's list", hint=", ".join(house.window.symbols))
    seen = house.window.intelligence.look(symbol)
    told = {name: dict(one.told) or {"trouble": one.trouble} for name, one in seen.readings.items()}
    return {"symbol": symbol, "at": seen.at, "decision_id": seen.decision_id, "readings": told}
