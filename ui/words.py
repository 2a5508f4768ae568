"""A word of `crew` before anybody types it: its name, its examples, and where its function is.

Whoever types one word waits for that word's room alone. The help of all, and what is not understood, load them all.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import typer


class Word(NamedTuple):
    """One command. `place` is a file of `ui.commands` and a function in it, as `account:status`."""

    name: str
    place: str
    epilog: str

    def add_to(self, app: typer.Typer) -> None:
        """Load what answers this word and give it to the command line."""
        app.command(self.name, epilog=self.epilog)(self._function())

    def _function(self) -> Callable[..., Any]:
        file, name = self.place.split(":")
        return getattr(import_module(f"ui.commands.{file}"), name)


class Group(NamedTuple):
    """A word that has words of its own."""

    name: str
    about: str
    epilog: str
    words: tuple[Word, ...]

    def add_to(self, app: typer.Typer) -> None:
        """Load what answers each of its words, and give the group to the command line."""
        group = typer.Typer(no_args_is_help=True, help=self.about, epilog=self.epilog)
        for word in self.words:
            word.add_to(group)
        app.add_typer(group, name=self.name)
