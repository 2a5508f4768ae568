"""`crew schedule`, `crew alerts` and `crew report` at a terminal: what they say, in words and as JSON."""

from __future__ import annotations

import getpass
import json
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from crews.running.services import folder_of
from crews.schedule.store import ScheduleStore
from desk.alerts import Alert, Kind, Level, Outbox
from desk.guard.process.clock import SystemClock
from tests.loopback_services import web_server
from ui.cli import build
from ui.exits import Exit

ALERTS = "channels: {hook: {url_env: CREWDESK_ALERT_HOOK}}\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CREWDESK_HOME", str(tmp_path / "var"))
    monkeypatch.delenv("CREWDESK_CONFIG", raising=False)
    return tmp_path


def crew(capfd: pytest.CaptureFixture[str], *words: str, code: int = Exit.OK) -> tuple[str, list[dict[str, Any]]]:
    """What a command printed, also as JSON where it printed that."""
    capfd.readouterr()
    ran: Result = CliRunner().invoke(build(), list(words))
    out, err = capfd.readouterr()
    assert ran.exit_code == code, (ran.output, err)
    return out + err + ran.output, [json.loads(line) for line in out.splitlines()] if "--json" in words else []


def test_the_timetable_is_told_and_a_job_pauses_until_it_is_resumed(capfd: pytest.CaptureFixture[str]) -> None:
    _, rows = crew(capfd, "schedule", "list", "--json")
    assert [row["job"] for row in rows] == ["desk", "charts", "report"]
    assert all(row["next"] and not row["paused"] for row in rows)
    crew(capfd, "schedule", "pause", "desk", "--reason", "rate decision")
    _, rows = crew(capfd, "schedule", "list", "--json")
    assert (rows[0]["paused"], rows[0]["reason"], rows[0]["next"]) == (True, "rate decision", None)
    _, [told] = crew(capfd, "schedule", "resume", "desk", "--json")
    assert told["changed"]
    assert "every 15 min" in crew(capfd, "schedule", "list")[0]


def test_who_let_a_job_pause_or_go_on_stands_in_the_record_with_the_slot_it_took_effect(
    capfd: pytest.CaptureFixture[str],
) -> None:
    _, [before] = crew(capfd, "schedule", "show", "desk", "-n", "1", "--json")
    for words in (("pause", "desk", "--reason", "rate decision"), ("pause", "desk"), ("resume", "desk")):
        crew(capfd, "schedule", *words)
    _, [after] = crew(capfd, "schedule", "show", "desk", "-n", "1", "--json")
    _, rows = crew(capfd, "audit", "show", "acts", "--json")
    told = [row["payload"] for row in rows]
    assert [one["act"] for one in told] == ["schedule pause desk", "schedule pause desk", "schedule resume desk"]
    assert all(one["by"] == f"{getpass.getuser()} at the machine" for one in told)
    assert told[1]["outcome"] == "it paused already"
    # A quarter of an hour may begin between two commands; its jitter is seconds.
    slots = {datetime.fromisoformat(moment["next"][0]).strftime("%Y-%m-%d %H:%M") for moment in (before, after)}
    assert any(f"its slot of {slot} UTC on it pauses: rate decision" in told[0]["outcome"] for slot in slots)
    assert any(f"goes on with its slot of {slot} UTC" in told[2]["outcome"] for slot in slots)
    assert all(row["at"] for row in rows)


FAST = """\
name: fast
label: an invented market, faster than ours
venue: {kind: paper, base_url: "", deposit: 10000, source: {kind: scenario, seed: 3}}
keys: {source: generated}
clock: {mode: faster, speed: 144}
allows: {real_money: false, network: []}
armed: false
"""


