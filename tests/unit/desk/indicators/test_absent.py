"""A cold process loads no data frames and no solvers for plain columns, and nobody else goes without them."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading

import pytest

from desk.indicators.absent import absent


def test_indicators_and_compiled_loops_load_neither_pandas_nor_scipy() -> None:
    program = (
        "import sys, numpy, desk.indicators.classic, desk.backtest.kernel;"
        "assert desk.indicators.classic.ema(numpy.arange(9.0), 3)[-1] == 7.0;"
        "print(*({'pandas', 'scipy', 'cffi', 'polars'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


def test_a_package_is_absent_to_the_thread_that_says_so_and_there_again_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    found: list[str] = []
    with absent("colorsys"):
        with pytest.raises(ModuleNotFoundError, match="colorsys"):
            importlib.import_module("colorsys")
        other = threading.Thread(target=lambda: found.append(importlib.import_module("colorsys").__name__))
        other.start()
        other.join()
    assert found == ["colorsys"]
    sys.modules.pop("colorsys", None)
    assert importlib.import_module("colorsys").__name__ == "colorsys"
