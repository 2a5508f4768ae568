"""The guard as a process of its own that is really killed: the journal on a disk, the exchange beyond a socket.

What lives on is the exchange with its judge. After each death a guard is started on what the disk holds, and both
sides must agree; nothing that the dead one sent may be doubled, forgotten, left bare or forgiven.
"""

from __future__ import annotations

from campaigns.deaths.moments import moments
from campaigns.deaths.windows import windows

__all__ = ["moments", "windows"]
