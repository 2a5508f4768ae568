"""Who writes through a console while it is killed: each notes what was acknowledged, and asks the next one for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol

import httpx

from desk.alerts import Alert, Kind, Level, Outbox

Said = Callable[[], None]
_CUT_OFF = "paused: the pause's file does not read"
_STEPS = {"run", "snapshot", "decision", "intent", "verdict"}


class Page(Protocol):
    """A page that somebody has open."""

    def say(self, text: str) -> str:
        """Say something in the chat; all that was answered."""
        ...

    def apply(self, name: str, text: str) -> str:
        """Apply a file in the editor; what it shows then."""
        ...


class EnoughError(Exception):
    """A writer has nothing more to write in this life of the console."""


class Writer(Protocol):
    """One sort of row. `said` is called whenever one was acknowledged."""

    name: str

    def write(self, said: Said) -> None:
        """Ask for one row. Raises httpx.HTTPError when the console is gone, and EnoughError when one is enough."""
        ...

    def lost(self) -> list[str]:
        """What the console had acknowledged since the last time and the one that runs now does not know."""
        ...


class Pauses:
    """Lets the crew pause, and go on, by a program's token."""

    name = "pause"

    def __init__(self, program: httpx.Client) -> None:
        self._program, self._number = program, 0
        self._kept = self._tried = "well"

    def write(self, said: Said) -> None:
        """Pause where it goes on, and the other way round."""
        self._number += 1
        if self._kept == "well":
            self._tried = f"paused: row {self._number} (asked by writer)"
            answer = self._program.post("/api/v1/pause", json={"reason": f"row {self._number}"})
        else:
            self._tried = "well"
            answer = self._program.post("/api/v1/resume")
        if answer.raise_for_status().json()["changed"]:
            self._kept = self._tried
            said()

    def lost(self) -> list[str]:
        """The crew stands as was acknowledged last, or as was on its way."""
        told = self._program.get("/api/v1/health").raise_for_status().json()["parts"]["crew"]
        known = {self._kept, self._tried, _CUT_OFF if self._tried != "well" else self._kept}
        wrong = [] if told in known else [f"pause: {told!r} in place of {self._kept!r}"]
        # An order to pause that was cut off pauses all the same, without its words.
        self._kept = self._tried = told
        return wrong


class Trades:
    """Asks the guard for trades, each of them a decision with a record of its own."""

    name = "trade"

    def __init__(self, program: httpx.Client) -> None:
        self._program, self._number = program, 0
        self._kept: dict[str, str] = {}

    def write(self, said: Said) -> None:
        """Open, or close; what the guard refuses is recorded like what it grants."""
        self._number += 1
        wish = {"symbol": "BTCUSDT", "action": "CLOSE" if self._number % 2 else "OPEN_LONG"}
        answer = self._program.post("/api/v1/trades", json=wish)
        if answer.is_success:
            told = answer.json()
            self._kept[told["decision_id"]] = told["rule"]
            said()

    def lost(self) -> list[str]:
        """Every step of every decision, with the guard's verdict as it was told."""
        gone: list[str] = []
        for decision_id, rule in self._kept.items():
            steps = self._program.get(f"/api/v1/decisions/{decision_id}/steps").raise_for_status().json()["items"]
            rules = [one["payload"]["rule"] for one in steps if one["kind"] == "verdict"]
            if rules != [rule] or not {one["kind"] for one in steps} >= _STEPS:
                gone.append(f"trade: {decision_id}")
        self._kept.clear()
        return gone


