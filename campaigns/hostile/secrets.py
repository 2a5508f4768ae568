"""Planted secrets, looked for wherever the desk writes: a venue, a model and a library repeat what they were given.

A case is one secret and one place where it must not stand. The places are journal, status, log lines, answers, errors
and their traces on the guard's side; audit log, decision record and errors on the crew's.
"""

from __future__ import annotations

import json
import logging
import random
import string
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agents.models import ChatRequest, Reply
from agents.scripted import ScriptedModel, hostile
from agents.veiled import VeiledModel
from campaigns.campaign import Case
from campaigns.crewed.market import CrewsMarket
from campaigns.crewed.office import Office, desk_config
from campaigns.crewed.outputs import UP
from campaigns.simulated.market import SYMBOLS
from campaigns.simulated.world import World
from campaigns.wired.world import WiredWorld
from config.leaks import secret_values
from desk.domain.errors import DeskError, ModelError
from desk.guard.process.logs import JsonLines
from desk.guard.secrets.veil import Veil
from desk.venues.paper.keys import Access, Keys
from memory.audit import AuditLog

_LETTERS = string.ascii_letters + string.digits


def secrets(seed: int) -> Case:
    """Four secrets in every place."""
    dice = random.Random(seed)
    key, secret = (_drawn(dice) for _ in range(2))
    planted = {"OPENAI_API_KEY": f"sk-{_drawn(dice)}", "CREWDESK_OPERATOR_TOKEN": _drawn(dice)}
    places = {**_of_the_guard(dice, key, secret), **_of_the_crew(dice, planted)}
    hidden = {"exchange key": key, "exchange secret": secret, **planted}
    found = [
        f"I12: the {name} stands in the {place}"
        for place, text in places.items()
        for name, value in hidden.items()
        if value in text
    ]
    empty = [f"I12: nothing was written to the {place}" for place, text in places.items() if not text.strip()]
    counts = {"characters searched": sum(map(len, places.values()))}
    return Case(seed=seed, cases=len(places) * len(hidden), broken=(*found, *empty), counts=counts)


def _drawn(dice: random.Random) -> str:
    return "".join(dice.choices(_LETTERS, k=64))


# ---- the guard's side: a venue that repeats key, secret and signature in all it says ----


def _of_the_guard(dice: random.Random, key: str, secret: str) -> Mapping[str, str]:
    words = f"Unknown request apiKey={key}&signature={_drawn(dice)} of {secret}, {json.dumps(key)}"
    rules = [
        {"kind": "code", "code": code, "message": words, "method": method, "path": "/fapi/*", "probability": 0.3}
        for code, method in ((-1000, "POST"), (-2019, "POST"), (-2015, "GET"), (-1001, "GET"), (-2011, "DELETE"))
    ]
    keys = Keys(accesses=(Access(api_key=key, secret=secret, account="desk"),), admin_token="t" * 64)
    world = WiredWorld(dice, "usual", script={"seed": dice.randrange(2**31), "rules": rules}, keys=keys)
    world.guard.lookout.veil.hide(key, secret)
    veil, told = Veil(key, secret), _Lines()
    told.setFormatter(JsonLines(veil))
    answers: list[str] = []
    with _heard(told):
        world.begin()
        for turn in range(20):
            symbol = SYMBOLS[turn % 3]
            text = world.crew.ask(world.mark(symbol), world.clock.ms, symbol, stop_pct="0.02", target_pct="0.05")
            world.step(lambda text=text: answers.append(repr(world.guard.propose(text))), 30.0)
        errors, traces = _refused(world)
    places = {
        "journal": "\n".join(row.body for row in world.record.rows()),
        "status": world.guard.status().model_dump_json(),
        "guard's log": "\n".join(told.lines) or "silent",
        "guard's answers": "\n".join(answers),
        "gateway's report": json.dumps(world.gateway.report(), default=str) + repr(world.gateway),
        "gateway's errors": errors,
        "gateway's traces": traces,
        "reports of keys": repr(keys) + repr(keys.accesses[0]) + repr(veil),
    }
    world.peace()
    world.close()
    return places


def _refused(world: WiredWorld) -> tuple[str, str]:
    """What the gateway raises, and the whole trace of it as Python prints it."""
    asked: tuple[Callable[[], object], ...] = (
        world.gateway.account,
        world.gateway.open_orders,
        lambda: world.gateway.cancel("BTCUSDT", "cd-none"),
        lambda: world.gateway.prepare("BTCUSDT", 2),
    )
    errors, traces = ["asked"], ["asked"]
    for _ in range(5):
        for ask in asked:
            try:
                ask()
            except DeskError as error:
                errors.append(f"{error!r} {error.message} {error.hint}")
                traces.append("".join(traceback.format_exception(error)))
    return "\n".join(errors), "\n".join(traces)


# ---- the crew's side: models that repeat their keys, and fail with them ----


def _of_the_crew(dice: random.Random, planted: Mapping[str, str]) -> Mapping[str, str]:
    world = World(dice, "usual")
    words = " ".join(planted.values())
    leaking = ScriptedModel(_leaking(words, dice.random() < 0.3), label="leaking")
    veil = Veil(*secret_values(planted))
    model = VeiledModel(leaking, veil)
    with tempfile.TemporaryDirectory() as folder:
        audit = AuditLog(Path(folder) / "audit.sqlite", world.clock, veil=veil)
        models = dict.fromkeys(desk_config().agents, model)
        office = Office(world, CrewsMarket(world, trend=UP), models, audit=audit)
        record = office.decide("BTCUSDT", "run-1")
        rows = [asdict(row) for row in audit.rows(record.decision_id)]
        sound = audit.verify().ok
        audit.close()
        raw = (Path(folder) / "audit.sqlite").read_bytes().decode("latin-1")
    office.close()
    return {
        "audit log": json.dumps(rows, default=str) if sound else "",
        "audit file": raw,
        "decision record": json.dumps(record.to_json(), default=str),
    }


def _leaking(words: str, fails: bool) -> Callable[[ChatRequest], Reply]:
    greedy = hostile()

    def script(request: ChatRequest) -> Reply:
        reply = greedy.complete(request)
        if reply.text is None:
            return reply
        if fails:
            raise ModelError(f"401 from the provider: incorrect key {words}")
        told: dict[str, Any] = {**json.loads(reply.text), "note": words[:280]}
        return Reply(text=json.dumps(told), tool_calls=(), prompt_tokens=1, completion_tokens=1)

    return script


class _Lines(logging.Handler):
    """Log lines as the guard writes them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def _heard(told: _Lines) -> Iterator[None]:
    """Everything that is logged inside, whatever was switched off outside."""
    before, root = logging.root.manager.disable, logging.getLogger()
    logging.disable(logging.NOTSET)
    root.addHandler(told)
    try:
        yield
    finally:
        root.removeHandler(told)
        logging.disable(before)
