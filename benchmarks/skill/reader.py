"""Headlines read by a model, through the desk's own door: `python -m benchmarks.skill.reader` prints one JSON object.

Without a model to ask, only the door is measured: a stand-in at a local endpoint answers with the lexicon's own reading,
and every tenth time with something that is no answer. That says what a reading costs and what becomes of a failed one.
It says nothing of how well any model reads. `--model NAME`, a model of desk.yaml with `sentiment`, asks that one about
the reported half of the labelled headlines, for at most `--usd`, and scores it as `news` scores the lexicon.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from aiohttp import web

from agents.cached import CachedModel, Keeping
from agents.models import ChatModel, Reply
from agents.openai_chat import Endpoint, OpenAIChat
from benchmarks.skill import news
from benchmarks.skill.recordings import need_data
from config.loader import load_desk
from crews.record.recorder import Recorder
from crews.running.opening import open_reader
from crews.seating import setup_of
from crews.setup import Budget
from crews.spending.budget import Purse
from crews.view.headlines import Headlines
from desk.domain.errors import DeskError, PrerequisiteError
from desk.guard.process.clock import SystemClock
from desk.news.sentiment import sentiment_of
from memory.replies import ReplyShelf
from tests.integration.model_server import completion, serving
from tests.unit.crews.fakes import Book, ListedAudit

ASKED, BROKEN_EVERY, SECONDS = 200, 10, 20.0
AT_A_TIME = 50


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="", help="a model of desk.yaml with `sentiment`")
    parser.add_argument("--usd", type=Decimal, default=Decimal(1), help="the most that may be spent on it")
    wanted = parser.parse_args()
    need_data()
    _, later = news.halves(news.LABELLED)
    try:
        answer = asked(later, wanted.model, wanted.usd) if wanted.model else door(later.titles[:ASKED])
    except DeskError as error:
        sys.exit(f"{error.message}{error.hint and f'; {error.hint}'}")
    sys.stdout.write(json.dumps(answer, indent=1) + "\n")


def door(titles: list[str]) -> dict[str, Any]:
    """What the door does with a stand-in, and with the same headlines a second time."""
    with tempfile.TemporaryDirectory() as folder, serving(stand_in()) as server:
        endpoint = Endpoint(
            model="stand-in",
            base_url=server.url,
            api_key="",
            timeout=SECONDS,
            structured="json_schema",
            temperature=0.0,
            max_completion_tokens=200,
        )
        chat = OpenAIChat(endpoint)
        keeping = Keeping(SystemClock(), timedelta(hours=24))
        model = CachedModel(chat, ReplyShelf(Path(folder), entries=10_000), endpoint={}, keeping=keeping)
        first, told = read(model, titles, Purse(unbounded(Decimal(1))))
        again, _ = read(model, titles, Purse(unbounded(Decimal(1))))
        chat.close()
    distinct = len(set(titles))
    return {
        "skill": "nothing is claimed: no language model was run here, and the stand-in repeats the lexicon",
        "broken": f"every {BROKEN_EVERY}th answer of the stand-in is none, and its headline is left to the lexicon",
        "headlines": distinct,
        "readings": len(told),
        "left_to_the_lexicon": distinct - len(told),
        "requests": first.requests,
        "prompt_tokens_a_headline": round(first.prompt_tokens / first.requests, 1),
        "completion_tokens_a_headline": round(first.completion_tokens / first.requests, 1),
        "requests_for_the_same_headlines_again": again.requests,
    }


def asked(later: news.Half, name: str, usd: Decimal) -> dict[str, Any]:
    """How well a model of desk.yaml reads the reported half; what it does not tell, the lexicon does."""
    config = load_desk("demo", overrides={"desk.default_model": name, "desk.mode": '""'})
    with ExitStack() as closing:
        model = open_reader(config, closing, SystemClock())
        if model is None:
            raise PrerequisiteError(f"model {name} does not read headlines", hint=f"desk.models.{name}.sentiment: true")
        purse = Purse(unbounded(usd), tariffs={"news": setup_of(config).tariffs["news"]}, book=Book(10**6))
        spent, told = read(model, later.titles, purse)
    scores = [told[t].score if t in told else sentiment_of(t).score for t in later.titles]
    return {
        "model": f"{name}: {model.label}",
        "readings": len(told),
        "usd": str(spent.usd),
        "reported_half": {
            "detector": news.scored(news.leaning(np.array(scores), news.LEAN), later.labels),
            "naive_lexicon": news.scored(news.leaning(news.desk_scores(later.titles), news.LEAN), later.labels),
        },
    }


def read(model: ChatModel, titles: list[str], purse: Purse) -> tuple[Purse, dict[str, Any]]:
    """Every title through the desk's door, some at a time, as decisions would."""
    told: dict[str, Any] = {}
    for first in range(0, len(titles), AT_A_TIME):
        recorder = Recorder(ListedAudit(), "measured")
        reader = Headlines(model, purse=purse, recorder=recorder, seconds=SECONDS)
        told |= reader(titles[first : first + AT_A_TIME])
    return purse, told


def unbounded(usd: Decimal) -> Budget:
    """Room for every headline there is, and so much money."""
    most = 10**9
    return Budget(
        requests=1,
        seats=1,
        headlines=most,
        prompt_tokens=most,
        reserve_prompt_tokens=0,
        completion_tokens=most,
        usd=usd,
    )


def stand_in() -> Any:  # noqa: ANN401  a behaviour of the model server
    """Answers with the lexicon's reading; which answers are broken follows from the headline alone."""

    async def behave(question: dict[str, Any]) -> web.StreamResponse:
        await asyncio.sleep(0)
        title = json.loads(question["messages"][1]["content"])["headline"]
        own = sentiment_of(title)
        told = {"score": own.score, "confidence": own.confidence, "topic": own.topic.value}
        text = "a fine headline" if sum(title.encode()) % BROKEN_EVERY == 0 else json.dumps(told)
        prompt = len(json.dumps([question["messages"], question["response_format"]])) // 4
        reply = Reply(text=text, tool_calls=(), prompt_tokens=prompt, completion_tokens=max(1, len(text) // 4))
        return web.json_response(completion(reply, question))

    return behave


if __name__ == "__main__":
    main()
