"""What is shown to people, put under the server's roof: the Gradio page, our scripts and styles, and the live socket.

Every switch that could let Gradio talk to anybody else is set before it is imported, and set again where it is mounted:
the environment could turn some of them on.
"""

from __future__ import annotations

import os
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse

from ui.console import live
from ui.server.door.paths import CONSOLE
from ui.server.house import House

QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_SHARE": "False",
    "GRADIO_MCP_SERVER": "False",
    "GRADIO_ALLOWED_PATHS": "",
    "GRADIO_SSR_MODE": "False",
    "GRADIO_RUN_HISTORY": "False",
    "GRADIO_NODE_SERVER_NAME": "",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
_CHARTS = "lightweight-charts.js"
_STYLE = "console.css"
_SCRIPTS = ("console.js", "confirm.js", _CHARTS, "chart.js")
_OWN = (_STYLE, *_SCRIPTS)


def furnish(app: FastAPI, house: House) -> None:
    """Put the console into the application. Takes seconds: Gradio is loaded here and nowhere earlier."""
    os.environ.update(QUIET)
    # Here and not above: importing Gradio costs seconds, which no other command need pay.
    import gradio

    from ui.console.page import page, theme

    app.state.gallery = live.Gallery(house)
    app.include_router(live.router)
    app.add_api_route("/own/{name}", _own, include_in_schema=False)
    gradio.mount_gradio_app(
        app,
        page(house),
        path=CONSOLE,
        footer_links=[],
        run_history=False,
        allowed_paths=[],
        blocked_paths=[os.sep],
        show_error=False,
        max_file_size=0,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=theme(),
        head=_head(),
    )


def _head() -> str:
    """Our style and scripts, each asked for by its contents: a browser keeps them, and never those of an older desk."""
    asked = {name: f"/own/{name}?{blake2b(_file(name).read_bytes(), digest_size=6).hexdigest()}" for name in _OWN}
    return (
        '<link rel="icon" href="/favicon.ico" type="image/svg+xml">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{asked[_STYLE]}">'
    ) + "".join(f'<script src="{asked[name]}"></script>' for name in _SCRIPTS)


def _own(name: str) -> FileResponse:
    """A script or style of ours, or the charts' script from its installed package."""
    if name not in _OWN:
        raise HTTPException(404, "there is nothing here")
    return FileResponse(_file(name), media_type="text/css" if name == _STYLE else "text/javascript")


def _file(name: str) -> Path:
    return _charts() if name == _CHARTS else Path(str(files("ui.console") / "static" / name))


def _charts() -> Path:
    """Lightweight Charts as its maker built it (Apache-2.0); the package around it is never imported."""
    from importlib.metadata import files as installed

    found = next(
        file for file in installed("akquant-lwc") or () if file.name == "lightweight-charts.standalone.production.js"
    )
    return Path(str(found.locate()))
