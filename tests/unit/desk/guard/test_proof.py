"""Where a proof is needed, a strategy opens under its own certificate or not at all; closing asks for none."""

from __future__ import annotations

from dataclasses import replace

from desk.certificates.files import sealed
from desk.domain.certificates import Certificate
from desk.domain.intents import Action, Outcome
from desk.domain.moments import to_ms
from desk.guard.bounds.rules import rules_from_data, rules_to_data
from desk.guard.door.wire import GuardAnswer
from desk.guard.record.replay import replay
from tests.unit.desk.guard.bench import Bench

DAY = 86_400_000


def certificate(bench: Bench, **changes: object) -> Certificate:
    now = bench.clock.now()
    base = Certificate(
        digest="",
        strategy="policy-1",
        artefact="b" * 64,
        symbols=("BTCUSDT",),
        issued_ms=to_ms(now) - DAY,
        expires_ms=to_ms(now) + 30 * DAY,
        evidence=(("days", "200"),),
    )
    return sealed(replace(base, **changes))


def bench_with(*certificates: Certificate) -> Bench:
    bench = Bench(boot=False)
    bench.start(certificates=certificates)
    return bench


def rule_of(answer: GuardAnswer) -> str:
    return answer.verdict.rule


def test_without_a_certificate_nothing_opens_where_a_proof_is_needed() -> None:
    bench = bench_with()
    for strategy in ("crew", "policy-1:", f"policy-1:{'0' * 32}", "policy-1"):
        assert rule_of(bench.propose(strategy_id=strategy)) == "certificate.missing"
    assert bench.entries() == 0


def test_a_certified_strategy_opens_and_every_record_carries_its_mark() -> None:
    held = certificate(Bench(boot=False))
    bench = bench_with(held)
    assert bench.propose(strategy_id=held.strategy_id).verdict.outcome is not Outcome.REFUSED
    assert bench.trade().strategy_id == held.strategy_id
    assert held.digest.startswith(held.strategy_id.partition(":")[2])


def test_half_a_mark_is_no_mark() -> None:
    held = certificate(Bench(boot=False))
    bench = bench_with(held)
    assert rule_of(bench.propose(strategy_id=held.strategy_id[:-1])) == "certificate.missing"


def test_a_certificate_is_of_one_strategy_and_its_symbols() -> None:
    held = certificate(Bench(boot=False))
    bench = bench_with(held)
    mark = held.strategy_id.partition(":")[2]
    assert rule_of(bench.propose(strategy_id=f"policy-2:{mark}")) == "certificate.other"
    assert rule_of(bench.propose(symbol="ETHUSDT", strategy_id=held.strategy_id)) == "certificate.other"


def test_a_proof_ends_on_its_millisecond() -> None:
    now = to_ms(Bench(boot=False).clock.now())
    ends = certificate(Bench(boot=False), expires_ms=now + 1)
    assert rule_of(bench_with(ends).propose(strategy_id=ends.strategy_id)) != "certificate.expired"
    over = certificate(Bench(boot=False), expires_ms=now)
    assert rule_of(bench_with(over).propose(strategy_id=over.strategy_id)) == "certificate.expired"
    later = certificate(Bench(boot=False), issued_ms=now + 1)
    assert rule_of(bench_with(later).propose(strategy_id=later.strategy_id)) == "certificate.expired"


def test_closing_asks_for_no_proof() -> None:
    held = certificate(Bench(boot=False))
    bench = bench_with(held)
    bench.open(strategy_id=held.strategy_id)
    assert bench.propose(Action.CLOSE, strategy_id="crew").verdict.outcome is Outcome.APPROVED


def test_what_was_proven_stands_in_the_journal_and_replays() -> None:
    held = certificate(Bench(boot=False))
    bench = bench_with(held)
    bench.open(strategy_id=held.strategy_id)
    rules = bench.guard.rules
    assert rules_from_data(rules_to_data(rules)) == rules
    replayed = replay(bench.journal.rows(), from_start=True)
    assert replayed.rules == rules
    assert replayed.state == bench.guard.state
