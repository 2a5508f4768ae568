"""`crew audit`: read the record, ask why, check that nobody touched it, and decide again from it alone."""

from __future__ import annotations

from typing import Annotated

import typer

from crews.audit.verify import verify
from crews.running.services import folder_of
from desk.domain.errors import PrerequisiteError
from desk.guard.process.clock import SystemClock
from memory.audit import AuditLog, DecisionSummary
from ui.commands.options import AsJson, Profile
from ui.commands.otherwise import Wish, tell_otherwise
from ui.exits import Exit
from ui.figures import safe
from ui.record_screen import list_screen, verified_screen
from ui.steps_screen import steps_screen
from ui.terminal import print_json, screen, tells_errors

Decision = Annotated[str, typer.Argument(help="A decision's id, as `crew audit list` shows it; the newest by default.")]


def open_audit(profile: str) -> AuditLog:
    """The audit log of a profile, for reading. Raises PrerequisiteError when there is none yet."""
    path = folder_of(profile).audit
    if not path.exists():
        raise nothing_yet(profile)
    return AuditLog(path, SystemClock(), create=False)


def nothing_yet(profile: str) -> PrerequisiteError:
    """The error of asking for decisions before there are any."""
    words = "" if profile == "demo" else f" --profile {profile}"
    return PrerequisiteError(f"profile {profile} has decided nothing yet", hint=f"crew kickoff{words}")


@tells_errors
def audit_list(
    symbol: Annotated[str, typer.Option(help="Only this symbol.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000)] = 20,
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """The newest decisions, one a line."""
    found = open_audit(profile).decisions(limit=limit, symbol=symbol)
    if as_json:
        for one in found:
            print_json({**_plain(one), "at": one.at.isoformat()})
        return
    screen().print(list_screen(found))


@tells_errors
def audit_show(
    decision: Decision = "",
    full: Annotated[bool, typer.Option("--full", help="Whole payloads instead of their beginnings.")] = False,
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """Everything of one decision, step by step: prompts, replies, tool calls, reports, verdict, orders."""
    log = open_audit(profile)
    name = named(log, decision)
    rows = log.rows(name)
    if not rows:
        raise PrerequisiteError(f"the audit log has no decision {safe(name)}", hint="crew audit list")
    if not as_json:
        screen().print(steps_screen(rows, full=full))
        return
    for row in rows:
        told = {"seq": row.seq, "at": row.at.isoformat(), "kind": row.kind.value, "agent": row.agent}
        print_json({**told, "payload": dict(row.payload), "hash": row.hash})


@tells_errors
def audit_why(decision: Decision = "", profile: Profile = "demo", as_json: AsJson = False) -> None:
    """One screen: who said what, which caps applied, which rule decided, what was done and what came of it."""
    # Here and not above: what recomputes a decision takes half a second to load, which `crew audit list` need not pay.
    from crews.audit.replay import why as explain
    from ui.why_screen import why_screen

    log = open_audit(profile)
    told = explain(log, named(log, decision))
    if as_json:
        print_json(told.to_json())
    else:
        screen().print(why_screen(told))


@tells_errors
def audit_verify(profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Check the record, the guard's journal, and that each says what the other says. Exit code 7 if one was altered."""
    folder = folder_of(profile)
    told = verify(folder.audit, folder.journal)
    if not told.audit.rows and not told.journal.rows and told.ok:
        raise nothing_yet(profile)
    if as_json:
        print_json(told.to_json())
    else:
        screen().print(verified_screen(told))
    if not told.ok:
        raise typer.Exit(Exit.TAMPERED)


@tells_errors
def audit_replay(
    decision: Decision = "",
    everything: Annotated[bool, typer.Option("--all", help="Every decision of this profile.")] = False,
    without: Annotated[
        list[str] | None, typer.Option("--without", metavar="AGENT", help="As if this agent had not reported.")
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Under another setting, the guard's limits included."),
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, help="With --without or --set: decisions so far back.")] = 30,
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """Decide again from the record, with no model and no market; compare every byte. Exit code 7 on a difference.

    With --without or --set: what would have been decided, and what that agent or setting was worth over a period. For a
    limit of the guard's (--set desk.limits.risk_per_trade=0.005) its own gate is asked again, from its journal.
    """
    from crews.audit.replay import replay as replay_decision

    log = open_audit(profile)
    if without or changes:
        wish = Wish(tuple(without or ()), tuple(changes or ()), days)
        tell_otherwise(log, folder_of(profile).journal, decision, wish, as_json=as_json)
        return
    wanted = (
        [one.decision_id for one in reversed(log.decisions(limit=1_000_000))] if everything else [named(log, decision)]
    )
    differing = 0
    for name in wanted:
        report = replay_decision(log, name)
        differing += not report.equal
        if as_json:
            print_json(report.to_json())
        elif not report.equal or not everything:
            sign = "[good]✓[/] bit-equal" if report.equal else f"[bad]differs[/]: {safe(report.difference)}"
            screen().print(f"{name}  {sign}")
    if everything and not as_json:
        screen().print(f"{len(wanted) - differing:,} of {len(wanted):,} decisions replay bit-equal")
    if differing:
        raise typer.Exit(Exit.TAMPERED)


def named(log: AuditLog, decision: str) -> str:
    """The decision asked for, or the newest one."""
    if decision:
        return decision
    newest = log.decisions(limit=1)
    if not newest:
        raise PrerequisiteError("nothing has been decided yet", hint="crew kickoff")
    return newest[0].decision_id


def _plain(one: DecisionSummary) -> dict[str, str]:
    names = ("decision_id", "symbol", "action", "conviction", "verdict", "rule", "outcome")
    return {name: str(getattr(one, name)) for name in names}
