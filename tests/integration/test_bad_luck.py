"""Bad luck, with real processes: kills, a second kickoff, a full disk, a dead start. One clear line, and it goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crews.running import processes
from crews.running.services import Folder, folder_of
from desk.domain.intents import Action, Intent
from desk.guard.door.client import GuardClient
from desk.guard.door.wire import GuardAnswer
from desk.guard.process.clock import SystemClock
from desk.market.snapshot import Snapshot
from desk.venues.binance import open_public
from memory.audit import AuditLog
from tests.crew_command import DATA, ROOT, Operator, Ran
from tests.venue_process import running_venue

CANDLES = [DATA / "klines" / f"{symbol}-15m-um-20230101-20250603.parquet" for symbol in ("BTCUSDT", "ETHUSDT")]
FUNDING = DATA / "funding" / "BTCUSDT-8h-um-funding-20190910-20250603.parquet"

pytestmark = [pytest.mark.timeout(300)]


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    """An operator whose processes, whatever a test leaves of them, are gone afterwards."""
    yield Operator(tmp_path)
    for profile in ("demo", "paper"):
        for name in ("guard", "venue"):
            left = processes.find_hung(folder_of(profile, home=tmp_path / "var").program(name))
            if left is not None:
                os.kill(left.pid, signal.SIGKILL)


def folder(operator: Operator, profile: str = "demo") -> Folder:
    return folder_of(profile, home=operator.home / "var")


def pid_of(operator: Operator, name: str) -> int:
    running = processes.find(folder(operator).program(name))
    assert running is not None
    return running.pid


@contextmanager
def kickoff(operator: Operator, *words: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A kickoff of many rounds, with its first decision; the process is gone when the block ends."""
    process = operator.start("kickoff", "BTCUSDT", "--cycles", "50", "--json", *words)
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def one_clear_line(err: str) -> str:
    """The error line of a command that failed; there is one, and no traceback."""
    assert "Traceback" not in err
    [line] = [line for line in err.splitlines() if line.startswith("crew:")]
    return line


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("guard", 6, ("no guard answers",)),
        ("venue", 5, ("paper exchange", "the venue was not reached", "no clear answer")),
    ],
    ids=["guard", "venue"],
)
def test_a_kickoff_whose_guard_or_venue_is_killed_ends_in_one_line_and_the_next_takes_up_the_position(
    operator: Operator, name: str, code: int, words: tuple[str, ...]
) -> None:
    with kickoff(operator) as (running, first):
        assert first["stop"]
        os.kill(pid_of(operator, name), signal.SIGKILL)
        _, err = running.communicate(timeout=60)
    assert running.returncode == code, err
    # Whoever needs the venue first tells of it.
    assert any(word in one_clear_line(err) for word in words), err
    assert f"logs/{name}.log" in err
    assert all(processes.find(folder(operator).program(each)) is None for each in ("guard", "venue"))
    again = operator.crew("kickoff", "BTCUSDT", "--json")
    assert again.code == 0, again.err
    [told] = again.lines
    assert told["rule"] == "already_open"
    # However long the machine was off: to a stepped market only its own quarter of an hour has passed.
    past = datetime.fromisoformat(told["decided_at"]) - datetime.fromisoformat(first["decided_at"])
    assert timedelta(minutes=15) <= past < timedelta(days=1)


def test_what_a_killed_kickoff_leaves_is_used_asked_halted_and_stopped(operator: Operator) -> None:
    with kickoff(operator) as (running, _):
        os.kill(running.pid, signal.SIGKILL)
    pids = [pid_of(operator, name) for name in ("guard", "venue")]
    used = operator.crew("kickoff", "BTCUSDT", "--json")
    assert used.code == 0, used.err
    assert [pid_of(operator, name) for name in ("guard", "venue")] == pids
    [status] = operator.crew("status", "--json").lines
    assert [position["phase"] for position in status["positions"]] == ["PROTECTED"]
    stopped = operator.crew("stop", "--json")
    assert stopped.lines == [{"ended": {"guard": pids[0], "paper exchange": pids[1]}, "positions": ["BTCUSDT"]}]
    assert "open positions" in stopped.err
    assert operator.crew("stop", "--json").lines == [{"ended": {}, "positions": []}]


