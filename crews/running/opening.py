"""The composition root of the crew process: a profile's configuration in, a desk with its collaborators out.

Nothing here holds an exchange key. Market data is public, and the guard is reached with the token that can only ask
and tighten.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from agents.cached import CachedEyes, CachedModel, Keeping, Shelf
from agents.models import ChatModel
from agents.offline import OfflineModel
from agents.openai_chat import Endpoint, OpenAIChat
from agents.veiled import VeiledModel
from config import seats
from config.leaks import secret_values
from config.loader import DeskConfig
from config.models import ModelSettings
from crews.desk import Desk, Guard
from crews.learning.remembering import Memory
from crews.safety import assert_capabilities
from crews.seating import setup_of
from crews.setup import DESK
from crews.spending.costs import Costs
from crews.view.snapshot import Flows
from crews.work.progress import ProgressListener
from desk.domain.errors import PrerequisiteError
from desk.guard.secrets.veil import Veil
from desk.market.snapshot import Snapshot
from desk.ports import Clock, CrowdFeed, MarketData, NewsFeed, OutlookFeed
from memory.audit import AuditLog
from memory.standing import Weight
from tools.tool import Eyes
from tools.vision import Method, VisionEndpoint, VisionReader

# A picture that takes longer costs the picture; the numbers and the report must still fit into what is left.
PICTURE_SHARE = 0.5
_METHODS: Mapping[str, Method] = MappingProxyType(
    {"json_schema": "json_schema", "json_object": "json_mode", "tools": "function_calling"}
)


def open_desk(
    config: DeskConfig,
    *,
    market: MarketData,
    news: NewsFeed | None,
    guard: Guard,
    audit: AuditLog,
    clock: Clock,
    progress: ProgressListener,
    closing: ExitStack,
    models: Mapping[str, ChatModel] | None = None,
    outlook: OutlookFeed | None = None,
    costs: Costs | None = None,
    weights: Callable[[], Mapping[str, Weight]] | None = None,
    memory: Memory | None = None,
    advised: Callable[[Snapshot], Snapshot] | None = None,
    crowd: CrowdFeed | None = None,
    flows: Flows | None = None,
    crew: str = DESK,
) -> Desk:
    """The desk, or the spike crew's, ready to decide. Whatever it opened is closed by `closing`.

    Raises:
        PrerequisiteError: when a configured model lacks its key in the environment.
        ConfigError: when the seats break a rule that no configuration may undo.
    """
    assert_capabilities(config)
    return Desk(
        market=market,
        news=news,
        guard=guard,
        audit=audit,
        setup=setup_of(config, crew),
        models=models or open_models(config, closing, shelf=costs.shelf if costs else None),
        clock=clock,
        progress=progress,
        outlook=outlook,
        eyes=None if models else open_eyes(config, closing, shelf=costs.shelf if costs else None),
        reader=None if models else open_reader(config, closing, clock, shelf=costs.shelf if costs else None),
        book=costs.book if costs else None,
        weights=weights,
        memory=memory,
        advised=advised,
        crowd=crowd,
        flows=flows,
    )


def open_models(config: DeskConfig, closing: ExitStack, shelf: Shelf | None = None) -> dict[str, ChatModel]:
    """The model of each agent. Agents that name the same model share one client."""
    opened: dict[str, ChatModel] = {}
    seats: dict[str, ChatModel] = {}
    for agent in config.agents:
        name = config.model_name(agent)
        if name not in opened:
            opened[name] = _open_model(name, config.desk.models[name], closing, shelf)
        seats[agent] = opened[name]
    return seats


def open_eyes(config: DeskConfig, closing: ExitStack, shelf: Shelf | None = None) -> Eyes | None:
    """The chart agent's model as a reader of pictures, or None where that model has no `vision`."""
    if not seats.looks_at_pictures(config.desk, config.agents):
        return None
    name = config.model_name("chart")
    settings = config.desk.models[name]
    reader = VisionReader(
        VisionEndpoint(
            model=settings.model,
            base_url=settings.base_url,
            api_key=_key_of(name, settings),
            timeout=min(settings.timeout_seconds, config.desk.deadlines.specialist * PICTURE_SHARE),
            method=_METHODS[settings.structured],
        )
    )
    closing.callback(reader.close)
    return reader if shelf is None else CachedEyes(reader, shelf, endpoint=_endpoint(settings))


def open_reader(config: DeskConfig, closing: ExitStack, clock: Clock, shelf: Shelf | None = None) -> ChatModel | None:
    """The news agent's model as a reader of headlines, or None where that model has no `sentiment`."""
    if not seats.reads_headlines(config.desk, config.agents):
        return None
    name = config.model_name("news")
    settings = config.desk.models[name]
    chat = _open_chat(name, settings, closing)
    keeping = Keeping(clock, timedelta(hours=config.desk.news.reading_hours))
    return chat if shelf is None else CachedModel(chat, shelf, endpoint=_endpoint(settings), keeping=keeping)


def _open_model(name: str, settings: ModelSettings, closing: ExitStack, shelf: Shelf | None) -> ChatModel:
    if settings.kind == "offline":
        return OfflineModel()
    chat = _open_chat(name, settings, closing)
    return chat if shelf is None else CachedModel(chat, shelf, endpoint=_endpoint(settings))


def _open_chat(name: str, settings: ModelSettings, closing: ExitStack) -> ChatModel:
    client = OpenAIChat(
        Endpoint(
            model=settings.model,
            base_url=settings.base_url,
            api_key=_key_of(name, settings),
            timeout=settings.timeout_seconds,
            structured=settings.structured,
            temperature=settings.temperature,
            max_completion_tokens=settings.max_completion_tokens,
        )
    )
    closing.callback(client.close)
    return VeiledModel(client, Veil(*secret_values(os.environ)))


def _endpoint(settings: ModelSettings) -> dict[str, Any]:
    """What of an endpoint shapes an answer: neither its key, nor its price, nor how long one waits."""
    return settings.model_dump(mode="json", exclude={"api_key_env", "price", "timeout_seconds"})


def _key_of(name: str, settings: ModelSettings) -> str:
    key = os.environ.get(settings.api_key_env, "") if settings.api_key_env else ""
    if settings.api_key_env and not key:
        raise PrerequisiteError(
            f"model {name} needs its key in {settings.api_key_env}",
            hint="set it in the environment, or run with --model offline",
        )
    return key
