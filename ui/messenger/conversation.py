"""What is answered in a private chat: reads and pauses at once, what cannot be taken back after a second step.

The second step is a button of that very chat: the word behind it is bound to chat, act and reason, spent by the first
press and void after thirty seconds. A message that came late is not carried out, for its moment has passed.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from desk.alerts import Outbox
from desk.alerts.telegram import Update
from desk.domain.errors import DeskError
from desk.ports import Clock
from ui.console.chat import Chat
from ui.console.chat.wishes import Kind, Known, Wish, wish_of
from ui.server.access import Identity
from ui.server.house import House

LATE = timedelta(seconds=60)
_HOUR, _STRANGERS = timedelta(hours=1), 200
_ALLOWED = frozenset(
    {
        Kind.HELP,
        Kind.STATUS,
        Kind.POSITIONS,
        Kind.DECISIONS,
        Kind.PERFORMANCE,
        Kind.WHY,
        Kind.WHAT_IF,
        Kind.AGENT,
        Kind.MARKET,
        Kind.COST,
        Kind.NEVER,
        Kind.PAUSE,
        Kind.RESUME,
        Kind.UNKNOWN,
    }
)
_CONFIRMED = frozenset({Kind.HALT, Kind.FLATTEN})
_ACK = re.compile(r"/ack(?:@\w+)?(?:\s+#?([0-9]{1,9}))?\s*", re.ASCII | re.IGNORECASE)
_HELP = (
    "/status /positions /performance /why /decisions /market /cost\n/pause [reason], /resume\n"
    "/flatten [reason], /halt [reason]: confirmed with a button within 30 seconds\n"
    "/ack [number]: acknowledge an alert, or all that wait\n"
    "Never from here: resetting the breaker, raising a limit, going live."
)

Noted = Callable[[str, str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is said back; `buttons` are what each shows and the word behind it."""

    text: str
    buttons: tuple[tuple[str, str], ...] = ()


