"""A local endpoint that speaks the OpenAI chat protocol, honest or broken, counting what it is asked."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from agents.models import ChatRequest, Reply, Stage
from agents.offline import OfflineModel
from agents.roster import ROSTER

Behaviour = Callable[[dict[str, Any]], Awaitable[web.StreamResponse]]
Drip = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ModelServer:
    """Runs on a free loopback port in its own thread. `behaviour` may be changed while it runs."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.drip: Drip | None = None
        self.asked: list[dict[str, Any]] = []
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/v1"
        self._ready.set()
        await self._ended.wait()
        await runner.cleanup()
        unfinished = asyncio.all_tasks() - {asyncio.current_task()}
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        question = await request.json()
        self.asked.append(question)
        if self.drip is not None:
            return await self.drip(request)
        return await self.behaviour(question)


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[ModelServer]:
    """A server for the length of the block."""
    server = ModelServer(behaviour)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def thinking(seconds: float) -> Behaviour:
    """An honest model that takes its time over every answer."""
    model = OfflineModel()

    async def behave(question: dict[str, Any]) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return web.json_response(completion(model.complete(as_request(question)), question))

    return behave


def at_the_same_time(agents: int) -> Behaviour:
    """An honest model that answers nobody before this many different specialists are waiting."""
    answer, waiting, together = thinking(0.0), set[str](), asyncio.Event()

    async def behave(question: dict[str, Any]) -> web.StreamResponse:
        request = as_request(question)
        if request.stage is Stage.WORK:
            waiting.add(request.agent)
            if len(waiting) == agents:
                together.set()
            await together.wait()
        return await answer(question)

    return behave


def as_request(question: dict[str, Any]) -> ChatRequest:
    """The question as the offline rules know it: who is asked follows from the prompt, as it must for any model."""
    text = json.dumps(question["messages"])
    stage = Stage.PLAN if "Plan the work" in text else Stage.DECIDE if "Decide on" in text else Stage.WORK
    tools = tuple(t for t in question.get("tools", ()) if t["function"]["name"] != "give_answer")
    known = {name for message in question["messages"] for name in _called(message)}
    offered = {tool["function"]["name"] for tool in tools} | known
    agent = next((name for name, seat in ROSTER.items() if seat.first_calls[0][0] in offered), "master")
    return ChatRequest(
        agent=agent,
        stage=stage,
        messages=tuple(question["messages"]),
        tools=tools,
        answer_schema={},
        deadline=5.0,
    )


def _called(message: dict[str, Any]) -> list[str]:
    return [call["function"]["name"] for call in message.get("tool_calls") or ()]


def completion(reply: Reply, question: dict[str, Any]) -> dict[str, Any]:
    """A chat completion as the protocol writes it."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
    if reply.tool_calls:
        message["tool_calls"] = [
            {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}}
            for c in reply.tool_calls
        ]
    elif question.get("tools") and question["tools"][0]["function"]["name"] == "give_answer":
        function = {"name": "give_answer", "arguments": reply.text}
        message = {"role": "assistant", "content": None}
        message["tool_calls"] = [{"id": "answer", "type": "function", "function": function}]
    usage = {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
    }
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    head = {"id": "c1", "object": "chat.completion", "created": 1, "model": question["model"]}
    return {**head, "choices": [choice], "usage": usage}
