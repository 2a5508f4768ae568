"""The chat of one house: each message becomes a wish, each wish an answer, some of them over time."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Mapping

from desk.domain.errors import DeskError, PrerequisiteError
from ui.console.chat import answers, explaining
from ui.console.chat.said import Said, code
from ui.console.chat.said import plain as text_of
from ui.console.chat.steps import Watching
from ui.console.chat.wishes import Kind, Known, Wish, wish_of
from ui.controls.kickoffs import Heard
from ui.figures import sentence
from ui.server.access import Identity
from ui.server.house import House

_MOST_CHARS, _MOST_ROUNDS = 2000, 100
_LOOK_SECONDS = 0.4
_READS: Mapping[Kind, Callable[[House, Wish], str]] = {
    Kind.HELP: answers.helps,
    Kind.STATUS: answers.status,
    Kind.POSITIONS: answers.positions,
    Kind.DECISIONS: answers.decisions,
    Kind.PERFORMANCE: answers.performance,
    Kind.WHY: explaining.why,
    Kind.WHAT_IF: explaining.what_if,
    Kind.AGENT: answers.agent,
    Kind.MARKET: answers.market,
    Kind.COST: answers.cost,
    Kind.NEVER: answers.never,
}


class Chat:
    """Answers people. Whoever asks is looked up anew for each message; what they may not do is refused here too."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._acts: Mapping[Kind, Callable[[Wish, Identity], Iterator[Said]]] = {
            Kind.KICKOFF: self._kickoff,
            Kind.STOP: self._stop,
            Kind.PAUSE: self._pause,
            Kind.RESUME: self._resume,
            Kind.MODE: self._mode,
            Kind.TIGHTEN: self._tighten,
            Kind.ACK: self._acknowledge,
            Kind.HALT: self._confirm,
            Kind.FLATTEN: self._confirm,
            Kind.TRADE: self._trade,
        }

    def answer(self, text: str, asks: Identity) -> Iterator[Said]:
        """The answer as it grows. A desk error is told in its own words; any other fault is the caller's to tell."""
        config = self._house.window.config
        known = Known(symbols=config.desk.symbols, agents=tuple(config.agents))
        wish = wish_of(text[:_MOST_CHARS], known)
        try:
            if wish.kind in _READS:
                yield Said(text=_READS[wish.kind](self._house, wish))
            elif wish.kind in self._acts:
                answers.require_operator(asks.operates)
                yield from self._acts[wish.kind](wish, asks)
            else:
                yield Said(text=_LOST)
        except DeskError as error:
            hint = f"  \n{text_of(error.hint)}" if error.hint else ""
            yield Said(text=f"**{text_of(sentence(error.message))}**{hint}")

    def _kickoff(self, wish: Wish, asks: Identity) -> Iterator[Said]:
        """Start one and tell its steps as they happen."""
        if self._house.window.config.profile.allows.real_money:
            raise PrerequisiteError("real money is started at the machine alone", hint="crew kickoff --profile live")
        heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        kickoffs = self._house.controls.kickoffs
        forget = kickoffs.listen(heard.put)
        try:
            rounds = min(max(wish.number, 1), _MOST_ROUNDS)
            run = kickoffs.start(wish.symbols, cycles=rounds, asked_by=asks.name)
            watching = Watching()
            yield watching.said
            while True:
                try:
                    one = heard.get(timeout=_LOOK_SECONDS)
                except queue.Empty:
                    continue
                if one.run.number != run.number:
                    continue
                watching.hear(one)
                yield watching.said
                if one.run.over:
                    return
        finally:
            forget()

    def _stop(self, wish: Wish, asks: Identity) -> Iterator[Said]:
        del wish, asks
        stopped = self._house.controls.kickoffs.stop()
        yield Said(text="It ends after its decision." if stopped else "No kickoff of this server is at work.")

    def _pause(self, wish: Wish, asks: Identity) -> Iterator[Said]:
        told = self._house.controls.pause(" ".join(wish.words) or "paused in the chat", asked_by=asks.name)
        yield Said(text=f"The crew pauses: {text_of(told.reason)}. The guard works on; `/resume` lets it go on.")

    def _resume(self, wish: Wish, asks: Identity) -> Iterator[Said]:
        del wish, asks
        was = self._house.controls.resume()
        yield Said(text="The crew may decide again." if was else "The crew was not paused.")

    def _mode(self, wish: Wish, asks: Identity) -> Iterator[Said]:
        del asks
        if not wish.words:
            raise PrerequisiteError("which way of paying?", hint=", ".join(self._house.window.config.desk.modes))
        self._house.controls.pay(wish.words[0])
        yield Said(text=f"From the next kickoff on the desk pays as **{text_of(wish.words[0])}**.")

    def _tighten(self, wish: Wish, asks: Identity) -> Iterator[Said]:
        del asks
        if len(wish.words) != 2:
            status = self._house.window.guard.look().status
            names = f"; one of {', '.join(status.limits)}" if status else ""
            raise PrerequisiteError("which limit, and to what?", hint=f"/tighten daily_loss 0.03{names}")
        name, value = wish.words
        self._house.controls.tighten({name: value})
        yield Said(text=f"The guard holds {code(name)} to {text_of(value)} from now on.")

    def _acknowledge(self, wish: Wish, asks: Identity) -> Iterator[Said]:
        count = self._house.controls.acknowledge(wish.number or None, asked_by=asks.name)
        yield Said(
            text=f"{count} alert{'' if count == 1 else 's'} acknowledged." if count else "Nothing waited for that."
        )

    def _confirm(self, wish: Wish, asks: Identity) -> Iterator[Said]:
        """Ask the page of this very session to confirm; the word for it never stands in the chat."""
        words = self._house.access.confirmations
        word = words.ask(asks.session, wish.kind.value)
        told = {"act": wish.kind.value, "word": word, "seconds": words.seconds, "reason": " ".join(wish.words)[:200]}
        self._house.hub.tell({"type": "confirm", "confirm": told}, session=asks.session)
        yield Said(text=f"Confirm **{wish.kind.value}** in the dialog; it holds for {words.seconds:.0f} seconds.")

    def _trade(self, wish: Wish, asks: Identity) -> Iterator[Said]:
        """Ask the page to confirm a trade; its terms are kept with the word, so that no page can change them."""
        if not wish.symbols:
            raise PrerequisiteError("which symbol?", hint="/long BTCUSDT 0.5")
        if wish.words[0] not in _ACTIONS:
            symbol = wish.symbols[0]
            raise PrerequisiteError("sell what is held, or go short?", hint=f"/close {symbol}, or /short {symbol}")
        terms = {"symbol": wish.symbols[0], "action": _ACTIONS[wish.words[0]], "conviction": _conviction(wish)}
        words = self._house.access.confirmations
        sizes = "" if wish.words[0] == "close" else f" at conviction {terms['conviction']}"
        told = {
            "act": "trade",
            "word": words.ask(asks.session, "trade", terms),
            "seconds": words.seconds,
            "title": f"{wish.words[0].capitalize()} {wish.symbols[0]}{sizes}",
            "text": "The guard checks and sizes it from its own equity, and may refuse.",
            "button": "Ask the guard",
            "path": "/api/v1/trades",
            "body": {},
        }
        self._house.hub.tell({"type": "confirm", "confirm": told}, session=asks.session)
        yield Said(
            text=f"Confirm **{text_of(str(told['title']))}** in the dialog; the guard decides what becomes of it."
        )


def _conviction(wish: Wish) -> str:
    """The conviction that was named, in (0, 1]; half where none was."""
    told = next((word for word in wish.words[1:] if word.replace(".", "", 1).isdigit() and word.isascii()), "0.5")
    if not 0 < float(told) <= 1:
        raise PrerequisiteError("a conviction lies between 0 and 1", hint="/long BTCUSDT 0.5")
    return told


_ACTIONS = {"long": "OPEN_LONG", "short": "OPEN_SHORT", "close": "CLOSE"}
_LOST = (
    "I did not understand that, and I do not guess. Try “why did you hold BTC”, “how did the news agent do”, "
    "“kickoff”, “what if news had not reported”, or `/help`."
)
