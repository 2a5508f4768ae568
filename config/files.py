"""Which files are read: the packaged ones, each replaced by the operator's file of the same name where there is one."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from config.capabilities import nearest
from desk.domain.errors import ConfigError

SECTIONS = ("desk", "agents", "tasks")
# Files of their own, read by those who need them.
APART = ("strategies", "schedule", "alerts", "services")
_PROFILE = re.compile(r"[a-z][a-z0-9_-]{0,30}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read. `name` is how messages speak of it."""

    section: str
    name: str
    sha256: str
    text: str


class Files:
    """The folder of the operator, if any, over the packaged files."""

    def __init__(self, root: Path | None) -> None:
        """Raises ConfigError for a folder that is absent, or holds a file nobody would read."""
        self._root = root
        if root is not None:
            _refuse_useless(root)

    def read(self, section: str) -> Source:
        """`desk`, `agents` or `tasks`."""
        return self._read(section, f"{section}.yaml")

    def profile(self, name: str) -> Source:
        """A profile. Raises ConfigError with the nearest name when there is none."""
        if not _PROFILE.fullmatch(name) or name not in self.profiles():
            raise ConfigError(
                "there is no such profile", file=f"profiles/{name[:40]}.yaml", hint=nearest(name, self.profiles())
            )
        return self._read("profile", f"profiles/{name}.yaml")

    def profiles(self) -> tuple[str, ...]:
        """Names of all profiles at hand."""
        packaged = (entry.name for entry in (resources.files("config") / "profiles").iterdir())
        own = (entry.name for entry in (self._root / "profiles").glob("*.yaml")) if self._root else ()
        return tuple(sorted({name.removesuffix(".yaml") for name in (*packaged, *own) if name.endswith(".yaml")}))

    def _read(self, section: str, name: str) -> Source:
        own = self._root / name if self._root else None
        label = str(own) if own is not None and own.exists() else f"config/{name}"
        try:
            file = own if own is not None and own.exists() else resources.files("config") / name
            data = file.read_bytes()
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise ConfigError("not UTF-8 text", file=label, line=line) from None
        except OSError as error:
            raise ConfigError(f"cannot be read: {error.strerror or error}", file=label) from None
        return Source(section, label, hashlib.sha256(data).hexdigest(), text)


def _refuse_useless(root: Path) -> None:
    if not root.is_dir():
        raise ConfigError("there is no such folder", file=str(root), hint="--config and CREWDESK_CONFIG name a folder")
    known = {f"{section}.yaml" for section in (*SECTIONS, *APART)}
    found = [entry for entry in (*root.glob("*.y*ml"), *root.glob("profiles/*.y*ml")) if entry.is_file()]
    for entry in sorted(found):
        if entry.suffix != ".yaml" or (entry.parent == root and entry.name not in known):
            raise ConfigError("nothing reads a file of this name", file=str(entry), hint=nearest(entry.name, known))
    if not found:
        raise ConfigError("holds no configuration file", file=str(root), hint=f"known: {', '.join(sorted(known))}")
