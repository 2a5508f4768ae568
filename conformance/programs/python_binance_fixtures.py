"""Fixtures of python-binance's own tests: its clients at the exchange's address; each test becomes a check."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from python_binance_clients import pointed
from told import failed, invitation, not_applicable, passed

# Names the tests import from their own conftest.
proxies: dict[str, str] = {}
proxy = None
api_key = api_secret = ""
testnet = False

OTHER_MARKETS = ("_coin_", "test_transfer_history")
MOCKED = ("_mock",)
EXCHANGE = invitation(os.environ["INVITATION"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Set aside what is not about this exchange."""
    for item in items:
        if any(part in item.name for part in MOCKED):
            item.add_marker(pytest.mark.skip(reason="is about a mocked server"))
        elif any(part in item.name for part in OTHER_MARKETS):
            item.add_marker(pytest.mark.skip(reason="is about COIN-M futures or a wallet, not USD-M futures"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Tell each test as a check."""
    name = report.nodeid.removeprefix("tests/").replace(".py::", " ")
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        not_applicable(name, reason.removeprefix("Skipped: "))
    elif report.failed:
        failed(name, report.longreprtext.strip().splitlines()[-1])
    elif report.when == "call":
        passed(name)


@pytest.fixture
def futuresClient() -> Iterator[Any]:  # noqa: N802 (the tests name it so)
    """The synchronous client."""
    from binance.client import Client

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    client = pointed(Client, EXCHANGE)(EXCHANGE.key, EXCHANGE.secret)
    yield client
    client.close_connection()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    asyncio.set_event_loop(None)
    loop.close()


@pytest_asyncio.fixture
async def futuresClientAsync() -> AsyncIterator[Any]:  # noqa: N802 (the tests name it so)
    """The asynchronous client."""
    from binance.async_client import AsyncClient

    client = await pointed(AsyncClient, EXCHANGE).create(EXCHANGE.key, EXCHANGE.secret)
    yield client
    await client.close_connection()
