"""A model that remembers: asked exactly what it was asked before, it gives the answer it gave, and nobody is paid.

Exactly means every word, tool, schema and setting of the endpoint; only the time left and who asks do not count. Only
answers that were of use are kept, so a reply that did not parse is asked for anew. Where an answer grows old, such as
what a headline means, it is kept for a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from agents.models import ChatModel, ChatRequest, Reply
from desk.ports import Clock
from memory.payload import canonical
from tools.tool import Eyes, Look

_REPLY, _LOOK = TypeAdapter(Reply), TypeAdapter(Look)


class Shelf(Protocol):
    """Where answers are kept. `memory.replies.ReplyShelf` keeps this contract."""

    def get(self, key: str) -> Mapping[str, Any] | None:
        """What was put under this key, or None."""
        ...

    def put(self, key: str, answer: Mapping[str, Any]) -> None:
        """Keep an answer. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Keeping:
    """For how long answers are given again, by whose time."""

    clock: Clock
    span: timedelta


_KEPT_AT = "kept_at"


class CachedModel:
    """A model and its shelf. `endpoint` names everything besides the question that shapes an answer.

    Without `keeping` an answer is good for ever: the same snapshot asks the same questions.
    """

    def __init__(
        self, model: ChatModel, shelf: Shelf, *, endpoint: Mapping[str, Any], keeping: Keeping | None = None
    ) -> None:
        self._model = model
        self._shelf = shelf
        self._endpoint = endpoint
        self._keeping = keeping

    @property
    def label(self) -> str:
        """The model's own name."""
        return self._model.label

    def complete(self, request: ChatRequest) -> Reply:
        """Ask the model itself. Raises ModelError."""
        return self._model.complete(request)

    def recall(self, request: ChatRequest) -> Reply | None:
        """The answer of before, which costs no token, or None."""
        kept = self._shelf.get(self._key(request))
        if kept is None or not self._still_good(kept):
            return None
        try:
            reply = _REPLY.validate_python({name: value for name, value in kept.items() if name != _KEPT_AT})
        except ValidationError:
            return None
        return replace(reply, prompt_tokens=0, completion_tokens=0, recalled=True)

    def keep(self, request: ChatRequest, reply: Reply) -> None:
        """Remember an answer that was of use."""
        stamp = {_KEPT_AT: self._keeping.clock.now().isoformat()} if self._keeping else {}
        self._shelf.put(self._key(request), {**asdict(reply), **stamp})

    def _still_good(self, kept: Mapping[str, Any]) -> bool:
        if self._keeping is None:
            return True
        try:
            age = self._keeping.clock.now() - datetime.fromisoformat(str(kept.get(_KEPT_AT)))
        except (ValueError, TypeError):
            return False  # No time, or one without a zone: nobody can tell how old it is.
        return timedelta(0) <= age < self._keeping.span

    def _key(self, request: ChatRequest) -> str:
        asked = {"messages": request.messages, "tools": request.tools, "schema": request.answer_schema}
        return _digest({"endpoint": self._endpoint, **asked})


class CachedEyes:
    """A vision model and its shelf: the same picture under the same question is looked at once."""

    def __init__(self, eyes: Eyes, shelf: Shelf, *, endpoint: Mapping[str, Any]) -> None:
        self._eyes = eyes
        self._shelf = shelf
        self._endpoint = endpoint

    @property
    def label(self) -> str:
        """The model's own name."""
        return self._eyes.label

    def look(self, question: str, png: bytes) -> Look:
        """Show the model a picture, and keep what it saw. Raises ModelError."""
        look = self._eyes.look(question, png)
        self._shelf.put(self._key(question, png), _LOOK.dump_python(look, mode="json"))
        return look

    def recall(self, question: str, png: bytes) -> Look | None:
        """What was seen in this very picture before, which costs no token, or None."""
        kept = self._shelf.get(self._key(question, png))
        if kept is None:
            return None
        try:
            look = _LOOK.validate_json(canonical(kept))
        except ValidationError:
            return None
        return replace(look, prompt_tokens=0, completion_tokens=0)

    def _key(self, question: str, png: bytes) -> str:
        shown = hashlib.sha256(png).hexdigest()
        return _digest({"endpoint": self._endpoint, "question": question, "png": shown})


def recalled(model: ChatModel, request: ChatRequest) -> Reply | None:
    """The answer a model gave to exactly this before, or None: it never did, or it keeps nothing."""
    return model.recall(request) if isinstance(model, CachedModel) else None


def keep(model: ChatModel, request: ChatRequest, reply: Reply) -> None:
    """Let a model that remembers keep its answer."""
    if isinstance(model, CachedModel) and not reply.recalled:
        model.keep(request, reply)


def _digest(asked: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(asked).encode()).hexdigest()
