"""`crew certify`: the crew's own days before the examiner, and the certificate of a crew that has passed."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.loader import DeskConfig, load_desk
from crews.running.services import folder_of
from crews.seating import setup_of
from desk.domain.errors import JournalError, PrerequisiteError
from memory.rows import Kind
from ui.commands.audit import open_audit
from ui.commands.options import AsJson, ConfigRoot, Profile
from ui.terminal import print_json, screen, tells_errors

if TYPE_CHECKING:
    from crews.learning.certifying import ConfigOf, CrewExamined
    from memory.audit import AuditLog


@tells_errors
def certify(
    check: Annotated[bool, typer.Option("--check", help="Examine, and issue nothing.")] = False,
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Examine the crew on the days it decided here, beside flat, hold and random; certify it, or say why not."""
    # Here and not above: the database library and the arrays take a second to load.
    from crews.learning.certifying import certify as certified
    from desk.guard.secrets.keys import token_of

    loaded, folder, now = load_desk(profile, root=config), folder_of(profile), datetime.now(UTC)
    found = _examined(loaded, profile, now)
    passed = found.examined.passed
    path: Path | None = None
    if passed and not check:
        strategy = setup_of(loaded).strategy_id
        path = certified(found, strategy, folder.certificates, token_of(folder.operator_token), now)
    _tell(found, path, as_json=as_json)
    if not passed:
        raise PrerequisiteError(
            f"{found.examined.verdict}: the crew stays uncertified",
            hint="it may go on where it may trade without a proof; where one is needed it stays flat",
        )


def _examined(loaded: DeskConfig, profile: str, now: datetime) -> CrewExamined:
    from crews.learning.certifying import examine_crew
    from crews.record.bookkeeping import ledger_url
    from desk.ledger import Ledger
    from desk.ledger.pages import Pages

    url = ledger_url(loaded, folder_of(profile))
    with closing(open_audit(profile)) as audit, closing(Ledger(url)) as ledger, closing(Pages(url)) as pages:
        return examine_crew(loaded, ledger, pages, configs_in(audit), now)


def configs_in(audit: AuditLog) -> ConfigOf:
    """The configuration of any decision in this log; one that many share is read once."""

    @cache
    def built(text: str) -> DeskConfig:
        return DeskConfig.from_json(text)

    def config_of(decision_id: str) -> DeskConfig:
        rows = audit.rows(decision_id, kind=Kind.RUN)
        if not rows:
            raise JournalError(f"the audit log has no run of decision {decision_id}")
        return built(str(rows[0].payload["config"]))

    return config_of


def _tell(found: CrewExamined, path: Path | None, *, as_json: bool) -> None:
    from ui.policy_screen import findings, print_examination

    if as_json:
        told = {"crew": found.digest[:12], "symbols": list(found.symbols), "certificate": str(path or "")}
        print_json({**told, "from": f"{found.first}", "to": f"{found.last}", **findings(found.examined)})
        return
    print_examination(f"crew {found.digest[:12]}, {found.first} to {found.last}", found.examined, screen())
    if path is not None:
        screen().print(f"[good]✓[/] {path}: in force from the next kickoff on, after crew stop", soft_wrap=True)
