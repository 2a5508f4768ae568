"""ccxt's three clients behind one way of asking, and what its checks say of figures."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from told import failed, passed, require, said

BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"
MINUTE_MS = 60_000
HEARD_WITHIN_S = 15.0


class Client:
    """Either client behind one way of asking: an answer that must be awaited is awaited."""

    def __init__(self, exchange: Any, label: str) -> None:
        self.exchange, self.label = exchange, label

    async def ask(self, method: str, *words: Any) -> Any:
        """Call one unified method."""
        answer = getattr(self.exchange, method)(*words)
        return await answer if inspect.isawaitable(answer) else answer

    async def check(self, name: str, attempt: Callable[[], Awaitable[None]]) -> None:
        """One check."""
        try:
            await attempt()
        except TimeoutError:
            failed(f"{self.label} {name}", f"nothing was heard within {HEARD_WITHIN_S:.0f} s")
        except Exception as error:
            failed(f"{self.label} {name}", said(error))
        else:
            passed(f"{self.label} {name}")


async def low(client: Client, share: float) -> float:
    """A share of the last price, on the tick."""
    return float(client.exchange.price_to_precision(BTC, (await client.ask("fetch_ticker", BTC))["last"] * share))


def near(one: float, other: float, share: float, *, least: float = 1e-9) -> None:
    """Fail unless the two are within a share of the larger, or within `least`."""
    require(abs(one - other) <= max(share * max(abs(one), abs(other)), least), f"{one} is not {other}")
