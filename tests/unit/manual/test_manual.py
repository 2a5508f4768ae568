"""The site builds with every warning an error, holds every page and command, and fetches nothing from elsewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from manual import reference
from ui.cli import build

ROOT = Path(__file__).resolve().parents[3]
# A process in a drawing, and what a page says there is not.
NO_COMMANDS = {"crew process", "crew schedule add"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("site")
    ran = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(built)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return built


def test_every_page_is_in_the_site(site: Path) -> None:
    pages = [one.relative_to(ROOT / "docs").with_suffix(".html") for one in (ROOT / "docs").rglob("*.md")]
    assert [str(one) for one in pages if not (site / one).exists()] == []


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    fetched = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?(https?:)?//", re.IGNORECASE)
    canonical = re.compile(r'<link[^>]*rel="?(canonical|alternate)')
    found = [
        f"{page.name}: {hit[0][:80]}"
        for page in site.rglob("*.html")
        for hit in fetched.finditer(page.read_text())
        if not canonical.match(hit[0])
    ]
    assert found == []


def typed() -> list[tuple[str, str]]:
    """Every `crew` command that a page or the README tells to type, in a block of its own or in the text."""
    found: list[tuple[str, str]] = []
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = page.read_text()
        blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        lines = [line for block in blocks for line in block.splitlines()]
        lines += re.findall(r"`((?:crew|crewdesk) [a-z][^`\n]*)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
        # What a command is for stands beside it, behind a # or a gap.
        told = [re.split(r"\s+#|\s{2,}|; crew", line.strip().removeprefix("$ "))[0] for line in lines]
        found += [(page.name, line) for line in told if re.match(r"(\./)?(crew|crewdesk) [a-z]", line)]
    return sorted(set(found))


def trouble_of(root: Any, line: str) -> str:
    """What of a line the command line does not know; empty where it knows all of it."""
    command, words = root, shlex.split(re.split(r" [|>&]|, crew ", line)[0])[1:]
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        # `./crew test` is the script's own; a word in capitals stands for whatever one likes.
        if words[0] == "test" or words[0].isupper():
            return ""
        if words[0] not in command.commands:
            return words[0]
        command = command.commands[words.pop(0)]
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
    asked = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    return " ".join(word for word in asked if word not in known)


def test_what_a_page_tells_to_type_are_commands_with_these_options() -> None:
    root, lines = typer.main.get_command(build()), typed()
    assert len(lines) > 150
    found = {f"{page}: {line}": trouble_of(root, line) for page, line in lines if line not in NO_COMMANDS}
    assert {line: trouble for line, trouble in found.items() if trouble} == {}


def test_every_command_is_in_the_reference() -> None:
    text = reference.commands()
    root = typer.main.get_command(build())
    names = [
        f"crew {name} {inner}".strip()
        for name, one in root.commands.items()  # type: ignore[attr-defined]  # the root is a group
        for inner in (getattr(one, "commands", None) or {"": one})
    ]
    assert [name for name in names if f"## {name}\n" not in text] == []


def test_every_key_of_the_desk_is_in_the_reference() -> None:
    text = reference.configuration()
    for key in ("limits", "restarts.most", "tracing.endpoint", "venue.deposit", "jobs.*.every_minutes"):
        assert f"`{key}" in text, key
