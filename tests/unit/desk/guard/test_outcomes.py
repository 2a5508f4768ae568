"""A trade that is over tells what came of it, exactly once, from its own fills, whoever was dead meanwhile."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from desk.domain.intents import Action
from desk.domain.orders import Side
from desk.guard.record.codec import canonical, digest
from desk.guard.record.journal import MemoryJournal
from desk.guard.record.replay import CHECKPOINT, checkpoint_body, replay, restore
from desk.guard.trades.outcomes import ENDED_KEPT
from desk.guard.vocabulary.status import ClosedTrade, GuardStatus
from tests.unit.desk.guard.bench import ROOMY, Bench
from tests.unit.desk.guard.fake_venue import FakeVenue

D = Decimal
EARLY = ROOMY.model_copy(update={"early_exit": D("0.8")})


def closed(bench: Bench) -> list[ClosedTrade]:
    """What the guard tells, after it went over the wire."""
    told = bench.guard.status().model_dump_json()
    return list(GuardStatus.model_validate_json(told).closed)


def only(bench: Bench) -> ClosedTrade:
    bench.look(1, times=3)
    (one,) = closed(bench)
    return one


def test_a_stop_outs_profit_is_what_a_hand_computes() -> None:
    bench = Bench()
    quantity = bench.open().filled
    bench.clock.advance(600)
    bench.venue.move("BTCUSDT", "48900")
    ended = only(bench)
    fees = quantity * D("50000") * D("0.0005") + quantity * D("48900") * D("0.0005")
    assert (ended.reason, ended.side, ended.intent_id, ended.quantity) == ("stop", "BUY", "intent-1", quantity)
    assert (ended.entry_price, ended.exit_price) == (50000, 48900)
    assert (ended.realized, ended.fees, ended.funding) == (quantity * -1100, fees, 0)
    assert ended.pnl == quantity * -1100 - fees == bench.venue.wallet - 10_000
    assert ended.closed_at - ended.opened_at == 600_000


def test_a_short_that_reaches_its_target_gains() -> None:
    bench = Bench()
    quantity = bench.open(action=Action.OPEN_SHORT).filled
    bench.venue.move("BTCUSDT", "47000")
    ended = only(bench)
    assert (ended.reason, ended.realized) == ("target", quantity * 3000)


def test_funding_counts_for_the_position_that_paid_it() -> None:
    bench = Bench()
    bench.open()
    bench.open("ETHUSDT")
    bench.venue.fund("-7.25", "BTCUSDT")
    bench.venue.fund("1.5", "ETHUSDT")
    bench.look(60)
    bench.propose(Action.CLOSE)
    ended = only(bench)
    assert (ended.symbol, ended.funding) == ("BTCUSDT", D("7.25"))
    assert ended.pnl == ended.realized - ended.fees - D("7.25")


def test_funding_of_the_very_look_that_sees_the_end_is_not_missed() -> None:
    bench = Bench()
    bench.open()
    bench.venue.fund("-3", "BTCUSDT")
    bench.clock.advance(5)
    bench.venue.move("BTCUSDT", "48900")
    assert only(bench).funding == 3
    assert only(bench).pnl == bench.venue.wallet - 10_000


def test_an_entry_and_an_exit_in_parts_are_told_at_their_averages(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    whole = FakeVenue._trade

    def in_parts(venue: FakeVenue, symbol: str, side: Side, quantity: Decimal) -> Decimal:
        first = (quantity / 3).quantize(D("0.001"))
        whole(venue, symbol, side, first)
        price, venue.prices[symbol] = venue.prices[symbol], venue.prices[symbol] - 30
        last = whole(venue, symbol, side, quantity - first)
        venue.prices[symbol] = price
        return (first * price + (quantity - first) * last) / quantity

    monkeypatch.setattr(FakeVenue, "_trade", in_parts)
    quantity = bench.open().filled
    bench.venue.move("BTCUSDT", "50500")
    bench.propose(Action.CLOSE)
    ended = only(bench)
    first = (quantity / 3).quantize(D("0.001"))
    spent = first * 50000 + (quantity - first) * 49970
    got = first * 50500 + (quantity - first) * 50470
    assert ended.entry_price == round(spent / quantity, 18)
    assert ended.exit_price == round(got / quantity, 18)
    assert round(ended.realized, 12) == got - spent
    assert ended.fees == (spent + got) * D("0.0005")
    assert len(bench.venue.trades) == 4


def end_early(bench: Bench) -> None:
    bench.venue.move("BTCUSDT", "49150")


def end_by_crew(bench: Bench) -> None:
    bench.propose(Action.CLOSE)


def end_by_flatten(bench: Bench) -> None:
    bench.guard.flatten("the operator goes home")


def end_by_halt(bench: Bench) -> None:
    bench.guard.halt("enough")


def end_by_breaker(bench: Bench) -> None:
    bench.venue.transfer("-1")
    bench.venue.pay("FUNDING_FEE", "-600")


def end_outside(bench: Bench) -> None:
    bench.venue._trade("BTCUSDT", Side.SELL, bench.venue.held["BTCUSDT"])


def end_by_force(bench: Bench) -> None:
    bench.venue._trade("BTCUSDT", Side.SELL, bench.venue.held["BTCUSDT"])
    bench.venue.pay("INSURANCE_CLEAR", "-4", "BTCUSDT")


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (end_early, "early_exit"),
        (end_by_crew, "crew_close"),
        (end_by_flatten, "flatten"),
        (end_by_halt, "halt"),
        (end_by_breaker, "breaker"),
        (end_outside, "external"),
        (end_by_force, "liquidation"),
    ],
)
def test_the_reason_is_what_the_guard_knows_of_it(end: object, reason: str) -> None:
    bench = Bench(EARLY)
    bench.open()
    bench.clock.advance(60)
    assert callable(end)
    end(bench)
    assert only(bench).reason == reason


def test_what_a_liquidation_takes_is_part_of_the_fees() -> None:
    bench = Bench()
    bench.open()
    end_by_force(bench)
    ended = only(bench)
    assert ended.pnl == ended.realized - ended.fees == bench.venue.wallet - 10_000


def test_a_stop_that_fires_while_the_guard_is_dead_is_told_by_the_next_one() -> None:
    bench = Bench()
    bench.open()
    bench.venue.fund("-2", "BTCUSDT")
    bench.clock.advance(3600)
    bench.venue.move("BTCUSDT", "48000")
    stopped_at = int(bench.clock.now().timestamp() * 1000)
    bench.clock.advance(3600)
    bench.start()
    ended = only(bench)
    assert (ended.reason, ended.closed_at, ended.funding) == ("stop", stopped_at, 2)
    assert ended.pnl == bench.venue.wallet - 10_000


def test_an_outcome_is_told_once_and_survives_restarts() -> None:
    bench = Bench()
    bench.open()
    bench.propose(Action.CLOSE)
    first = only(bench)
    for _ in range(3):
        bench.start()
        assert only(bench) == first


def test_an_outcome_waits_for_fills_that_come_late_and_the_guard_may_die_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench()
    bench.open()
    with monkeypatch.context() as late:
        late.setattr(FakeVenue, "fills", lambda venue, symbol, since: ())
        bench.venue.move("BTCUSDT", "48900")
        bench.look(1, times=3)
        assert (closed(bench), bench.guard.restless) == ([], True)
        bench.start()
        assert closed(bench) == []
    ended = only(bench)
    assert (ended.reason, ended.pnl) == ("stop", bench.venue.wallet - 10_000)
    assert not bench.guard.restless


def test_late_fills_go_to_the_trade_they_belong_to_though_the_next_one_is_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench(ROOMY.model_copy(update={"equity_gap": D("0.2")}))
    bench.open()
    with monkeypatch.context() as late:
        late.setattr(FakeVenue, "fills", lambda venue, symbol, since: ())
        bench.venue.move("BTCUSDT", "48900")
        bench.look(1, times=3)
        after_first = bench.venue.wallet
        bench.open()
    bench.look(1, times=2)
    bench.venue.move("BTCUSDT", "52000")
    bench.look(1, times=3)
    first, second = closed(bench)
    assert (first.intent_id, first.pnl) == ("intent-1", after_first - 10_000)
    assert (second.intent_id, second.pnl) == ("intent-2", bench.venue.wallet - after_first)


def test_fills_that_never_come_are_given_up_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    bench.open()
    monkeypatch.setattr(FakeVenue, "fills", lambda venue, symbol, since: ())
    bench.venue.move("BTCUSDT", "48900")
    bench.look(1, times=40)
    assert (closed(bench), bench.guard.state.closing) == ([], ())
    assert any("outcome stays unknown" in message for _, message in bench.told)


def test_trades_of_somebody_else_count_for_nobody() -> None:
    bench = Bench()
    bench.venue._trade("BTCUSDT", Side.BUY, D("0.01"))
    bench.look()
    bench.venue._trade("BTCUSDT", Side.SELL, D("0.01"))
    bench.look(1, times=3)
    assert (closed(bench), bench.guard.state.tabs) == ([], ())
    bench.open()
    bench.propose(Action.CLOSE)
    assert only(bench).quantity == bench.venue.trades[-1].quantity


def test_only_the_newest_are_kept() -> None:
    bench = Bench()
    bench.venue.fee = D(0)
    for _ in range(ENDED_KEPT + 3):
        bench.open()
        bench.propose(Action.CLOSE)
        bench.look(61)
    names = [one.intent_id for one in closed(bench)]
    assert (len(names), names[-1]) == (ENDED_KEPT, f"intent-{bench.count - 1}")


def test_the_journal_alone_tells_the_same_outcomes() -> None:
    bench = Bench()
    bench.open()
    bench.venue.fund("-2", "BTCUSDT")
    bench.venue.move("BTCUSDT", "48000")
    bench.look(1, times=3)
    again = replay(bench.journal.rows(), from_start=True)
    assert again.state == bench.guard.state
    assert len(again.state.ended) == 1


def test_a_checkpoint_of_an_older_build_is_read_and_its_open_trade_still_ends() -> None:
    bench = Bench()
    bench.open()
    old = json.loads(checkpoint_body(bench.guard.state))["state"]
    for name in ("tabs", "closing", "ended"):
        del old[name]
    earlier = MemoryJournal()
    for row in bench.journal.rows():
        earlier.append(row.kind, row.body)
    earlier.append(CHECKPOINT, canonical({"state": old, "hash": digest(canonical(old))}))
    assert restore(earlier).state.trades == bench.guard.state.trades
    bench.journal = earlier
    bench.venue.move("BTCUSDT", "48900")
    bench.start()
    ended = only(bench)
    # The entry's own fee was booked before there was a tab: what is told is what this build has seen.
    assert (ended.reason, ended.entry_price, ended.opened_at) == ("stop", 50000, 0)
    assert ended.realized == ended.quantity * -1100
