"""Long, seeded, replayable runs that try to break the guard, and a judge that shares no code with it.

`python -m campaigns` runs them at full size and keeps what each found; `tests/campaigns` runs the same code at its
short size. `oracle` is the judge, at the exchange's own door; `simulated` the world in one process on a virtual clock;
`mutants` breaks the guard on purpose and asks whether the campaigns notice.
"""
