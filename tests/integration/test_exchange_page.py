"""docs/exchange.md holds what it shows: its snippets run, and `crew exchange --json` says all that they need."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "exchange.md"
ANN = "ann:annkey-0001:annsecret-0001:500USDT"


def snippet(of: str, language: str = "python") -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    return next(code for code in blocks if of in code)


def shown_by(code: str, names: dict[str, str]) -> str:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(code, dict(names))
    return shown.getvalue()


def said_by_curl(url: str) -> dict[str, Any]:
    command = shlex.split(snippet("curl", "").replace("URL", url))
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout)


def test_the_page_is_enough_to_trade_with_an_account_named_on_the_command_line(tmp_path: Path) -> None:
    crew = [sys.executable, "-c", "from ui.cli import main; main()"]
    process = subprocess.Popen(
        [*crew, "exchange", "--json", "--account", ANN, "--position-rows", "all"],
        env={**os.environ, "CREWDESK_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        told: dict[str, Any] = json.loads(process.stdout.readline())
        assert [account["name"] for account in told["accounts"]] == ["paper", "ann"]
        assert told["switches"] == {"wire.position_rows": "all"}
        assert len(told["symbols"]) == 23
        assert "annsecret" not in json.dumps(told)
        names = {"URL": told["url"], "KEY": "annkey-0001", "SECRET": "annsecret-0001"}
        assert said_by_curl(told["url"])["serverTime"] > 0
        shown = shown_by(snippet("from binance import Client"), names)
        assert "'price'" in shown
        assert "'balance': '500.00000000'" in shown
        price, balance = shown_by(snippet("import ccxt"), names).split()
        assert float(price) > 0
        assert float(balance) == 500
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
