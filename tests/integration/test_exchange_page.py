"""docs/exchange.md holds what it shows: its snippet runs, and `crew exchange --json` says all that it needs."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "exchange.md"
ANN = "ann:annkey-0001:annsecret-0001:500USDT"


def snippet(of: str) -> str:
    return next(
        code for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S) if of in code
    )


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
        shown = io.StringIO()
        names = {"URL": told["url"], "KEY": "annkey-0001", "SECRET": "annsecret-0001"}
        with contextlib.redirect_stdout(shown):
            exec(snippet("from binance import Client"), names)
        assert "'price'" in shown.getvalue()
        assert "'balance': '500.00000000'" in shown.getvalue()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
