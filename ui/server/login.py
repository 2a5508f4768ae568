"""The login page, and the way out. It runs no script, says of no name whether it exists, and counts every guess."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, select_autoescape

from ui.server.door.paths import CONSOLE, LOGIN, LOGOUT
from ui.server.house import house_of, who

PAGES = Environment(loader=PackageLoader("ui.server", "pages"), autoescape=select_autoescape(default=True))
_MOST_FORM = 2000
router = APIRouter(include_in_schema=False)


@router.get(LOGIN)
def page(request: Request) -> HTMLResponse:
    """The page to log in on."""
    return _page(request, "", HTTPStatus.OK)


@router.post(LOGIN)
async def log_in(request: Request) -> Response:
    """Look at one guess. Right opens a session; wrong, late and too early read alike but for the waiting time."""
    house = house_of(request)
    form = parse_qs((await request.body())[:_MOST_FORM].decode("utf-8", "replace"))
    name, secret = (form.get(field, [""])[-1] for field in ("name", "secret"))
    # A tenth of a second of hashing, beside the loop that serves everybody else.
    found = await asyncio.to_thread(house.access.log_in, name.strip().lower(), secret)
    if found.opened is None:
        return _page(request, _words(found.wait), HTTPStatus.TOO_MANY_REQUESTS if found.wait else HTTPStatus.FORBIDDEN)
    answer = RedirectResponse(CONSOLE + "/", HTTPStatus.SEE_OTHER)
    place = house.place
    for cookie, value, hidden in (
        (place.cookie, found.opened.token, True),
        (place.csrf_cookie, found.opened.csrf, False),
    ):
        answer.set_cookie(cookie, value, path="/", secure=place.secure, httponly=hidden, samesite="strict")
    return answer


@router.post(LOGOUT)
def log_out(request: Request) -> Response:
    """End this session, here and on the server."""
    house = house_of(request)
    house.access.sessions.close(who(request).session)
    answer = Response(status_code=HTTPStatus.NO_CONTENT)
    for cookie in (house.place.cookie, house.place.csrf_cookie):
        answer.delete_cookie(cookie, path="/", secure=house.place.secure, samesite="strict")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@router.get("/login.css")
def style() -> FileResponse:
    """The login page's style."""
    return FileResponse(Path(str(files("ui.server") / "pages" / "login.css")), media_type="text/css")


@router.get("/favicon.ico")
def icon() -> Response:
    """A mark for the tab, drawn in one line."""
    return Response(_ICON, media_type="image/svg+xml")


@router.get("/")
def start() -> RedirectResponse:
    """The console is where people begin."""
    return RedirectResponse(CONSOLE + "/")


_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0f1520"/>'
    '<path d="M9 8v16M9 12h0M16 5v20M23 11v14" stroke="#8b98ad" stroke-width="1.6"/>'
    '<g fill="#2fb68e"><rect x="6.5" y="12" width="5" height="8"/><rect x="13.5" y="8" width="5" height="12"/></g>'
    '<rect x="20.5" y="14" width="5" height="7" fill="#e5596a"/></svg>'
)


def _page(request: Request, trouble: str, status: HTTPStatus) -> HTMLResponse:
    profile = house_of(request).window.config.profile
    text = PAGES.get_template("login.html").render(profile=profile.name, label=profile.label, trouble=trouble)
    return HTMLResponse(text, status)


def _words(wait: float) -> str:
    if not wait:
        return "That is not right."
    told = f"{wait / 60:.0f} minutes" if wait >= 120 else f"{wait:.0f} seconds" if wait >= 1.5 else "a second"
    return f"Too many tries. The next one is looked at in {told}."
