"""What no intent can do, whatever it asks: exceed a cap, outgrow the gap budget, or leave the venue's grid."""

from __future__ import annotations

import random
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.intents import Action, Outcome
from desk.domain.money import on_grid
from desk.guard.process.settings import Limits
from desk.guard.record.codec import decode, encode
from desk.guard.record.replay import replay
from desk.guard.vocabulary.events import event_from_data, event_to_data
from desk.guard.vocabulary.state import GuardState, state_from_data
from tests.unit.desk.guard.bench import Bench

D = Decimal
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")

limits_drawn = st.builds(
    lambda risk, position, gross, leverage, daily, gap, fee: Limits(
        risk_per_trade=risk,
        max_position=position,
        max_gross=gross,
        max_leverage=leverage,
        daily_loss=daily,
        rolling_loss=D("0.3"),
        drawdown=D("0.5"),
        gap_stress={},
        gap_stress_default=gap,
        taker_fee=fee,
        early_exit=D(1),
        entries_per_minute=60,
    ),
    st.decimals("0.001", "0.05", places=4),
    st.decimals("0.05", "5", places=2),
    st.decimals("0.05", "8", places=2),
    st.integers(1, 20),
    st.decimals("0.005", "0.2", places=3),
    st.decimals("0.01", "0.5", places=2),
    st.decimals("0.0005", "0.005", places=4),
)
asked = st.tuples(
    st.sampled_from(SYMBOLS),
    st.sampled_from((Action.OPEN_LONG, Action.OPEN_SHORT)),
    st.decimals("0", "1", places=3),
    st.decimals("0.001", "0.12", places=4),
    st.decimals("0.9", "1.1", places=3),
)


@settings(max_examples=120, deadline=None)
@given(limits=limits_drawn, intents=st.lists(asked, min_size=1, max_size=5), deposit=st.integers(50, 200_000))
def test_no_sequence_of_intents_exceeds_any_cap_or_the_gap_budget(
    limits: Limits, intents: list[tuple[str, Action, Decimal, Decimal, Decimal]], deposit: int
) -> None:
    bench = Bench(limits, boot=False)
    bench.venue.wallet, bench.venue.fee = D(deposit), limits.taker_fee
    bench.start()
    for symbol, action, conviction, stop, jump in intents:
        bench.venue.prices[symbol] = round(bench.venue.prices[symbol] * jump, 1)
        answer = bench.propose(action, symbol, conviction=conviction, stop_pct=stop, target_pct=D("0.3"))
        if answer.verdict.outcome is Outcome.REFUSED:
            assert answer.verdict.quantity == 0
            continue
        rules, quantity = bench.venue.filters[symbol], answer.verdict.quantity
        mark = bench.venue.prices[symbol]
        assert on_grid(quantity, rules.market_step)
        assert rules.min_quantity <= quantity <= min(rules.max_quantity, rules.market_max_quantity)
        assert quantity * mark >= rules.min_notional
        # Judged on the equity the entry was decided on, by arithmetic of the test's own.
        equity = bench.guard.status().equity + quantity * mark * limits.taker_fee
        held = [abs(q) * bench.venue.prices[s] for s, q in bench.venue.held.items()]
        assert quantity * mark <= equity * limits.max_position
        assert sum(held) <= equity * limits.max_gross
        assert sum(held) <= equity * limits.max_leverage
        assert quantity * mark * stop <= equity * limits.risk_per_trade * conviction
        floor = bench.guard.state.days[-1].baseline * (1 - limits.daily_loss)
        after_gap = bench.guard.status().equity - sum(held) * (limits.gap_stress_default + limits.taker_fee)
        assert after_gap >= floor, "a gap of the stressed size would break the day's floor"


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_states_and_events_read_back_as_they_were_written(seed: int) -> None:
    chance, bench = random.Random(seed), Bench()
    for _ in range(6):
        bench.propose(chance.choice((Action.OPEN_LONG, Action.OPEN_SHORT)), chance.choice(SYMBOLS))
        symbol = chance.choice(SYMBOLS)
        bench.venue.move(symbol, round(bench.venue.prices[symbol] * D(str(chance.uniform(0.96, 1.04))), 1))
        bench.look(chance.choice((0.2, 61)))
    state = bench.guard.state
    assert state_from_data(encode(state)) == decode(GuardState, encode(state)) == state
    for row in bench.journal.rows():
        if row.kind == "event":
            import json

            data = json.loads(row.body)["happened"]
            assert event_to_data(event_from_data(data)) == data
    assert replay(bench.journal.rows()).state == state
