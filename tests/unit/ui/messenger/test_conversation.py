"""On Telegram the desk can be asked and made safer, by those on the list, with a second step, and never looser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.alerts import Alert, Kind, Level, Outbox
from desk.alerts.telegram import TelegramBot, Update
from desk.domain.errors import FetchError
from desk.guard.vocabulary.status import GuardStatus
from tests.loopback_services import Web, web_server
from tests.unit.crews.sentry.guards import status
from tests.unit.ui.conftest import StepClock
from ui.messenger.conversation import Conversation, Reply, plain_of
from ui.messenger.listening import Listening
from ui.server.house import House

ANN, BOB, TOKEN = 4242, 777, "123456789:secret-of-the-bot-abcdefghijk"


@dataclass
class Desk:
    """One conversation, and what came of it: acts at the guard, rows of the record."""

    conversation: Conversation
    clock: StepClock
    outbox: Outbox
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    record: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])

    def say(self, text: str, chat: int = ANN, age: float = 0) -> Reply | None:
        return self.conversation.answer(
            Update(number=1, chat=chat, text=text, at=self.clock.now() - timedelta(seconds=age))
        )

    def press(self, button: str, chat: int = ANN) -> Reply | None:
        return self.conversation.answer(Update(number=2, chat=chat, button=button, press="p"))


@pytest.fixture
def desk(house: House, clock: StepClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    outbox = Outbox(tmp_path / "alerts.sqlite", clock)
    made = Desk(None, clock, outbox)  # type: ignore[arg-type]  set below: the conversation writes into it
    for act in ("halt", "flatten"):

        def done(reason: str, *, asked_by: str, act: str = act) -> GuardStatus:
            made.asked.append((act, f"{reason} ({asked_by})"))
            return status(mode="LOCKED" if act == "halt" else "FLATTENING")

        monkeypatch.setattr(house.controls, act, done)
    noted = lambda act, by, outcome: made.record.append((act, by, outcome))  # noqa: E731
    made.conversation = Conversation(house, outbox, clock, frozenset({ANN, BOB}), noted)
    yield made
    outbox.close()


def button_of(reply: Reply | None) -> str:
    assert reply is not None
    [(_, word)] = reply.buttons
    return word


def text_of(reply: Reply | None) -> str:
    assert reply is not None
    return reply.text


def test_it_answers_how_the_desk_stands_in_plain_text(desk: Desk) -> None:
    told = text_of(desk.say("how are we doing?"))
    assert "No guard answers" in told
    assert "*" not in told


def test_a_pause_is_made_lifted_and_in_the_record(desk: Desk, house: House) -> None:
    assert "pauses" in text_of(desk.say("/pause rate decision"))
    held = house.window.paused()
    assert held is not None
    assert held.reason == f"rate decision (asked by telegram {ANN})"
    assert "may decide again" in text_of(desk.say("/resume"))
    assert [(act, by) for act, by, _ in desk.record] == [("pause", f"telegram {ANN}"), ("resume", f"telegram {ANN}")]


@pytest.mark.parametrize("act", ["halt", "flatten"])
def test_what_cannot_be_taken_back_is_done_after_a_second_step_and_once(desk: Desk, act: str) -> None:
    word = button_of(desk.say(f"/{act} weekend"))
    assert desk.asked == []
    assert "Nothing was done" not in text_of(desk.press(word))
    assert "Nothing was done" in text_of(desk.press(word))
    assert desk.asked == [(act, f"weekend (telegram {ANN})")]
    assert [one[0] for one in desk.record] == [f"{act} asked for", act, f"{act} confirmed"]


def test_a_confirmation_is_void_after_thirty_seconds(desk: Desk) -> None:
    word = button_of(desk.say("/halt"))
    desk.clock.step(30.5)
    assert "Nothing was done" in text_of(desk.press(word))
    assert desk.asked == []


def test_a_confirmation_is_of_its_chat_and_its_act_alone(desk: Desk) -> None:
    assert "Nothing was done" in text_of(desk.press(button_of(desk.say("/flatten")), chat=BOB))
    other = button_of(desk.say("/flatten")).replace("flatten:", "halt:")
    assert "Nothing was done" in text_of(desk.press(other))
    assert "Nothing was done" in text_of(desk.press("halt:guessed"))
    assert "Nothing was done" in text_of(desk.press("reset:guessed"))
    assert desk.asked == []


def test_the_word_that_confirms_stands_in_no_text(desk: Desk) -> None:
    reply = desk.say("/halt")
    assert button_of(reply).partition(":")[2] not in text_of(reply)
    assert len(button_of(reply)) <= 64  # what Telegram takes behind a button


@pytest.mark.parametrize(
    "text",
    [
        "reset the breaker",
        "raise the daily loss limit",
        "go live",
        "/kickoff",
        "/long BTC 0.9",
        "/close BTC",
        "/mode premium",
        "/tighten daily_loss 0.5",
        "/stop",
    ],
)
def test_nothing_else_is_done_from_a_messenger(desk: Desk, house: House, text: str) -> None:
    reply = desk.say(text)
    assert "ot from here" in text_of(reply)
    assert reply is not None
    assert reply.buttons == ()
    assert desk.asked == []
    assert house.controls.kickoffs.run is None


def test_a_stranger_hears_nothing_and_leaves_one_row_an_hour(desk: Desk) -> None:
    for text in ("/status", "/halt", "/help"):
        assert desk.say(text, chat=666) is None
    assert desk.press("halt:x", chat=666) is None
    assert desk.record == [("wrote to the bot", "telegram 666", "silence: not on the list of chats")]
    desk.clock.step(3601)
    desk.say("/status", chat=666)
    assert len(desk.record) == 2


def test_a_thousand_strangers_fill_no_record(desk: Desk) -> None:
    for number in range(1000):
        desk.say("/status", chat=10_000 + number)
    assert len(desk.record) == 200


def test_a_command_that_comes_late_is_not_done(desk: Desk) -> None:
    assert "too late" in text_of(desk.say("/halt", age=61))
    assert "too late" in text_of(desk.say("/pause", age=3600))
    assert desk.record == []


def test_an_alert_is_acknowledged_by_its_number_or_all_that_wait(desk: Desk) -> None:
    for key in ("a", "b"):
        desk.outbox.post(Alert(kind=Kind.TRIP, level=Level.CRITICAL, title=key, key=key))
    assert text_of(desk.say("/ack 1")) == "1 alert acknowledged."
    assert text_of(desk.say("/ack@our_bot")) == "1 alert acknowledged."
    assert text_of(desk.say("/ack")) == "Nothing waited for that."
    assert {one.by for one in desk.outbox.alerts()} == {f"telegram {ANN}"}


def test_markdown_becomes_plain_text() -> None:
    table = "**Flat**\n\n| Symbol | Side |\n|---|---|\n| BTC\\_USDT | long |"
    assert plain_of(table) == "Flat\n\n Symbol  Side \n BTC_USDT  long"


@pytest.fixture(scope="module")
def server() -> Iterator[Web]:
    with web_server() as web:
        yield web


@pytest.fixture
def web(server: Web) -> Web:
    server.status = 200
    server.requests.clear()
    server.updates.clear()
    return server


def message(number: int, text: Any, at: StepClock, **changes: Any) -> dict[str, Any]:
    """A message as Telegram tells it."""
    told = {
        "message_id": number,
        "from": {"id": ANN, "is_bot": False, "first_name": "Ann"},
        "chat": {"id": ANN, "type": "private", "first_name": "Ann"},
        "date": int(at.now().timestamp()),
        "text": text,
        **changes,
    }
    return {"update_id": number, "message": told}


def test_over_the_wire_a_halt_is_asked_confirmed_and_done_once_even_if_the_service_is_killed(
    desk: Desk, web: Web
) -> None:
    bot = TelegramBot(TOKEN, web.url)
    web.updates.append(message(10, "/halt", desk.clock))
    Listening(bot, desk.conversation, desk.outbox).once()
    [asked] = web.sent_to("/sendMessage")
    word = asked["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    press = {"id": "cb", "from": {"id": ANN}, "message": web.updates[0]["message"], "data": word}
    web.updates.append({"update_id": 11, "callback_query": press})
    Listening(bot, desk.conversation, desk.outbox).once()
    Listening(bot, desk.conversation, desk.outbox).once()  # as after a restart: what was heard is heard no more
    assert [act for act, _ in desk.asked] == ["halt"]
    assert web.sent_to("/answerCallbackQuery") == [{"callback_query_id": "cb"}]
    assert len(web.sent_to("/sendMessage")) == 2
    bot.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"chat": {"id": ANN, "type": "group"}},
        {"from": {"id": BOB}},
        {"forward_origin": {"type": "user"}},
        {"forward_date": 1},
        {"via_bot": {"id": 5}},
        {"text": 5},
    ],
)
def test_what_nobody_typed_in_a_private_chat_is_no_command(
    desk: Desk, web: Web, house: House, changes: dict[str, Any]
) -> None:
    web.updates.append(message(20, **{"text": "/pause", "at": desk.clock, **changes}))
    bot = TelegramBot(TOKEN, web.url)
    assert Listening(bot, desk.conversation, desk.outbox).once() == 1
    assert house.window.paused() is None
    assert web.sent_to("/sendMessage") == []
    bot.close()


@pytest.mark.parametrize("status", [401, 409, 502])
def test_a_telegram_that_refuses_is_an_error_without_the_token(web: Web, status: int) -> None:
    web.status = status
    bot = TelegramBot(TOKEN, web.url)
    with pytest.raises(FetchError) as caught:
        bot.updates(None, wait=0)
    assert TOKEN not in str(caught.value) + repr(caught.value.__cause__)
    bot.close()
