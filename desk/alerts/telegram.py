"""A Telegram bot that listens by long polling: no address of ours is open to anybody.

What it hears is checked before it is believed: only private chats, only words that were typed there just now, no
forwarded ones. The token is part of every address, so no error and no log of ours repeats an address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from desk.domain.errors import FetchError
from desk.domain.moments import from_ms

MOST_CHARS = 4000
_ANSWER_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Something that reached the bot. `chat` is 0 where it came by another way than a private chat.

    Of a button that was pressed, `button` is what stands behind it and `press` names the press.
    """

    number: int
    chat: int
    text: str = ""
    at: datetime | None = None
    button: str = ""
    press: str = ""


class _Heard(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Party(_Heard):
    id: int
    type: str = ""


class _Message(_Heard):
    chat: _Party
    sender: _Party | None = Field(None, alias="from")
    date: int
    text: str = ""
    forward_origin: dict[str, Any] | None = None
    forward_date: int | None = None
    via_bot: dict[str, Any] | None = None

    @property
    def is_typed(self) -> bool:
        """Whether the person of this private chat typed it."""
        own = self.sender is not None and self.sender.id == self.chat.id and self.chat.type == "private"
        return own and self.forward_origin is None and self.forward_date is None and self.via_bot is None


class _Press(_Heard):
    id: str
    sender: _Party = Field(alias="from")
    message: _Message | None = None
    data: str = ""


class _Update(_Heard):
    update_id: int
    message: _Message | None = None
    callback_query: _Press | None = None


class TelegramBot:
    """The bot. Every method raises FetchError, without the token, when Telegram does not answer. Close it after use."""

    def __init__(self, token: str, base_url: str) -> None:
        self._base = f"{base_url.rstrip('/')}/bot{token}"
        self._http = httpx.Client(timeout=_ANSWER_SECONDS, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def updates(self, after: int | None, *, wait: float) -> tuple[Update, ...]:
        """What came after this update, waiting so many seconds for something to come."""
        wanted: dict[str, Any] = {"timeout": int(wait), "allowed_updates": ["message", "callback_query"]}
        if after is not None:
            wanted["offset"] = after + 1
        result = self._call("getUpdates", wanted, timeout=wait + _ANSWER_SECONDS)
        if not isinstance(result, list):
            raise FetchError("Telegram answered with no list", rule="answer")
        told = cast("list[object]", result)
        return tuple(_update_of(cast("dict[str, Any]", one)) for one in told if isinstance(one, dict))

    def say(self, chat: int, text: str, buttons: Sequence[tuple[str, str]] = ()) -> None:
        """Send a text as it stands, no markup in it, with buttons below: what each shows, and what stands behind it."""
        told: dict[str, Any] = {
            "chat_id": chat,
            "text": text[:MOST_CHARS],
            "link_preview_options": {"is_disabled": True},
        }
        if buttons:
            row = [{"text": shown, "callback_data": behind} for shown, behind in buttons]
            told["reply_markup"] = {"inline_keyboard": [row]}
        self._call("sendMessage", told)

    def answer(self, press: str) -> None:
        """Tell the page that a press was heard."""
        self._call("answerCallbackQuery", {"callback_query_id": press})

    def _call(self, method: str, told: Mapping[str, Any], *, timeout: float = _ANSWER_SECONDS) -> object:
        try:
            answer = self._http.post(f"{self._base}/{method}", json=dict(told), timeout=timeout)
            data = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchError(f"Telegram was not reached: {type(error).__name__}", rule="unreachable") from None
        except ValueError:
            raise FetchError("Telegram did not answer in JSON", rule="answer") from None
        told_back = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
        if told_back.get("ok") is not True:
            raise FetchError(f"Telegram refused {method}: {answer.status_code}", rule="status")
        return told_back.get("result")


def _update_of(told: dict[str, Any]) -> Update:
    """One update; what does not read, or came another way, is an update from nobody, so that it is passed by once."""
    number = told.get("update_id")
    if type(number) is not int:
        raise FetchError("Telegram told an update without a number", rule="answer")
    try:
        heard = _Update.model_validate(told)
    except ValidationError:
        return Update(number=number, chat=0)
    if heard.message is not None:
        one = heard.message
        if one.is_typed:
            return Update(number=number, chat=one.chat.id, text=one.text, at=from_ms(one.date * 1000))
        # Told apart from strangers' by its chat alone: it is not of the one who may ask.
        return Update(number=number, chat=0 if one.sender is None else -abs(one.sender.id))
    press = heard.callback_query
    if press is None or press.message is None or press.message.chat.id != press.sender.id:
        return Update(number=number, chat=0)
    return Update(number=number, chat=press.sender.id, button=press.data, press=press.id)
