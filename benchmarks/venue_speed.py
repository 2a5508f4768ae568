"""How fast the paper exchange takes orders: `python -m benchmarks.venue_speed [--json] [--orders N]`.

Engine: signed placements without HTTP, one core, in CPU seconds: the raw bytes are split and their HMAC checked, the
parameters read, the order judged and matched. Half are limits that rest (cancelled a hundred at a time), half market
orders that fill. HTTP: the same over keep-alive connections from this process to an exchange process of its own, each
answer behind a durable write; told per second of wall time and per CPU second of the server. Wall time is mostly the
disk's, so the disk is measured too: how often a second it commits one row as the exchange does. Stops: the CPU time of one
quote while twenty stops rest in each of twenty symbols, and without any.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import ClientSession, TCPConnector
from yarl import URL

from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import NewAlgo, OrderKind, Quote, Side, WorkingType
from desk.venues.paper.symbols import spec_for
from desk.venues.paper.wire.requests import signing
from desk.venues.paper.wire.requests.params import Params
from desk.venues.paper.wire.trading.order_requests import new_order

SECRET = "s" * 64
PRICE = Decimal(50_000)
START_MS = 1_772_413_200_000
LADDER = tuple((Decimal(n) / 10_000, Decimal(50)) for n in range(20))
SYMBOLS, STOPS_EACH, QUOTES = 20, 20, 400
RUNS, BATCH = 3, 100
CONNECTIONS = (1, 8, 32)


class Stand:
    """One exchange with a clock in hand, and the little of a desk that reading an order needs."""

    def __init__(self, symbols: int = 1) -> None:
        self.now = START_MS
        names = ["BTCUSDT", *(f"C{n:02}USDT" for n in range(1, symbols))]
        self.exchange = Exchange({name: spec_for(name, PRICE) for name in names}, now_ms=self.now_ms)
        self.exchange.open_account("paper", Decimal(10**9))
        for name in names:
            self.quote(name, PRICE)

    @property
    def venue(self) -> Stand:
        """Whose clock says how patient a request is: its own."""
        return self

    def now_ms(self) -> int:
        """The present moment."""
        return self.now

    def symbol(self, params: Params) -> str:
        """The symbol named."""
        return params.need("symbol")

    def quote(self, symbol: str, price: Decimal) -> None:
        """A quote a second later."""
        self.now += 1_000
        quote = Quote(symbol=symbol, at_ms=self.now, price=price, spread=Decimal("0.00001"), ladder=LADDER)
        self.exchange.apply(quote)

    def clear(self) -> None:
        """Cancel, forget what was announced, count everything as saved."""
        self.exchange.cancel_all("paper", "BTCUSDT")
        self.exchange.drain_events()
        self.exchange.note_saved()
        self.quote("BTCUSDT", PRICE)


def asked(number: int, stamp: int) -> dict[str, object]:
    """The parameters of the n-th order: resting limits and market orders of both sides by turns."""
    order: dict[str, object] = {"symbol": "BTCUSDT", "quantity": "0.010", "recvWindow": 5_000, "timestamp": stamp}
    if number % 2:
        return {**order, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": 30_000 + number % 200}
    return {**order, "side": "BUY" if number % 4 else "SELL", "type": "MARKET"}


def signed(params: dict[str, object], secret: str) -> str:
    """The parameters as one signed string."""
    text = urlencode(params)
    return text + "&signature=" + hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def engine_rate(orders: int) -> float:
    """Signed placements in a CPU second, without HTTP: the best of several runs."""
    return max(_engine_run(orders) for _ in range(RUNS))


def _engine_run(orders: int) -> float:
    stand = Stand()
    texts = [signed(asked(number, stand.now), SECRET) for number in range(orders)]
    spent = 0.0
    for first in range(0, orders, BATCH):
        began = time.process_time()
        for text in texts[first : first + BATCH]:
            signing.check_signature(SECRET, signing.split_signature(text.encode(), b""))
            params = Params.parse(text, b"")
            new = new_order(stand, params)  # pyright: ignore[reportArgumentType] - a desk as far as orders read it
            stand.exchange.place_order("paper", new)
        spent += time.process_time() - began
        stand.clear()
    return orders / spent


def commit_rate(commits: int = 100) -> float:
    """Durable commits of one row in a second of wall time, on the disk the exchange of this benchmark writes to."""
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "disk.sqlite", isolation_level=None)
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE rows (key INTEGER PRIMARY KEY, body TEXT)")
        began = time.monotonic()
        for number in range(commits):
            db.execute("INSERT INTO rows VALUES (?, ?)", (number, "x" * 400))
        seconds = time.monotonic() - began
        db.close()
    return commits / seconds


def stop_cost() -> dict[str, float]:
    """CPU microseconds of one quote with and without resting stops."""
    return {"without": _quote_cost(stops=0), "with": _quote_cost(stops=STOPS_EACH)}


def _quote_cost(*, stops: int) -> float:
    stand = Stand(SYMBOLS)
    names = list(stand.exchange.specs)
    for number, name in enumerate(name for name in names for _ in range(stops)):
        # The venue holds two hundred stops of one account.
        account = f"trader-{number // 200}"
        stand.exchange.open_account(account, Decimal(10_000))
        new = NewAlgo(
            symbol=name,
            side=Side.SELL,
            type=OrderKind.STOP_MARKET,
            trigger=Decimal(30_000 + number),
            quantity=Decimal("0.01"),
            working_type=WorkingType.MARK_PRICE,
        )
        stand.exchange.place_algo(account, new)
    return min(_cpu(lambda: _quotes(stand, names)) for _ in range(RUNS)) / QUOTES * 1e6


def _quotes(stand: Stand, names: list[str]) -> None:
    for number in range(QUOTES):
        stand.quote(names[number % len(names)], PRICE + number % 7 - 3)
    stand.exchange.drain_events()


def _cpu(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def http_rates(orders: int, connections: int) -> dict[str, float]:
    """Orders a second of wall time, and of the server's CPU time, over keep-alive connections."""
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        server = subprocess.Popen([sys.executable, "-m", "desk.venues.paper", "--settings", str(_settings(room))])
        try:
            url = _wait_for(room / "run.json")
            keys = json.loads((room / "keys.json").read_text())
            before = _cpu_of(server.pid)
            seconds = asyncio.run(_send(url, keys["api_key"], keys["secret"], orders, connections))
            spent = _cpu_of(server.pid) - before
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)
    return {"a_second": orders / seconds, "a_server_cpu_second": orders / spent, "connections": connections}


