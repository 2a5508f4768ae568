"""A point of the equity curve keeps the sum of all transfers by then, so that a deposit is no gain and none is a loss.

Points written before this stay without it: of them nobody knows what came in or went out. Going down forgets it again;
who wants it keeps the copy that the walk makes first.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column

from desk.ledger.columns import Amount

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add it, empty. No row is touched."""
    op.add_column("equity", Column("transfers", Amount))


def downgrade() -> None:
    """Drop it. No row goes."""
    op.drop_column("equity", "transfers")
