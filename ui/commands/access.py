"""`crew access`: who may log in, and which programs may read or operate. Run at the machine; shows a secret once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from crews.running.services import folder_of
from desk.domain.errors import PrerequisiteError
from desk.guard.process.clock import SystemClock
from ui.commands.options import AsJson
from ui.server.access.identity import Role, Scope
from ui.terminal import aside, print_json, screen, tells_errors

if TYPE_CHECKING:
    from ui.server.access import Access

Name = Annotated[str, typer.Argument(help="Small letters, digits, . - and _.")]
_ANY = "demo"


@tells_errors
def listed(as_json: AsJson = False) -> None:
    """Everybody who may log in, and every program's token, by name."""
    with _open() as access:
        people, tokens = access.people(), access.tokens()
    if as_json:
        print_json(
            {"people": {n: r.value for n, r in people.items()}, "tokens": {n: s.value for n, s in tokens.items()}}
        )
        return
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for heading in ("who", "name", "may"):
        table.add_column(heading, style="name" if heading == "name" else "")
    for name, role in sorted(people.items()):
        table.add_row("person", name, "look" if role is Role.VIEWER else "look and steer")
    for name, scope in sorted(tokens.items()):
        table.add_row("program", name, "read" if scope is Scope.READ else "read and operate")
    screen().print(table if table.row_count else "[quiet]nobody yet: the first `crew console` makes an operator[/]")


@tells_errors
def set_password(
    name: Name = "operator",
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.OPERATOR,
) -> None:
    """Let a person in by a password or PIN that is asked for now; whatever they had open is closed."""
    ask_for_password(name, role=role)


@tells_errors
def remove(name: Name) -> None:
    """Let a person in no more."""
    with _open() as access:
        access.remove(name)
    screen().print(f"[good]✓[/] {name} can no longer log in")


@tells_errors
def token(
    name: Name,
    scope: Annotated[Scope, typer.Option(help="What the program may do.")] = Scope.READ,
    as_json: AsJson = False,
) -> None:
    """Make a program's token. It is shown once; send it as `Authorization: Bearer …`."""
    with _open() as access:
        made = access.new_token(name, scope)
    if as_json:
        print_json({"name": name, "scope": scope.value, "token": made})
    else:
        screen().print(f"[name]{made}[/]", soft_wrap=True)
        aside().print("[quiet]shown this once[/]")


@tells_errors
def revoke(name: Name) -> None:
    """End a program's token now."""
    with _open() as access:
        access.revoke(name)
    screen().print(f"[good]✓[/] {name} is revoked")


@tells_errors
def unlock() -> None:
    """Forget every failed login: for the owner who locked themselves out."""
    with _open() as access:
        access.guesses.unlock()
    screen().print("[good]✓[/] every failed try is forgotten")


def ask_for_password(name: str, *, role: Role = Role.OPERATOR) -> None:
    """Ask twice and keep it. Raises PrerequisiteError for one that is too easily guessed."""
    secret = typer.prompt("New password or PIN", hide_input=True)
    if typer.prompt("Once more", hide_input=True) != secret:
        raise PrerequisiteError("the two are not the same; nothing was changed")
    with _open() as access:
        access.set_password(name, secret, role=role)
    screen().print(f"[good]✓[/] {name} logs in with it from now on")


@contextmanager
def _open() -> Iterator[Access]:
    # Here and not above: what hashes passwords is loaded by these words alone.
    from ui.server.access import Access
    from ui.server.serving import access_file

    access = Access(access_file(folder_of(_ANY)), SystemClock())
    try:
        yield access
    finally:
        access.close()
