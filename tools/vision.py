"""The chart's picture, shown to a vision model through LangChain's structured output; CrewAI would drop the image.

The model may answer with an enum and two bounded numbers and nothing else. One attempt, one deadline; whatever goes
wrong is a ModelError, and the chart is then read in numbers.
"""

from __future__ import annotations

import base64
import threading
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from desk.domain.errors import ModelError, ModelMalformedError
from tools.tool import Look, PictureReading

# What a picture of this size costs where a provider does not count.
_PICTURE_TOKENS = 1_000
_CHARS_PER_TOKEN = 4

Method = Literal["json_schema", "function_calling", "json_mode"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionEndpoint:
    """Where and how to ask. `timeout` is in seconds."""

    model: str
    base_url: str
    api_key: str
    timeout: float
    method: Method


class VisionReader:
    """Reads chart pictures. Thread-safe; imports LangChain only when first asked. Whoever opens one closes it."""

    def __init__(self, endpoint: VisionEndpoint) -> None:
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._http = httpx.Client(timeout=endpoint.timeout, trust_env=False)
        self._chain: Any = None

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    @property
    def label(self) -> str:
        """The model's name."""
        return self._endpoint.model

    def look(self, question: str, png: bytes) -> Look:
        """What the picture shows. Raises ModelError; never asks twice."""
        picture = f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
        content = [{"type": "text", "text": question}, {"type": "image_url", "image_url": {"url": picture}}]
        try:
            answer = self._opened().invoke([{"role": "user", "content": content}])
        except Exception as error:
            raise ModelError(f"the vision model failed: {type(error).__name__}") from error
        reading, raw = answer["parsed"], answer["raw"]
        if not isinstance(reading, PictureReading):
            raise ModelMalformedError("the vision model gave no reading")
        usage = raw.usage_metadata or {}
        text = raw.content if isinstance(raw.content, str) and raw.content else reading.model_dump_json()
        return Look(
            reading=reading,
            text=text,
            prompt_tokens=usage.get("input_tokens") or _PICTURE_TOKENS + len(question) // _CHARS_PER_TOKEN,
            completion_tokens=usage.get("output_tokens") or max(1, len(text) // _CHARS_PER_TOKEN),
        )

    def _opened(self) -> Any:  # noqa: ANN401  a LangChain runnable
        with self._lock:
            if self._chain is None:
                from langchain_openai import ChatOpenAI
                from pydantic import SecretStr

                chat = ChatOpenAI(
                    model=self._endpoint.model,
                    base_url=self._endpoint.base_url,
                    api_key=SecretStr(self._endpoint.api_key or "none"),
                    timeout=self._endpoint.timeout,
                    http_client=self._http,
                    max_retries=0,
                    temperature=0,
                )
                self._chain = chat.with_structured_output(
                    PictureReading, method=self._endpoint.method, include_raw=True
                )
            return self._chain
