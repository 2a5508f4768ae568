"""What was learnt and proven: policies with their curves, who advises, certificates in force, and the shadows' lead."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from crews.running.services import Folder
from desk.certificates.files import kept_in, read
from desk.domain.certificates import Certificate
from desk.domain.errors import DeskError
from desk.learning.promoted import Promotions
from desk.learning.shelf import PolicyShelf, Shelved
from desk.ledger import Ledger
from desk.shadow.comparing import Difference, compare
from desk.shadow.desks import Shadow

_NEWEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """The newest policies, the name of the one that advises, certificates, and the lead over each shadow desk."""

    policies: tuple[Shelved, ...]
    advises: str
    certificates: tuple[Certificate, ...]
    shadows: Mapping[str, Difference]


def proofs_of(folder: Folder, ledger: Ledger | None) -> Proofs:
    """What is proven now; what does not verify is not shown."""
    policies: list[Shelved] = []
    certificates: list[Certificate] = []
    advises = ""
    with suppress(DeskError):
        policies = list(PolicyShelf(folder.policies).all())[-_NEWEST:]
    with suppress(DeskError):
        advises = Promotions(folder.promotions).current
    for file in kept_in(folder.certificates):
        with suppress(DeskError):
            certificates.append(read(file))
    return Proofs(
        policies=tuple(reversed(policies)), advises=advises, certificates=tuple(certificates), shadows=_shadows(ledger)
    )


def _shadows(ledger: Ledger | None) -> dict[str, Difference]:
    """The crew's lead over each shadow desk, over all days they share."""
    if ledger is None:
        return {}
    crew = ledger.daily_prices()
    found = {one.value: compare(crew, ledger.daily_shadow(one.value)) for one in Shadow}
    return {name: differences[-1] for name, differences in found.items() if differences}
