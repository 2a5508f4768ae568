"""What a certificate says: this strategy proved an edge on these markets, and may open positions until then.

A strategy that trades under a certificate is called `name:mark`, where the mark is the first 32 digits of the
certificate's hash. So the certificate travels with the name: through intent, verdict, journal, audit log and ledger.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from desk.domain.errors import DataError

MARK_DIGITS = 32
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One proof of an edge. `digest` is the SHA-256 of all the rest as its file has it.

    `artefact` is the hash of what was examined, such as a policy's files; times are in ms UTC. `evidence` are the
    findings of the examination as names and plain text.
    """

    digest: str
    strategy: str
    artefact: str
    symbols: tuple[str, ...]
    issued_ms: int
    expires_ms: int
    evidence: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        """Refuse a name that cannot be marked, and a proof of nothing. Raises DataError."""
        if not _NAME.fullmatch(self.strategy):
            raise DataError(f"a certified strategy is called by small letters, digits and -, not {self.strategy!r:.40}")
        if not self.symbols or self.expires_ms <= self.issued_ms:
            raise DataError("a certificate is about some symbols, and ends after it began")

    @property
    def strategy_id(self) -> str:
        """How an intent under this certificate names its strategy."""
        return f"{self.strategy}:{self.digest[:MARK_DIGITS]}"


def mark_of(strategy_id: str) -> tuple[str, str]:
    """The strategy's own name and the mark of its certificate, which is empty where it trades without one."""
    name, _, mark = strategy_id.partition(":")
    return name, mark
