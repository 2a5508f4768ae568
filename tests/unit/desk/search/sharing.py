"""What has to hold of a study that several made: each did its part, no trial twice, none missing."""

from __future__ import annotations

import optuna
from optuna.trial import FrozenTrial, TrialState

from desk.search.study import Place, best_of

TRIALS = 12


def study_of(here: Place) -> optuna.Study:
    return optuna.load_study(study_name=here.name, storage=here.url)


def trials_of(here: Place) -> list[FrozenTrial]:
    return study_of(here).trials


def was_shared(here: Place, *, by: int) -> None:
    """Of TRIALS that were asked for, each of so many workers made some."""
    trials = trials_of(here)
    done = [one for one in trials if one.state is TrialState.COMPLETE]
    # Whoever is in the middle of a trial when the last is finished still ends it.
    assert TRIALS <= len(done) < TRIALS + by
    assert [one.number for one in trials] == list(range(len(trials)))
    assert len({one.params["x"] for one in trials}) == len(trials)
    best = best_of(study_of(here))
    assert len(best.made_by) == by
    assert sum(best.made_by.values()) == best.finished == len(done)