def test_a_timetable_of_an_exchanges_time_is_not_moved_by_the_time_of_the_machine(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    own = home / "own"
    (own / "profiles").mkdir(parents=True)
    (own / "profiles" / "fast.yaml").write_text(FAST)
    (own / "schedule.yaml").write_text("jobs: {desk: {work: kickoff, every_minutes: 15, profiles: [fast]}}\n")
    words = ("--profile", "fast", "--config", str(own))
    for command in (("pause", "desk"), ("resume", "desk"), ("run", "--look-only")):
        said, _ = crew(capfd, "schedule", *command, *words, code=Exit.PREREQUISITE)
        assert "whose time this timetable follows, does not run" in said
    with closing(ScheduleStore(folder_of("fast").schedule)) as store:
        assert store.standings() == ()


def test_a_job_is_shown_with_its_command_and_next_moments(capfd: pytest.CaptureFixture[str]) -> None:
    _, [told] = crew(capfd, "schedule", "show", "desk", "-n", "3", "--json")
    assert told["command"] == "crew kickoff --cycles 1 --profile demo --json"
    assert len(told["next"]) == 3
    said, _ = crew(capfd, "schedule", "show", "dessk", code=Exit.PREREQUISITE)
    assert "no job of this profile is called dessk" in said


def test_the_history_of_a_job_that_never_was_is_no_empty_history(capfd: pytest.CaptureFixture[str]) -> None:
    crew(capfd, "schedule", "pause", "desk")
    assert "nothing has run yet" in crew(capfd, "schedule", "history", "desk")[0]
    said = crew(capfd, "schedule", "history", "dekk", code=Exit.PREREQUISITE)[0]
    assert "no job called dekk" in said
    assert "hint: desk" in said


def test_a_schedule_with_a_kickoff_of_real_money_does_not_start_without_the_three_opt_ins(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    own = home / "own"
    own.mkdir()
    (own / "schedule.yaml").write_text("jobs: {desk: {work: kickoff, every_minutes: 15, profiles: [live]}}\n")
    words = ("schedule", "run", "--look-only", "--profile", "live", "--config", str(own))
    said, _ = crew(capfd, *words, code=Exit.CONFIG)
    assert "three opt-ins" in said


def test_alerts_are_listed_acknowledged_and_the_record_says_by_whom(capfd: pytest.CaptureFixture[str]) -> None:
    with closing(Outbox(folder_of("demo").alerts, SystemClock())) as outbox:
        outbox.post(Alert(kind=Kind.TRIP, level=Level.CRITICAL, title="tripped [bold]", key="a"))
    assert "tripped [bold]" in crew(capfd, "alerts", "list")[0]
    _, [told] = crew(capfd, "alerts", "ack", "1", "--json")
    assert told["acknowledged"] == 1
    _, [row] = crew(capfd, "alerts", "list", "--json")
    assert not row["waits"]
    assert row["by"].endswith("at the machine")
    _, rows = crew(capfd, "audit", "show", "acts", "--json")
    assert rows[0]["payload"]["act"] == "ack 1"


def test_a_channel_is_tried_and_its_secret_is_never_shown(
    home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = home / "own"
    own.mkdir()
    packaged = Path(__file__).resolve().parents[3] / "config" / "alerts.yaml"
    (own / "alerts.yaml").write_text(packaged.read_text().replace("channels: {}\n", ALERTS))
    said, _ = crew(capfd, "alerts", "test", "--config", str(own), code=Exit.PREREQUISITE)
    assert "CREWDESK_ALERT_HOOK is not set" in said
    with web_server() as web:
        secret = web.url.replace("http://", "json://") + "/a-token-that-nobody-should-see"
        monkeypatch.setenv("CREWDESK_ALERT_HOOK", secret)
        said, [told] = crew(capfd, "alerts", "test", "--config", str(own), "--json")
        assert told["taken"]
        assert len(web.requests) == 1
        shown, [row] = crew(capfd, "alerts", "channels", "--config", str(own), "--json")
        assert (row["service"], row["set"]) == ("json", True)
        assert "a-token-that-nobody-should-see" not in said + shown


def test_a_day_nobody_recorded_is_told_as_that_written_as_a_page_and_posted_as_an_alert(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _, [told] = crew(capfd, "report", "--day", "2026-03-01", "--json")
    assert (told["recorded"], told["decisions"], told["pnl"]) == (False, 0, "0")
    assert "Nobody saw the account" in Path(told["html"]).read_text()
    _, [alert] = crew(capfd, "alerts", "list", "--json")
    assert (alert["kind"], alert["level"]) == ("report", "INFO")
    said, _ = crew(capfd, "report", "--day", "yesterday", code=Exit.PREREQUISITE)
    assert "no date" in said


def test_what_the_operator_calls_a_repetition_holds_for_whoever_posts(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    own = home / "own"
    own.mkdir()
    packaged = Path(__file__).resolve().parents[3] / "config" / "alerts.yaml"
    (own / "alerts.yaml").write_text(packaged.read_text().replace("repeat_minutes: 10 ", "repeat_minutes: 0 "))
    for _ in range(2):
        crew(capfd, "report", "--day", "2026-03-01", "--config", str(own))
    _, rows = crew(capfd, "alerts", "list", "--json")
    assert [row["count"] for row in rows] == [1, 1]
    crew(capfd, "report", "--day", "2026-03-01")
    _, rows = crew(capfd, "alerts", "list", "--json")
    assert [row["count"] for row in rows] == [2, 1]
