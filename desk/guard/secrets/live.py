"""Real money needs three opt-ins in three places, and a key that cannot withdraw.

This is the one definition of phrase, variable and comparison; the crew's configuration asks here too, before anything
starts, and the guard asks again for itself.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Protocol

from desk.domain.errors import PrerequisiteError
from desk.guard.process.settings import GuardSettings

VARIABLE = "CREWDESK_LIVE"
PHRASE = "I trade real money"


class Permissions(Protocol):
    """What a key may do."""

    @property
    def can_trade(self) -> bool:
        """Whether it may trade futures."""
        ...

    @property
    def can_withdraw(self) -> bool:
        """Whether it may move money out."""
        ...


def missing_opt_ins(armed: bool, environ: Mapping[str, str], phrase: str, *, switch: str) -> tuple[str, ...]:
    """Which of the three are missing, each in words. `armed` is the file's own, and `switch` says how that is set."""
    steps = (
        (armed, switch),
        (_same(environ.get(VARIABLE, "")), f"the phrase in the environment variable {VARIABLE}"),
        (_same(phrase), "--live-phrase on the command line"),
    )
    return tuple(name for done, name in steps if not done)


def require_opt_ins(settings: GuardSettings, environ: Mapping[str, str], phrase: str) -> None:
    """Return when this venue may be traded at. Raises PrerequisiteError naming every opt-in that is missing."""
    if settings.venue.kind != "live":
        return
    missing = missing_opt_ins(settings.allow_live, environ, phrase, switch='"allow_live": true in the settings')
    if missing:
        raise PrerequisiteError(f"live trading is not armed; missing: {', '.join(missing)}", hint=f'phrase: "{PHRASE}"')


def require_safe_key(settings: GuardSettings, permissions: Permissions) -> None:
    """Refuse a live key that can withdraw, and any key that cannot trade. Raises PrerequisiteError."""
    if settings.venue.kind == "live" and permissions.can_withdraw:
        raise PrerequisiteError("this key can withdraw: the desk refuses it", hint="make a key for trading only")
    if not permissions.can_trade:
        raise PrerequisiteError("this key cannot trade futures")


def _same(text: str) -> bool:
    return hmac.compare_digest(text.encode("utf-8", "replace"), PHRASE.encode())
