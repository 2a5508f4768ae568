"""The cases in which other systems lose money, as named tests: who fails in each stands in docs/controls.md."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from desk.domain.errors import DataError, VenueRejectedError, VenueUnavailableError
from desk.domain.intents import Action, Outcome
from desk.domain.orders import Side
from desk.guard.door.wire import intent_to_json
from desk.guard.vocabulary.state import Mode
from tests.unit.desk.guard.bench import Bench, whole

D = Decimal


def test_sell_five_against_two_in_reduce_only_ends_flat_and_never_short() -> None:
    """nautilus_trader's REDUCING state looks at the side and not at the size: it ends at minus three."""
    bench = Bench()
    bench.venue._trade("SOLUSDT", Side.BUY, D(2))
    bench.start()
    bench.look(times=2)
    bench.guard.state = replace(bench.guard.state, mode=Mode.REDUCE_ONLY, why="test")
    # Whatever size a crew has in mind, an intent states none: a short is refused, and a close is what is held.
    assert bench.propose(Action.OPEN_SHORT, "SOLUSDT").verdict.rule == "mode.reduce_only"
    bench.propose(Action.CLOSE, "SOLUSDT")
    assert bench.venue.held["SOLUSDT"] == 0
    assert [(order.quantity, order.reduce_only) for order in bench.venue.sent] == [(D(2), True)]


def test_minus_a_quarter_open_and_no_closed_trade_trips() -> None:
    """freqtrade's MaxDrawdown and hummingbot's kill switch count closed trades: both stay silent here."""
    bench = whole()
    bench.venue.move("BTCUSDT", "37500")
    assert bench.guard.state.ended == ()
    bench.look()
    assert bench.guard.state.latch is not None
    bench.look()
    assert (bench.flat, bench.mode) == (True, "LOCKED")


def test_trip_kill_restart_may_it_trade_no() -> None:
    """nofx and hummingbot keep their stop in memory: a restart trades again."""
    bench = whole()
    bench.venue.move("BTCUSDT", "47000")
    bench.venue.fail("submit", *[VenueUnavailableError("killed here")] * 3)
    bench.look()
    for _ in range(3):
        bench.start()
        bench.look(times=3)
        assert bench.propose().verdict.outcome is Outcome.REFUSED
    assert (bench.mode, bench.flat) == ("LOCKED", True)


def test_a_stop_refused_with_4120_is_an_exit_and_no_naked_position() -> None:
    """Since December 2025 stops live at another address: freqtrade's users had positions without any."""
    bench = Bench()
    bench.venue.fail("submit_stop", VenueRejectedError("order type not supported for this endpoint", code=-4120))
    answer = bench.propose()
    bench.look(times=2)
    assert answer.verdict.outcome is Outcome.APPROVED
    assert bench.flat
    assert bench.guard.state.done[-1].note == "stop.refused"


def test_a_mark_that_was_not_read_opens_nothing() -> None:
    """nautilus_trader lets a market order pass with a warning where it knows no price."""
    bench = Bench()
    bench.venue.fail("marks", DataError("no mark"))
    assert bench.propose().verdict.rule == "data.missing"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-1", "1e400", "1_000", "١٢", "true", " 5 "])
def test_a_number_that_is_none_is_no_intent(number: str) -> None:
    """Models' frameworks mend such a number, or hand it on."""
    bench = Bench()
    text = intent_to_json(bench.intent()).replace('"conviction":"1"', f'"conviction":"{number}"')
    assert bench.guard.propose(text).verdict.rule == "parse.conviction"
    bare = intent_to_json(bench.intent()).replace('"conviction":"1"', f'"conviction":{number}')
    assert bench.guard.propose(bare).verdict.rule in ("parse.json", "parse.conviction")
    assert bench.entries() == 0


def test_no_account_opens_nothing() -> None:
    """nautilus_trader's risk engine answers `true` where it finds no account."""
    bench = Bench()
    bench.venue.fail("account", VenueUnavailableError("gone"))
    assert bench.propose().verdict.rule == "data.missing"


def test_an_entry_in_doubt_is_asked_for_and_never_sent_again() -> None:
    """nautilus_trader #4215: the order was sent again after -1007, though it had been accepted."""
    bench = Bench()
    bench.venue.lose_answer("submit")
    bench.propose()
    bench.look(times=4)
    assert bench.entries() == 1
    assert bench.trade().phase == "PROTECTED"


def test_an_error_inside_the_breaker_tightens_and_never_trades_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """hummingbot's kill switch logs what it raises, and trading goes on."""
    bench = Bench()

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("desk.guard.loss.breaker.observe", broken)
    bench.look()
    monkeypatch.undo()
    assert bench.propose().verdict.rule == "mode.reduce_only"


@pytest.mark.parametrize("price", ["47500", "47499.9", "40000"])
@pytest.mark.parametrize("others", [0, 5])
def test_from_the_tick_that_crosses_to_no_entry_possible_is_one_tick(price: str, others: int) -> None:
    bench = whole()
    for step in range(others):
        bench.venue.move("BTCUSDT", D(49900) - step)
        bench.look(0.2)
    bench.venue.move("BTCUSDT", price)
    # An intent that is there before the next look is decided on its own look, which sees that tick.
    assert bench.propose(symbol="ETHUSDT").verdict.rule in ("mode.flattening", "mode.locked")
    assert bench.guard.state.latch is not None
    assert bench.entries() == 1


def test_every_critical_alarm_has_already_closed_the_gate() -> None:
    """Knight's warnings were mails that nobody read. Here a CRITICAL needs no reader: nothing opens from it on."""

    def silent(bench: Bench) -> None:
        bench.venue.lag = 90
        bench.look(40, times=3)

    def foreign(bench: Bench) -> None:
        bench.venue._trade("SOLUSDT", Side.BUY, D(3))
        bench.look(times=2)

    def mismatch(bench: Bench) -> None:
        bench.venue.wallet -= 50
        bench.look(1, times=6)

    def loss(bench: Bench) -> None:
        bench.venue.fund("-600")
        bench.look()

    def failing(bench: Bench) -> None:
        for _ in range(5):
            bench.venue.fail("submit", VenueUnavailableError("busy"))
            bench.propose()
            bench.look(30)

    def broken(bench: Bench) -> None:
        bench.guard.broken = "no space left"
        bench.guard._tell("CRITICAL", "the journal cannot be written")

    for trouble in (silent, foreign, mismatch, loss, failing, broken):
        bench = Bench()
        if trouble is silent:
            bench.open("ETHUSDT")
        trouble(bench)
        assert any(level == "CRITICAL" for level, _ in bench.told), trouble.__name__
        assert bench.propose().verdict.outcome is Outcome.REFUSED, trouble.__name__
