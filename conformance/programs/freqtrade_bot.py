"""freqtrade, configuration only: its commands, a dry run, and a live run that trades.

What the live run did is read from the exchange itself: an entry filled, a stop resting on the algo endpoint, an exit
filled, the stop gone, and nothing held at the end.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ccxt_settings import settings
from told import check, failed, invitation, passed, require

HERE = Path(__file__).parent
PAIRS = ["BTC/USDT:USDT", "ETH/USDT:USDT"]
BOT_S, COMMAND_S, END_S = 120.0, 120.0, 30.0


def main() -> None:
    """Commands, then dry, then live."""
    work = Path(sys.argv[2]) / "bot"
    shutil.rmtree(work, ignore_errors=True)
    (work / "strategies").mkdir(parents=True)
    shutil.copy(HERE / "freqtrade_strategy.py", work / "strategies")
    commands(work)
    dry(work)
    live(work)


def configuration(work: Path, *, dry_run: bool) -> Path:
    """What a user of freqtrade writes: the exchange's addresses, a key, two pairs."""
    told = settings(invitation())
    key, secret = told.pop("apiKey"), told.pop("secret")
    # Without this freqtrade also reads the spot market, from another host.
    told["options"] |= {"fetchMarkets": {"types": ["linear"]}}
    written = {
        "dry_run": dry_run,
        "dry_run_wallet": 10_000,
        "max_open_trades": 1,
        "stake_currency": "USDT",
        "stake_amount": 300,
        "trading_mode": "futures",
        "margin_mode": "isolated",
        "entry_pricing": {"price_side": "other", "use_order_book": True, "order_book_top": 1},
        "exit_pricing": {"price_side": "other", "use_order_book": True, "order_book_top": 1},
        "exchange": {
            "name": "binance",
            "key": key,
            "secret": secret,
            "ccxt_config": told,
            "pair_whitelist": PAIRS,
            "enable_ws": False,
        },
        "pairlists": [{"method": "StaticPairList"}],
        "internals": {"process_throttle_secs": 2, "heartbeat_interval": 5},
        "bot_name": "conformance",
        "initial_state": "running",
        "db_url": f"sqlite:///{work / ('dry' if dry_run else 'live')}.sqlite",
    }
    file = work / f"{'dry' if dry_run else 'live'}.json"
    file.write_text(json.dumps(written, indent=2))
    return file


def command(work: Path, *words: str) -> list[str]:
    """The command line of freqtrade."""
    program = str(Path(sys.executable).with_name("freqtrade"))
    return [program, *words, "--userdir", str(work), "-c", str(configuration(work, dry_run=True))]


def commands(work: Path) -> None:
    """Reading the market list, downloading, and a backtest on what was downloaded."""

    def ran(*words: str) -> str:
        done = subprocess.run(command(work, *words), cwd=work, capture_output=True, text=True, timeout=COMMAND_S)
        sys.stderr.write(done.stdout + done.stderr)
        require(done.returncode == 0, (done.stderr or done.stdout).strip().splitlines()[-1])
        return done.stdout + done.stderr

    def list_markets() -> None:
        shown = ran("list-markets", "--trading-mode", "futures", "--print-list", "--quote", "USDT")
        require("BTC/USDT:USDT" in shown, "BTC/USDT:USDT is not listed")

    def list_pairs() -> None:
        require("BTC/USDT:USDT" in ran("list-pairs", "--trading-mode", "futures", "--print-list"), "not listed")

    def download() -> None:
        ran("download-data", "--timeframes", "1m", "1h", "--days", "2", "--pairs", *PAIRS)
        files = {file.name for file in (work / "data").rglob("*.feather")}
        for kind in ("1m-futures", "1h-futures", "1h-mark", "funding_rate"):
            require(any(kind in name for name in files), f"no {kind} among {sorted(files)}")

    def backtest() -> None:
        words = ("--timeframe", "1m", "--pairs", PAIRS[0], "--cache", "none", "--export", "none")
        shown = ran("backtesting", "--strategy", "InAndOut", *words)
        trades = re.search(r"Total/Daily Avg Trades\D+(\d+)", shown)
        require(trades is not None and int(trades[1]) > 100, "fewer than a hundred trades in two days of minutes")

    for one in (list_markets, list_pairs, download, backtest):
        check(f"command {one.__name__}", one)


