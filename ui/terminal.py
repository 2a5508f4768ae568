"""The terminal: one console for people on standard error, standard output kept clean for results and `--json`.

Colours follow the terminal's own theme, so dark and light both read well; `NO_COLOR` and pipes are respected.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.theme import Theme

from config.leaks import secret_values
from desk.domain.errors import DeskError
from desk.guard.process.clock import SystemClock
from desk.guard.secrets.veil import Veil
from ui.exits import Exit, exit_of

THEME = Theme(
    {
        "good": "green",
        "bad": "red",
        "warn": "yellow",
        "quiet": "dim",
        "name": "bold",
        "number": "cyan",
    }
)

P = ParamSpec("P")
R = TypeVar("R")


def screen() -> Console:
    """Where people read results: standard output."""
    return Console(theme=THEME, highlight=False, soft_wrap=False, file=sys.__stdout__)


def aside() -> Console:
    """Where progress and trouble go: standard error."""
    return Console(theme=THEME, highlight=False, stderr=True)


def print_json(value: Mapping[str, Any]) -> None:
    """One object on one line, flushed, so that a reader sees each decision when it is made."""
    line = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    print(line, file=sys.__stdout__, flush=True)


def print_event(event: str, *, level: str = "info", **facts: object) -> None:
    """What happened, as every line of a log says it: when, how grave, and what."""
    at = SystemClock().now().isoformat(timespec="milliseconds")
    print_json({"at": at, "level": level, "event": event, **facts})


def results_only() -> None:
    """From here on standard output carries what this file prints there; a library's chatter goes to standard error."""
    sys.stdout = sys.stderr


def tells_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the desk's errors into one clear line, a hint and an exit code; a traceback is never the user's problem."""

    @wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        with clear_errors():
            return command(*args, **kwargs)

    return told


@contextmanager
def clear_errors() -> Iterator[None]:
    """Within this block a desk error ends the command with its line, its hint and its exit code."""
    try:
        yield
    except DeskError as error:
        tell(error.message, error.hint)
        raise typer.Exit(exit_of(error)) from error
    except BrokenPipeError:
        # The reader went away, as `| head` does: nobody is left to tell, and nothing is wrong.
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        tell(f"{where}{error.strerror or error}", "is the disk full, or the folder read-only? `crew doctor` looks")
        if not error.filename:
            _give_up_output()
        raise typer.Exit(Exit.PREREQUISITE) from error
    except KeyboardInterrupt as stopped:
        aside().print("[warn]stopped[/]; stops keep resting at the venue")
        raise typer.Exit(Exit.INTERRUPTED) from stopped


def tell(message: str, hint: str) -> None:
    """One clear line, and what the reader can do."""
    console = aside()
    console.print(f"[bad]crew:[/] {_plain(message)}", soft_wrap=True)
    if hint:
        console.print(f"[quiet]hint:[/] {_plain(hint)}", soft_wrap=True)


def _give_up_output() -> None:
    """Point standard output at nothing, or the interpreter would fail once more on what it could not write."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)


def _plain(text: str) -> str:
    """The text with rich's markup disarmed and no secret in it: an error may quote what a stranger wrote, or a key."""
    return Veil(*secret_values(os.environ)).over(text).replace("[", r"\[")
