"""From a passed examination to a certificate: what was proven, on what, until when. Nobody else makes one."""

from __future__ import annotations

from datetime import datetime, timedelta

from desk.certificates.files import sealed
from desk.domain.certificates import Certificate
from desk.domain.errors import PrerequisiteError
from desk.domain.moments import to_ms
from desk.promotion.exam import Examined

VALID_DAYS = 60
"""A proof ages: markets change, and what was true of the last year is asked again every two months."""


def issue(
    examined: Examined,
    *,
    strategy: str,
    artefact: str,
    symbols: tuple[str, ...],
    now: datetime,
    shown: tuple[tuple[str, str], ...] = (),
) -> Certificate:
    """The certificate of what has passed; `shown` is further evidence, such as the digests of the data.

    Raises:
        PrerequisiteError: the examination was not passed.
    """
    if not examined.passed:
        raise PrerequisiteError(f"{strategy}: {examined.verdict}", hint="it stays in the shadow; nothing is certified")
    found = tuple((finding.question, finding.told) for finding in examined.findings)
    return sealed(
        Certificate(
            digest="",
            strategy=strategy,
            artefact=artefact,
            symbols=symbols,
            issued_ms=to_ms(now),
            expires_ms=to_ms(now + timedelta(days=VALID_DAYS)),
            evidence=tuple(sorted((*found, *shown))),
        )
    )
