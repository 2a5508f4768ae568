"""The client library underneath is loaded late, safe between threads, and leaves nothing behind in its caller."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from desk.venues.binance import BinanceGateway, open_gateway
from tests.unit.desk.venues.binance.scripted_venue import Reply, Request, ScriptedVenue
from tests.unit.desk.venues.binance.test_gateway_orders import order_json

HEAVY = "{'binance', 'requests', 'aiohttp', 'httpx', 'pandas', 'numpy', 'crewai'}"


def test_importing_the_gateway_loads_no_client_library() -> None:
    code = f"import sys, desk.venues.binance; sys.exit(', '.join({HEAVY} & set(sys.modules)) or None)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_opening_a_gateway_loads_no_async_half_and_hides_nothing_of_the_library() -> None:
    code = """
import sys
from desk.venues.binance import open_gateway
open_gateway("http://127.0.0.1:9", "key", "secret").close()
assert not {"aiohttp", "binance.async_client"} & set(sys.modules), "too much is loaded"
import binance
import binance.exceptions
from binance import AsyncClient, Client, exceptions
assert binance.Client is binance.client.Client is Client and issubclass(AsyncClient, binance.base_client.BaseClient)
assert exceptions is binance.exceptions and binance.__version__
assert not hasattr(binance, "no_such_name")
"""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_each_thread_gets_the_answer_to_its_own_question(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    def echo(request: Request) -> Reply:
        return Reply(order_json(clientOrderId=request.params["origClientOrderId"], avgPrice="1"))

    venue.answers("GET /fapi/v1/order", echo)
    names = [f"order-{number}" for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda name: gateway.find("BTCUSDT", name), names))
    assert [order.client_id for order in found if order is not None] == names


def test_opening_a_gateway_leaves_the_callers_event_loop_alone(venue: ScriptedVenue) -> None:
    async def scene() -> None:
        loop = asyncio.get_running_loop()
        open_gateway(venue.url, "key", "secret").close()
        assert asyncio.get_running_loop() is loop

    asyncio.run(scene())
