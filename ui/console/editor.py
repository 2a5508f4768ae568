"""The editor of agents and tasks: what would change is shown first, and only what holds together is kept.

It knows two files, neither of which holds a limit, a venue or a key. What they may say is checked as at every start,
capabilities included: a role that reads strangers cannot be given a tool that acts.
"""

from __future__ import annotations

import difflib
import os
import shutil
import tempfile
from pathlib import Path

from config.files import Files
from config.loader import DeskConfig, load_desk
from crews.safety import assert_capabilities
from crews.spending.costs import mode_words
from desk.domain.errors import ConfigError, PrerequisiteError
from ui.console.rendering import render
from ui.server.access import Identity
from ui.server.house import House

_MOST_BYTES = 200_000


class Editor:
    """Reads and writes the operator's own `agents.yaml` and `tasks.yaml`."""

    files = ("agents.yaml", "tasks.yaml")

    def __init__(self, house: House) -> None:
        self._house = house
        self._root = house.config_root

    def hello(self) -> str:
        """What the editor is, before anything was done."""
        words = f"Applied files are kept in {self._root}." if self._root else _READ_ONLY
        return render("editor.html", lines=None, words=words)

    def read(self, name: str) -> str:
        """The file in force."""
        return Files(in_force(self._root)).read(_section(name)).text

    def check(self, name: str, text: str) -> str:
        """The difference, if the whole holds together. Raises ConfigError naming file, key and line."""
        self._load(name, text)
        return _shown(difference(self.read(name), text, name), "It holds together.")

    def apply(self, name: str, text: str, asks: Identity) -> str:
        """Keep it. Raises PrerequisiteError for somebody who may only look, or where no folder was named."""
        if not asks.operates:
            raise PrerequisiteError("this needs an operator; you may look")
        if self._root is None:
            raise PrerequisiteError("nothing was named to keep it in", hint="crew console --config DIR")
        self._load(name, text)
        told = difference(self.read(name), text, name)
        self._root.mkdir(parents=True, exist_ok=True)
        draft = self._root / f".{name}.{os.getpid()}"
        draft.write_text(text, encoding="utf-8")
        draft.replace(self._root / name)
        return _shown(told, "Kept. The next kickoff is made with it.")

    def _load(self, name: str, text: str) -> DeskConfig:
        """The configuration as it would be, checked as a whole, from a copy that nobody else sees."""
        if len(text.encode("utf-8", "replace")) > _MOST_BYTES:
            raise ConfigError("the file is too long", file=name)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "config"
            own = in_force(self._root)
            if own is not None:
                shutil.copytree(own, copy)
            copy.mkdir(exist_ok=True)
            (copy / name).write_text(text, encoding="utf-8")
            profile, overrides = self._house.window.config.profile.name, mode_words(self._house.window.folder)
            try:
                config = load_desk(profile, root=copy, overrides=overrides)
            except ConfigError as error:
                # The copy is nobody's file: what is told is the name that stands above the editor.
                where = error.file if error.line is None else f"{error.file}:{error.line}"
                told = error.message.removeprefix(f"{where}: ")
                raise ConfigError(told, file=Path(error.file).name, line=error.line, hint=error.hint) from None
        assert_capabilities(config)
        return config


def in_force(root: Path | None) -> Path | None:
    """The operator's folder once it holds a file; until then the packaged files are in force."""
    return root if root is not None and root.is_dir() and any(root.rglob("*.yaml")) else None


def difference(before: str, after: str, name: str) -> list[str]:
    """The lines that change, as a unified difference; none when nothing does."""
    names = (f"{name} in force", f"{name} edited")
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), *names, lineterm=""))


def _section(name: str) -> str:
    if name not in Editor.files:
        raise ConfigError("no such file opens here", file=name[:40])
    return name.removesuffix(".yaml")


def _shown(lines: list[str], words: str) -> str:
    return render("editor.html", lines=lines, words=words)


_READ_ONLY = "Files can be checked here; to apply them, start with: crew console --config DIR."
