"""The chart's picture, shown to a vision model through LangChain's structured output; CrewAI would drop the image.

The model may answer with an enum and two bounded numbers and nothing else. One look, one request, one deadline;
whatever goes wrong is a ModelError, and the chart is then read in numbers. Where an endpoint refuses structured output,
the next look asks for a call of one function instead, and every look after it.
"""

from __future__ import annotations

import base64
import threading
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from desk.domain.errors import FormRefusedError, ModelError, ModelMalformedError
from tools.tool import Look, PictureReading

# What a picture of this size costs where a provider does not count.
_PICTURE_TOKENS = 1_000
_CHARS_PER_TOKEN = 4

Method = Literal["json_schema", "function_calling", "json_mode"]
_LAST: Method = "function_calling"
# What endpoints answer to a form of question they do not know: a bad request, one they cannot work on, not implemented.
_REFUSALS = frozenset({400, 422, 501})


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionEndpoint:
    """Where and how to ask first. `timeout` is in seconds."""

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
        self._method: Method = endpoint.method
        self._chains: dict[Method, Any] = {}

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    @property
    def label(self) -> str:
        """The model's name."""
        return self._endpoint.model

    def look(self, question: str, png: bytes) -> Look:
        """What the picture shows, by one request.

        Raises FormRefusedError when the endpoint does not take this form and the next look uses another; ModelError for
        anything else.
        """
        picture = f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
        content = [{"type": "text", "text": question}, {"type": "image_url", "image_url": {"url": picture}}]
        method, chain = self._opened()
        try:
            answer = chain.invoke([{"role": "user", "content": content}])
        except Exception as error:
            raise self._failure(method, error) from error
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

    def _failure(self, method: Method, error: Exception) -> ModelError:
        if method == _LAST or getattr(error, "status_code", None) not in _REFUSALS:
            return ModelError(f"the vision model failed: {type(error).__name__}")
        with self._lock:
            self._method = _LAST
        return FormRefusedError(f"the vision model takes no {method}")

    def _opened(self) -> tuple[Method, Any]:
        """The form to ask in now, and LangChain's runnable for it."""
        with self._lock:
            if self._method not in self._chains:
                self._chains[self._method] = self._open(self._method)
            return self._method, self._chains[self._method]

    def _open(self, method: Method) -> Any:  # noqa: ANN401  a LangChain runnable
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
        return chat.with_structured_output(PictureReading, method=method, include_raw=True)
