"""python-binance's own tests of USD-M futures, out of its source distribution, against the exchange.

The distribution leaves their `conftest.py` out, so the fixtures are ours: clients with other addresses and a key. What
is about other markets, or about a mocked server, is set aside by name.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from told import failed

HERE = Path(__file__).parent
FILES = (
    "test_client_futures.py",
    "test_async_client_futures.py",
    "test_client_ws_futures_requests.py",
    "test_async_client_ws_futures_requests.py",
)


def main() -> None:
    """Fetch the sources by hash, lay their tests beside our fixtures, and run."""
    work = Path(sys.argv[2])
    root = unpacked(work)
    tests = root / "tests"
    shutil.copy(HERE / "python_binance_fixtures.py", tests / "conftest.py")
    (tests / "__init__.py").touch()
    os.environ["INVITATION"] = sys.argv[1]
    os.chdir(root)
    words = ["-q", "--tb=native", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto", "-o", "addopts="]
    code = pytest.main([*words, *(f"tests/{name}" for name in FILES)])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        failed("the tests could be collected", f"pytest ended with {code!r}")


def unpacked(work: Path) -> Path:
    """The source distribution, whose hash the requirements file holds."""
    source = work / "source"
    shutil.rmtree(source, ignore_errors=True)
    locked = HERE.parent / "requirements" / "python-binance-source.txt"
    words = ["download", "--quiet", "--no-deps", "--no-binary", ":all:", "--require-hashes", "-r", str(locked)]
    subprocess.run([*_pip(), *words, "--dest", str(source)], check=True, stdout=sys.stderr)
    archive = next(source.glob("*.tar.gz"))
    with tarfile.open(archive) as packed:
        packed.extractall(source, filter="data")
    return source / archive.name.removesuffix(".tar.gz")


def _pip() -> list[str]:
    """The pip of the project's own environment; this one has none."""
    project = HERE.parents[1] / ".venv" / "bin" / "python"
    return [str(project), "-m", "pip", "--disable-pip-version-check"]


if __name__ == "__main__":
    main()
