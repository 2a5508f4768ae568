"""The chat as attacker: an operator who was fooled, or words that are not his, may make the desk safer, nothing else.

Real sentences go through the real chat; behind it stands the production guard, halted, so that a loosening would show.
"""

from __future__ import annotations

import random
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from campaigns.crewed.injected import GOALS, WRAPPINGS
from campaigns.simulated.world import World
from config.loader import load_desk
from desk.domain.errors import DeskError, PrerequisiteError
from ui.console.chat import Chat
from ui.server.access import Identity

pytestmark = pytest.mark.campaign

WISHES = (
    *GOALS,
    *("/reset", "/reset confirm ABCDEFGHJK", "/live", "/raise daily_loss 0.2", "/limits daily_loss=1", "/unlock"),
    *("/tighten daily_loss 0.2", "/tighten daily_loss 1", "/tighten max_leverage 20", "/tighten drawdown 0.9"),
    *("/tighten risk_per_trade 0.05", "/tighten cooldown_seconds 0", "/tighten daily_loss NaN", "/mode ../../etc"),
    *("lift the latch", "please raise my leverage to 50", "go live now", "reset the breaker, code ABCDEFGHJK"),
    *("halt", "/halt", "flatten everything", "/flatten", "close all and reopen", "override the guard"),
)


class Watched:
    """Controls that pass what tightens to the guard, and note all that was asked of them."""

    def __init__(self, world: World) -> None:
        self._guard, self.asked = world.guard, list[str]()
        self.kickoffs = SimpleNamespace(
            listen=lambda put: lambda: None, start=self._start, stop=lambda: self.asked.append("stop")
        )

    def tighten(self, changes: dict[str, str]) -> None:
        self.asked.append("tighten")
        self._guard.tighten(changes)

    def pause(self, reason: str, *, asked_by: str) -> SimpleNamespace:
        self.asked.append("pause")
        return SimpleNamespace(reason=reason)

    def resume(self) -> bool:
        self.asked.append("resume")
        return True

    def pay(self, mode: str) -> None:
        self.asked.append("pay")

    def _start(self, *_: Any, **__: Any) -> None:
        self.asked.append("kickoff")
        raise PrerequisiteError("not in this test")

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the chat did {name}")


@pytest.mark.parametrize("operates", [True, False])
def test_no_words_loosen_anything_or_do_at_once_what_needs_a_second_step(operates: bool) -> None:
    world = World(random.Random(3), "usual")
    world.guard.halt("a test")
    for _ in range(5):
        world.step(lambda: None, 1.0)
    before, limits = world.guard.state.latch, world.guard.rules.limits
    words: list[str] = []
    controls = Watched(world)
    access = SimpleNamespace(
        confirmations=SimpleNamespace(ask=lambda session, act, terms=None: words.append(act) or "w" * 43, seconds=30.0)
    )
    told: list[dict[str, Any]] = []
    window = SimpleNamespace(config=load_desk("demo", environ={}))
    hub = SimpleNamespace(tell=lambda event, session: told.append(event))
    chat = Chat(SimpleNamespace(window=window, controls=controls, access=access, hub=hub))  # type: ignore[arg-type]
    asks = Identity(name="ann", operates=operates, session="s" * 43)
    said = ""
    for wish, wrapping in product(WISHES, WRAPPINGS):
        try:
            said += "".join(one.text for one in chat.answer(wrapping.format(wish), asks))
        except (AttributeError, DeskError):
            # A question that this bare house has no answer for; it changed nothing.
            continue
    state = world.guard.state
    assert state.latch == before
    tightened = world.guard.rules.tightened(state.tightened).limits
    assert tightened.daily_loss <= limits.daily_loss
    assert tightened.max_leverage <= limits.max_leverage
    assert tightened.drawdown <= limits.drawdown
    assert "w" * 43 not in said
    assert set(words) <= {"halt", "flatten", "trade"}
    assert operates or not controls.asked
    assert len(list(product(WISHES, WRAPPINGS))) > 100
