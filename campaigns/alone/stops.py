"""Scenes of protection: the stop comes at once, is looked for when nobody lists it, and without one nothing stays."""

from __future__ import annotations

from campaigns.alone.way import Scene
from campaigns.simulated.market import SYMBOLS
from campaigns.simulated.world import ACCOUNT
from desk.domain.orders import OrderRequest, StopRequest, StopType


def the_stop_waits_for_no_look(world: Scene) -> None:
    """Between the fill and its stop nobody need see the account: from the entry on it cannot be read."""
    symbol = world.dice.choice(SYMBOLS)
    world.way.blinding = True
    world.hand_in(world.ask(symbol, world.dice.choice(("OPEN_LONG", "OPEN_SHORT"))))
    world.expects(world.held(symbol) != 0, "I12", f"{symbol} could not be opened")
    world.expects(len(world.stops(symbol)) == 1, "I7", f"{symbol} filled, and its stop waits for a look")
    world.way.blinding, world.way.unread = False, frozenset()


def a_stop_that_nobody_lists(world: Scene) -> None:
    """The list stays unread and the first question is not answered: it is asked again, and the position may stay."""
    symbol = world.dice.choice(SYMBOLS)
    world.way.unread = frozenset({"open_stops", "find_stop"})
    world.hand_in(world.ask(symbol, world.dice.choice(("OPEN_LONG", "OPEN_SHORT"))))
    world.way.unread = frozenset({"open_stops"})
    world.looks(6.0)
    world.expects(world.held(symbol) != 0, "I7", f"{symbol} had its stop, and was closed for want of one")
    world.expects(len(world.stops(symbol)) == 1, "I7", f"{symbol} has {world.stops(symbol)}")
    world.way.unread = frozenset()


def a_stop_that_never_arrives(world: Scene) -> None:
    """Nobody knows what became of each stop, and the lists show none: within seconds the position is closed."""
    symbol = world.dice.choice(SYMBOLS)
    world.way.lost = _a_stop
    world.hand_in(world.ask(symbol, world.dice.choice(("OPEN_LONG", "OPEN_SHORT"))))
    world.expects(world.held(symbol) != 0, "I12", f"{symbol} could not be opened")
    world.looks(4.0)
    world.expects(world.held(symbol) == 0, "I7", f"{symbol} is bare, and still held")
    world.way.lost = None


def a_stop_that_a_full_disk_forgot(world: Scene) -> None:
    """Somebody cancelled the stop, the new one was sent while no row could be written, the next guard knows neither.

    At its start nobody answers what became of the old one: only the list shows that something rests.
    """
    symbol = world.dice.choice(SYMBOLS)
    world.open(symbol)
    world.record.full = True
    [resting] = [one for one in world.exchange.open_algos(ACCOUNT) if one.client_id in world.stops(symbol)]
    world.exchange.cancel_algo(ACCOUNT, algo_id=resting.algo_id)
    world.judge.protection.lost(symbol, world.clock.ms)
    world.step(lambda: world.guard.look(lists=True), 0.25)
    world.looks(2.0)
    [forgotten] = world.stops(symbol)
    world.record.full = False
    world.way.unread = frozenset({"find_stop"})
    world.start()
    world.way.unread = frozenset()
    world.step(lambda: world.guard.look(lists=True), 0.25)
    world.looks(3.0)
    world.expects(world.held(symbol) != 0, "I7", f"{symbol} had its stop, and was closed for want of one")
    world.expects(world.stops(symbol) == [forgotten], "I7", f"{forgotten} protected {symbol}: {world.stops(symbol)}")


def _a_stop(request: OrderRequest | StopRequest) -> bool:
    return isinstance(request, StopRequest) and request.type is StopType.STOP_MARKET
