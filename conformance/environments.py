"""Environments of foreign programs: one each below var, built from a lock with a hash for every file.

An environment is stamped with the hash of its lock and built again when that changes. Python's come from
`requirements/NAME.txt` (made by `--relock` from `NAME.in`), Node's from `node/package-lock.json`. `benchmarks.peers`
keeps locks of its own, in the same way.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformance.exchange import ROOT

HERE: Final = Path(__file__).parent
WORK: Final = ROOT / "var" / "conformance"
NODE: Final = "node"
_UV: Final = str(Path(sys.executable).with_name("uv"))
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Home:
    """Whose environments these are: where their locks lie, and the folder below var in which they are built."""

    requirements: Path
    work: Path


CONFORMANCE: Final = Home(HERE / "requirements", WORK)


class EnvironmentFailedError(RuntimeError):
    """An environment could not be built; the message is what the tool said."""


def build(name: str, home: Home = CONFORMANCE) -> Path:
    """Make sure an environment stands as locked. Returns the program that runs scripts in it.

    Raises:
        EnvironmentFailedError: when a tool is missing or the index cannot be reached.
    """
    return _build_node() if name == NODE else _build_python(name, home)


def relock(name: str, home: Home = CONFORMANCE) -> None:
    """Resolve `requirements/NAME.in` anew and write versions and hashes beside it."""
    words = ["--generate-hashes", "--no-header", "--no-annotate", "--python-version", "3.11", "--upgrade"]
    _run([_UV, "pip", "compile", "--quiet", *words, f"{name}.in", "-o", f"{name}.txt"], cwd=home.requirements)


def versions(name: str, home: Home = CONFORMANCE) -> Mapping[str, str]:
    """The versions that were asked for by name; what they pull in is in the lock."""
    if name == NODE:
        return dict(re.findall(r'"([@\w/-]+)": "(\d[\w.]*)"', (HERE / "node" / "package.json").read_text()))
    pinned = dict(_PINNED.findall((home.requirements / f"{name}.txt").read_text()))
    asked = re.findall(r"^[A-Za-z0-9._-]+", (home.requirements / f"{name}.in").read_text(), re.MULTILINE)
    return {package: pinned[package.lower()] for package in asked}


def _build_python(name: str, home: Home) -> Path:
    lock = home.requirements / f"{name}.txt"
    folder = home.work / name / "venv"
    python = folder / "bin" / "python"
    if not _is_stamped(folder, lock):
        shutil.rmtree(folder, ignore_errors=True)
        _run([_UV, "venv", "--quiet", "--python", sys.executable, str(folder)])
        _run([_UV, "pip", "install", "--quiet", "--require-hashes", "--python", str(python), "-r", str(lock)])
        _stamp(folder, lock)
    return python


def _build_node() -> Path:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise EnvironmentFailedError("node and npm are not on this machine")
    lock = HERE / "node" / "package-lock.json"
    folder = WORK / NODE / "packages"
    if not _is_stamped(folder, lock):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "node" / file, folder)
        _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=folder)
        _stamp(folder, lock)
    return Path(node)


def _is_stamped(folder: Path, lock: Path) -> bool:
    stamp = folder / ".lock"
    return stamp.exists() and stamp.read_text() == _hash(lock)


def _stamp(folder: Path, lock: Path) -> None:
    (folder / ".lock").write_text(_hash(lock))


def _hash(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _run(command: Sequence[str], cwd: Path = ROOT) -> None:
    ran = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if ran.returncode:
        raise EnvironmentFailedError(f"{' '.join(command)}\n{ran.stdout}{ran.stderr}"[-2_000:])
