"""One soak: cycles at a failing exchange, then peace, then the two sides held against each other."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass

from benchmarks.venue_soak.hosts import DEPOSIT, Host
from benchmarks.venue_soak.ledger import Ledger
from benchmarks.venue_soak.trader import Trader
from benchmarks.venue_soak.verdict import LastLook, differences
from desk.venues.binance import BinanceGateway, open_gateway

# Longer than any honest answer here takes, and short enough to wait for a few hundred times.
PATIENCE_S = 0.6
_SETTLE_MS = 60_000


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a run met and how it ended; `differences` is empty where the two sides agree."""

    cycles: int
    seed: int
    seconds: float
    faults: Mapping[str, int]
    kinds: Mapping[str, int]
    doubts: Mapping[str, int]
    outcomes: Mapping[str, int]
    words: Mapping[str, int]
    fills: int
    funding: int
    heard: Mapping[str, int]
    stream: Mapping[str, object]
    differences: tuple[str, ...]

    @property
    def agreed(self) -> bool:
        """Whether the two sides agree on everything."""
        return not self.differences


def soak(
    host: Host,
    cycles: int,
    seed: int,
    trader_class: type[Trader] = Trader,
    *,
    patience: float = PATIENCE_S,
    tell: Callable[[int], None] = lambda cycle: None,
) -> Report:
    """Run `cycles` and judge. `patience` (s) is how long a request waits; `tell` is told each cycle's number."""
    began = time.monotonic()
    ledger = Ledger(wallet=DEPOSIT)
    gateway = open_gateway(host.url, host.key, host.secret, timeout=patience)
    stream = gateway.user_stream(lambda *, lists: None)
    stream.start()
    try:
        trader = trader_class(gateway, ledger, host, gateway.rules(), seed=seed)
        for symbol in trader.symbols:
            trader.prepare(symbol)
        for cycle in range(1, cycles + 1):
            trader.cycle(cycle)
            tell(cycle)
        struck = host.admin.faults()
        last = _peace(host, trader, gateway)
    finally:
        stream.close()
        gateway.close()
    heard = stream.heard_fills.count()
    found = differences(ledger, host.end(), last, heard)
    known = [*ledger.orders.values(), *ledger.stops.values()]
    return Report(
        cycles=cycles,
        seed=seed,
        seconds=round(time.monotonic() - began, 1),
        faults={name: count for name, count in struck["struck"].items() if count},
        kinds=struck["kinds"],
        doubts=dict(ledger.doubts),
        outcomes={str(word): count for word, count in ledger.outcomes.items()},
        words=_count(str(one.word) for one in known),
        fills=len(ledger.fills),
        funding=len(ledger.funding),
        heard=asdict(heard),
        stream=stream.report().as_json(),
        differences=tuple(found),
    )


def _peace(host: Host, trader: Trader, gateway: BinanceGateway) -> LastLook:
    """Nothing fails any more: what was under way arrives or lapses, everything is asked, and looked at once more."""
    host.admin.end_faults()
    host.advance(_SETTLE_MS)
    trader.settle()
    return gateway.account(), gateway.open_orders(), gateway.open_stops()


def _count(words: Iterable[str]) -> Mapping[str, int]:
    return dict(Counter(words))
