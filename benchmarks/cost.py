"""What one decision costs, and what the same one costs again: `python -m benchmarks.cost` writes docs/cost.md.

All five specialists at a local endpoint of the OpenAI protocol that takes a second over every answer, with the packaged
budget, price table, book and shelf. Answers are as long as the reports allow: each note is filled with words. The third
decision pays for everything there is: the chart as a picture, and each headline read by the model. It ends with 1 when a
promise of this page is broken.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from aiohttp import web

from agents.models import Reply
from agents.offline import OfflineModel
from agents.reports import NOTE_CHARS
from config.loader import DeskConfig, load_desk
from crews.record.record import DecisionRecord
from crews.running.opening import open_desk
from crews.running.services import Folder
from crews.seating import setup_of
from crews.spending.budget import PICTURE_TOKENS
from crews.spending.costs import open_costs
from crews.view.headlines import TASK as HEADLINE_TASK
from crews.work import runner
from crews.work.progress import silent
from desk.domain.money import plain
from memory.audit import AuditLog
from tests.integration.model_server import ModelServer, as_request, completion, serving
from tests.unit.crews.fakes import FakeGuard, FakeMarket, FakeNews, FixedClock

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cost.md"
REQUESTS, PROMPT, COMPLETION, SECONDS = 12, 20_000, 4_000, 5.0
USD = Decimal("0.01")
HEADLINES = tuple(
    f"Bitcoin fund number {number} records inflows"
    for number in ("one", "two", "three", "four", "five", "six", "seven", "eight")
)
PEER = "TradingAgents at an endpoint of this kind: 21 requests, 98,264 + 10,328 tokens, 21.5 s, the full price again."


@dataclass(frozen=True, kw_only=True)
class Run:
    """One decision: what the endpoint counted, and what the desk wrote down."""

    requests: int
    prompt: int
    completion: int
    seconds: float
    usd: Decimal
    record: DecisionRecord


def main() -> None:
    """Decide twice on the same snapshot, then write."""
    runner.load()
    first, again, everything = measure(thinking=1.0, tries=3)
    broken = [name for name, held in promises(first, again, everything).items() if not held]
    PAGE.write_text(page(first, again, everything))
    sys.stdout.write(PAGE.read_text())
    if broken:
        sys.exit(f"broken: {', '.join(broken)}")


def measure(*, thinking: float, tries: int = 1) -> tuple[Run, Run, Run]:
    """The first decision on a snapshot, the same again, and one with its picture shown and headlines read.

    The model thinks for so many seconds over every answer. Of the tries of each the quickest is told, so that a busy
    machine can only make a figure worse than it is.
    """
    with tempfile.TemporaryDirectory() as folder, serving(wordy(thinking)) as server:
        plain_desk, everything = priced(server.url), priced(server.url, vision=True, sentiment=True)

        def quickest(config: DeskConfig, name: str, number: int) -> Run:
            runs = [decide(config, server, Folder(Path(folder) / f"{name}-{n}"), number) for n in range(tries)]
            return min(runs, key=lambda run: run.seconds)

        # The second time in the same folders: what was answered there is given again.
        first, again = quickest(plain_desk, "demo", 1), quickest(plain_desk, "demo", 2)
        return first, again, quickest(everything, "premium", 3)


def priced(url: str, **able: bool) -> DeskConfig:
    """The packaged desk with every agent at this endpoint, at the price of a small model that can do so much."""
    price = {"prompt": 0.40, "completion": 1.60}
    model = json.dumps({"kind": "openai", "base_url": url, "model": "local", "price": price, **able})
    return load_desk("demo", environ={}, overrides={"desk.models.local": model, "desk.default_model": "local"})


def decide(config: DeskConfig, server: ModelServer, folder: Folder, number: int) -> Run:
    """One decision of a desk that has just been opened, as after a restart."""
    clock, before = FixedClock(), len(server.asked)
    with ExitStack() as closing:
        audit = AuditLog(folder.root / f"audit-{number}.sqlite", clock)
        closing.callback(audit.close)
        costs = open_costs(config, folder, closing)
        desk = open_desk(
            config,
            market=FakeMarket(clock, drift=0.003),
            news=FakeNews(*HEADLINES, clock=clock),
            guard=FakeGuard(clock),
            audit=audit,
            clock=clock,
            progress=silent,
            closing=closing,
            costs=costs,
        )
        closing.callback(desk.close)
        spent = sum((day.usd for day in costs.book.day().values()), Decimal(0))
        began = time.monotonic()
        record = asyncio.run(desk.decide("BTCUSDT", f"run-{number}"))
        seconds = time.monotonic() - began
        usd = sum((day.usd for day in costs.book.day().values()), Decimal(0)) - spent
    asked = server.asked[before:]
    return Run(
        requests=len(asked),
        prompt=record.prompt_tokens,
        completion=record.completion_tokens,
        seconds=seconds,
        usd=usd,
        record=record,
    )


def wordy(seconds: float) -> Any:  # noqa: ANN401  a behaviour of the model server
    """The offline rules behind HTTP, each answer with as many words in its note as a report allows."""
    model = OfflineModel()

    async def behave(question: dict[str, Any]) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        reply = looked(question) or model.complete(as_request(question))
        answer = {} if reply.text is None else json.loads(reply.text)
        if "note" in answer:
            answer["note"] = ("word " * NOTE_CHARS)[:NOTE_CHARS]
            text = json.dumps(answer)
            reply = replace(reply, text=text, completion_tokens=len(text) // 4)
        return web.json_response(completion(reply, question))

    return behave


def looked(question: dict[str, Any]) -> Reply | None:
    """The answer to a picture, or to one headline; None for every other question."""
    opening = question["messages"][0]["content"]
    told: dict[str, Any] = {"score": 0.1, "confidence": 0.5, "topic": "ADOPTION"}
    if isinstance(opening, list):
        told = {"trend": "UP", "score": 10, "confidence": 0.5}
    elif not opening.startswith(HEADLINE_TASK[:40]):
        return None
    # A picture is counted by its size in tiles, not by its letters.
    tokens = PICTURE_TOKENS if isinstance(opening, list) else len(json.dumps(question["messages"])) // 4
    return Reply(text=json.dumps(told), tool_calls=(), prompt_tokens=tokens, completion_tokens=20)


def promises(first: Run, again: Run, everything: Run) -> dict[str, bool]:
    """What this page promises, and whether it held."""
    said = {
        f"at most {REQUESTS} requests": first.requests <= REQUESTS,
        f"at most {PROMPT:,} prompt tokens": first.prompt <= PROMPT,
        f"at most {COMPLETION:,} completion tokens": first.completion <= COMPLETION,
        f"at most {SECONDS:g} s at a second an answer": first.seconds <= SECONDS,
        f"at most {USD} USD at the price of a small model": first.usd <= USD,
        "all five specialists reported": len(first.record.reports) == 5 and not first.record.abstentions,
    }
    budget = setup_of(load_desk("demo", environ={})).budget
    said |= {
        f"with a picture and headlines, at most {budget.requests} + {budget.headlines} requests": (
            first.requests < everything.requests <= budget.requests + budget.headlines
        ),
        f"and at most {budget.usd} USD, the packaged budget of a decision": everything.usd <= budget.usd,
        "and still all five": len(everything.record.reports) == 5 and not everything.record.abstentions,
    }
    same = (first.record.action, first.record.conviction, first.record.reports)
    return said | {
        "the same snapshot again: no request and no money": (again.requests, again.usd) == (0, Decimal(0)),
        "and the same decision": same == (again.record.action, again.record.conviction, again.record.reports),
    }


def page(first: Run, again: Run, everything: Run) -> str:
    """The whole of docs/cost.md."""
    rows = [
        f"| {name} | {run.requests} | {run.prompt:,} | {run.completion:,} | {plain(run.usd)} | {run.seconds:.2f} s |"
        for name, run in (
            ("the first time", first),
            ("the same snapshot again", again),
            ("with a picture and headlines read", everything),
        )
    ]
    told = promises(first, again, everything)
    held = [f"* {'held' if held else '**broken**'}: {name}" for name, held in told.items()]
    return "\n".join(
        [
            "# What a decision costs",
            "",
            f"Written by `python -m benchmarks.cost`: {os.cpu_count()} cores, Python {platform.python_version()}. One",
            "decision with five specialists at a local endpoint of the OpenAI protocol that thinks a second over every",
            "answer. Its tokens are estimates at four characters a token, a thousand for a picture; the price is 0.40 and",
            "1.60 USD a million. Seconds are of the quickest of three. Headlines are read once a day: the next decision",
            "pays for new ones only.",
            "",
            "| decision | requests | prompt tokens | completion tokens | USD | wall clock |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            *held,
            "",
            PEER,
            "",
        ]
    )


if __name__ == "__main__":
    main()
