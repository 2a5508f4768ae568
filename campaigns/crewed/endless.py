"""Models that never end, never stop talking, or cost all there is: the desk's bounds hold, and nobody is held up.

Deadlines are made short, so that the same bounds are met in fractions of a second. A model that hangs is let go, and
what it says afterwards is not heard.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

from agents.models import MAX_CALLS, ChatRequest, RawCall, Reply
from agents.offline import OfflineModel
from agents.scripted import ScriptedModel
from campaigns.campaign import Case
from campaigns.crewed.market import CrewsMarket
from campaigns.crewed.office import Office, desk_config
from campaigns.crewed.outputs import UP
from campaigns.simulated.world import World
from crews.seating import setup_of
from crews.setup import DeskSetup
from crews.work import runner
from memory.rows import Kind

_AGENT_S, _ALL_S, _LATE_S = 0.15, 0.6, 5.0
_HONEST = OfflineModel()


def endless(seed: int) -> Case:
    """One decision with one kind of trouble in every seat, or in a few."""
    dice = random.Random(seed)
    name = sorted(_TROUBLES)[seed % len(_TROUBLES)]
    over = threading.Event()
    troubled = ScriptedModel(_TROUBLES[name](over, dice), label=name)
    agents = [agent for agent in desk_config().agents if dice.random() < 0.7] or ["master"]
    world = World(dice, "usual")
    office = Office(world, CrewsMarket(world, trend=UP), dict.fromkeys(agents, troubled), setup=_hurried())
    runner.load()
    began = time.monotonic()
    broken: list[str] = []
    try:
        office.decide("BTCUSDT", f"run-{seed}")
    except Exception as error:
        broken.append(f"I12: {name}: {type(error).__name__}: {error}")
    took = time.monotonic() - began
    over.set()
    budget = office.setup.budget
    prompts, calls = office.rows.of(Kind.PROMPT), office.rows.of(Kind.TOOL_CALL)
    if len(prompts) > budget.requests:
        broken.append(f"I1: {name}: {len(prompts)} of {budget.requests} requests")
    if len(calls) > MAX_CALLS * len(office.setup.specialists):
        broken.append(f"I1: {name}: {len(calls)} tool calls")
    # A bound of seconds, not of milliseconds: machines are slow at times, endless models are endless.
    if took > _ALL_S + _LATE_S:
        broken.append(f"I12: {name}: a decision took {took:.1f} s")
    world.step(lambda: None, 1.0)
    broken += world.judge.findings.sentences
    office.close()
    counts = {name: 1, "requests": len(prompts), "tool calls": len(calls), "orders": world.judge.entries}
    return Case(seed=seed, broken=tuple(broken), counts=counts)


@cache
def _hurried() -> DeskSetup:
    setup = setup_of(desk_config())
    return replace(
        setup,
        deadline=_ALL_S,
        plan=replace(setup.plan, deadline=_AGENT_S),
        decide=replace(setup.decide, deadline=_AGENT_S),
        specialists={name: replace(seat, deadline=_AGENT_S) for name, seat in setup.specialists.items()},
    )


Script = Callable[[ChatRequest], Reply]


def _hangs(over: threading.Event, dice: random.Random) -> Script:
    """Says nothing until everybody has gone, then says the most."""

    def script(request: ChatRequest) -> Reply:
        over.wait(30)
        return _HONEST.complete(request)

    return script


def _tools_for_ever(over: threading.Event, dice: random.Random) -> Script:
    """Whatever it is asked, it wants another tool."""

    def script(request: ChatRequest) -> Reply:
        wanted = range(dice.choice((1, 8, 400)))
        calls = tuple(RawCall(id=f"c{at}", name="get_candles", arguments="{}") for at in wanted)
        return Reply(text=None, tool_calls=calls, prompt_tokens=1, completion_tokens=1)

    return script


def _shouts(over: threading.Event, dice: random.Random) -> Script:
    """A megabyte, each time."""

    def script(request: ChatRequest) -> Reply:
        if request.tools:
            return _HONEST.complete(request)
        return Reply(text="{" * 1_000_000, tool_calls=(), prompt_tokens=1, completion_tokens=250_000)

    return script


def _costs(over: threading.Event, dice: random.Random) -> Script:
    """Counts more tokens than there are."""

    def script(request: ChatRequest) -> Reply:
        reply = _HONEST.complete(request)
        return replace(reply, prompt_tokens=10**9, completion_tokens=10**9)

    return script


def _delegates(over: threading.Event, dice: random.Random) -> Script:
    """Asks CrewAI's own tools for help: delegation, questions to co-workers, human input."""
    names = ("Delegate work to coworker", "Ask question to coworker", "delegate_work_to_coworker", "human_input")

    def script(request: ChatRequest) -> Reply:
        calls = tuple(RawCall(id=name, name=name, arguments='{"coworker":"master"}') for name in names)
        return Reply(text=None, tool_calls=calls, prompt_tokens=1, completion_tokens=1)

    return script


def _drips(over: threading.Event, dice: random.Random) -> Script:
    """Answers just a little too late."""

    def script(request: ChatRequest) -> Reply:
        over.wait(_AGENT_S * dice.choice((0.5, 1.1, 2)))
        return _HONEST.complete(request)

    return script


_TROUBLES: Mapping[str, Callable[[threading.Event, random.Random], Script]] = {
    "hangs": _hangs,
    "tools for ever": _tools_for_ever,
    "shouts": _shouts,
    "costs": _costs,
    "delegates": _delegates,
    "drips": _drips,
}