def test_a_guard_that_is_mute_is_named_and_one_whose_venue_is_gone_makes_way(operator: Operator) -> None:
    with kickoff(operator) as (running, _):
        os.kill(running.pid, signal.SIGKILL)
    guard = pid_of(operator, "guard")
    os.kill(guard, signal.SIGSTOP)
    mute = operator.crew("kickoff", "BTCUSDT", "--json")
    assert mute.code == 4
    assert f"(pid {guard}) is alive and does not answer" in one_clear_line(mute.err)
    os.kill(guard, signal.SIGCONT)
    os.kill(pid_of(operator, "venue"), signal.SIGKILL)
    ran = operator.crew("kickoff", "BTCUSDT", "--json")
    assert ran.code == 0, ran.err
    assert ran.lines[0]["rule"] == "already_open"
    with pytest.raises(ProcessLookupError):
        os.kill(guard, 0)


def test_a_second_kickoff_is_refused_by_name_while_everything_else_goes_on(operator: Operator) -> None:
    with kickoff(operator) as (running, _):
        for words in (["kickoff", "ETHUSDT"], ["kickoff", "--fresh"], ["stop"]):
            refused = operator.crew(*words)
            assert refused.code == 4
            assert f"pid {running.pid}" in one_clear_line(refused.err)
        assert operator.crew("status").code == 0
        assert operator.crew("audit", "list").code == 0
        os.kill(running.pid, signal.SIGINT)
        running.communicate(timeout=60)
    assert running.returncode == 130


def test_two_symbols_are_replayed_with_recorded_funding_until_the_data_end(operator: Operator) -> None:
    if not all(path.exists() for path in (*CANDLES, FUNDING)):
        pytest.skip("the recorded candles are not on this machine")
    named = [word for path in (*CANDLES, FUNDING) for word in ("--data", str(path))]
    ran = operator.crew("kickoff", "--profile", "replay", *named, "--from", "2024-08-01", "--cycles", "3", "--json")
    assert ran.code == 0, ran.err
    assert [told["symbol"] for told in ran.lines] == ["BTCUSDT", "ETHUSDT"] * 3
    log = AuditLog(folder(operator, "replay").audit, SystemClock())
    seen = [Snapshot.from_json(log.snapshot(told["snapshot_hash"])) for told in ran.lines[:2]]
    log.close()
    assert seen[0].funding[-1].at == seen[0].at == datetime(2024, 8, 1, tzinfo=UTC)
    assert float(seen[0].mark.funding_rate) == pytest.approx(seen[0].funding[-1].rate)
    assert seen[1].funding == ()
    short = ["--profile", "replay", "--data", str(CANDLES[0]), "--from", "2025-06-03T23:15", "--cycles", "9", "--json"]
    ended = operator.crew("kickoff", "BTCUSDT", *short)
    assert ended.code == 0, ended.err
    assert 1 <= len(ended.lines) < 9
    assert f"the recorded market ends at 2025-06-04 00:00 UTC; {len(ended.lines)} decisions" in ended.err


