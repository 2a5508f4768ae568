"""Whom a round is about: rules over numbers, and no model among them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crews.watching.attention import Attention
from crews.watching.lookout import Calls
from crews.watching.rounds import AlertRule, CrewName, Rounds, Turn
from desk.screening.alert import Alert
from desk.screening.screen import Pick
from desk.spikes.detect import Found
from desk.spikes.legitimacy import severity_of, weigh
from desk.spikes.live import Alarm
from desk.spikes.values import SpikeDirection, SpikeType

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SYMBOLS = ("AUSDT", "BUSDT", "CUSDT", "DUSDT")
RULE = AlertRule(least_excess=1.2, least_legitimacy=0.5, most_an_hour=3, rest_seconds=300)
BOTH = (CrewName.DESK, CrewName.SPIKE)


def pick(symbol: str, score: float = 1.5) -> Pick:
    return Pick(symbol=symbol, at=0, score=score, price=1.0, volume=1.0, alarmed=True, turned=False)


def alert(symbol: str, *, excess: float = 2.0, genuine: bool = True) -> Alert:
    found = Found(type=SpikeType.PRICE, direction=SpikeDirection.UP, sigma=9.0, percent=1.0, bars_ago=0, excess=excess)
    stands = weigh(market_wide=genuine, volume_behind=genuine, book_agrees=None, headline=None)
    alarm = Alarm(symbol=symbol, at=0, found=found)
    return Alert(alarm=alarm, severity=severity_of(excess), legitimacy=stands, market=None)


def calls(*seen: Pick | Alert) -> Calls:
    return Calls(
        picks=tuple(one for one in seen if isinstance(one, Pick)),
        alerts=tuple(one for one in seen if isinstance(one, Alert)),
    )


def rounds(*, screened: bool = True, crews: tuple[CrewName, ...] = BOTH) -> Rounds:
    return Rounds(SYMBOLS, crews=crews, screened=screened, rule=RULE)


def told(turns: tuple[Turn, ...], crew: CrewName = CrewName.DESK) -> list[str]:
    return [turn.symbol for turn in turns if turn.crew is crew]


def test_few_symbols_are_all_decided_on_each_round_and_not_before_it() -> None:
    few = rounds(screened=False)
    assert told(few.turns(NOW, calls(), (), early=False)) == list(SYMBOLS)
    assert told(few.turns(NOW, calls(pick("AUSDT")), (), early=True)) == []
    assert not few.calls(calls(pick("AUSDT")))


def test_of_many_symbols_the_picked_and_the_held_are_decided_on() -> None:
    many = rounds()
    seen = calls(pick("CUSDT"), pick("AUSDT"))
    assert told(many.turns(NOW, seen, {"BUSDT", "CUSDT"}, early=False)) == ["CUSDT", "AUSDT", "BUSDT"]
    assert told(many.turns(NOW, calls(), {"BUSDT"}, early=False)) == ["BUSDT"]
    assert told(many.turns(NOW, calls(), (), early=False)) == []


def test_a_pick_begins_a_round_before_its_time_which_is_about_that_pick_alone() -> None:
    many = rounds()
    assert many.calls(calls(pick("CUSDT")))
    assert told(many.turns(NOW, calls(pick("CUSDT")), {"BUSDT"}, early=True)) == ["CUSDT"]


@pytest.mark.parametrize(
    ("seen", "called"),
    [
        (alert("AUSDT"), True),
        (alert("AUSDT", excess=1.1), False),
        (alert("AUSDT", genuine=False), False),
        (alert("ZUSDT"), False),
    ],
    ids=["genuine", "too small", "nothing behind it", "not on the list"],
)
def test_the_spike_crew_is_called_by_an_alert_that_is_large_and_has_something_behind_it(
    seen: Alert, called: bool
) -> None:
    made = rounds()
    assert made.calls(calls(seen)) is called
    turns = made.turns(NOW, calls(seen), (), early=True)
    assert told(turns, CrewName.SPIKE) == (["AUSDT"] if called else [])


def test_the_weightiest_alert_comes_first_and_one_turn_has_all_of_its_symbol() -> None:
    turns = rounds().turns(
        NOW, calls(alert("AUSDT"), alert("BUSDT", excess=4.0), alert("AUSDT", excess=3.0)), (), early=True
    )
    assert told(turns, CrewName.SPIKE) == ["BUSDT", "AUSDT"]
    assert [round(one.alarm.found.excess) for one in turns[1].alerts] == [3, 2]


def test_a_symbol_rests_after_its_call_and_an_hour_has_so_many() -> None:
    made = rounds()

    def spikes(minutes: float, *symbols: str) -> list[str]:
        seen = calls(*(alert(symbol) for symbol in symbols))
        return told(made.turns(NOW + timedelta(minutes=minutes), seen, (), early=True), CrewName.SPIKE)

    assert spikes(0, "AUSDT") == ["AUSDT"]
    assert spikes(4.9, "AUSDT") == []
    assert spikes(5, "AUSDT", "BUSDT", "CUSDT") == ["AUSDT", "BUSDT"]
    assert spikes(59, "CUSDT") == []
    assert spikes(60, "CUSDT") == ["CUSDT"]


def test_whoever_is_not_seated_has_no_turn() -> None:
    seen = calls(alert("AUSDT"), pick("BUSDT"))
    assert told(rounds(crews=(CrewName.DESK,)).turns(NOW, seen, (), early=False), CrewName.SPIKE) == []
    assert told(rounds(crews=(CrewName.SPIKE,)).turns(NOW, seen, (), early=False), CrewName.DESK) == []
    assert not rounds(crews=(CrewName.SPIKE,)).calls(calls(pick("BUSDT")))


def test_without_a_lookout_nothing_calls_and_rounds_go_on() -> None:
    alone = Attention(rounds(screened=False), None)
    alone.look(NOW)
    assert not alone.called()
    assert told(alone.turns(NOW, (), early=False)) == list(SYMBOLS)


@given(
    minutes=st.lists(st.integers(0, 30), max_size=40),
    symbols=st.lists(st.sampled_from(SYMBOLS), min_size=40, max_size=40),
)
def test_no_hour_has_more_calls_than_the_rule_allows(minutes: list[int], symbols: list[str]) -> None:
    made, now, called = rounds(), NOW, list[datetime]()
    for wait, symbol in zip(minutes, symbols, strict=False):
        now += timedelta(minutes=wait)
        called += [now for _ in told(made.turns(now, calls(alert(symbol)), (), early=True), CrewName.SPIKE)]
    hour = timedelta(hours=1)
    assert all(sum(begin <= one < begin + hour for one in called) <= RULE.most_an_hour for begin in called)
