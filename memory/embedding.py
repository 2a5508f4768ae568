"""Words as vectors: hashed counts of words and pairs by default, which needs no model, no network and no key.

An endpoint of the OpenAI protocol gives better ones where the operator names it. Both give rows of unit length.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from desk.domain.errors import ModelError

DIMENSIONS = 256
_WORD = re.compile(r"[a-z0-9]+(?:\.[0-9]+)?")

Vector = tuple[float, ...]


class Embedding(Protocol):
    """Anything that turns texts into vectors. `label` names it: vectors of two labels are never compared."""

    @property
    def label(self) -> str:
        """Name and size, such as `hashed-256`."""
        ...

    def __call__(self, texts: Sequence[str]) -> list[Vector]:
        """A vector of unit length for each text. Raises ModelError."""
        ...


class HashedEmbedding:
    """Counts of words and of neighbouring pairs, each hashed to a place and a sign (Weinberger et al. 2009)."""

    @property
    def label(self) -> str:
        """Its name and size."""
        return f"hashed-{DIMENSIONS}"

    def __call__(self, texts: Sequence[str]) -> list[Vector]:
        """Equal texts give equal vectors, on every machine."""
        return [_hashed(text) for text in texts]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingEndpoint:
    """Where to ask for embeddings. `timeout` in seconds."""

    model: str
    base_url: str
    api_key: str
    timeout: float


class OpenAIEmbedding:
    """Embeddings of an endpoint of the OpenAI protocol, asked once and never again for the same failure."""

    def __init__(self, endpoint: EmbeddingEndpoint) -> None:
        self._endpoint = endpoint

    @property
    def label(self) -> str:
        """The model's name, as a name of ours."""
        return re.sub(r"[^a-z0-9]+", "-", self._endpoint.model.lower()).strip("-")

    def __call__(self, texts: Sequence[str]) -> list[Vector]:
        """Raises ModelError when the endpoint does not answer with one vector for each text."""
        import httpx
        import openai

        there = self._endpoint
        try:
            with (
                httpx.Client(trust_env=False, timeout=there.timeout, follow_redirects=False) as http,
                openai.OpenAI(
                    base_url=there.base_url, api_key=there.api_key or "none", max_retries=0, http_client=http
                ) as client,
            ):
                # The SDK would ask for base64 by itself, which not every server speaks.
                found = client.embeddings.create(model=there.model, input=list(texts), encoding_format="float").data
        except openai.APIError as error:
            raise ModelError(f"{there.model} gave no embedding: {type(error).__name__}") from None
        if len(found) != len(texts):
            raise ModelError(f"{there.model} gave {len(found)} embeddings for {len(texts)} texts")
        return [_unit(tuple(one.embedding)) for one in found]


def _hashed(text: str) -> Vector:
    words = _WORD.findall(text.lower())
    counts = [0.0] * DIMENSIONS
    for part in (*words, *(f"{a} {b}" for a, b in pairwise(words))):
        digest = int.from_bytes(hashlib.blake2b(part.encode(), digest_size=8).digest(), "big")
        counts[digest % DIMENSIONS] += 1.0 if digest >> 63 else -1.0
    return _unit(tuple(counts))


def _unit(vector: Vector) -> Vector:
    """The vector at length one; nothing said points at a place of its own."""
    length = math.sqrt(sum(value * value for value in vector))
    if length == 0.0 or not math.isfinite(length):
        return (1.0, *(0.0 for _ in vector[1:]))
    return tuple(value / length for value in vector)
