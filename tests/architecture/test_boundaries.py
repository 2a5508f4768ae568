"""The picture of the architecture is enforced: who may import whom, how light the guard is, whose names are ours."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("agents", "config", "crews", "desk", "memory", "ops", "tools", "ui")
MODEL_LIBRARIES = {"crewai", "langchain_core", "langchain_openai", "openai", "chromadb", "gradio", "litellm"}


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100)


def loaded_after_importing(names: list[str]) -> set[str]:
    """The modules a fresh interpreter holds after importing all of these."""
    code = f"import importlib, json, sys\nfor name in {names!r}: importlib.import_module(name)\n"
    ran = run_python(code + "print(json.dumps(sorted(sys.modules)))")
    assert ran.returncode == 0, ran.stderr[-2000:]
    return set(json.loads(ran.stdout.splitlines()[-1]))


def modules_of(package: str) -> list[str]:
    files = sorted((ROOT / package).rglob("*.py"))
    names = [".".join(f.relative_to(ROOT).with_suffix("").parts) for f in files if f.name != "__main__.py"]
    return [name.removesuffix(".__init__") for name in names]


def test_imports_only_ever_point_downwards() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    linted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert linted.returncode == 0, linted.stdout[-4000:] + linted.stderr[-1000:]


def test_the_desk_never_meets_a_model_even_by_a_hidden_import() -> None:
    met = {name.split(".")[0] for name in loaded_after_importing(modules_of("desk"))}
    assert met & MODEL_LIBRARIES == set()


def test_only_the_adapter_loads_crewai() -> None:
    packages = ("agents", "config", "memory", "ops", "tools", "ui")
    assert "crewai" not in loaded_after_importing([name for package in packages for name in modules_of(package)])


def test_the_guard_stays_light_enough_to_restart_in_a_blink() -> None:
    guard = modules_of("desk/guard")
    heavy = {"pandas", "numpy", "pyarrow"} | MODEL_LIBRARIES
    assert {name.split(".")[0] for name in loaded_after_importing(guard)} & heavy == set()


def test_importing_the_guard_costs_less_than_half_a_second_of_cpu() -> None:
    code = "import resource, desk.guard; u = resource.getrusage(resource.RUSAGE_SELF); print(u.ru_utime + u.ru_stime)"
    # The least of three: the first may still compile byte code.
    assert min(float(run_python(code).stdout) for _ in range(3)) < 0.5


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_distribution_owns_our_package_names(package: str) -> None:
    owners = set(importlib.metadata.packages_distributions().get(package, [])) - {"crewdesk"}
    assert owners == set(), f"{owners} installs a package called {package}; use an environment of our own"


def test_nobody_creates_the_module_that_langsmith_probes_for() -> None:
    assert not (ROOT / "agents" / "tracing.py").exists()
