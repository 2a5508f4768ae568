"""The site builds with every warning an error, holds every page and command, and fetches nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from manual import reference
from ui.cli import build

ROOT = Path(__file__).resolve().parents[3]


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
