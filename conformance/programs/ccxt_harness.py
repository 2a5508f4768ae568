"""ccxt's own exchange tests, run as published: `tests_init.py binanceusdm` with a configuration and nothing else.

The harness refuses to run from site-packages and reads two files from above itself, so the installed package is
copied to `<work>/python/ccxt`, as its README lays the repository out. What it prints is turned into one check a method.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import ccxt
from ccxt_settings import settings
from told import failed, invitation, not_applicable, passed

EXCHANGE = "binanceusdm"
LONGEST_RUN_S = 120
MODES = {
    "sync": ("--sync", "--private"),
    "async": ("--private",),
    "ws": ("--ws", "--private"),
}
# Every line of ccxt's skip-tests.json is a check not made: none is set aside here but for the reason beside it.
SKIPPED: dict[str, object] = {}
_DONE = re.compile(r"\[INFO\] TESTING DONE\s+\w+ (\w+)")
_BEGUN = re.compile(r"\[INFO\] TESTING\s+\w+ (\w+)")
_ASIDE = re.compile(r"\[INFO\] (UNSUPPORTED_TEST|SKIPPED_TEST|UNIMPLEMENTED_TEST|NOT_SUPPORTED)\s+\w+ (\w+)")
# A failure is told over several lines; the last of them that names an error says what it was.
_FAILED = re.compile(r"^\[TEST_FAILURE\]\s*\w+ (\w+)(.*?)(?=^\[|\Z)", re.DOTALL | re.MULTILINE)
_ERROR = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception|NotSupported|Invalid\w*): .*", re.MULTILINE)
_WHY = {
    "UNSUPPORTED_TEST": "ccxt says this exchange has no such method",
    "SKIPPED_TEST": "set aside in skip-tests.json",
    "UNIMPLEMENTED_TEST": "the harness has no test of this method",
    "NOT_SUPPORTED": "ccxt says these arguments are not supported",
}


def main() -> None:
    """Lay the harness out, then run it once a mode."""
    root = lay_out(Path(sys.argv[2]))
    for mode, words in MODES.items():
        # What a private stream tells is what happens on the account, so something must.
        with trading() if mode == "ws" else nullcontext():
            tell(mode, run(root, words))


@contextmanager
def trading() -> Iterator[None]:
    """Another client of the same account that buys and sells a little every second."""
    over = threading.Event()

    def trade() -> None:
        exchange = ccxt.binanceusdm(settings(invitation()))
        exchange.load_markets()
        while not over.wait(0.5):
            for side in ("buy", "sell"):
                for symbol in ("BTC/USDT:USDT", "ETH/USDT:USDT"):
                    exchange.create_order(symbol, "market", side, 0.1)

    trader = threading.Thread(target=trade, daemon=True)
    trader.start()
    try:
        yield
    finally:
        over.set()
        trader.join(10)


def lay_out(work: Path) -> Path:
    """Copy the package to where its tests want it and write their two files. Returns the repository's root."""
    root = work / "harness"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(Path(ccxt.__file__).parent, root / "python" / "ccxt", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "keys.local.json").write_text(json.dumps({EXCHANGE: settings(invitation())}))
    (root / "skip-tests.json").write_text(json.dumps({EXCHANGE: {"skipMethods": SKIPPED}}))
    return root


def run(root: Path, words: tuple[str, ...]) -> str:
    """One run of the harness; everything it printed."""
    command = [sys.executable, "tests_init.py", EXCHANGE, *words, "--info"]
    tests = root / "python" / "ccxt" / "test"
    environment = {**os.environ, "PYTHONPATH": str(root / "python")}
    try:
        ran = subprocess.run(command, cwd=tests, env=environment, capture_output=True, text=True, timeout=LONGEST_RUN_S)
        printed = ran.stdout + ran.stderr
    except subprocess.TimeoutExpired as late:
        printed = (late.stdout or b"").decode() + f"\n[TEST_FAILURE] {EXCHANGE} run no end after {LONGEST_RUN_S} s"
    sys.stderr.write(printed)
    return printed


def tell(mode: str, printed: str) -> None:
    """One check a method: failed if the harness said so, passed if it said done, else the reason it was set aside."""
    broken: dict[str, str] = {}
    for method, rest in _FAILED.findall(printed):
        named = _ERROR.findall(rest)
        broken.setdefault(method, named[-1] if named else rest.strip())
    done, begun = set(_DONE.findall(printed)), set(_BEGUN.findall(printed))
    broken.pop("PUBLIC_TESTS", None)
    broken.pop("PRIVATE_TESTS", None)
    aside = {method: _WHY[word] for word, method in _ASIDE.findall(printed)}
    for method in sorted(done | begun | set(broken) | set(aside)):
        name = f"{mode} {method}"
        if method in broken:
            failed(name, broken[method])
        elif method in done:
            passed(name)
        elif method in begun:
            failed(name, "it began and never said that it was done")
        else:
            not_applicable(name, aside[method])


if __name__ == "__main__":
    main()
