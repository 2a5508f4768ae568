"""Which paths exist, for whom. Gradio brings some fifty routes; those its page needs are named here, the rest is shut.

Its uploads, files, proxies, run history, monitoring, deep links, custom components and code writing are so closed by
not being named, today and after its next release.
"""

from __future__ import annotations

import re
from enum import Enum

CONSOLE = "/console"
LOGIN, LOGOUT = "/login", "/logout"

# All that answers without a login. `tests/integration/test_console_attacks.py` holds the server to it.
OPEN = frozenset({("GET", LOGIN), ("POST", LOGIN), ("GET", "/login.css"), ("GET", "/health"), ("GET", "/favicon.ico")})

_GRADIO = re.compile(
    r"/console/?|/console/(config|theme\.css|manifest\.json|favicon\.ico|robots\.txt)/?"
    r"|/console/(assets|static|svelte)/[A-Za-z0-9_./@-]+"
    r"|/console/gradio_api/(startup-events|app_id|queue/data|heartbeat/[A-Za-z0-9]+)"
    r"|/console/theme\.css|/console/gradio_api/theme\.css",
    re.ASCII,
)
_GRADIO_ACTS = re.compile(r"/console/gradio_api/(queue/join|cancel|reset|run/predict)/?", re.ASCII)
_OWN = re.compile(
    r"/|/logout|/metrics|/mcp|/panel/[a-z_]+|/own/[a-z-]+\.(js|css)|/api/v1(/[A-Za-z0-9_.:/-]*)?", re.ASCII
)


class Way(Enum):
    """What a path is to the door."""

    SHUT = "shut"
    OPEN = "open"
    READ = "read"
    OPERATE = "operate"


# A viewer's own acts: they change nothing of the desk. What comes through Gradio is judged again by its handler.
_VIEWERS_ACTS = frozenset({LOGOUT})
_SAFE = frozenset({"GET", "HEAD"})


def way_of(method: str, path: str) -> Way:
    """What is needed to go this way. `method` is WEBSOCKET for a socket."""
    if ".." in path or "//" in path or "\\" in path:
        return Way.SHUT
    if (method, path) in OPEN or (method == "HEAD" and ("GET", path) in OPEN):
        return Way.OPEN
    if method in _SAFE:
        return Way.READ if _GRADIO.fullmatch(path) or _OWN.fullmatch(path) else Way.SHUT
    if method == "WEBSOCKET":
        return Way.READ if path in ("/live", "/api/v1/events") else Way.SHUT
    if method == "POST" and (_GRADIO_ACTS.fullmatch(path) or path in _VIEWERS_ACTS):
        return Way.READ
    # Its tools judge the scope themselves: to read over MCP is a POST too.
    if path == "/mcp":
        return Way.READ if method in ("POST", "DELETE") else Way.SHUT
    return Way.OPERATE if method == "POST" and path.startswith("/api/v1/") and _OWN.fullmatch(path) else Way.SHUT
