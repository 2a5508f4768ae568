"""While the guard runs a limit may become stricter, by anyone who may ask at all; only a human's reset undoes it.

What was tightened is part of the state: it survives every restart, and a settings file with a looser value changes
nothing until the operator's two steps.
"""

from __future__ import annotations

from desk.domain.errors import DataError
from desk.domain.frozen import replace
from desk.guard.bounds.limits import STRICTER, stricter
from desk.guard.bounds.rules import Rules
from desk.guard.loss.reset import Ruling
from desk.guard.vocabulary.commands import Commands, Tell
from desk.guard.vocabulary.events import LimitsTightened
from desk.guard.vocabulary.state import GuardState


def tighten(state: GuardState, event: LimitsTightened, rules: Rules) -> tuple[GuardState, Commands, Ruling]:
    """Take up the changes, all or none. `rules` are those in force; a change that is not stricter is refused."""
    try:
        after = stricter(rules.limits, event.changes)
    except DataError as error:
        return state, (), Ruling(refusal=f"limits.invalid: {error.message}")
    loose = [name for name, _ in event.changes if getattr(after, name) == getattr(rules.limits, name)]
    if loose or not event.changes:
        name = loose[0] if loose else ""
        where = f"{name} {'below' if STRICTER[name] < 0 else 'above'} {getattr(rules.limits, name)}" if name else "one"
        return state, (), Ruling(refusal=f"limits.loosen: a running guard only tightens; name {where}")
    changed = {**dict(state.tightened), **dict(event.changes)}
    told = ", ".join(f"{name} {text}" for name, text in event.changes)
    state = replace(state, tightened=tuple(sorted(changed.items())))
    return state, (Tell(level="WARNING", message=f"limits tightened: {told}"),), Ruling(refusal="")
