"""Who may see the desk, who may steer it, and what is done about those who guess.

A person logs in with a password or a PIN and gets a session; a program carries a token. Guesses are counted before they
are looked at, on disk, so that neither a flood nor a restart buys more of them. Nothing here can be read back: secrets
are kept as hashes alone.
"""

from ui.server.access.access import Access
from ui.server.access.identity import Identity, Role, Scope

__all__ = ["Access", "Identity", "Role", "Scope"]
