"""One study, shared by URL: whoever reaches its database may work on it, and a worker that dies costs its one trial.

SQLite for the processes of one machine, PostgreSQL for several. Each trial maximises the daily Sharpe ratio over the
searched bars; each is handed to `count`, so that the ledger knows how often luck was given a chance.
"""

from __future__ import annotations

import os
import socket
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from desk.domain.errors import DataError, JournalError, PrerequisiteError
from desk.promotion.record import daily_sharpe
from desk.search.quests import Attempt, Quest

Count = Callable[[Attempt], None]
Told = Callable[[int, float], None]
_QUEST, _HEARTBEAT, _GRACE = "quest", 30, 120
_MADE_BY = "made_by"
_NOTHING = -10.0
# Tables, their version and its row: each may be lost once to somebody who makes it at the same moment.
_ASKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a study is and what it is called."""

    url: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The best of a study so far: its parameters, its daily Sharpe ratio, and the trials that were finished.

    `made_by` counts those by worker, each named after its machine and process.
    """

    parameters: Mapping[str, Any]
    sharpe: float
    finished: int
    made_by: Mapping[str, int]


def work(quest: Quest, place: Place, *, trials: int, seed: int, count: Count, told: Told | None = None) -> Best:
    """Try until the study has `trials` finished ones in all, whoever made them; returns the best.

    Raises:
        PrerequisiteError: the study of that name asks something else, or the database's driver is missing.
        JournalError: the database cannot be reached.
    """
    study = _opened(quest, place, seed)
    worker = f"{socket.gethostname()}:{os.getpid()}"

    def objective(trial: Any) -> float:  # noqa: ANN401  the library's trial
        trial.set_user_attr(_MADE_BY, worker)
        try:
            attempt = quest.attempt(trial)
        except DataError:
            # Parameters that contradict each other are a poor choice, not a fault.
            return _NOTHING
        count(attempt)
        return daily_sharpe(attempt.daily)

    def heard(at: Any, trial: Any) -> None:  # noqa: ANN401  the library's study and trial
        done = len(_finished(at))
        if told is not None:
            told(done, trial.value if trial.value is not None else _NOTHING)
        if done >= trials:
            at.stop()

    if len(_finished(study)) < trials:
        study.optimize(objective, callbacks=[heard])
    return best_of(study)


def best_of(study: Any) -> Best:  # noqa: ANN401  the library's study
    """The best trial. Raises PrerequisiteError where none is finished."""
    finished = _finished(study)
    if not finished:
        raise PrerequisiteError("no trial of this study is finished yet")
    made_by = Counter(trial.user_attrs.get(_MADE_BY, "unknown") for trial in finished)
    best, sharpe = dict(study.best_params), float(study.best_value)
    return Best(parameters=best, sharpe=sharpe, finished=len(finished), made_by=made_by)


def _finished(study: Any) -> list[Any]:  # noqa: ANN401  the library's study
    from optuna.trial import TrialState

    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))


def _opened(quest: Quest, place: Place, seed: int) -> Any:  # noqa: ANN401  the library's study
    # Here and not above: the library takes a second to load.
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            # What revives the trials of a dead worker is marked as experimental.
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            storage = _storage_with_its_tables(place)
        study = optuna.create_study(
            storage=storage,
            study_name=place.name,
            sampler=optuna.samplers.TPESampler(seed=seed, constant_liar=True),
            direction="maximize",
            load_if_exists=True,
        )
    except ModuleNotFoundError as error:
        raise PrerequisiteError(f"the database driver {error.name} is not installed") from error
    except SQLAlchemyError as error:
        # The URL may hold a password, so it is not repeated.
        raise JournalError(f"the study's database does not answer: {type(error).__name__}") from error
    asked = study.user_attrs.get(_QUEST)
    if asked is None:
        study.set_user_attr(_QUEST, quest.digest)
    elif asked != quest.digest:
        raise PrerequisiteError(
            f"the study {place.name!r:.60} asks something else: another market, other terms, or another question",
            hint="--study NAME for a new one",
        )
    return study


def _storage_with_its_tables(place: Place) -> Any:  # noqa: ANN401  the library's storage
    """Asked again where somebody else makes the tables at the same moment: the library gives up then, they are made."""
    from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

    for asked in range(1, _ASKS + 1):
        try:
            return _storage(place)
        except (IntegrityError, OperationalError, ProgrammingError) as error:
            made_meanwhile = isinstance(error, IntegrityError) or "already exists" in str(error)
            if not made_meanwhile or asked == _ASKS:
                raise
    raise AssertionError("the last time returns or raises")


def _storage(place: Place) -> Any:  # noqa: ANN401  the library's storage
    from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback

    return RDBStorage(
        place.url,
        engine_kwargs={"connect_args": {"timeout": 60}} if place.url.startswith("sqlite") else {},
        heartbeat_interval=_HEARTBEAT,
        grace_period=_GRACE,
        heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(max_retry=2),
    )