class Bot:
    """A running bot, and what it has said."""

    def __init__(self, work: Path, *, dry_run: bool) -> None:
        self.log = work / f"{'dry' if dry_run else 'live'}.log"
        program = str(Path(sys.executable).with_name("freqtrade"))
        words = ["trade", "--userdir", str(work), "-c", str(configuration(work, dry_run=dry_run))]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [program, *words, "--strategy", "InAndOut"], cwd=work, stdout=log, stderr=log
            )

    @property
    def said(self) -> str:
        """Its log so far."""
        return self.log.read_text(errors="replace")

    def alive_until(self, seen: Callable[[], Any]) -> Any:
        """Wait until something is seen, or the bot is gone, or the time is over."""
        deadline = time.monotonic() + BOT_S
        while time.monotonic() < deadline and self.process.poll() is None:
            if answer := seen():
                return answer
            time.sleep(0.5)
        return seen()

    def end(self) -> int:
        """Ask it to end as its user would, and wait. What it said becomes part of the suite's log."""
        sys.stderr.write(self.said)
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(END_S)


def told_by(bot: Bot, name: str, seen: Callable[[], Any]) -> Any:
    """One check of a running bot, with the last error it logged as the reason."""
    answer = bot.alive_until(seen)
    if answer:
        passed(name)
    else:
        errors = re.findall(r"(?:ERROR|WARNING) - (.*)", bot.said)
        failed(name, errors[-1] if errors else "it was not seen in time")
    return answer


def dry(work: Path) -> None:
    """A dry run: the loop turns, and it enters and exits on its own paper."""
    bot = Bot(work, dry_run=True)
    try:
        told_by(bot, "dry: state RUNNING", lambda: "state='RUNNING'" in bot.said)
        told_by(bot, "dry: an entry is filled", lambda: re.search(r"LIMIT_BUY|MARKET_BUY|has been fulfilled", bot.said))
        told_by(bot, "dry: an exit is filled", lambda: re.search(r"Exit.*held long enough|exit_fill", bot.said))
        tell_errors("dry", bot)
    finally:
        bot.end()


def live(work: Path) -> None:
    """A live run, judged by the exchange."""
    bot = Bot(work, dry_run=False)
    try:
        told_by(bot, "live: state RUNNING", lambda: "state='RUNNING'" in bot.said)
        entry = told_by(bot, "live: the exchange filled an entry", lambda: filled("BUY", "SELL")[0])
        told_by(bot, "live: a stop rests on the algo endpoint", lambda: stops("NEW"))
        told_by(bot, "live: the exchange filled an exit", lambda: filled("BUY", "SELL")[1])
        told_by(bot, "live: the stop of the closed trade is gone", lambda: stops("CANCELED", "EXPIRED"))
        if entry:
            check("live: entry with the leverage and margin the strategy asked for", as_asked)
        tell_errors("live", bot)
    finally:
        bot.end()


def filled(*sides: str) -> list[list[dict[str, Any]]]:
    """Filled orders, by side."""
    orders = [order for pair in ("BTCUSDT", "ETHUSDT") for order in signed("/fapi/v1/allOrders", symbol=pair)]
    done = [order for order in orders if order["status"] == "FILLED"]
    return [[order for order in done if order["side"] == side] for side in sides]


def stops(*statuses: str) -> list[dict[str, Any]]:
    """Conditional orders the account ever had, in one of these states."""
    orders = [order for pair in ("BTCUSDT", "ETHUSDT") for order in signed("/fapi/v1/allAlgoOrders", symbol=pair)]
    return [order for order in orders if order["algoStatus"] in statuses and order["orderType"].startswith("STOP")]


def as_asked() -> None:
    """Isolated, three times."""
    symbol = filled("BUY")[0][0]["symbol"]
    row = signed("/fapi/v1/symbolConfig", symbol=symbol)[0]
    require((row["marginType"], int(row["leverage"])) == ("ISOLATED", 3), f"{row}")


def tell_errors(mode: str, bot: Bot) -> None:
    """The bot logged no error, and nothing it had to try again."""
    wrong = re.findall(r"(?:ERROR|Traceback|retrying).*", bot.said)
    if wrong:
        failed(f"{mode}: no error in its log", wrong[0])
    else:
        passed(f"{mode}: no error in its log")


def signed(path: str, **words: Any) -> Any:
    """Ask the exchange with nothing but the standard library."""
    told = invitation()
    query = urllib.parse.urlencode({**words, "timestamp": int(time.time() * 1000)})
    signature = hmac.new(told.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
    request = urllib.request.Request(
        f"{told.url}{path}?{query}&signature={signature}", headers={"X-MBX-APIKEY": told.key}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main()