def propose_ether(profile: Folder) -> GuardAnswer:
    """Ask the profile's guard for a long ETHUSDT at what its exchange quotes now, as the crew would."""
    guard, venue = (processes.find(profile.program(name)) for name in ("guard", "venue"))
    assert guard is not None
    assert venue is not None
    market = open_public(venue.url)
    now = market.server_time()
    intent = Intent(
        intent_id="bad-luck-1",
        run_id="bad-luck",
        symbol="ETHUSDT",
        action=Action.OPEN_LONG,
        conviction=Decimal("0.5"),
        stop_pct=Decimal("0.02"),
        target_pct=Decimal("0.05"),
        seen_mark=market.marks(["ETHUSDT"])["ETHUSDT"].price,
        strategy_id="crew",
        snapshot_hash="0" * 64,
        created_at=now,
        expires_at=now + timedelta(seconds=30),
    )
    market.close()
    with GuardClient(guard.url, profile.crew_token.read_text().strip()) as client:
        return client.propose(intent)


def test_paper_trades_on_the_prices_of_an_exchange_elsewhere_and_a_stop_does_not_wait(operator: Operator) -> None:
    now = datetime.now(tz=UTC).isoformat()
    market = {"kind": "scenario", "seed": 3, "start": now}
    with running_venue(operator.home / "upstream", source=market, clock={"mode": "real"}) as upstream:
        config = operator.home / "config"
        (config / "profiles").mkdir(parents=True)
        ours = (ROOT / "config" / "profiles" / "paper.yaml").read_text()
        ours = ours.replace("public_pages: true", "public_pages: false")
        (config / "profiles" / "paper.yaml").write_text(ours.replace("https://fapi.binance.com", upstream.url))
        with kickoff(operator, "--profile", "paper", "--config", str(config)) as (running, first):
            assert first["verdict"] in ("approved", "not_asked"), first
            assert propose_ether(folder(operator, "paper")).execution.phase == "PROTECTED"
            os.kill(running.pid, signal.SIGINT)
            running.communicate(timeout=15)
        assert running.returncode == 130
    assert operator.beyond_loopback == []


def test_a_full_disk_is_one_line_and_with_room_again_the_desk_goes_on(operator: Operator) -> None:
    with small_disk(operator.home / "var", "120k") as remount:
        full = operator.crew("kickoff", "BTCUSDT", "--cycles", "9", "--json")
        assert full.code == 4, full.err
        assert "full" in full.err
        one_clear_line(full.err)
        remount("size=50m")
        assert_goes_on(operator)


def test_a_folder_that_is_read_only_is_one_line_for_every_word(operator: Operator) -> None:
    with small_disk(operator.home / "var", "1m") as remount:
        remount("ro")
        for words in (["kickoff"], ["kickoff", "--fresh"], ["exchange"]):
            refused = operator.crew(*words)
            assert refused.code == 4
            assert "Read-only" in one_clear_line(refused.err)
        remount("rw,size=50m")
        assert_goes_on(operator)


@pytest.mark.parametrize(
    ("file", "hint"),
    [
        ("guard/journal.sqlite", "move it away"),
        ("venue/state.sqlite", "--fresh"),
        ("venue/keys.json", "remove it"),
        ("audit.sqlite", "--fresh"),
    ],
)
def test_a_dead_start_names_the_file_and_a_way_out(ran_once: Operator, file: str, hint: str) -> None:
    path = folder(ran_once).root / file
    sound = path.read_bytes()
    path.write_bytes(b"no such thing " * 300)
    try:
        dead = ran_once.crew("kickoff", "BTCUSDT", "--json")
    finally:
        path.write_bytes(sound)
    assert dead.code in (4, 7)
    assert path.name in one_clear_line(dead.err)
    assert hint in dead.err


@pytest.fixture(scope="module")
def ran_once(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    operator = Operator(tmp_path_factory.mktemp("ran-once"))
    assert_goes_on(operator)
    return operator


def assert_goes_on(operator: Operator) -> None:
    ran: Ran = operator.crew("kickoff", "BTCUSDT", "--json")
    assert ran.code == 0, ran.err
    assert operator.crew("audit", "verify").code == 0


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Any]:
    """A disk of this size at `place`; yields a function that mounts it anew with other options."""
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        yield lambda options: subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)
    finally:
        subprocess.run(["umount", str(place)], check=True)