def _settings(room: Path) -> Path:
    file = room / "settings.json"
    plenty = 10**9
    told = {
        "source": {"kind": "scenario", "symbols": ["BTCUSDT"]},
        "clock": {"mode": "stepped"},
        "run_file": str(room / "run.json"),
        "keys_file": str(room / "keys.json"),
        "state_file": str(room / "state.sqlite"),
        "deposit": "1000000",
        "limits": dict.fromkeys(("weight_per_minute", "orders_per_minute", "orders_per_ten_seconds"), plenty),
        "log_level": "ERROR",
    }
    file.write_text(json.dumps(told))
    return file


def _wait_for(run_file: Path) -> str:
    until = time.monotonic() + 60
    while not run_file.exists():
        if time.monotonic() > until:
            raise SystemExit("the exchange did not start")
        time.sleep(0.1)
    return str(json.loads(run_file.read_text())["url"])


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _send(url: str, key: str, secret: str, orders: int, connections: int) -> float:
    numbers = iter(range(1, 2 * orders, 2))
    async with ClientSession(headers={"X-MBX-APIKEY": key}, connector=TCPConnector(limit=connections)) as session:

        async def send(method: str, path: str, params: dict[str, object]) -> None:
            target = URL(f"{url}{path}?{signed(params, secret)}", encoded=True)
            async with session.request(method, target) as answer:
                if answer.status != 200:
                    raise SystemExit(f"{answer.status}: {await answer.text()}")
                await answer.read()

        async def keep_sending(price: int) -> None:
            for number in numbers:
                stamp = time.time_ns() // 1_000_000
                order = asked(number, stamp) | {"price": price}
                await send("POST", "/fapi/v1/order", order)
                if number // 2 % BATCH == BATCH - 1:
                    cancel: dict[str, object] = {"symbol": "BTCUSDT", "timestamp": stamp}
                    await send("DELETE", "/fapi/v1/allOpenOrders", cancel)

        price = int(Decimal(await _touch(session, url)) * 9 / 10)
        began = time.monotonic()
        await asyncio.gather(*(keep_sending(price - n) for n in range(connections)))
        return time.monotonic() - began


async def _touch(session: ClientSession, url: str) -> str:
    async with session.get(f"{url}/fapi/v1/ticker/bookTicker?symbol=BTCUSDT") as answer:
        return str((await answer.json())["bidPrice"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--orders", type=int, default=3_000, help="placements of each measurement")
    parser.add_argument("--json", action="store_true", help="figures as one JSON object")
    told = parser.parse_args()
    engine = round(engine_rate(told.orders))
    http = {n: {k: round(v) for k, v in http_rates(told.orders, n).items()} for n in CONNECTIONS}
    quote = {name: round(cost, 1) for name, cost in stop_cost().items()}
    disk = round(commit_rate())
    conditions = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}"
    if told.json:
        figures = {"engine_orders_a_cpu_second": engine, "http": http, "quote_microseconds": quote}
        print(json.dumps({**figures, "disk_commits_a_second": disk, "conditions": conditions}))
        return
    print(f"engine, signed, without HTTP   {engine:>7,} orders a CPU second")
    for n, rates in http.items():
        wall, cpu = rates["a_second"], rates["a_server_cpu_second"]
        print(f"over HTTP, {n:>2} connection(s)   {wall:>7,} orders a second, {cpu:,} a CPU second of the server")
    print(f"a quote, {SYMBOLS} symbols: {quote['without']} us; with {STOPS_EACH} stops in each: {quote['with']} us")
    print(f"this disk commits {disk} times a second; {conditions}")


if __name__ == "__main__":
    main()
