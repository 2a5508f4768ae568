"""Reference pages made from the code: the command line, REST, and every key of the configuration. Nothing by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args

import typer
from pydantic import BaseModel

PAGES = ("reference/commands.md", "reference/rest.md", "reference/configuration.md")


def page(name: str) -> str:
    """One reference page as Markdown. Raises KeyError for a page that is none."""
    return {PAGES[0]: commands, PAGES[1]: rest, PAGES[2]: configuration}[name]()


def commands() -> str:
    """Every command with its options and examples."""
    from ui.cli import build

    root = typer.main.get_command(build())
    parts = ["# Commands", "", "Written from the command line itself; `crew COMMAND --help` says the same.", ""]
    for path, command in _walk(("crew",), root):
        parts += [f"## {' '.join(path)}", "", _plain(command.help or ""), ""]
        options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
        arguments = [one.name.upper() for one in command.params if one.param_type_name == "argument"]
        parts += ["```", " ".join([*path, *(f"[{one}]" for one in arguments), "[OPTIONS]"]), "```", ""]
        if options:
            parts += ["| option | what it is |", "|---|---|"]
            parts += [f"| `{', '.join(one.opts)}` | {_cell(one.help or '')} |" for one in options] + [""]
        examples = [line.strip() for line in (command.epilog or "").splitlines()[1:] if line.strip()]
        if examples:
            parts += ["```", *examples, "```", ""]
    return "\n".join(parts)


def rest() -> str:
    """Every address of the REST API, from the description that the server itself serves."""
    from fastapi import FastAPI

    from ui.server import api

    app = FastAPI(title="Crewdesk")
    app.include_router(api.router)
    told = app.openapi()
    parts = ["# REST", "", "Written from the server's own description, which it serves at `/api/v1/openapi.json`."]
    parts += ["How to log in, and what a token may do: [console.md](../console.md).", ""]
    parts += ["| | address | what it does | parameters |", "|---|---|---|---|"]
    for path, methods in sorted(told["paths"].items()):
        for method, one in methods.items():
            said = _cell(str(one.get("description") or one.get("summary", "")).split("\n\n")[0])
            wanted = ", ".join(f"`{parameter['name']}`" for parameter in one.get("parameters", ()))
            parts.append(f"| {method.upper()} | `{path}` | {said} | {wanted} |")
    return "\n".join(parts) + "\n"


def configuration() -> str:
    """Every key of every file of the operator, with what it may hold."""
    from config.alerts import AlertSettings
    from config.models import AgentSettings, DeskSettings, TaskSettings
    from config.profile import ProfileSettings
    from config.schedule import ScheduleSettings
    from config.services import ServicesConfig

    files: dict[str, type[BaseModel]] = {
        "desk.yaml": DeskSettings,
        "profiles/NAME.yaml": ProfileSettings,
        "services.yaml": ServicesConfig,
        "schedule.yaml": ScheduleSettings,
        "alerts.yaml": AlertSettings,
        "agents.yaml, each agent": AgentSettings,
        "tasks.yaml, each task": TaskSettings,
    }
    parts = ["# Configuration", "", "Written from the models that read the files. `crew config check` shows what is in"]
    parts += ["force, and from which file and line; a key that is not listed here is refused.", ""]
    for name, model in files.items():
        parts += [f"## {name}", "", "| key | holds | default | meaning |", "|---|---|---|---|"]
        parts += [f"| `{key}` | {kind} | {default} | {_cell(words)} |" for key, kind, default, words in _keys(model)]
        parts.append("")
    return "\n".join(parts)


def _walk(path: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401  typer carries its own click
    if hasattr(command, "commands"):
        for name, one in command.commands.items():
            yield from _walk((*path, name), one)
    else:
        yield path, command


def _keys(model: type[BaseModel], prefix: str = "", deep: int = 0) -> Iterator[tuple[str, str, str, str]]:
    for name, field in model.model_fields.items():
        inner = next(_models(field.annotation), None) if deep < 4 else None
        listed = inner is not None and field.annotation is not inner
        key = f"{prefix}{name}{'.*' if listed else ''}"
        if inner is None:
            default = "required" if field.is_required() else f"`{_short(field.get_default(call_default_factory=True))}`"
            yield key, f"`{_kind(field.annotation)}`", default, field.description or ""
        else:
            yield from _keys(inner, f"{key}.", deep + 1)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401  a type annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for part in get_args(annotation):
        if not isinstance(part, str | int):
            yield from _models(part)


def _kind(annotation: Any) -> str:  # noqa: ANN401  a type annotation
    text = annotation.__name__ if isinstance(annotation, type) and not get_args(annotation) else str(annotation)
    text = re.sub(r"\b(typing|collections\.abc|config\.\w+|desk(\.\w+)+|decimal|datetime|pathlib)\.", "", text)
    text = re.sub(r"Annotated\[([^,]+), ", r"\1 (", text) if "Annotated" in text else text
    text = re.sub(r" \(.*", "", text)
    return _short(text)


def _short(value: object) -> str:
    text = str(value.value if isinstance(value, Enum) else value)
    text = text.replace("|", "or").replace("`", "'").replace("\n", " ")
    return text if len(text) <= 60 else text[:57] + "..."


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|").replace("\n", " ")


def _plain(text: str) -> str:
    """Words without rich's markup, and with nothing in them that Markdown would take for HTML."""
    return re.sub(r"\[/?[a-z]*\]", "", text).replace("<", "&lt;").strip()
