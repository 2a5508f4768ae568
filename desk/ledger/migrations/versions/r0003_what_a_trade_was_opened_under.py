"""A trade keeps the strategy it was opened under, and the certificate behind it or that there was none.

Trades entered before this stay without either: not known is not the same as uncertified. Going down forgets both again;
who wants them keeps the copy that the walk makes first.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, String

revision = "0003"
down_revision = "0002"

_KEPT = (("strategy", 80), ("certificate", 32))


def upgrade() -> None:
    """Add both, empty. No row is touched."""
    for name, length in _KEPT:
        op.add_column("trades", Column(name, String(length)))


def downgrade() -> None:
    """Drop both. No row goes."""
    for name, _ in reversed(_KEPT):
        op.drop_column("trades", name)
