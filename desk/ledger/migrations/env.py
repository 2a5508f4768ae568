"""Alembic's doorway: it runs the wanted revisions on the connection that `desk.ledger.revisions` has opened and locked.

Whoever opened the connection also ends its transaction, so a walk over several revisions happens whole or not at all.
"""

from __future__ import annotations

from alembic import context


def run() -> None:
    """Walk the revisions on the connection handed over."""
    given = context.config.attributes
    context.configure(connection=given["connection"], version_table=given["mark"])
    context.run_migrations()


# The name under which Alembic runs this file; whoever imports it only reads.
if __name__ == "env_py":
    run()
