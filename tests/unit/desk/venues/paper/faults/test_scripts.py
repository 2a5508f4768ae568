"""A script is understood whole or refused with file and key; the log of a run is a script again."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import ConfigError
from desk.venues.paper.faults.kinds import Timeout
from desk.venues.paper.faults.script import parse_script, read_script, told_of
from desk.venues.paper.faults.trial import named, request_trials
from tests.unit.desk.venues.paper.faults.bad_luck import ORDER, place, plan
from tests.unit.desk.venues.paper.wire.rig import KEYS, Rig, play

ROOT = Path(__file__).parents[6]


def written(folder: Path, text: str, name: str = "faults.yaml") -> Path:
    file = folder / name
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    ("rules", "key", "word"),
    [
        ("[{kind: timeout}]", "rules[0].processed", "required"),
        ("[{kind: gap}, {kind: timeout, processed: yes, often: 3}]", "rules[1].often", "not permitted"),
        ("[{kind: earthquake}]", "rules[0]", "tag"),
        ("[{kind: gap, probability: 1.5}]", "rules[0].probability", "less than or equal to 1"),
        ("[{kind: gap, nth: [0]}]", "rules[0]", "counts from 1"),
        ("[{kind: gap, from_s: 9, until_s: 3}]", "rules[0]", "later than from_s"),
        ("[{kind: html, processed: true, status: 501}]", "rules[0].status", "200, 403, 502 or 504"),
        ("[{kind: gap, kind: repeat}]", "", "'kind' stands twice in the mapping of line 1"),
        ("[", "", "neither YAML nor JSON"),
        ("{}", "rules", "tuple"),
    ],
)
def test_what_is_not_understood_is_refused_with_file_and_key(tmp_path: Path, rules: str, key: str, word: str) -> None:
    file = written(tmp_path, f"rules: {rules}\n")
    with pytest.raises(ConfigError) as refused:
        read_script(file)
    assert (refused.value.file, refused.value.key) == (str(file), key)
    assert word in refused.value.message


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml"):
        read_script(Path("nowhere.yaml"))


def test_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    told = {"seed": 3, "rules": [{"kind": "timeout", "processed": True, "nth": [2], "method": "POST"}]}
    yaml = written(tmp_path, "seed: 3\nrules:\n  - {kind: timeout, processed: true, nth: [2], method: POST}\n")
    assert (
        read_script(yaml) == read_script(written(tmp_path, json.dumps(told), "faults.json")) == parse_script(told, "")
    )
    assert told_of(read_script(yaml)) == told


@given(st.integers(0, 2**32), st.floats(0.01, 0.99), st.integers(1, 200))
def test_the_nth_throw_of_a_rule_depends_on_seed_name_and_number_alone(seed: int, chance: float, asked: int) -> None:
    rule = Timeout(processed=True, probability=chance, name="mine")
    other = Timeout(processed=True, probability=0.5, name="another's")

    def strikes(*rules: Timeout) -> list[bool]:
        trial = next(t for t in request_trials(named(rules), seed).trials if t.name == "mine")
        return [trial.due(0.0) for _ in range(asked)]

    assert strikes(rule) == strikes(other, rule)


@pytest.mark.parametrize(
    ("when", "struck"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"nth": [2, 5]}, [2, 5]),
        ({"every": 3}, [3, 6]),
        ({"every": 2, "most": 2}, [2, 4]),
        ({"from_s": 2, "until_s": 4}, [3, 4]),
    ],
)
def test_every_condition_a_rule_names_must_hold(when: dict[str, Any], struck: list[int]) -> None:
    script = parse_script({"rules": [{"kind": "timeout", "processed": True, **when}]}, "")
    (trial,) = request_trials(named(script.rules), 7).trials
    found: list[int] = []
    for number in range(1, 7):
        if trial.due(number - 1.0):
            trial.struck += 1
            found.append(number)
    assert found == struck


def test_a_rule_strikes_only_what_its_filters_let_pass() -> None:
    only = {"method": "POST", "path": "/fapi/*/order", "account": "paper", "where": {"side": "sell"}}

    async def story(rig: Rig) -> None:
        assert (await place(rig, "a"))[0] == 200
        assert (await place(rig, "b", side="SELL", price="61000"))[1]["code"] == -1007
        assert (await rig.signed("GET", "/fapi/v1/openOrders"))[0] == 200
        assert (await rig.signed("DELETE", ORDER, symbol="BTCUSDT", origClientOrderId="a", side="SELL"))[0] == 200

    play(story, faults=plan({"kind": "code", "code": -1007, **only}))


def test_the_log_of_a_run_lets_the_same_things_happen_again(tmp_path: Path) -> None:
    rules = (
        {"kind": "code", "code": -1007, "probability": 0.3, "method": "POST"},
        {"kind": "stale", "probability": 0.4, "method": "GET"},
        {"kind": "drop_stops", "probability": 0.1},
        {"kind": "overload", "variant": "unknown", "processed": True, "probability": 0.2, "path": ORDER},
    )

    def run(faults: Any) -> list[Any]:
        answers: list[Any] = []

        async def story(rig: Rig) -> None:
            for number in range(25):
                answers.append(await place(rig, f"n{number}"))
                answers.append(await rig.signed("GET", "/fapi/v1/openOrders", symbol="BTCUSDT"))

        play(story, faults=faults)
        return answers

    first, again, replayed = tmp_path / "first", tmp_path / "again", tmp_path / "replayed"
    told = run(plan(*rules, log=first))
    assert len(first.read_text().splitlines()) > 15
    assert run(plan(*rules, log=again)) == told
    assert again.read_text() == first.read_text()
    assert run(plan(*rules, seed=8)) != told

    script = read_script(first)
    assert run(plan(*told_of(script)["rules"], log=replayed)) == told  # type: ignore[misc]
    without_cause = [
        [{k: v for k, v in json.loads(line).items() if k != "because"} for line in file.read_text().splitlines()[1:]]
        for file in (first, replayed)
    ]
    assert without_cause[0] == without_cause[1]


def test_rules_for_another_account_strike_nobody_here() -> None:
    async def story(rig: Rig) -> None:
        assert (await place(rig))[0] == 200
        assert (await rig.public("/fapi/v1/ping"))[1]["code"] == -1006

    keyless = {"kind": "code", "code": -1006, "account": ""}
    play(story, faults=plan({"kind": "code", "code": -1007, "account": "another"}, keyless))


def test_the_process_refuses_a_bad_script_before_it_opens_anything(tmp_path: Path) -> None:
    named = {"run_file": "run.json", "keys_file": "keys.json", "state_file": "state.sqlite"}
    settings = {"source": {"kind": "scenario"}, **{name: str(tmp_path / file) for name, file in named.items()}}
    told = written(tmp_path, json.dumps(settings), "settings.json")
    bad = written(tmp_path, "rules: [{kind: timeout}]")
    command = [sys.executable, "-m", "desk.venues.paper", "--settings", str(told), "--faults", str(bad)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert f"{bad}: rules[0].processed: Field required" in ran.stderr
    assert not (tmp_path / "state.sqlite").exists()


def test_no_log_is_written_over(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        await place(rig)
        headers = {"X-Paper-Token": KEYS.admin_token}
        for script in ({"rules": [{"kind": "code", "code": -1007}]}, {"rules": []}):
            async with rig.session.put(f"{rig.url}/paper/v1/faults", json=script, headers=headers) as answer:
                assert answer.status == 200
            await place(rig)

    file = tmp_path / "bad.jsonl"
    play(story, faults=plan({"kind": "code", "code": -1006}, log=file, admin=True))
    codes = [rule.model_dump()["code"] for log in (file, tmp_path / "bad-2.jsonl") for rule in read_script(log).rules]
    assert codes == [-1006, -1007]
    assert {path.name for path in tmp_path.iterdir()} == {"bad.jsonl", "bad-2.jsonl"}


def test_a_torn_log_is_refused_with_its_line(tmp_path: Path) -> None:
    file = written(tmp_path, '{"fault_log":1,"seed":3}\n{"kind":"gap","nth":[1],"channel":"user"}\n{"kind":"g')
    with pytest.raises(ConfigError, match=r"faults.yaml:3: is no JSON"):
        read_script(file)
