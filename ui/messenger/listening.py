"""The bot's ear: updates in order, each remembered before it is answered, so that a kill repeats no command."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress

from desk.alerts import Outbox
from desk.alerts.telegram import TelegramBot, Update
from desk.domain.errors import DeskError, FetchError
from ui.messenger.conversation import Conversation

_LOG = logging.getLogger(__name__)
_MARK = "telegram"
_POLL_SECONDS, _SLOWEST_SECONDS = 20.0, 60.0


class Listening:
    """Listens for one bot."""

    def __init__(self, bot: TelegramBot, conversation: Conversation, outbox: Outbox) -> None:
        self._bot, self._conversation, self._outbox = bot, conversation, outbox

    def listen(self, stopped: threading.Event, *, poll: float = _POLL_SECONDS) -> None:
        """Listen until stopped. A Telegram that does not answer is asked ever more slowly."""
        pause = 1.0
        while not stopped.is_set():
            try:
                self.once(poll=poll)
                pause = 1.0
            except DeskError as error:
                _LOG.warning("the bot hears nothing: %s", error)
                stopped.wait(pause)
                pause = min(pause * 2, _SLOWEST_SECONDS)
            except Exception:
                _LOG.exception("the bot failed")
                stopped.wait(pause)
                pause = min(pause * 2, _SLOWEST_SECONDS)

    def once(self, *, poll: float = 0) -> int:
        """Hear and answer what has come; how much that was. Raises FetchError or UnwritableError."""
        updates = self._bot.updates(self._outbox.mark(_MARK), wait=poll)
        for update in updates:
            self._outbox.set_mark(_MARK, update.number)
            self._answer(update)
        return len(updates)

    def _answer(self, update: Update) -> None:
        reply = self._conversation.answer(update)
        if reply is None:
            return
        if update.press:
            with suppress(FetchError):
                self._bot.answer(update.press)
        try:
            self._bot.say(update.chat, reply.text, reply.buttons)
        except FetchError as error:
            # It was done all the same, and the record says so.
            _LOG.warning("an answer was not delivered: %s", error)
