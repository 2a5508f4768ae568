"""A model that turns words into vectors is paid before it is asked, and a spent day asks nobody."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from config.loader import load_desk
from crews.learning.remembering import open_embedding
from crews.spending.embeddings import PAYER, PaidEmbedding
from desk.domain.errors import BudgetSpentError, ModelError
from memory.embedding import HashedEmbedding, Vector
from tests.unit.crews.fakes import Book

PRICE = Decimal("0.00000002")


class Words:
    """An embedding that counts what it is asked."""

    label = "words"

    def __init__(self, error: ModelError | None = None) -> None:
        self.asked: list[str] = []
        self.error = error

    def __call__(self, texts: Sequence[str]) -> list[Vector]:
        if self.error is not None:
            raise self.error
        self.asked.extend(texts)
        return [(1.0,) for _ in texts]


def test_words_are_paid_for_before_they_leave() -> None:
    book, words = Book(), Words()
    paid = PaidEmbedding(words, price=PRICE, book=book)
    assert paid(["a" * 40, "b"]) == [(1.0,), (1.0,)]
    assert book.paid == [(PAYER, 12, PRICE * 12)]
    assert paid.label == "words"


def test_a_spent_day_sends_no_word() -> None:
    words = Words()
    with pytest.raises(BudgetSpentError):
        PaidEmbedding(words, price=PRICE, book=Book(room=0))(["a"])
    assert words.asked == []


def test_what_was_not_served_is_taken_back() -> None:
    book = Book()
    with pytest.raises(ModelError, match="down"):
        PaidEmbedding(Words(ModelError("down")), price=PRICE, book=book)(["a"])
    assert sum(usd for _, _, usd in book.paid) == sum(tokens for _, tokens, _ in book.paid) == 0


def test_our_own_hashing_costs_nothing_and_a_model_is_never_opened_unpaid() -> None:
    assert isinstance(open_embedding(load_desk("demo", environ={}), Book()), HashedEmbedding)
    model = "{kind: openai, base_url: 'http://127.0.0.1:1/v1', model: small, price: 0.02}"
    config = load_desk("demo", environ={}, overrides={"desk.memory.embedding": model})
    assert isinstance(open_embedding(config, Book()), PaidEmbedding)
