"""A model whose words pass a veil: whatever it repeats of this process's secrets, nobody here reads it.

Providers quote keys in their errors, and a model may write what it was shown. Here is where their words come in, so
here they are covered, before they reach a report, a record or a screen.
"""

from __future__ import annotations

from dataclasses import replace

from agents.models import ChatModel, ChatRequest, RawCall, Reply
from desk.domain.errors import ModelError
from desk.guard.secrets.veil import Veil


class VeiledModel:
    """Another model, with every secret that the veil knows covered in what it says and in what it fails with."""

    def __init__(self, model: ChatModel, veil: Veil) -> None:
        self._model, self._veil = model, veil

    @property
    def label(self) -> str:
        """The other model's."""
        return self._model.label

    def complete(self, request: ChatRequest) -> Reply:
        """The other model's reply. Raises what it raises, in words without secrets."""
        try:
            reply = self._model.complete(request)
        except ModelError as error:
            error.message, error.hint = self._veil.over(error.message), self._veil.over(error.hint)
            error.args = (error.message,)
            raise
        except Exception as error:
            raise ModelError(self._veil.over(f"{type(error).__name__}: {error}")) from None
        text = None if reply.text is None else self._veil.over(reply.text)
        return replace(reply, text=text, tool_calls=tuple(self._call(call) for call in reply.tool_calls))

    def _call(self, call: RawCall) -> RawCall:
        return replace(call, name=self._veil.over(call.name), arguments=self._veil.over(call.arguments))
