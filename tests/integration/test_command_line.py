"""The command line as a stranger meets it: help everywhere, one clear line for every trouble, exit codes that hold."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import typer.main

from crews.running.services import Folder, folder_of
from tests.crew_command import Operator, Ran
from ui.cli import build

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("command-line")]
READY_SECONDS = 60.0


def words_of(command: object, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and group, as the words one types."""
    yield before
    for name, one in getattr(command, "commands", {}).items():
        yield from words_of(one, (*before, name))


EVERY = sorted(words_of(typer.main.get_command(build())))


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    return Operator(tmp_path_factory.mktemp("terminal"))


def narrow(operator: Operator) -> Operator:
    return replace(operator, keys=(("COLUMNS", "60"),))


def told_clearly(ran: Ran, code: int, *words: str) -> None:
    """The exit code, one line that names what is wrong, and no trace of the program's inside."""
    assert ran.code == code, ran.out + ran.err
    assert "Traceback" not in ran.err
    [line] = [line for line in ran.err.splitlines() if line.startswith("crew: ")]
    for word in words:
        assert word in line
    assert ran.out == ""


def test_every_command_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    command = typer.main.get_command(build())
    assert len(EVERY) >= 18
    for words in EVERY:
        command.main([*words, "--help"], prog_name="crew", standalone_mode=False)
        shown = capsys.readouterr().out
        assert re.search(r"Examples:\s+crew", shown), words


@pytest.mark.parametrize("words", [("frobnicate",), ("status", "--frob"), ("reset", "confirm"), ("audit", "nosuch")])
def test_a_word_that_is_not_understood_ends_with_2(operator: Operator, words: tuple[str, ...]) -> None:
    ran = operator.crew(*words)
    assert ran.code == 2
    assert "Usage: crew" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("name", ["../elsewhere", "", "Demo", "a/b"])
def test_a_profile_name_cannot_point_elsewhere(operator: Operator, name: str) -> None:
    assert operator.crew("status", "--profile", name).code == 2


WRONG_KEYS = (
    ("agents.yaml", "regime:\n  gaol: find it\n", "regime.gaol", 2),
    ("tasks.yaml", "plan:\n  descriptoin: look\n", "plan.descriptoin", 2),
    ("desk.yaml", "# mine\nlimits:\n  max_leverge: 3\n", "limits.max_leverge", 3),
    ("profiles/demo.yaml", "clock:\n  spede: 2\n", "clock.spede", 2),
)


@pytest.mark.parametrize(("file", "text", "key", "line"), WRONG_KEYS)
def test_a_wrong_key_names_its_file_key_and_line(
    operator: Operator, tmp_path: Path, file: str, text: str, key: str, line: int
) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    ran = operator.crew("config", "check", "--config", str(tmp_path))
    told_clearly(ran, 3, f"{file}:{line}", key)
    assert "hint: " in ran.err


@pytest.mark.parametrize("words", [("status",), ("halt",), ("flatten",), ("reset", "request", "-r", "x")])
def test_without_a_guard_nobody_is_asked(operator: Operator, words: tuple[str, ...]) -> None:
    told_clearly(operator.crew(*words, "--profile", "paper"), 6, "no guard runs")


@pytest.mark.parametrize("word", ["list", "why", "verify"])
def test_before_the_first_decision_there_is_nothing_to_read(operator: Operator, word: str) -> None:
    told_clearly(operator.crew("audit", word, "--profile", "paper"), 4, "decided nothing yet")


WISHES = (
    (("kickoff", "--profile", "replay", "--data", "/no/such/BTCUSDT-15m.parquet"), 3, "no such file"),
    (("kickoff", "--profile", "replay"), 4, "none are named"),
    (("kickoff", "DOGEUSDT"), 3, "DOGEUSDT is not on the list"),
    (("kickoff", "--profile", "nosuch"), 3, "no such profile"),
    (("kickoff", "--model", "nosuch"), 3, "no model has this name"),
    (("kickoff", "--from", "yesterday"), 3, "is no date"),
)


@pytest.mark.parametrize(("words", "code", "said"), WISHES)
def test_a_wish_that_cannot_be_met_starts_nothing(
    operator: Operator, words: tuple[str, ...], code: int, said: str
) -> None:
    told_clearly(operator.crew(*words), code, said)
    assert not list((operator.home / "var").glob("*/run/*.json"))