class Conversation:
    """Answers the chats on the list. `noted` writes acts into the record: act, by whom, outcome."""

    def __init__(self, house: House, outbox: Outbox, clock: Clock, chats: frozenset[int], noted: Noted) -> None:
        self._house, self._outbox, self._clock, self._chats, self._noted = house, outbox, clock, chats, noted
        self._chat = Chat(house)
        self._strangers: OrderedDict[int, float] = OrderedDict()

    def answer(self, update: Update) -> Reply | None:
        """What is said to this; None is silence. Never raises for what somebody wrote."""
        if update.chat not in self._chats:
            self._note_stranger(update.chat)
            return None
        try:
            if update.button:
                return self._pressed(update)
            if update.at is None or self._clock.now() - update.at > LATE:
                return Reply(text="That reached the desk too late and was not done. Say it again if it still holds.")
            return self._said(update)
        except DeskError as error:
            return Reply(text=f"{error.message}. {error.hint}".strip())

    def _said(self, update: Update) -> Reply:
        acknowledged = _ACK.fullmatch(update.text.strip())
        if acknowledged is not None:
            return self._acknowledge(update, acknowledged[1])
        config = self._house.window.config
        text = re.sub(r"^(/\w+)@\w+", r"\1", update.text.strip())
        wish = wish_of(text, Known(symbols=config.desk.symbols, agents=tuple(config.agents)))
        if wish.kind in _CONFIRMED:
            return self._ask(update, wish)
        if wish.kind is Kind.HELP or text == "/start":
            return Reply(text=_HELP)
        if wish.kind not in _ALLOWED:
            self._noted(wish.kind.value, _by(update), "refused: not from a messenger")
            return Reply(text="Not from here. /help says what is.")
        said = plain_of(list(self._chat.answer(text, self._identity(update)))[-1].text)
        if wish.kind in (Kind.PAUSE, Kind.RESUME, Kind.NEVER):
            self._noted(wish.kind.value, _by(update), said)
        return Reply(text=said)

    def _ask(self, update: Update, wish: Wish) -> Reply:
        """Offer the second step."""
        words = self._house.access.confirmations
        reason = " ".join(wish.words) or f"{wish.kind.value} by Telegram"
        word = words.ask(_session(update.chat), wish.kind.value, {"reason": reason})
        title = _TITLES[wish.kind]
        self._noted(f"{wish.kind.value} asked for", _by(update), "waits for its confirmation")
        return Reply(
            text=f"{title} Confirm within {words.seconds:.0f} seconds.",
            buttons=((wish.kind.value.upper(), f"{wish.kind.value}:{word}"),),
        )

    def _pressed(self, update: Update) -> Reply:
        act, _, word = update.button.partition(":")
        terms = self._house.access.confirmations.redeem(_session(update.chat), act, word)
        if terms is None or act not in _ACTS:
            self._noted(
                f"{act[:20]} confirmed", _by(update), "refused: the confirmation is spent, late or not of this chat"
            )
            return Reply(text="That confirmation is spent, late or not of this chat. Nothing was done.")
        try:
            told = _ACTS[act](self._house, terms, _by(update))
        except DeskError as error:
            self._noted(act, _by(update), f"failed: {error.message}")
            raise
        self._noted(act, _by(update), told)
        return Reply(text=told)

    def _acknowledge(self, update: Update, number: str | None) -> Reply:
        count = self._outbox.acknowledge(int(number) if number else None, _by(update))
        told = f"{count} alert{'' if count == 1 else 's'} acknowledged." if count else "Nothing waited for that."
        self._noted(f"ack {number or 'all'}", _by(update), told)
        return Reply(text=told)

    def _note_stranger(self, chat: int) -> None:
        """One row an hour for each stranger, and never more than so many: who writes without end fills no record."""
        now = self._clock.monotonic()
        if now - self._strangers.get(chat, float("-inf")) < _HOUR.total_seconds():
            return
        full = len(self._strangers) >= _STRANGERS
        if full:
            oldest, at = next(iter(self._strangers.items()))
            if now - at < _HOUR.total_seconds():
                return
            del self._strangers[oldest]
        self._strangers[chat] = now
        self._strangers.move_to_end(chat)
        self._noted("wrote to the bot", f"telegram {chat}", "silence: not on the list of chats")

    def _identity(self, update: Update) -> Identity:
        return Identity(name=_by(update), operates=True, session=_session(update.chat))


def plain_of(markdown: str) -> str:
    """The chat's Markdown as plain text: a messenger is sent no markup at all."""
    lines = [line for line in markdown.split("\n") if not re.fullmatch(r"\|(-+\|)+", line.strip())]
    text = "\n".join(
        line.rstrip().strip("|").replace(" | ", "  ") if line.startswith("|") else line.rstrip() for line in lines
    )
    text = text.replace("**", "").replace("`", "") if "\\" not in text else _unescaped(text)
    return text.strip()


def _unescaped(text: str) -> str:
    kept = re.split(r"\\(.)", text)
    return "".join(part if place % 2 else part.replace("**", "").replace("`", "") for place, part in enumerate(kept))


def _halt(house: House, terms: Mapping[str, str], by: str) -> str:
    status = house.controls.halt(terms["reason"], asked_by=by)
    return f"Halted: the guard is {status.mode.replace('_', ' ').lower()}. Only crew reset at the machine lifts it."


def _flatten(house: House, terms: Mapping[str, str], by: str) -> str:
    status = house.controls.flatten(terms["reason"], asked_by=by)
    return f"Flattening: {len(status.positions)} positions are still open."


_ACTS: Mapping[str, Callable[[House, Mapping[str, str], str], str]] = {"halt": _halt, "flatten": _flatten}
_TITLES: Mapping[Kind, str] = {
    Kind.HALT: "Close everything and lock the desk?",
    Kind.FLATTEN: "Close every position and cancel every entry?",
}


def _session(chat: int) -> str:
    return f"telegram:{chat}"


def _by(update: Update) -> str:
    return f"telegram {update.chat}"
