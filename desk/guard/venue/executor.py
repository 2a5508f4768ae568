"""Performs one command at the venue and reports what came of it. Sends once; what it cannot tell it calls unknown."""

from __future__ import annotations

from desk.domain.errors import DataError, VenueError, VenueRejectedError, VenueUnavailableError
from desk.domain.orders import OrderRequest, OrderType, Side, StopRequest
from desk.guard.venue.lookout import Lookout, order_fact, stop_fact
from desk.guard.vocabulary.commands import (
    ArmDeadMan,
    AskOrder,
    AskStop,
    Command,
    DropOrder,
    DropStop,
    RestStop,
    SendEntry,
    SendExit,
)
from desk.guard.vocabulary.events import Answer, DeadManSet, Event, OrderSeen, StopSeen
from desk.ports import TradingVenue

_ID_TAKEN = -4116


class Executor:
    """The guard's hands. An answer that could not be had from a query is no event: the next look asks again."""

    def __init__(self, venue: TradingVenue, lookout: Lookout) -> None:
        self._venue, self._lookout = venue, lookout

    def perform(self, command: Command) -> Event | None:
        """Do it, once; returns the event that tells what the venue said, or None when there is nothing to tell."""
        match command:
            case SendEntry():
                return self._entry(command)
            case SendExit():
                return self._order(command, command.side, reduce_only=True)
            case RestStop():
                return self._stop(command)
            case AskOrder() | AskStop():
                return self._ask(command)
            case DropOrder() | DropStop():
                return self._drop(command)
            case ArmDeadMan():
                return self._count_down(command)
            case _:
                return None

    def _entry(self, command: SendEntry) -> Event:
        try:
            self._venue.prepare(command.symbol, command.leverage)
        except VenueRejectedError as error:
            return self._answer(command, "rejected", error)
        except (VenueError, DataError) as error:
            # Leverage may or may not be set; the order itself was certainly not sent.
            return self._answer(command, "unreached", error)
        return self._order(command, command.side, reduce_only=False)

    def _order(self, command: SendEntry | SendExit, side: Side, *, reduce_only: bool) -> Event:
        request = OrderRequest(
            symbol=command.symbol,
            side=side,
            type=OrderType.MARKET,
            quantity=command.quantity,
            client_id=command.client_id,
            reduce_only=reduce_only,
        )
        try:
            self._venue.submit(request)
        except (VenueError, DataError) as error:
            return self._answer(command, _result(error), error)
        return self._answer(command, "accepted", None)

    def _stop(self, command: RestStop) -> Event:
        request = StopRequest(
            symbol=command.symbol,
            side=command.side,
            type=command.kind,
            trigger=command.trigger,
            client_id=command.client_id,
        )
        try:
            self._venue.submit_stop(request)
        except (VenueError, DataError) as error:
            return self._answer(command, _result(error), error)
        return self._answer(command, "accepted", None)

    def _answer(
        self, command: SendEntry | SendExit | RestStop, result: str, error: VenueError | DataError | None
    ) -> Answer:
        return Answer(
            at_ms=self._lookout.at_ms,
            mono=self._lookout.mono,
            symbol=command.symbol,
            client_id=command.client_id,
            result=result,
            code=error.code if isinstance(error, VenueRejectedError) else 0,
            message="" if error is None else self._lookout.veil.over(error.message)[:200],
        )

    def _ask(self, command: AskOrder | AskStop) -> Event | None:
        symbol, name = command.symbol, command.client_id
        try:
            if isinstance(command, AskOrder):
                order = self._venue.find(symbol, name)
                fact = None if order is None else order_fact(order)
                now = (self._lookout.at_ms, self._lookout.mono)
                return OrderSeen(at_ms=now[0], mono=now[1], symbol=symbol, client_id=name, order=fact)
            stop = self._venue.find_stop(symbol, name)
            told = None if stop is None else stop_fact(stop)
            now = (self._lookout.at_ms, self._lookout.mono)
            return StopSeen(at_ms=now[0], mono=now[1], symbol=symbol, client_id=name, stop=told)
        except (VenueError, DataError):
            return None

    def _count_down(self, command: ArmDeadMan) -> Event | None:
        symbol, milliseconds = command.symbol, command.milliseconds
        try:
            self._venue.countdown(symbol, milliseconds)
        except (VenueError, DataError):
            # Believed to be armed: the next look tries again, to arm as to disarm.
            return None
        now = (self._lookout.at_ms, self._lookout.mono)
        return DeadManSet(at_ms=now[0], mono=now[1], symbol=symbol, milliseconds=milliseconds)

    def _drop(self, command: DropOrder | DropStop) -> None:
        try:
            if isinstance(command, DropOrder):
                self._venue.cancel(command.symbol, command.client_id)
            else:
                self._venue.cancel_stop(command.symbol, command.client_id)
        except (VenueError, DataError):
            # The next look still shows it, and it is dropped again.
            return


def _result(error: VenueError | DataError) -> str:
    if isinstance(error, VenueRejectedError):
        # "This id is taken" means that an order of ours bears it: the network delivered the request twice.
        return "unknown" if error.code == _ID_TAKEN else "rejected"
    if isinstance(error, VenueUnavailableError):
        return "unreached"
    # OutcomeUnknownError, and every answer that does not read: it may have been accepted.
    return "unknown"
