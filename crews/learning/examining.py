"""A policy before the examiner, with what this desk knows: who advises now, and how much was tried on such data."""

from __future__ import annotations

import hashlib
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from config.loader import DeskConfig
from crews.learning.advice import strategy_of
from crews.record.bookkeeping import ledger_url
from crews.running.services import Folder
from desk.backtest.recordings import Market
from desk.certificates.files import write
from desk.domain.errors import PrerequisiteError
from desk.guard.secrets.keys import token_of
from desk.learning.policy import Policy
from desk.learning.promoted import Promotions, Turn
from desk.learning.shelf import PolicyShelf, Shelved
from desk.learning.sight import Mood
from desk.ledger import Ledger, Tried, TryRow
from desk.promotion.exam import Examined, examine
from desk.promotion.issue import issue
from desk.promotion.policies import record_of
from desk.promotion.record import daily_sharpe

_DIGITS = Decimal("1e-12")
_ALONE = Tried(count=1, spread=0.0)


def examined(shelved: Shelved, market: Market, config: DeskConfig, folder: Folder, mood: Mood | None) -> Examined:
    """The examination, deflated for all tries the ledger knows, this one counted among them.

    Raises:
        DataError: the market is not the one that the policy learnt from.
        JournalError: the ledger cannot be written or read.
    """
    alone = record_of(shelved.policy, market.tape, market.specs, _ALONE, mood=mood)
    with closing(Ledger(ledger_url(config, folder))) as ledger:
        ledger.note_try(
            TryRow(
                digest=_as_tried(shelved.policy),
                family=market.family,
                strategy=strategy_of(shelved.name),
                at=shelved.policy.origin.made_at,
                days=len(alone.daily),
                sharpe=Decimal(daily_sharpe(alone.daily)).quantize(_DIGITS),
            )
        )
        tried = ledger.tried(market.family)
    incumbent = _incumbent(shelved, folder)
    return examine(record_of(shelved.policy, market.tape, market.specs, tried, incumbent=incumbent, mood=mood))


def promoted(
    shelved: Shelved, found: Examined, folder: Folder, now: datetime, *, uncertified: bool
) -> tuple[Turn, Path | None]:
    """Let the policy advise: certified if it passed, else only where that is allowed. Returns the certificate's file.

    Raises:
        PrerequisiteError: it did not pass, and may not advise without a proof.
    """
    if not (found.passed or uncertified):
        raise PrerequisiteError(
            f"{found.verdict}: {shelved.name} stays in the shadow", hint="a desk without a proof stays flat"
        )
    path: Path | None = None
    if found.passed:
        certificate = issue(
            found,
            strategy=strategy_of(shelved.name),
            artefact=shelved.digest,
            symbols=shelved.policy.origin.symbols,
            now=now,
        )
        path = write(certificate, folder.certificates, token_of(folder.operator_token))
    return Promotions(folder.promotions).promote(shelved.name, now, certified=found.passed), path


def _as_tried(policy: Policy) -> str:
    """What makes a try the same try: the table and the market it was judged on, whenever it was learnt."""
    told = hashlib.sha256(policy.table.tobytes() + policy.visits.tobytes())
    told.update(repr((policy.space.names, sorted(policy.origin.data.items()), policy.origin.held_from)).encode())
    return told.hexdigest()


def _incumbent(shelved: Shelved, folder: Folder) -> Policy | None:
    current = Promotions(folder.promotions).current
    return None if current in ("", shelved.name) else PolicyShelf(folder.policies).get(current).policy
