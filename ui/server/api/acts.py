"""The acts: each makes the desk safer, or goes through the guard's gate; none loosens anything.

A person confirms what cannot be taken back: they ask for a word (`/confirmations`), which their page repeats within
thirty seconds, once. A program's token is its own word: it has nobody to ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from crews.judgement.asked import Asked
from crews.running.asked import Answered
from desk.domain.errors import PrerequisiteError
from desk.domain.intents import Action
from desk.domain.money import amount, plain
from desk.guard.vocabulary.status import GuardStatus
from ui.server.api.asked import SYMBOL
from ui.server.house import house_of, who

router = APIRouter(tags=["acts"])
Reason = Annotated[str, Field(min_length=1, max_length=300)]
Fraction = Annotated[str, Field(pattern=r"^(0|1|0\.[0-9]{1,6}|1\.0{1,6})$", examples=["0.5"])]
OneSymbol = Annotated[str, Field(pattern=SYMBOL)]


class Act(StrEnum):
    """What needs a second step from a person."""

    HALT = "halt"
    FLATTEN = "flatten"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ConfirmationWanted(_Body):
    """Which act is to be confirmed."""

    act: Act


class ConfirmationWord(BaseModel):
    """The word to repeat, once, within so many seconds."""

    word: str
    seconds: float


class Reasoned(_Body):
    """Why, for the guard's journal; and the word of a person's confirmation."""

    reason: Reason
    confirmation: str = Field("", max_length=100)


class KickoffWanted(_Body):
    """Symbols to decide on (none: the profile's own) and how many rounds."""

    symbols: tuple[OneSymbol, ...] = Field((), max_length=50)
    cycles: int = Field(1, ge=1, le=1000)


class TradeWanted(_Body):
    """A trade by a program: how sure (it sizes), and distances as fractions of the price, or the desk's own.

    A person's terms are those they confirmed, and only the word is sent.
    """

    symbol: OneSymbol | None = None
    action: Literal["OPEN_LONG", "OPEN_SHORT", "CLOSE"] | None = None
    conviction: Fraction = "0.5"
    stop_pct: Fraction | None = None
    target_pct: Fraction | None = None
    confirmation: str = Field("", max_length=100)


class TradeTold(BaseModel):
    """The guard's verdict on an asked trade, by which rule, on which numbers, and how far it was carried out."""

    decision_id: str
    outcome: str
    rule: str
    message: str
    numbers: dict[str, str]
    quantity: str
    filled: str
    phase: str


class RunTold(BaseModel):
    """A kickoff as it stands."""

    number: int
    symbols: tuple[str, ...]
    cycles: int
    over: bool
    decisions: tuple[str, ...]
    error: str
    hint: str


class Tightened(_Body):
    """Limits by name, each with its new and stricter value."""

    limits: dict[str, str] = Field(min_length=1, max_length=20, examples=[{"daily_loss": "0.03"}])


class Done(BaseModel):
    """Whether anything changed."""

    changed: bool


@router.post("/confirmations")
def confirmations(request: Request, body: ConfirmationWanted) -> ConfirmationWord:
    """A word that confirms one act of this session within thirty seconds. Programs need none."""
    asks = who(request)
    if not asks.is_person:
        raise PrerequisiteError("a program's token needs no confirmation")
    words = house_of(request).access.confirmations
    return ConfirmationWord(word=words.ask(asks.session, body.act.value), seconds=words.seconds)


@router.post("/halt")
def halt(request: Request, body: Reasoned) -> GuardStatus:
    """Cancel entries, close positions, lock. Only `crew reset` at the machine lifts it."""
    _confirmed(request, Act.HALT, body.confirmation)
    return house_of(request).controls.halt(body.reason, asked_by=who(request).name)


@router.post("/flatten")
def flatten(request: Request, body: Reasoned) -> GuardStatus:
    """Close every position and cancel every entry, without locking the desk."""
    _confirmed(request, Act.FLATTEN, body.confirmation)
    return house_of(request).controls.flatten(body.reason, asked_by=who(request).name)


@router.post("/trades")
def trade(request: Request, body: TradeWanted) -> TradeTold:
    """Ask the guard for one trade. It is recorded, judged and sized like every decision; nobody names a quantity."""
    asks, house = who(request), house_of(request)
    terms: Mapping[str, str | None] = body.model_dump(exclude={"confirmation"})
    if asks.is_person:
        confirmed = house.access.confirmations.redeem(asks.session, "trade", body.confirmation)
        if confirmed is None:
            raise PrerequisiteError(
                "a trade needs a fresh confirmation of this session", hint="/long BTCUSDT in the chat"
            )
        terms = confirmed
    return told_of(house.controls.trade(asked_of(terms, by=asks.name)))


def asked_of(terms: Mapping[str, str | None], *, by: str) -> Asked:
    """A wish from its texts. Raises PrerequisiteError where symbol or action is missing."""
    symbol, action = terms.get("symbol"), terms.get("action")
    if not symbol or not action:
        raise PrerequisiteError(
            "a trade names its symbol and its action", hint='{"symbol": "BTCUSDT", "action": "CLOSE"}'
        )
    stop, target = terms.get("stop_pct"), terms.get("target_pct")
    return Asked(
        symbol=symbol,
        action=Action(action),
        by=by,
        conviction=amount(terms.get("conviction") or "0.5"),
        stop_pct=amount(stop) if stop else None,
        target_pct=amount(target) if target else None,
    )


def told_of(answered: Answered) -> TradeTold:
    """The guard's answer in the words of this interface."""
    verdict, execution = answered.answer.verdict, answered.answer.execution
    return TradeTold(
        decision_id=answered.decision_id,
        outcome=verdict.outcome.value,
        rule=verdict.rule,
        message=verdict.message,
        numbers=dict(verdict.numbers),
        quantity=plain(verdict.quantity),
        filled=plain(execution.filled),
        phase=execution.phase,
    )


@router.post("/limits")
def limits(request: Request, body: Tightened) -> GuardStatus:
    """Make limits stricter; the guard refuses what would loosen one."""
    return house_of(request).controls.tighten(body.limits)


@router.post("/kickoffs", status_code=HTTPStatus.ACCEPTED)
def kickoff(request: Request, body: KickoffWanted) -> RunTold:
    """Let the crew decide; `/events` tells its steps. Not for real money, which starts at the machine alone."""
    house = house_of(request)
    if house.window.config.profile.allows.real_money:
        raise PrerequisiteError("real money is started at the machine alone", hint="crew kickoff --profile live …")
    run = house.controls.kickoffs.start(body.symbols, cycles=body.cycles, asked_by=who(request).name)
    return RunTold.model_validate(run, from_attributes=True)


@router.get("/kickoffs/current")
def current(request: Request) -> RunTold | None:
    """The newest kickoff of this server, at work or over; null before the first."""
    run = house_of(request).controls.kickoffs.run
    return None if run is None else RunTold.model_validate(run, from_attributes=True)


@router.post("/kickoffs/stop")
def stop(request: Request) -> Done:
    """Let the kickoff at work end after its decision."""
    return Done(changed=house_of(request).controls.kickoffs.stop())


@router.post("/pause")
def pause(request: Request, body: Reasoned) -> Done:
    """Let the crew decide nothing more. The guard works on."""
    house = house_of(request)
    was = house.window.paused() is not None
    house.controls.pause(body.reason, asked_by=who(request).name)
    return Done(changed=not was)


@router.post("/resume")
def resume(request: Request) -> Done:
    """Let the crew decide again."""
    return Done(changed=house_of(request).controls.resume())


def _confirmed(request: Request, act: Act, word: str) -> None:
    """Raise PrerequisiteError when a person has not confirmed this act in this session just now."""
    asks = who(request)
    if asks.is_person and house_of(request).access.confirmations.redeem(asks.session, act.value, word) is None:
        raise PrerequisiteError(
            f"{act.value} needs a fresh confirmation of this session", hint="ask for one; it holds thirty seconds, once"
        )
