"""Real money needs three separate opt-ins, in three places that no single slip can reach.

They are a file, the environment, and the command line of this very run: the profile says `armed: true`, the variable
CREWDESK_LIVE says the phrase, the command repeats it. An override cannot arm a profile, and no other profile asks for
any of this. What is asked is the guard's own definition.
"""

from __future__ import annotations

from collections.abc import Mapping

from config.loader import DeskConfig
from desk.domain.errors import ConfigError
from desk.guard.secrets import live as guard
from desk.guard.secrets.live import PHRASE, VARIABLE

__all__ = ["PHRASE", "VARIABLE", "missing_opt_ins", "require_opt_ins"]


def missing_opt_ins(config: DeskConfig, *, environ: Mapping[str, str], phrase: str) -> tuple[str, ...]:
    """What is still missing before this profile may trade; nothing for a profile without real money."""
    if not config.profile.allows.real_money:
        return ()
    return guard.missing_opt_ins(
        config.profile.armed, environ, phrase, switch="`armed: true` in the profile's own file"
    )


def require_opt_ins(config: DeskConfig, *, environ: Mapping[str, str], phrase: str) -> None:
    """Return when this profile may trade. Raises ConfigError naming what is missing."""
    missing = missing_opt_ins(config, environ=environ, phrase=phrase)
    if missing:
        place = config.place("profile.armed")
        raise ConfigError(
            f"real money needs three opt-ins; missing: {'; '.join(missing)}",
            file=place.file,
            key="armed",
            line=place.line,
            hint=f'the phrase is "{PHRASE}"; try profile paper or testnet first',
        )
