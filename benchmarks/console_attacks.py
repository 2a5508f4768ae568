"""The server under attack, at full size: guesses, requests of other sites, confirmations sent again, doors left open.

`python -m benchmarks.console_attacks` builds the server's application with its door in an empty home, lets time pass by
a clock of its own (ten thousand guesses in ten minutes take no ten minutes), and writes what got through into
`docs/console.md`. Seed 7 shuffles the requests.
"""

from __future__ import annotations

import itertools
import random
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from starlette.testclient import TestClient

from config.loader import load_desk
from crews.running.services import Folder
from tests.unit.ui.conftest import ORIGIN, PASSWORD, PLACE, StepClock
from ui.controls import Controls
from ui.server.access import Access
from ui.server.access.identity import Role
from ui.server.door.paths import OPEN
from ui.server.house import House
from ui.server.hub import Hub
from ui.server.roof import build
from ui.window import Window

PAGE = Path(__file__).resolve().parents[1] / "docs" / "console.md"
GUESSES, FOREIGN, REPLAYS, SEED = 10_000, 500, 1_000, 7
HEADERS = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:9999"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Host": "evil.example"},
    {"Host": "localhost.evil.example:8600"},
    {"X-CSRF-Token": ""},
    {"X-CSRF-Token": "A" * 43},
)
UNDESCRIBED = (
    "/",
    "/login",
    "/login.css",
    "/logout",
    "/favicon.ico",
    "/health",
    "/metrics",
    "/mcp",
    "/live",
    "/console/",
)
UNDESCRIBED += ("/own/console.js", "/api/v1/openapi.json", "/console/config", "/console/gradio_api/queue/join")
ACTS = ("halt", "flatten", "kickoffs", "kickoffs/stop", "pause", "resume", "limits", "trades", "confirmations")


@dataclass(frozen=True)
class Result:
    """One attack: what was tried how often, how often it got through, and what would be allowed."""

    attack: str
    tried: int
    through: int
    allowed: int


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        clock = StepClock()
        house = open_house(Path(home), clock)
        with TestClient(build(house), base_url=ORIGIN, follow_redirects=False) as client:
            house.access.set_password("operator", PASSWORD, role=Role.OPERATOR)
            results = [
                guesses(house.access, clock),
                restarts(Path(home), clock),
                unauthenticated(client),
                foreign(client, house),
                replays(house.access),
            ]
        house.close()
    for result in results:
        print(f"{result.attack}: {result.through} of {result.tried} through, {result.allowed} allowed")
    write(results)


def open_house(home: Path, clock: StepClock) -> House:
    config, folder = load_desk("demo", environ={}), Folder(home / "demo")
    window = Window(config, folder)
    access = Access(home / "access.sqlite", clock)
    controls = Controls(window, lambda: config)
    return House(window=window, controls=controls, access=access, place=PLACE, hub=Hub(), version="0")


def guesses(access: Access, clock: StepClock) -> Result:
    """Ten thousand in ten minutes: how many are looked at."""
    looked_at = 0
    for _ in range(GUESSES):
        looked_at += access.guesses.admit("operator") == 0
        clock.step(600 / GUESSES)
    return Result("guesses of one password looked at in ten minutes", GUESSES, looked_at, 10)


def restarts(home: Path, clock: StepClock) -> Result:
    """A hundred restarts while locked: a right password each time."""
    opened = 0
    for _ in range(100):
        again = Access(home / "access.sqlite", clock)
        opened += again.log_in("operator", PASSWORD).opened is not None
        again.close()
        clock.step(1)
    clock.step(3600)
    return Result("logins after a restart during the lockout", 100, opened, 0)


def unauthenticated(client: TestClient) -> Result:
    """Every route of the application, by every method, without a login."""
    described = client.app.openapi()["paths"]  # type: ignore[attr-defined]  # the application is FastAPI's
    routes = {*described, *UNDESCRIBED}
    asked = [
        (method, re.sub(r"\{[^}]*\}", "x", path))
        for path in sorted(routes)
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    ]
    answered = [one for one in asked if client.request(*one).status_code not in (401, 403, 404, 405)]
    return Result("routes that answer without a login, beyond the list", len(asked), len(set(answered) - OPEN), 0)


def foreign(client: TestClient, house: House) -> Result:
    """Requests that other sites make a logged-in browser send."""
    opened = house.access.sessions.open("operator")
    client.cookies.set(PLACE.cookie, opened.token)
    wishes = list(itertools.islice(itertools.cycle(itertools.product(HEADERS, ACTS)), FOREIGN))
    random.Random(SEED).shuffle(wishes)
    through = 0
    for headers, act in wishes:
        house.window.guard.forget()
        sent = {"X-CSRF-Token": opened.csrf, **headers}
        through += client.post(f"/api/v1/{act}", json={"reason": "planted"}, headers=sent).status_code not in (403, 421)
    return Result("cross-site requests that reach a handler", FOREIGN, through, 0)


def replays(access: Access) -> Result:
    """Confirmations sent a second time, to another session, or for another act."""
    words = access.confirmations
    taken = 0
    for number in range(REPLAYS):
        word = words.ask("mine", "halt")
        if number % 2:
            words.redeem("mine", "halt", word)
            taken += words.redeem("mine", "halt", word) is not None
        else:
            taken += words.redeem("other", "halt", word) is not None
    return Result("confirmations taken twice or from another session", REPLAYS, taken, 0)


def write(results: list[Result]) -> None:
    rows = [f"| {one.attack} | {one.tried:,} | {one.through} | {one.allowed} |" for one in results]
    table = "\n".join(["| attack | tried | through | at most |", "|---|---:|---:|---:|", *rows])
    text = PAGE.read_text()
    begins, ends = "<!-- attacks -->\n", "\n<!-- end of attacks -->"
    before, after = text.split(begins)[0], text.split(ends)[1]
    PAGE.write_text(f"{before}{begins}{table}{ends}{after}")


if __name__ == "__main__":
    main()
