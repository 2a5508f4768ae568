"""What `./crew` hands on to the command: all of the operator's environment, but leave to keep what Python compiles."""

from __future__ import annotations

import os
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "crew"


@pytest.fixture
def first_call(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module; loading it leaves no compiled copy beside it."""
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    spec = spec_from_loader("first_call", SourceFileLoader("first_call", str(SCRIPT)))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_desk_may_keep_what_python_compiled_on_a_machine_that_forbids_it(
    first_call: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in first_call.surroundings()


def test_everything_else_of_the_environment_reaches_the_command(
    first_call: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("CREW_PROFILE", "demo")
    assert first_call.surroundings() == dict(os.environ)
