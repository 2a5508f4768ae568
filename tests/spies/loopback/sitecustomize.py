"""Put on PYTHONPATH, this writes down every attempt of a process to reach anything beyond loopback, and refuses it."""

from __future__ import annotations

import os
import socket
import sys

_LOG = os.environ.get("LOOPBACK_SPY_LOG", "")
_LOCAL = {"127.0.0.1", "::1", "localhost", "", "0.0.0.0", "::"}


def _note(kind: str, where: object) -> None:
    with open(_LOG, "a", encoding="utf-8") as log:
        log.write(f"{kind} {where!r} by {' '.join(sys.argv[:3])}\n")


def _watch(event: str, args: tuple[object, ...]) -> None:
    if event == "socket.connect":
        address = args[1]
        if isinstance(address, tuple) and address[0] not in _LOCAL:
            _note("connect", address)
            raise ConnectionRefusedError("only loopback may be reached in this test")
    elif event == "socket.getaddrinfo" and args[0] not in _LOCAL and args[0] is not None:
        host = args[0].decode() if isinstance(args[0], bytes) else args[0]
        if host not in _LOCAL:
            _note("resolve", host)
            raise socket.gaierror("only loopback may be resolved in this test")
    elif event == "socket.sendto":
        address = args[1]
        if isinstance(address, tuple) and address[0] not in _LOCAL:
            _note("sendto", address)
            raise ConnectionRefusedError("only loopback may be reached in this test")


if _LOG:
    sys.addaudithook(_watch)
