"""Who asks: a person in a session, or a program with a token; and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do: look, or look and steer."""

    VIEWER = "viewer"
    OPERATOR = "operator"


class Scope(StrEnum):
    """What a program's token may do: read, or read and operate."""

    READ = "read"
    OPERATE = "operate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whoever a request comes from.

    `session` names the session, as a hash, and is empty for a program; `csrf` is what that session's page must repeat.
    """

    name: str
    operates: bool
    session: str = ""
    csrf: str = ""

    @property
    def is_person(self) -> bool:
        """Whether a person sits there, who can be asked to confirm."""
        return bool(self.session)
