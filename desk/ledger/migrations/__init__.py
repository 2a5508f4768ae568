"""How the ledger's tables came to be, step by step, up and down: Alembic's folder. `desk.ledger.revisions` walks it.

A revision spells its tables out instead of importing those of today, so that what it does never changes. A new one is a
file in `versions` with the number after the last; `desk.ledger.tables` says what all of them together come to, and a
test holds the two against each other on both databases.
"""
