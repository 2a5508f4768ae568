"""Everything one server of one profile is made of, handed to whatever answers requests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.requests import HTTPConnection

from ui.controls import Controls
from ui.server.access import Access, Identity
from ui.server.door import Place
from ui.server.hub import Hub
from ui.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One server's rooms. `version` is the program's own, `config_root` the operator's folder of files, if any."""

    window: Window
    controls: Controls
    access: Access
    place: Place
    hub: Hub
    version: str
    config_root: Path | None = None

    def close(self) -> None:
        """Close what is open, the kickoff at work first."""
        self.controls.close()
        self.window.close()
        self.access.close()


def house_of(connection: HTTPConnection) -> House:
    """The house a request came to."""
    return connection.app.state.house


def who(connection: HTTPConnection) -> Identity:
    """Whoever the door let in."""
    return connection.scope["state"]["identity"]
