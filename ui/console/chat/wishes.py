"""From what somebody typed to what they want: slash commands word by word, plain sentences by a few written rules.

No model reads it, so nothing that stands in a log, a headline or a report can ever become a wish. What must never be
done from a chat is recognised first and refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from desk.domain.intents import Action
from ui.console.chat.questions import asked_after, asks_why, decision_named


class Kind(StrEnum):
    """What can be wished for."""

    HELP = "help"
    STATUS = "status"
    POSITIONS = "positions"
    PERFORMANCE = "performance"
    WHY = "why"
    WHAT_IF = "what_if"
    AGENT = "agent"
    MARKET = "market"
    COST = "cost"
    DECISIONS = "decisions"
    KICKOFF = "kickoff"
    STOP = "stop"
    PAUSE = "pause"
    RESUME = "resume"
    HALT = "halt"
    FLATTEN = "flatten"
    MODE = "mode"
    TIGHTEN = "tighten"
    ACK = "ack"
    TRADE = "trade"
    NEVER = "never"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One wish. `symbols` are of the desk's list; `words` are what else was said with it.

    `decision` is the id, or its beginning, of the decision that was named. `actions` are those that a question asks
    after: none of them when it asks after whatever was decided.
    """

    kind: Kind
    symbols: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    number: int = 0
    decision: str = ""
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the desk knows by name: its symbols and its agents."""

    symbols: tuple[str, ...]
    agents: tuple[str, ...]


SLASH: dict[str, tuple[Kind, str, str]] = {
    "help": (Kind.HELP, "", "what can be said here"),
    "status": (Kind.STATUS, "", "equity, today, limits, breaker"),
    "positions": (Kind.POSITIONS, "", "what is held and what protects it"),
    "decisions": (Kind.DECISIONS, "[SYMBOL]", "the newest decisions"),
    "performance": (Kind.PERFORMANCE, "", "trades, win rate, profit factor, Sharpe, drawdown"),
    "why": (Kind.WHY, "[SYMBOL or DECISION]", "why the desk did what it did"),
    "whatif": (Kind.WHAT_IF, "AGENT [DECISION]", "the decision had this agent not reported"),
    "agent": (Kind.AGENT, "AGENT", "what an agent said, and how often it was right"),
    "market": (Kind.MARKET, "[SYMBOL]", "what the desk last saw of a market"),
    "cost": (Kind.COST, "", "what the models cost today"),
    "kickoff": (Kind.KICKOFF, "[SYMBOLS] [ROUNDS]", "let the crew decide"),
    "stop": (Kind.STOP, "", "end the kickoff after its decision"),
    "pause": (Kind.PAUSE, "[REASON]", "let the crew decide nothing more"),
    "resume": (Kind.RESUME, "", "let it go on"),
    "flatten": (Kind.FLATTEN, "[REASON]", "close everything, after a confirmation"),
    "halt": (Kind.HALT, "[REASON]", "close everything and lock, after a confirmation"),
    "mode": (Kind.MODE, "NAME", "how models are paid from the next kickoff on"),
    "tighten": (Kind.TIGHTEN, "LIMIT VALUE", "make a limit of the guard stricter"),
    "ack": (Kind.ACK, "[NUMBER]", "acknowledge an alert, or all that wait"),
    "long": (Kind.TRADE, "SYMBOL [CONVICTION]", "ask the guard for a long position, after a confirmation"),
    "short": (Kind.TRADE, "SYMBOL [CONVICTION]", "ask the guard for a short position, after a confirmation"),
    "close": (Kind.TRADE, "SYMBOL", "ask the guard to close a position, after a confirmation"),
}
_NEVER = re.compile(
    r"\breset\b.*\b(breaker|latch|guard|halt|limit|lock)|\b(unlock|unhalt|re-?arm)\b"
    r"|\b(lift|remove|disable|turn off|switch off|ignore|bypass|override)\b.*\b(limit|breaker|latch|guard|stops?\b)"
    r"|\b(raise|increase|loosen|relax|widen|higher|bigger)\b.*\b(limit|leverage|risk|loss|drawdown)"
    r"|\bgo(ing)? live\b|\breal money\b|\bswitch\b.*\blive\b|\blive profile\b"
)
_RULES: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (Kind.FLATTEN, r"\b(flatten|close (everything|all)|get (us )?out|exit (everything|all))\b"),
        (Kind.HALT, r"\b(halt|emergency|panic|kill switch)\b"),
        (Kind.WHAT_IF, r"\bwhat if\b|\bwithout (the )?\w+|\bhad not reported\b"),
        (Kind.WHY, r"\bwhy\b|\bexplain\b|\breason for\b"),
        (Kind.TRADE, r"^(please )?(buy|go long|long|go short|short|sell|close|exit)\b"),
        (Kind.RESUME, r"\b(resume|go on|continue|unpause)\b"),
        (Kind.STOP, r"\bstop (the )?(kickoff|run|deciding)\b"),
        (Kind.PAUSE, r"\b(pause|hold off|take a break|stop trading)\b"),
        (Kind.KICKOFF, r"\b(kick ?off|decide|run the crew|run a (round|cycle)|look again|start (the )?crew)\b"),
        (Kind.COST, r"\b(cost|spent|spend|budget|tokens)\b"),
        (Kind.AGENT, r"\bhow (did|is|does|good|well)\b.*\bagent\b|\bagents?\b.*\b(do|doing|right|record|score)"),
        (Kind.PERFORMANCE, r"\b(performance|track record|win rate|profit factor|sharpe|drawdown)\b"),
        (Kind.POSITIONS, r"\b(positions?|holding|hold|exposure|open trades?)\b"),
        (Kind.DECISIONS, r"\bdecisions\b|\blast (few )?decisions?\b"),
        (Kind.STATUS, r"\b(status|safe|how are we|equity|balance|pnl|p&l|profit|loss|breaker|limits?)\b"),
        (Kind.MARKET, r"\b(market|regime|trend|signal|how is|news|spikes?)\b"),
        (Kind.HELP, r"\b(help|commands|what can)\b"),
    )
)
_QUESTIONS = tuple(rule for rule in _RULES if rule[0] in (Kind.WHAT_IF, Kind.WHY))
_VERBS = {"buy": "long", "long": "long", "short": "short", "sell": "sell", "close": "close", "exit": "close"}
_CONVICTION = re.compile(r"\b(?:conviction|sure|confidence)\s+(?:of\s+)?([0-9.]{1,8})")
# What of a sentence is the wish itself; the rest is why.
_REASON = re.compile(r"^(please )?(pause|halt|flatten)\b[\s,:;.!-]*((because|since|for|as)\b\s*)?", re.IGNORECASE)
_REASONED = frozenset({Kind.PAUSE, Kind.HALT, Kind.FLATTEN})
_COUNT = re.compile(r"\b([1-9][0-9]{0,2})\b(?!\s*%)")


def wish_of(text: str, known: Known) -> Wish:
    """What somebody wants. Never raises; what is not understood is UNKNOWN."""
    text = text.strip()
    low = text.lower()
    if _NEVER.search(low):
        return Wish(kind=Kind.NEVER)
    if text.startswith("/"):
        return _command(text[1:].split(), known)
    symbols = _symbols(text, known)
    agent = next((one for one in known.agents if re.search(rf"\b{re.escape(one)}\b", low)), "")
    rules = _QUESTIONS if asks_why(low) else _RULES
    kind = next((kind for kind, pattern in rules if pattern.search(low)), Kind.UNKNOWN)
    if kind is Kind.UNKNOWN and symbols:
        kind = Kind.MARKET
    if agent and kind in (Kind.UNKNOWN, Kind.MARKET, Kind.STATUS):
        kind = Kind.AGENT
    rounds = _COUNT.search(low)
    return Wish(
        kind=kind,
        symbols=symbols,
        words=_words(kind, text, agent),
        number=int(rounds[1]) if rounds else 0,
        decision=decision_named(low),
        actions=asked_after(low) if kind is Kind.WHY else (),
    )


def _words(kind: Kind, text: str, agent: str) -> tuple[str, ...]:
    """What a plain sentence says besides: the terms of a trade, the reason of an act, or an agent's name."""
    low = text.lower()
    if kind is Kind.TRADE:
        verb = next(_VERBS[word] for word in re.findall(r"[a-z]+", low) if word in _VERBS)
        sure = _CONVICTION.search(low)
        return (verb, sure[1]) if sure else (verb,)
    if kind in _REASONED:
        return tuple(_REASON.sub("", text, count=1).split())
    return (agent,) if agent else ()


def _command(words: Sequence[str], known: Known) -> Wish:
    name, *rest = words or ("help",)
    kind = SLASH.get(name.lower(), (Kind.UNKNOWN, "", ""))[0]
    symbols = _symbols(" ".join(rest), known)
    digits = 9 if kind is Kind.ACK else 3
    count = next((int(word) for word in rest if word.isascii() and word.isdigit() and len(word) <= digits), 0)
    left: Callable[[str], bool] = lambda word: _symbol(word, known) == ""  # noqa: E731
    said = tuple(word for word in rest if left(word))
    told = (name.lower(), *said) if kind is Kind.TRADE else said
    return Wish(kind=kind, symbols=symbols, words=told, number=count, decision=decision_named(" ".join(rest).lower()))


def _symbols(text: str, known: Known) -> tuple[str, ...]:
    found = (_symbol(word, known) for word in re.findall(r"[A-Za-z0-9]+", text))
    return tuple(dict.fromkeys(symbol for symbol in found if symbol))


def _symbol(word: str, known: Known) -> str:
    """The listed symbol a word means: BTCUSDT, btcusdt or BTC."""
    told = word.upper()
    return next((symbol for symbol in known.symbols if told in (symbol, symbol.removesuffix("USDT"))), "")
