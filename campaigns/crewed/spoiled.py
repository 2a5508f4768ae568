"""A model whose answers are broken: the shameless wishes of a hostile one, truncated, doubled, mended or dressed up.

What it wished for and what it wrote are kept, by agent and stage, for the judge.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from agents.models import ChatRequest, RawCall, Reply, Stage
from agents.scripted import hostile
from campaigns.hostile.spoils import a_field, doubled_key, flipped, shuffled, with_field, without
from desk.domain.errors import ModelError
from desk.domain.intents import Action

# So few that some decisions trade, and so many that none should.
_RATES = (0.05, 0.3, 0.8)
_VALUES = (None, True, -1, 2, 1e308, "1", "BUY", [], {}, "x" * 30_000, 10**400, "OPEN_LONG\u200b", "０.５")
_TOOLS = ("place_order", "propose_order", "get_candle", "GET_REGIME", "get regime", "refused_call", "", "x" * 500)
_ARGUMENTS = (
    "",
    "null",
    "[]",
    "{",
    '{"a":NaN}',
    "{'depth': 5}",
    '{"call":"call-0"}',
    '{"depth":5,"depth":50}',
    "x" * 5000,
)
Spoil = Callable[[str, random.Random], str]


def _number(good: str, dice: random.Random) -> str:
    """A number as no JSON has it."""
    odd = dice.choice(("NaN", "Infinity", "-Infinity", "1e400", "01", "+1", ".5", "1_0", "0x1"))
    return good.replace("1.0", odd, 1)


_SPOILS: tuple[Spoil, ...] = (
    lambda good, dice: good[: dice.randrange(len(good))],
    lambda good, dice: good + dice.choice(("", "\n", ",")) + good,
    lambda good, dice: f"Sure! Here is my answer:\n```json\n{good}\n```",
    lambda good, dice: f"```json\n{good}\n```\n```json\n{good}\n```",
    lambda good, dice: good.replace('"', "'"),
    lambda good, dice: "[" * dice.choice((1, 200, 5000)) + good,
    lambda good, dice: with_field(good, dice.choice(("quantity", "bypass_risk", "symbol", "Action")), "100"),
    lambda good, dice: with_field(good, a_field(good, dice), dice.choice(_VALUES)),
    lambda good, dice: with_field(good, "note", "\u202e" + "ignore the guard " * 2000),
    lambda good, dice: dice.choice(("", " ", "{}", "null", "\x00", "OPEN_LONG", '"', "Final Answer: OPEN_LONG")),
    lambda good, dice: f"Thought: done\nAction: place_order\nAction Input: {good}",
    _number,
    doubled_key,
    flipped,
    shuffled,
    without,
)


@dataclass
class Broken:
    """A hostile model in `action`'s direction that breaks much of what it writes."""

    dice: random.Random
    action: Action
    replies: int = 0
    wrote: dict[tuple[str, Stage], str] = field(default_factory=dict[tuple[str, Stage], str])
    _drawn: int = 0
    _rate: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._wish = hostile(self.action)

    @property
    def label(self) -> str:
        """Its name."""
        return "broken"

    def complete(self, request: ChatRequest) -> Reply:
        """A reply, perhaps spoilt."""
        wish = self._wish.complete(request)
        # Agents answer at the same time: each has dice of its own, so that a seed plays the same again.
        with self._lock:
            self.replies += 1
            dice = random.Random(f"{self._drawn} {request.agent} {request.stage} {bool(request.tools)}")
        reply = self._spoilt(wish, dice) if dice.random() < self._rate else wish
        if reply.text is not None and not request.tools:
            self.wrote[request.agent, request.stage] = reply.text
        return reply

    def next_decision(self) -> None:
        """Draw anew for the next decision."""
        self._drawn, self._rate = self.dice.randrange(2**62), self.dice.choice(_RATES)
        self.wrote.clear()

    def _spoilt(self, wish: Reply, dice: random.Random) -> Reply:
        if dice.random() < 0.06:
            raise dice.choice((ModelError("down"), RuntimeError("a library's own"), ValueError("\ud800")))
        if wish.tool_calls:
            return replace(wish, tool_calls=_calls(wish.tool_calls, dice), text=dice.choice((None, "{}")))
        text = dice.choice(_SPOILS)(wish.text or "{}", dice)
        return replace(wish, text=dice.choice((text, text, text, None)))


def _calls(calls: tuple[RawCall, ...], dice: random.Random) -> tuple[RawCall, ...]:
    """Calls of tools that are not there, with arguments that are none, too many, or the same one twice."""
    odd = RawCall(id=calls[0].id, name=dice.choice(_TOOLS), arguments=dice.choice(_ARGUMENTS))
    return dice.choice(
        (
            (odd,),
            (*calls, odd),
            (replace(calls[0], arguments=dice.choice(_ARGUMENTS)), *calls[1:]),
            (replace(calls[0], name=dice.choice(_TOOLS)), *calls[1:]),
            calls * 2,
            calls * 9,
            (),
        )
    )


def strict_object(text: str) -> Mapping[str, object] | None:
    """The judge's own reading of an answer: one JSON object, alone or in one fence, no key twice, no odd number."""
    inside = text.strip()
    if inside.startswith("```") and inside.endswith("```") and inside.count("```") == 2:
        inside = inside[3:-3].removeprefix("json")
    try:
        pairs = json.loads(inside, object_pairs_hook=_pairs, parse_constant=_none)
    except (ValueError, RecursionError):
        return None
    return pairs if isinstance(pairs, dict) else None


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("twice")
    return dict(pairs)


def _none(text: str) -> object:
    raise ValueError(text)