def test_a_home_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file, where the folder should be")
    nowhere = Operator(tmp_path)
    told_clearly(nowhere.crew("kickoff"), 4, str(tmp_path / "var"))
    looked = nowhere.crew("doctor", "--json")
    assert looked.code == 4
    assert [line["check"] for line in looked.lines if not line["ok"]] == ["disk"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_one_clear_line(operator: Operator) -> None:
    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            operator.command("config", "check", "--json"),
            cwd=operator.home,
            env=operator.environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert ran.returncode == 4
    assert "No space left" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_port_in_use_is_said_before_anything_starts(operator: Operator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told_clearly(operator.crew("exchange", "--profile", "paper", "--port", port), 4, port, "in use")


def test_doctor_and_config_check_are_plain_text_in_a_pipe_and_cut_nothing(operator: Operator) -> None:
    for words in (("doctor",), ("config", "check")):
        ran = narrow(operator).crew(*words)
        assert ran.code == 0, ran.err
        assert "\x1b" not in ran.out + ran.err
        assert "…" not in ran.out
        assert max(len(line.rstrip()) for line in ran.out.splitlines()) <= 60


# A desk at work: the exchange and the guard as processes of their own, and one decision made at them.


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    operator = Operator(tmp_path_factory.mktemp("desk"))
    started: list[subprocess.Popen[str]] = []
    try:
        for word, name in (("exchange", "venue"), ("guard", "guard")):
            started.append(operator.start(word))
            wait_for(lambda name=name: (folder(operator).root / "run" / f"{name}.json").exists(), started[-1])
        ran = operator.crew("kickoff", "BTCUSDT", "--json")
        assert ran.code == 0, ran.err
        assert len(ran.lines) == 1
        yield operator
    finally:
        for process in reversed(started):
            os.kill(process.pid, signal.SIGTERM)
            process.communicate(timeout=30)


@pytest.fixture(scope="module")
def decision(desk: Operator) -> str:
    [listed] = desk.crew("audit", "list", "--json").lines
    return listed["decision_id"]


def test_doctor_tells_the_account_the_budget_the_clock_and_the_stream(desk: Operator) -> None:
    ran = desk.crew("doctor", "--json")
    assert ran.code == 0, ran.err
    told = {line["check"]: line["seen"] for line in ran.lines}
    assert told["venue position mode"] == "one-way"
    assert told["venue key"].startswith("may trade")
    assert "no orders or positions of others" in told["venue foreign"]
    assert "request weight used this minute" in told["guard's requests"]
    assert "stepped market" in told["guard's clock"]
    assert "0 reconnects, 0 dropped" in told["account stream"]
    assert "lag" in told["account stream"]


def test_doctor_without_a_key_says_so_and_reaches_out_to_nobody(operator: Operator) -> None:
    ran = operator.crew("doctor", "--profile", "testnet", "--json")
    assert ran.code == 4
    [account] = [line for line in ran.lines if line["check"] == "venue account"]
    assert "BINANCE_TESTNET_KEY" in account["seen"]
    assert account["fix"]
    assert operator.beyond_loopback == []


def folder(operator: Operator) -> Folder:
    return folder_of("demo", home=operator.home / "var")


def wait_for(ready: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Until it is so, the process ends, or the deadline passes."""
    end = time.monotonic() + READY_SECONDS
    while not ready():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < end
        time.sleep(0.05)


def test_status_tells_the_position_and_its_stop_also_in_a_narrow_terminal(desk: Operator) -> None:
    [told] = desk.crew("status", "--json").lines
    [held] = told["positions"]
    for terminal in (desk, narrow(desk)):
        shown = terminal.crew("status")
        assert shown.code == 0, shown.err
        for word in ("NORMAL", "BTCUSDT", held["stop"], held["target"], "protected"):
            assert word in shown.out
        assert "\x1b" not in shown.out
    assert max(len(line.rstrip()) for line in shown.out.splitlines()) <= 60


@pytest.mark.parametrize("words", [("audit", "list"), ("audit", "why"), ("audit", "show"), ("audit", "verify")])
def test_the_record_reads_in_a_narrow_terminal_with_nothing_cut(
    desk: Operator, decision: str, words: tuple[str, ...]
) -> None:
    shown = narrow(desk).crew(*words)
    assert shown.code == 0, shown.err
    assert max(len(line.rstrip()) for line in shown.out.splitlines()) <= 60
    if words[1] != "verify":
        assert decision in shown.out


def test_why_tells_distances_as_percentages_and_the_guards_numbers_by_traders_names(desk: Operator) -> None:
    shown = desk.crew("audit", "why").out
    assert re.search(r"stop \d+\.\d\d %, target \d+\.\d\d %", shown)
    for name in ("size allowed", "loss budget left", "cap: gap budget", "cap: gross exposure"):
        assert name in shown


def test_show_gives_one_line_a_step_and_everything_when_asked(desk: Operator) -> None:
    rows = desk.crew("audit", "show", "--json").lines
    brief, full = desk.crew("audit", "show").out, desk.crew("audit", "show", "--full").out
    for row in rows:
        assert re.search(rf"^ *{row['seq']} {row['kind'].replace('_', ' ')}", brief, re.MULTILINE)
    assert len(full) > 3 * len(brief)
    config = next(row for row in rows if row["kind"] == "run")["payload"]["config_hash"]
    assert config in full


def test_everything_that_speaks_json_speaks_nothing_else(desk: Operator) -> None:
    asked = (
        *(("status",), ("audit", "list"), ("audit", "show"), ("audit", "why"), ("audit", "verify")),
        *(("audit", "replay", "--all"), ("doctor",), ("config", "check"), ("kickoff", "ETHUSDT")),
    )
    for words in asked:
        ran = desk.crew(*words, "--json")
        assert ran.code == 0, (words, ran.err)
        assert ran.out.endswith("\n"), words
        assert all(isinstance(json.loads(line), dict) for line in ran.out.splitlines()), words


def test_the_record_verifies_while_the_guard_goes_on_writing(desk: Operator) -> None:
    [told] = desk.crew("audit", "verify", "--json").lines
    assert told["ok"], told
    assert told["links"] >= 1


def test_a_second_exchange_of_the_profile_is_refused(desk: Operator) -> None:
    told_clearly(desk.crew("exchange"), 4, "already runs")
    told_clearly(desk.crew("guard"), 4, "already runs")


def test_a_broken_record_ends_with_7_and_names_file_and_row(desk: Operator, tmp_path: Path) -> None:
    copy = replace(desk, home=tmp_path)
    target = folder(copy)
    (target.root / "guard").mkdir(parents=True)
    for path in (folder(desk).audit, folder(desk).journal):
        for file in path.parent.glob(f"{path.name}*"):
            if not file.name.endswith((".lock", "-journal")):
                shutil.copy(file, target.root / file.relative_to(folder(desk).root))
    whole = target.audit.read_bytes()
    target.audit.write_bytes(whole.replace(b'"outcome":"approved"', b'"outcome":"refused!"', 1))
    assert target.audit.read_bytes() != whole
    ran = copy.crew("audit", "verify")
    assert ran.code == 7
    assert re.search(r"audit\.sqlite +row \d+ ", ran.out)
    [told] = copy.crew("audit", "verify", "--json").lines
    assert told["findings"][0]["file"] == "audit.sqlite"
    assert told["findings"][0]["row"]
    target.audit.write_bytes(b"not a database" * 100)
    told_clearly(copy.crew("audit", "list"), 7, "audit.sqlite")


def test_flatten_closes_and_does_not_lock(desk: Operator) -> None:
    [told] = desk.crew("flatten", "--reason", "weekend", "--json").lines
    assert told["latch"] is None
    end = time.monotonic() + READY_SECONDS
    while told["positions"]:
        assert time.monotonic() < end
        [told] = desk.crew("status", "--json").lines
    assert told["mode"] == "NORMAL"


def test_halt_locks_and_only_two_steps_in_the_terminal_lift_it(desk: Operator) -> None:
    halted = desk.crew("halt", "--reason", "news I do not understand")
    assert halted.code == 0, halted.err
    assert "crew reset request" in halted.err
    end = time.monotonic() + READY_SECONDS
    while (shown := desk.crew("status")).out.count("LOCKED") == 0:
        assert time.monotonic() < end
    for word in ("halted by the operator", "news I do not understand"):
        assert word in shown.out
    refused = desk.crew("reset", "confirm", "WRONGCODE")
    assert refused.code == 6
    assert "Traceback" not in refused.err
    [code] = desk.crew("reset", "request", "--reason", "understood", "--json").lines
    assert set(code) == {"code", "valid_from", "valid_until"}
    early = desk.crew("reset", "confirm", code["code"])
    assert early.code == 6, "a code works only after its waiting time"
    assert desk.crew("status", "--json").lines[0]["latch"] is not None
