"""Scenes of the way in: what is not on the list, what was asked before, and what outlives the guard that sent it."""

from __future__ import annotations

from campaigns.alone.way import Scene
from campaigns.simulated.bounds import LIMITS
from campaigns.simulated.market import SYMBOLS
from campaigns.simulated.world import ACCOUNT
from desk.domain.intents import Outcome
from desk.guard.inprocess import guard_in_process


def a_symbol_not_on_the_list(world: Scene) -> None:
    """The exchange lists it, its filters are known, its mark is fresh: only the desk's own list says no."""
    barred = world.dice.choice(SYMBOLS)
    world.guard = guard_in_process(
        world.network,
        filters=world.filters,
        symbols=frozenset(SYMBOLS) - {barred},
        limits=LIMITS[world.limits],
        clock=world.clock,
        journal=world.record,
        tell=lambda level, message: None,
    )
    world.looks(1.0)
    answer = world.hand_in(world.ask(barred, "OPEN_LONG"))
    world.expects(answer.verdict.outcome is Outcome.REFUSED, "I1", f"{barred} is not on the list, and was let through")
    rule = answer.verdict.rule
    world.expects(rule == "symbol.not_allowed", "I12", f"{barred} is not on the list, and was refused for {rule}")
    world.expects(not world.exchange.trades(ACCOUNT), "I1", f"{barred} is not on the list, and was traded")
    world.start()


def the_same_bytes_again(world: Scene) -> None:
    """Asked twice, it is answered twice and done once, whatever the desk would say to it now."""
    symbol = world.dice.choice(SYMBOLS)
    text = world.ask(symbol, "OPEN_SHORT")
    first = world.hand_in(text).verdict
    world.expects(world.held(symbol) < 0, "I12", f"{symbol} could not be opened")
    world.expects(world.hand_in(text).verdict == first, "I3", "the same bytes had two answers")
    world.step(lambda: world.propose(world.ask(symbol, "CLOSE")), 1.0)
    world.looks(2.0)
    world.expects(world.held(symbol) == 0, "I9", f"{symbol} could not be closed")
    world.expects(world.hand_in(text).verdict == first, "I3", "the same bytes had another answer after the close")
    world.expects(world.held(symbol) == 0, "I3", "the same bytes opened twice")


def an_entry_that_outlives_its_guard(world: Scene) -> None:
    """It is under way when the guard dies, and fills when the next one has looked already: it is the desk's own."""
    symbol = world.dice.choice(SYMBOLS)
    world.way.fatal = world.dice.randint(1_000, 4_000)
    world.step(lambda: world.propose(world.ask(symbol, "OPEN_LONG")), 0.25)
    world.looks(6.5)
    world.expects(world.held(symbol) > 0, "I12", f"{symbol} never filled")
    world.expects(len(world.stops(symbol)) == 1, "I7", f"{symbol} filled after its guard died, and has no stop")
