"""House rules a reader relies on: small files that open with a promise, small functions, no back doors."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("agents", "config", "crews", "desk", "memory", "ops", "tools", "ui")
CHECKS = ("campaigns", "conformance")
FILES = sorted(file for package in (*PACKAGES, *CHECKS) for file in (ROOT / package).rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
BACK_DOORS = re.compile(
    r"\bimport pickle\b|\bpickle\.|joblib|torch\.load|allow_pickle=True|\beval\(|\bexec\(|datetime\.now\(\)|utcnow\(|"
    r"\bTODO\b|\bFIXME\b|\bXXX\b|raise NotImplementedError"
)


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_opens_with_its_promise_and_stays_small(file: Path) -> None:
    text = file.read_text()
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "no opening docstring"
    assert len(text.splitlines()) <= LONGEST_FILE
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            assert size <= LONGEST_FUNCTION, f"{node.name} has {size} lines"


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_has_no_back_door_and_no_leftover(file: Path) -> None:
    lines = enumerate(file.read_text().splitlines(), 1)
    found = [f"{number}: {line.strip()}" for number, line in lines if BACK_DOORS.search(line)]
    assert found == []


def test_no_drawer_has_a_name_that_says_nothing() -> None:
    assert [name_of(f) for f in FILES if re.search(r"util|manager|helper|misc|common", f.stem)] == []


@pytest.mark.parametrize("words", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_is_content(words: list[str]) -> None:
    ruff = str(Path(sys.executable).parent / "ruff")
    ran = subprocess.run([ruff, *words, "."], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-1000:]


@pytest.mark.timeout(300)
def test_every_type_is_stated_and_holds() -> None:
    pyright = str(Path(sys.executable).parent / "pyright")
    environment = {**os.environ, "PYRIGHT_PYTHON_USE_BUNDLED_PYRIGHT": "1", "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    ran = subprocess.run([pyright], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280)
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-1000:]
