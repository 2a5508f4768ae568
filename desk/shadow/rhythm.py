"""How often somebody opens and leaves, so that another can do it as often at times of his own.

Counted are the moments at which they could: flat ones, at some of which they opened, and held ones, at some of which
they had left since the moment before. Draws are hashes of the moment's name: the same name, the same luck.
"""

from __future__ import annotations

import hashlib
from dataclasses import field, replace
from decimal import Decimal

from pydantic.dataclasses import dataclass as checked

from desk.domain.money import ZERO

_BITS = 64


@checked(frozen=True, config={"extra": "forbid"})
class Rhythm:
    """Counts over all symbols; `share` of equity, stop and target are those of the newest opening.

    `holding` names the symbols they held when last seen.
    """

    flat: int = 0
    opened: int = 0
    held: int = 0
    left: int = 0
    share: Decimal = ZERO
    stop_pct: Decimal = ZERO
    target_pct: Decimal = ZERO
    holding: dict[str, bool] = field(default_factory=dict[str, bool])

    def heard(self, symbol: str, *, opened: Decimal, holds: bool, stop_pct: Decimal, target_pct: Decimal) -> Rhythm:
        """The rhythm after a moment; `opened` is what they opened as a share of their equity, zero for nothing."""
        known = {**self.holding, symbol: holds}
        if self.holding.get(symbol, False):
            return replace(self, held=self.held + 1, left=self.left + (not holds), holding=known)
        if not opened:
            return replace(self, flat=self.flat + 1, holding=known)
        return replace(
            self,
            flat=self.flat + 1,
            opened=self.opened + 1,
            share=opened,
            stop_pct=stop_pct,
            target_pct=target_pct,
            holding=known,
        )

    def enters(self, lot: str) -> bool:
        """Whether somebody of this rhythm opens at a flat moment of this name."""
        return _drawn("enter", lot) * self.flat < self.opened << _BITS

    def leaves(self, lot: str) -> bool:
        """Whether they leave at a held moment of this name."""
        return _drawn("leave", lot) * self.held < self.left << _BITS


def coin(lot: str) -> int:
    """1 or -1, the same for the same lot."""
    return 1 if _drawn("side", lot) & 1 else -1


def _drawn(what: str, lot: str) -> int:
    """A number below two to the power of 64."""
    return int.from_bytes(hashlib.sha256(f"shadow|{what}|{lot}".encode()).digest()[: _BITS // 8])
