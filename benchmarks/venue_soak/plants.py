"""Defects that traders' programs have had, one class each: a soak that does not catch them proves nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from benchmarks.venue_soak.ledger import Known, KnownOrder, KnownStop, Word
from benchmarks.venue_soak.trader import Trader
from desk.domain.errors import DataError, VenueError
from desk.domain.moments import from_ms
from desk.domain.money import ZERO
from desk.domain.orders import Fill, OrderView


class ResendOnTimeout(Trader):
    """Takes no answer for no order, and sends again under a new id."""

    def resolve(self, known: Known) -> None:
        known.word = Word.DENIED


class ForgetUnknown(Trader):
    """Takes no answer for a refusal, and thinks no more of it."""

    def resolve(self, known: Known) -> None:
        known.word = Word.REFUSED


class TrustAck(Trader):
    """Books the fill from the answer to the order, at the price it asked for."""

    def acknowledged(self, known: KnownOrder, view: object) -> None:
        super().acknowledged(known, view)
        assert isinstance(view, OrderView)
        known.view = view
        if view.filled > ZERO:
            price = known.asked.price or self.marks.get(known.asked.symbol, ZERO)
            fill = Fill(
                symbol=view.symbol, trade_id=-view.order_id, order_id=view.order_id, side=view.side,
                quantity=view.filled, price=price, fee=ZERO, realized=ZERO, maker=False, at=view.updated_at,
            )  # fmt: skip
            self.ledger.book((fill,))


class NoDedupe(Trader):
    """Books every row of every list of trades."""

    def read_fills(self, since: datetime) -> None:
        for symbol in self.symbols:
            self.tolerate(lambda symbol=symbol: self._enter(self.gateway.fills(symbol, since)))

    def _enter(self, fills: Iterable[Fill]) -> None:
        for fill in fills:
            self.ledger.enter(fill)


class OneDenial(Trader):
    """Believes the first "no such order"."""

    def resolve(self, known: Known) -> None:
        while known.word is Word.DOUBT:
            if self.ask(known) is False:
                known.word = Word.DENIED


class NoStopList(Trader):
    """Thinks that a stop rests where it was put, and never reads the list of conditional orders."""

    def read_stops(self) -> None:
        return


class Watermark(Trader):
    """Reads trades only from where the last look ended, whether or not that look succeeded."""

    seen: datetime | None = None

    def read_fills(self, since: datetime) -> None:
        super().read_fills(self.seen or since)
        self.seen = from_ms(self.clock.now_ms)

    def settle(self) -> None:
        self.began = self.seen or self.began
        super().settle()


class BelieveCancel(Trader):
    """Holds an order for cancelled because it asked for that."""

    def drop_order(self, known: KnownOrder) -> None:
        super().drop_order(known)
        known.word = Word.REFUSED

    def drop_stop(self, known: KnownStop) -> None:
        super().drop_stop(known)
        known.word = Word.REFUSED


class UnknownIsUnreached(Trader):
    """Takes every error of the wire for "the venue was not reached"."""

    def answered_badly(self, known: Known, error: VenueError | DataError) -> None:
        super().answered_badly(known, error)
        if known.word is Word.DOUBT:
            known.word = Word.UNREACHED


PLANTS: Mapping[str, type[Trader]] = MappingProxyType(
    {
        "resend-on-timeout": ResendOnTimeout,
        "forget-unknown": ForgetUnknown,
        "trust-ack": TrustAck,
        "no-dedupe": NoDedupe,
        "one-denial": OneDenial,
        "no-stop-list": NoStopList,
        "watermark": Watermark,
        "believe-cancel": BelieveCancel,
        "unknown-is-unreached": UnknownIsUnreached,
    }
)
