"""What a service manager is told: ready, still at work, stopping. systemd's datagram protocol; silent without one."""

from __future__ import annotations

import socket
from collections.abc import MutableMapping
from dataclasses import dataclass

_SOCKET, _WATCHDOG = "NOTIFY_SOCKET", "WATCHDOG_USEC"
_SHARE = 0.4  # of the manager's patience passes between two signs of life


@dataclass(slots=True)
class Notify:
    """The manager's socket, if there is one. `every` is seconds between signs of life, 0 for none."""

    address: str = ""
    every: float = 0.0
    _last: float = float("-inf")

    @property
    def manager(self) -> str:
        """Who started this process and would start it again, where one did."""
        return "systemd" if self.address else ""

    def ready(self, status: str) -> None:
        """Everything that was to start serves."""
        self._send(f"READY=1\nSTATUS={status}")

    def status(self, status: str) -> None:
        """One line for `systemctl status`."""
        self._send(f"STATUS={status}")

    def alive(self, now: float) -> None:
        """A sign of life when one is due; `now` is monotonic."""
        if self.every and now - self._last >= self.every:
            self._last = now
            self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The end was asked for and is under way."""
        self._send("STOPPING=1")

    def _send(self, text: str) -> None:
        if not self.address:
            return
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            try:
                line.sendto(text.encode(), address)
            except OSError:
                # A manager that is gone is no reason for the desk to end.
                return


def take_notify(environ: MutableMapping[str, str]) -> Notify:
    """The manager named in the environment, which forgets it: what this process starts shall not speak in its name."""
    address, watchdog = environ.pop(_SOCKET, ""), environ.pop(_WATCHDOG, "")
    environ.pop("WATCHDOG_PID", None)
    every = int(watchdog) / 1_000_000 * _SHARE if watchdog.isdecimal() else 0.0
    return Notify(address=address, every=every)
