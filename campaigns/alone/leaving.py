"""Scenes of the way out: an exit that got lost, an order that stays behind, a stop whose fill is not told."""

from __future__ import annotations

from decimal import Decimal

from campaigns.alone.way import Scene
from campaigns.simulated.market import SYMBOLS
from campaigns.simulated.world import ACCOUNT
from desk.domain.orders import OrderRequest, Side, StopRequest
from desk.venues.paper.engine.values import NewOrder, OrderKind, TimeInForce


def an_exit_that_never_arrived(world: Scene) -> None:
    """Nobody knows of it and nobody can be asked: reduce-only, it goes out once more."""
    symbol = world.dice.choice(SYMBOLS)
    world.open(symbol)
    world.way.lost, world.way.unread = _an_exit, frozenset({"find"})
    world.hand_in(world.ask(symbol, "CLOSE"))
    world.way.lost = None
    world.looks(4.0)
    world.expects(world.held(symbol) == 0, "I9", f"the exit of {symbol} got lost, and none followed")
    world.way.unread = frozenset()


def an_order_that_stays_behind(world: Scene) -> None:
    """Nothing is held, one order cannot be cancelled yet: the desk is not locked before it is gone."""
    symbol = world.dice.choice(SYMBOLS)
    far = (Decimal(world.mark(symbol)) * Decimal("0.9")).quantize(Decimal(1))
    size = {"BTCUSDT": "0.01", "ETHUSDT": "0.1", "SOLUSDT": "2"}[symbol]
    order = NewOrder(
        symbol=symbol,
        side=Side.BUY,
        type=OrderKind.LIMIT,
        quantity=Decimal(size),
        price=far,
        time_in_force=TimeInForce.GTC,
    )
    world.exchange.place_order(ACCOUNT, order)
    world.way.uncancelled = True
    world.guard.halt("a scene")
    world.looks(3.0)
    world.way.uncancelled = False
    world.looks(3.0)
    world.expects(not world.exchange.open_orders(ACCOUNT), "I9", "the desk was locked, and an order stayed behind")


def a_fill_that_is_not_told(world: Scene) -> None:
    """The stop closed the position, and the market falls on: what is not held any more cannot lose the day."""
    symbol = world.dice.choice(SYMBOLS)
    world.open(symbol)
    sign = -1 if world.held(symbol) > 0 else 1
    world.way.unread = frozenset({"fills", "income"})
    world.step(lambda: world.market.jump(symbol, sign * 0.0203), 0.25)
    world.expects(world.held(symbol) == 0, "I12", f"the stop of {symbol} did not fire")
    world.step(lambda: world.market.jump(symbol, sign * 0.03), 0.25)
    world.way.unread = frozenset()
    world.looks(3.0)
    latch = world.guard.state.latch
    world.expects(latch is None, "I12", f"{latch and latch.reason}: tripped by a position that was closed")


def _an_exit(request: OrderRequest | StopRequest) -> bool:
    return isinstance(request, OrderRequest) and request.reduce_only
