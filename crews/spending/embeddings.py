"""Words that a model turns into vectors are paid for like its answers: before they leave, out of the day's budget."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from crews.spending.budget import DayBook
from desk.domain.errors import ModelError
from memory.embedding import Embedding, Vector

PAYER = "memory"
_CHARS_PER_TOKEN = 4


class PaidEmbedding:
    """An embedding and its price in USD a token. Nothing leaves that the day has no room for."""

    def __init__(self, embedding: Embedding, *, price: Decimal, book: DayBook) -> None:
        self._embedding = embedding
        self._price = price
        self._book = book

    @property
    def label(self) -> str:
        """The embedding's own name."""
        return self._embedding.label

    def __call__(self, texts: Sequence[str]) -> list[Vector]:
        """A vector for each text.

        Raises BudgetSpentError when the day has no room, and nothing was sent then; ModelError when there is no answer.
        """
        tokens = sum(len(text) // _CHARS_PER_TOKEN + 1 for text in texts)
        day = self._book.pay(PAYER, tokens, self._price * tokens)
        try:
            return self._embedding(texts)
        except ModelError:
            self._book.settle(day, PAYER, -tokens, -self._price * tokens)
            raise
