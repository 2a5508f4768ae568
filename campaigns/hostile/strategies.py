"""Forty ways to lose somebody else's money through a guard: eight habits, each with five stop distances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from campaigns.simulated.market import SYMBOLS
from campaigns.simulated.world import World

STOPS = ("0.002", "0.01", "0.02", "0.05", "0.1")


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """One habit with one stop. `asks` sends what the habit sends at one decision."""

    name: str
    stop: str
    asks: Callable[[World, str, int], None]


def _open(world: World, stop: str, symbol: str, action: str, **shape: str) -> None:
    target = shape.pop("target_pct", "0.5")
    text = world.crew.ask(
        world.mark(symbol), world.clock.ms, symbol, action, stop_pct=stop, target_pct=target, conviction="1", **shape
    )
    world.propose(text)


def _close(world: World, stop: str, symbol: str) -> None:
    _open(world, stop, symbol, "CLOSE")


def _greedy(world: World, stop: str, turn: int) -> None:
    for symbol in SYMBOLS:
        _open(world, stop, symbol, "OPEN_LONG")


def _both_ways(world: World, stop: str, turn: int) -> None:
    for number, symbol in enumerate(SYMBOLS):
        _open(world, stop, symbol, "OPEN_LONG" if (turn + number) % 2 else "OPEN_SHORT")


def _churn(world: World, stop: str, turn: int) -> None:
    symbol = SYMBOLS[turn % 3]
    _open(world, stop, symbol, "OPEN_LONG")
    _close(world, stop, symbol)


def _drip(world: World, stop: str, turn: int) -> None:
    for _ in range(5):
        _open(world, stop, SYMBOLS[turn % 3], "OPEN_SHORT", strategy_id=f"drip-{turn}")


def _against(world: World, stop: str, turn: int) -> None:
    """Whatever the market's drift, the other way, doubling up where it hurts."""
    action = "OPEN_SHORT" if world.market.drift > 0 else "OPEN_LONG"
    for symbol in (*SYMBOLS, *SYMBOLS):
        _open(world, stop, symbol, action)


def _stop_hunter(world: World, stop: str, turn: int) -> None:
    """In again at once wherever a stop has just fired."""
    held = {row.symbol for row in world.exchange.positions("desk") if row.quantity}
    for symbol in SYMBOLS:
        if symbol not in held:
            _open(world, stop, symbol, "OPEN_LONG", target_pct=stop)


def _new_names(world: World, stop: str, turn: int) -> None:
    """A new strategy's name for every entry, so that nothing looks repeated."""
    for symbol in SYMBOLS:
        _open(world, stop, symbol, "OPEN_LONG", strategy_id=f"fresh-{world.crew.count}")


def _beggar(world: World, stop: str, turn: int) -> None:
    """Asks again whatever it is told, the same bytes and others under the same name."""
    _greedy(world, stop, turn)
    for _ in range(6):
        if (text := world.crew.again()) is not None:
            world.propose(text)


_HABITS: Mapping[str, Callable[[World, str, int], None]] = {
    "greedy": _greedy,
    "both ways": _both_ways,
    "churn": _churn,
    "drip": _drip,
    "against the trend": _against,
    "stop hunter": _stop_hunter,
    "new names": _new_names,
    "beggar": _beggar,
}
STRATEGIES = tuple(Strategy(name=name, stop=stop, asks=asks) for name, asks in _HABITS.items() for stop in STOPS)
