"""Any endpoint that speaks the OpenAI chat protocol, asked once per request.

The SDK's own retries are off, environment proxies are not used, and a reply is read in pieces under one deadline and
one size limit, so that neither a dead, nor a dripping, nor an endless server can hold an agent.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from agents.models import ChatRequest, RawCall, Reply, estimate_tokens
from agents.strict_json import parse_object
from desk.domain.errors import ModelError, ModelMalformedError, ModelTimeoutError

if TYPE_CHECKING:
    from openai import OpenAI

MAX_REPLY_BYTES = 256 * 1024
ANSWER_TOOL = "give_answer"

Structured = Literal["json_schema", "json_object", "tools", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where and how to ask. `timeout` is in seconds; `structured` is how the endpoint is made to answer in JSON."""

    model: str
    base_url: str
    api_key: str
    timeout: float
    structured: Structured
    temperature: float
    max_completion_tokens: int


class OpenAIChat:
    """A model behind an OpenAI-compatible endpoint. Thread-safe; close it when done."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._client = _client(endpoint)

    @property
    def label(self) -> str:
        """The model's own name."""
        return self._endpoint.model

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def complete(self, request: ChatRequest) -> Reply:
        """One request, one reply. Raises ModelTimeoutError, ModelMalformedError or ModelError; never asks again."""
        import openai

        limit = min(request.deadline, self._endpoint.timeout)
        if limit <= 0:
            raise ModelTimeoutError("no time was left to ask")
        try:
            body = self._read(request, limit)
        except openai.APITimeoutError:
            raise ModelTimeoutError(f"{self.label} did not answer within {limit:.1f} s") from None
        except openai.APIStatusError as error:
            raise ModelError(f"{self.label} answered HTTP {error.status_code}") from None
        except openai.APIError as error:
            raise ModelError(f"{self.label} was not reached: {type(error).__name__}") from None
        return _reply(body, request)

    def _read(self, request: ChatRequest, limit: float) -> str:
        import httpx

        ends = time.monotonic() + limit
        parts: list[bytes] = []
        size = 0
        try:
            with self._client.chat.completions.with_streaming_response.create(
                **_question(self._endpoint, request), timeout=limit
            ) as response:
                for part in response.iter_bytes():
                    parts.append(part)
                    size += len(part)
                    if size > MAX_REPLY_BYTES:
                        raise ModelMalformedError(f"{self.label} answered more than {MAX_REPLY_BYTES} bytes")
                    if time.monotonic() > ends:
                        raise ModelTimeoutError(f"{self.label} was still answering after {limit:.1f} s")
        except httpx.TimeoutException:
            raise ModelTimeoutError(f"{self.label} stopped answering") from None
        except httpx.HTTPError as error:
            raise ModelError(f"{self.label} broke off: {type(error).__name__}") from None
        return b"".join(parts).decode("utf-8", errors="replace")


def _client(endpoint: Endpoint) -> OpenAI:
    """The SDK's client, imported only when a model is used: it takes a second that offline runs need not spend."""
    import httpx
    import openai

    client = openai.OpenAI(
        base_url=endpoint.base_url,
        # The SDK refuses an empty key, local servers want none.
        api_key=endpoint.api_key or "none",
        max_retries=0,
        timeout=endpoint.timeout,
        http_client=httpx.Client(trust_env=False, timeout=endpoint.timeout, follow_redirects=False),
    )
    # The SDK loads its chat part on first use; better here than inside the first decision's deadline.
    _ = client.chat.completions.with_streaming_response
    return client


def _question(endpoint: Endpoint, request: ChatRequest) -> dict[str, Any]:
    question: dict[str, Any] = {
        "model": endpoint.model,
        "messages": list(request.messages),
        "temperature": endpoint.temperature,
        "max_completion_tokens": endpoint.max_completion_tokens,
    }
    if request.tools:
        return question | {"tools": list(request.tools), "tool_choice": "required"}
    schema = {"name": "answer", "schema": request.answer_schema}
    match endpoint.structured:
        case "json_schema":
            return question | {"response_format": {"type": "json_schema", "json_schema": schema | {"strict": True}}}
        case "json_object":
            return _told(question, request) | {"response_format": {"type": "json_object"}}
        case "tools":
            function = {"name": ANSWER_TOOL, "description": "Give the answer.", "parameters": request.answer_schema}
            choice = {"type": "function", "function": {"name": ANSWER_TOOL}}
            return question | {"tools": [{"type": "function", "function": function}], "tool_choice": choice}
        case "text":
            return _told(question, request)


def _told(question: dict[str, Any], request: ChatRequest) -> dict[str, Any]:
    """The question with the schema in words, for endpoints that do not enforce one."""
    schema = json.dumps(request.answer_schema, separators=(",", ":"))
    told = {"role": "user", "content": f"Answer now with one JSON object of this JSON schema, nothing else:\n{schema}"}
    return question | {"messages": [*request.messages, told]}


def _reply(body: str, request: ChatRequest) -> Reply:
    """Read a chat completion. Raises ModelMalformedError for anything that is not one."""
    try:
        data = parse_object(body, limit=MAX_REPLY_BYTES)
        message = data["choices"][0]["message"]
        calls = tuple(_call(call) for call in message.get("tool_calls") or ())
        text = message.get("content")
        usage: Mapping[str, Any] = data.get("usage") or {}
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ModelMalformedError(f"not a chat completion: {type(error).__name__} {error}") from None
    if text is not None and not isinstance(text, str):
        raise ModelMalformedError("the answer's content is not text")
    if not request.tools and len(calls) == 1 and calls[0].name == ANSWER_TOOL:
        text, calls = calls[0].arguments, ()
    written = len(text or "") + sum(len(call.arguments) for call in calls)
    return Reply(
        text=text,
        tool_calls=calls,
        prompt_tokens=_count(usage.get("prompt_tokens"), estimate_tokens(request)),
        completion_tokens=_count(usage.get("completion_tokens"), max(1, written // 4)),
    )


def _call(data: Mapping[str, Any]) -> RawCall:
    function = data["function"]
    return RawCall(id=str(data["id"]), name=str(function["name"]), arguments=str(function["arguments"]))


def _count(claimed: object, estimate: int) -> int:
    """The provider's count where it is one. A missing or absurd count would let a budget be passed unseen."""
    return claimed if isinstance(claimed, int) and 0 < claimed < 10_000_000 else estimate
