"""Which revision a ledger's tables are of, and how they become those of this program.

An empty database gets today's tables at once. A SQLite file of an older revision is brought up as it is opened, after a
copy of it was put beside it. A server's database is not changed because somebody opened it, since others may read it at
that moment: `crew db upgrade` says when. A database of a revision this program does not know is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, insert, inspect, select

from desk.domain.errors import JournalError, PrerequisiteError
from desk.ledger.database import alone, engine_of, failing_loud, file_of
from desk.ledger.keeping import copy_beside
from desk.ledger.tables import METADATA

# In their order; each is a file of `desk.ledger.migrations.versions`.
REVISIONS = ("0001", "0002", "0003", "0004")
HEAD = REVISIONS[-1]
EMPTY, UNMARKED = "", "unmarked"

# A name of its own: Optuna's studies may share the database, and mark themselves by Alembic's usual one.
MARK = Table("ledger_revision", MetaData(), Column("version_num", String(32), primary_key=True))
# The mark of the time before there were revisions.
_SHAPE = Table("schema_version", MetaData(), Column("version", Integer, primary_key=True, autoincrement=False))
_ONLY_SHAPE = 1
MARKS = frozenset({MARK.name, _SHAPE.name})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a ledger stands: the revision its tables are of, and the one this program works with.

    `found` is empty where no ledger is yet, and `unmarked` for one of before there were revisions.
    """

    found: str
    head: str = HEAD

    @property
    def current(self) -> bool:
        """Whether this program can work with it as it is."""
        return self.found == self.head

    @property
    def known(self) -> bool:
        """Whether this program knows a way from there."""
        return self.found in (EMPTY, UNMARKED, *REVISIONS)


def open_engine(url: str) -> Engine:
    """A database with the ledger's tables of today.

    Raises:
        PrerequisiteError: when the URL is not one of ours, its driver is not installed, or the operator must first say
            `crew db upgrade`.
        JournalError: when the database cannot be reached, or holds a ledger of a revision unknown here.
    """
    engine = engine_of(url)
    try:
        _bring_up(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def standing(url: str) -> Standing:
    """Where the ledger at a URL stands; nothing is changed. Raises PrerequisiteError or JournalError."""
    engine = engine_of(url)
    try:
        with failing_loud("opened"), engine.connect() as connection:
            return Standing(found=found_in(connection))
    finally:
        engine.dispose()


def walk_to(url: str, revision: str, *, keep: Callable[[Engine, str], Path | None]) -> Path | None:
    """Take a ledger up or down to a revision, in one transaction, after `keep` has kept a copy of it.

    Returns:
        Where the copy is; None when there was nothing to do.

    Raises:
        PrerequisiteError: when there is no such revision, or no ledger.
        JournalError: when the ledger is of a revision unknown here, or cannot be changed; it is as it was then.
    """
    if revision not in REVISIONS:
        raise PrerequisiteError(f"there is no revision {revision[:40]}", hint=f"one of {', '.join(REVISIONS)}")
    engine = engine_of(url)
    try:
        with failing_loud("changed"), alone(engine) as connection:
            found = _refuse_strangers(found_in(connection))
            if found == EMPTY:
                raise PrerequisiteError("no ledger is there yet", hint="crew kickoff makes one")
            if found == revision:
                return None
            kept = keep(engine, found)
            _walk(connection, found, revision)
            return kept
    finally:
        engine.dispose()


def found_in(connection: Connection) -> str:
    """The revision of what a database holds: `EMPTY`, `UNMARKED`, or the mark it carries. Raises JournalError."""
    names = set(inspect(connection).get_table_names())
    if MARK.name in names:
        marks = connection.execute(select(MARK.c.version_num)).scalars().all()
        return marks[0] if len(marks) == 1 else EMPTY
    if _SHAPE.name in names:
        shapes = sorted(connection.execute(select(_SHAPE.c.version)).scalars())
        if shapes != [_ONLY_SHAPE]:
            raise JournalError(f"the ledger has shape {shapes[-1] if shapes else 'none'}, which no program wrote")
        return UNMARKED
    strange = sorted(names & set(METADATA.tables))
    if strange:
        raise JournalError(
            f"the database holds tables of another program: {', '.join(strange)}", hint="name a database of its own"
        )
    return EMPTY


def _bring_up(engine: Engine) -> None:
    with failing_loud("opened"):
        with engine.connect() as connection:
            found = _refuse_strangers(found_in(connection))
        if found == HEAD:
            return
        if found != EMPTY and file_of(engine) is None:
            raise PrerequisiteError(
                f"the ledger's tables are of revision {found}, this program works with {HEAD}",
                hint="crew db upgrade (it keeps a copy first)",
            )
        with alone(engine) as connection:
            # Another program may have done it while this one waited.
            found = _refuse_strangers(found_in(connection))
            if found == EMPTY:
                _begin(connection)
            elif found != HEAD:
                copy_beside(engine, found)
                _walk(connection, found, HEAD)


def _refuse_strangers(found: str) -> str:
    if not Standing(found=found).known:
        raise JournalError(
            f"the ledger's tables are of revision {found[:40]}, and this program knows them up to {HEAD}",
            hint="a newer program wrote it: use that one, or take it down with it (crew db downgrade)",
        )
    return found


def _begin(connection: Connection) -> None:
    """Today's tables in an empty database; a test shows that they are what the revisions come to."""
    METADATA.create_all(connection)
    MARK.create(connection, checkfirst=True)
    connection.execute(insert(MARK).values(version_num=HEAD))


def _walk(connection: Connection, found: str, revision: str) -> None:
    # Here and not above: Alembic takes longer to load than an opened ledger takes to read.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes.update(connection=connection, mark=MARK.name)
    upwards = found == UNMARKED or REVISIONS.index(found) < REVISIONS.index(revision)
    (command.upgrade if upwards else command.downgrade)(config, revision)
