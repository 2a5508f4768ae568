"""A decision spends what it was given and no more; a picture is paid for with what no seat could need."""

from __future__ import annotations

import hashlib
import threading
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models import ChatRequest, Reply, Stage
from crews.record.recorder import Recorder
from crews.setup import Budget, Ceiling, Tariff
from crews.spending.budget import Purse
from crews.view.picture import Picture
from desk.domain.errors import BudgetSpentError, ModelError
from memory.payloads import REQUIRED
from tests.unit.crews.fakes import Book, ListedAudit
from tools.tool import Look, PictureReading, PictureTrend

READING = PictureReading(trend=PictureTrend.UP, score=20, confidence=0.5)


def purse(requests: int, seats: int = 12) -> Purse:
    return Purse(
        Budget(
            requests=requests,
            seats=seats,
            prompt_tokens=1_000_000,
            reserve_prompt_tokens=0,
            completion_tokens=10_000,
        )
    )


def spare(spent: Purse) -> bool:
    try:
        spent.pay_picture("chart")
    except BudgetSpentError:
        return False
    return True


def request(stage: Stage = Stage.WORK) -> ChatRequest:
    message: dict[str, Any] = {"role": "user", "content": "x"}
    return ChatRequest(agent="any", stage=stage, messages=(message,), tools=(), answer_schema={}, deadline=1.0)


def test_one_request_to_spare_is_enough_for_a_picture_whenever_it_comes() -> None:
    for before in range(12):
        spent = purse(13)
        for _ in range(before):
            spent.pay(request())
        assert spare(spent), before
        assert not spare(spent), before


def test_without_a_request_to_spare_no_picture_is_read() -> None:
    assert not spare(purse(12))


@given(extra=st.integers(0, 4), seats=st.integers(3, 30), order=st.lists(st.booleans(), max_size=80))
def test_pictures_never_cost_a_seat_its_request(extra: int, seats: int, order: list[bool]) -> None:
    spent = purse(seats + extra, seats)
    pictures = sum(spare(spent) for look in order if look)
    assert pictures == min(extra, sum(order))
    for _ in range(seats - 1):
        spent.pay(request())
    spent.pay(request(Stage.DECIDE))
    assert spent.requests == seats + pictures


def test_the_masters_request_is_kept_from_talkative_specialists() -> None:
    spent = purse(12)
    for _ in range(11):
        spent.pay(request())
    with pytest.raises(BudgetSpentError):
        spent.pay(request())
    spent.pay(request(Stage.DECIDE))


class Eye:
    """A vision model that counts how often it is asked."""

    label = "eye"

    def __init__(self, error: ModelError | None = None) -> None:
        self.asked = 0
        self.error = error

    def look(self, question: str, png: bytes) -> Look:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return Look(reading=READING, text=READING.model_dump_json(), prompt_tokens=900, completion_tokens=30)


def shown(eye: Eye, spent: Purse, audit: ListedAudit | None = None) -> tuple[Picture, Recorder]:
    recorder = Recorder(audit or ListedAudit(), "d1")
    return Picture(eye, purse=spent, recorder=recorder), recorder


def test_two_roles_with_the_same_chart_share_one_picture() -> None:
    eye = Eye()
    reader, _ = shown(eye, purse(13))
    seen: list[PictureReading] = []
    threads = [threading.Thread(target=lambda: seen.append(reader.read("BTCUSDT", "15m", b"png"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert (eye.asked, seen) == (1, [READING, READING])


def test_a_picture_that_failed_is_not_asked_for_again() -> None:
    eye = Eye(ModelError("no eyes"))
    reader, _ = shown(eye, purse(30))
    for _ in range(2):
        with pytest.raises(ModelError, match="no eyes"):
            reader.read("BTCUSDT", "15m", b"png")
    assert eye.asked == 1


def test_a_picture_is_recorded_and_counted_like_any_request() -> None:
    spent, audit = purse(13), ListedAudit()
    reader, recorder = shown(Eye(), spent, audit)
    reader.read("BTCUSDT", "15m", b"png")
    recorder.flush()
    [prompt], [reply] = audit.of("prompt", "chart"), audit.of("reply", "chart")
    assert set(prompt) >= REQUIRED["prompt"]
    assert set(reply) >= REQUIRED["reply"]
    assert "BTCUSDT" in prompt["messages"][0]["content"][0]["text"]
    assert prompt["messages"][0]["content"][1]["sha256"] == hashlib.sha256(b"png").hexdigest()
    assert (spent.requests, spent.prompt_tokens, spent.completion_tokens) == (1, 900, 30)


DEAR = Tariff(prompt=Decimal("0.00001"), completion=Decimal("0.00002"), most_completion=100, metered=True)


def metered(book: Book | None, **changes: Any) -> Purse:
    budget = Budget(
        requests=50, seats=12, prompt_tokens=10**6, reserve_prompt_tokens=0, completion_tokens=10**6, **changes
    )
    return Purse(budget, tariffs={"any": DEAR}, book=book)


def test_a_request_is_booked_at_the_most_it_can_cost_and_settled_at_what_it_did() -> None:
    book = Book()
    spent = metered(book)
    payment = spent.pay(request())
    most = DEAR.cost(payment.prompt, 100)
    assert book.paid == [("any", payment.prompt + 100, most)]
    assert spent.usd == most
    spent.settle(payment, Reply(text="x", tool_calls=(), prompt_tokens=40, completion_tokens=7))
    assert spent.usd == DEAR.cost(40, 7) == sum(usd for _, _, usd in book.paid)
    assert sum(tokens for _, tokens, _ in book.paid) == 47


def test_a_request_that_was_not_served_is_taken_back_but_counts_as_sent() -> None:
    book = Book()
    spent = metered(book)
    spent.refund(spent.pay(request()))
    assert (spent.usd, spent.requests, sum(usd for _, _, usd in book.paid)) == (0, 1, 0)


@pytest.mark.parametrize(
    "limit",
    [
        {"usd": Decimal("0.003")},
        {"agent": Ceiling(usd=Decimal("0.003"))},
        {"agent": Ceiling(tokens=150)},
    ],
)
def test_money_and_an_agents_tokens_are_refused_before_anything_is_booked(limit: dict[str, Any]) -> None:
    book = Book()
    spent = metered(book, **limit)
    spent.pay(request())
    with pytest.raises(BudgetSpentError):
        spent.pay(request())
    assert (len(book.paid), spent.requests) == (1, 1)


def test_what_is_behind_a_wire_is_never_paid_without_a_book_and_the_offline_rules_need_none() -> None:
    with pytest.raises(BudgetSpentError, match="no book"):
        metered(None).pay(request())
    spent = metered(Book(room=0))
    with pytest.raises(BudgetSpentError, match="day's"):
        spent.pay(request())
    assert spent.requests == 0
    purse(12).pay(request())