class Logins:
    """Logs in, and every other time out again."""

    name = "login"

    def __init__(self, url: str, name: str, password: str) -> None:
        self._url, self._secret = url, {"name": name, "secret": password}
        self._open: list[dict[str, str]] = []
        self._ended: list[dict[str, str]] = []

    def write(self, said: Said) -> None:
        """Open a session; end one where two are open."""
        answer = httpx.post(
            f"{self._url}/login", data=self._secret, headers={"Origin": self._url}, trust_env=False, timeout=60
        )
        if answer.status_code == httpx.codes.SEE_OTHER:
            self._open.append(dict(answer.cookies))
            said()
        if len(self._open) > 1:
            ending = self._open[0]
            headers = {"Origin": self._url, "X-CSRF-Token": ending["crew_csrf"]}
            # From here on nobody knows how it stands, until that is acknowledged.
            self._open.remove(ending)
            httpx.post(
                f"{self._url}/logout", cookies=ending, headers=headers, trust_env=False, timeout=60
            ).raise_for_status()
            self._ended.append(ending)
            said()

    def lost(self) -> list[str]:
        """Who was let in is in, and who left is out."""
        gone = [f"session: {self._asked(one)}" for one in self._open if self._asked(one) != httpx.codes.OK]
        gone += [f"logout: {self._asked(one)}" for one in self._ended if self._asked(one) != httpx.codes.UNAUTHORIZED]
        self._open.clear()
        self._ended.clear()
        return gone

    def _asked(self, cookies: dict[str, str]) -> int:
        return httpx.get(f"{self._url}/api/v1/info", cookies=cookies, trust_env=False, timeout=60).status_code


class Guesses:
    """Guesses wrong, once in each life of the console: the next one has counted it."""

    name = "guess"

    def __init__(self, url: str, file: Path) -> None:
        self._url, self._file, self._number = url, file, 0
        self._kept: list[str] = []
        self._done = False

    def write(self, said: Said) -> None:
        """Guess, if it has not been done in this life."""
        if self._done:
            raise EnoughError
        self._number += 1
        self._done, name = True, f"ghost{self._number}"
        told = {"name": name, "secret": "wrong"}
        answer = httpx.post(f"{self._url}/login", data=told, headers={"Origin": self._url}, trust_env=False, timeout=60)
        if answer.status_code == httpx.codes.FORBIDDEN:
            self._kept.append(name)
            said()

    def lost(self) -> list[str]:
        """Each guess stands in the file that lockouts are decided by."""
        with closing(sqlite3.connect(self._file)) as file:
            counted = {str(who) for (who,) in file.execute("SELECT who FROM guesses WHERE failures > 0")}
        gone = [f"guess: {name}" for name in self._kept if name not in counted]
        self._kept.clear()
        self._done = False
        return gone


class Edits:
    """Applies the agents' file in the editor of the page, another one each time."""

    name = "edit"

    def __init__(self, page: Page, file: Path, text: str) -> None:
        self._page, self._file, self._text, self._number = page, file, text, 0
        self._kept = self._tried = ""

    def write(self, said: Said) -> None:
        """Apply a file with another last line."""
        self._number += 1
        self._tried = f"{self._text}\n# row {self._number}\n"
        if "Kept." in self._page.apply("agents.yaml", self._tried):
            self._kept = self._tried
            said()

    def lost(self) -> list[str]:
        """The file is the newest that was kept, or the one on its way; never half of one."""
        now = self._file.read_text() if self._file.exists() else ""
        wrong = [] if now in (self._kept, self._tried) else [f"edit: {now[-40:]!r} in place of {self._kept[-40:]!r}"]
        self._kept = self._tried = now
        return wrong


class Acknowledgements:
    """Acknowledges alerts in the chat, one by one."""

    name = "acknowledgement"

    def __init__(self, page: Page, program: httpx.Client, outbox: Outbox, *, planted: bool = False) -> None:
        """`planted` lets it take for acknowledged what it has only asked for."""
        self._page, self._program, self._outbox, self._planted = page, program, outbox, planted
        self._kept: list[int] = []

    def write(self, said: Said) -> None:
        """Post an alert, and acknowledge it."""
        number = self._outbox.post(Alert(kind=Kind.TEST, level=Level.CRITICAL, title="a row to acknowledge"))
        if self._planted:
            self._kept.append(number)
            said()
        if "1 alert acknowledged" in self._page.say(f"/ack {number}") and not self._planted:
            self._kept.append(number)
            said()

    def lost(self) -> list[str]:
        """The alert is acknowledged, and the record says by whom."""
        if not self._kept:
            return []
        told = self._program.get("/api/v1/alerts", params={"limit": 1000}).raise_for_status().json()["items"]
        found = self._program.get("/api/v1/decisions/acts/steps")
        acts = found.json()["items"] if found.is_success else []
        seen = {one["number"] for one in told if one["acknowledged"] and one["by"] == "operator"}
        noted = {one["payload"]["act"] for one in acts}
        gone = [f"acknowledgement: {one}" for one in self._kept if one not in seen or f"ack {one}" not in noted]
        self._kept.clear()
        return gone
