"""Logs are cut without losing a line, kept for so long and no longer, and read by level, age and words."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.services import LogFiles
from ops.log_files import older, tend
from ops.log_lines import Wanted, follow, line_of, newest

RULE = LogFiles(megabytes=0.001, files=3, days=30)
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def json_line(minute: int, level: str = "INFO", event: str = "said", **told: object) -> str:
    at = (NOON + timedelta(minutes=minute)).isoformat()
    return json.dumps({"at": at, "level": level, "event": event, **told})


def test_a_log_that_is_cut_while_it_is_written_loses_no_line(tmp_path: Path) -> None:
    log = tmp_path / "guard.log"
    with log.open("a", buffering=1) as writer:
        for number in range(400):
            writer.write(f"line {number}\n")
            if number % 100 == 99:
                tend(tmp_path, LogFiles(megabytes=0.0001, files=10, days=30), now=0.0)
    kept = "".join(file.read_text() for file in [*older(log), log])
    assert kept.splitlines() == [f"line {number}" for number in range(400)]


def test_only_so_many_older_files_stay_and_none_beyond_their_age(tmp_path: Path) -> None:
    log = tmp_path / "venue.log"
    for _ in range(6):
        log.write_text("x" * 2000)
        tend(tmp_path, RULE, now=0.0)
    assert [file.name for file in older(log)] == ["venue.log.3", "venue.log.2", "venue.log.1"]
    os.utime(tmp_path / "venue.log.3", (0, 0))
    tend(tmp_path, RULE, now=datetime.now(UTC).timestamp())
    assert [file.name for file in older(log)] == ["venue.log.2", "venue.log.1"]


def test_lines_of_all_services_are_told_in_the_order_of_time(tmp_path: Path) -> None:
    (tmp_path / "guard.log").write_text(json_line(1) + "\n" + json_line(3) + "\n")
    (tmp_path / "venue.log").write_text(json_line(2) + "\n")
    found = newest([tmp_path / "guard.log", tmp_path / "venue.log"], Wanted(), limit=10)
    assert [line.service for line in found] == ["guard", "venue", "guard"]


def test_a_line_that_tells_no_time_stands_by_those_around_it(tmp_path: Path) -> None:
    (tmp_path / "guard.log").write_text(json_line(1) + "\n")
    (tmp_path / "venue.log").write_text("\n".join(["a heading", json_line(2), "a traceback", json_line(5)]) + "\n")
    (tmp_path / "desk.log").write_text(json_line(3) + "\n")
    logs = [tmp_path / f"{name}.log" for name in ("guard", "venue", "desk")]
    told = [line.text if not line.at else line.service for line in newest(logs, Wanted(), limit=10)]
    assert told == ["guard", "a heading", "venue", "a traceback", "desk", "venue"]


@pytest.mark.parametrize(
    ("wanted", "events"),
    [
        (Wanted(level="warning"), ["lost", "as it stands"]),
        (Wanted(since=NOON + timedelta(minutes=5)), ["lost", "as it stands"]),
        (Wanted(grep=re.compile("d55b14")), ["said"]),
        (Wanted(), ["said", "lost", "as it stands"]),
    ],
)
def test_lines_are_chosen_by_level_age_and_words(tmp_path: Path, wanted: Wanted, events: list[str]) -> None:
    log = tmp_path / "guard.log"
    log.write_text(f"{json_line(1, decision_id='d55b14')}\n{json_line(6, 'WARNING', 'lost')}\nas it stands\n")
    assert sorted(line.text.partition(" dec")[0] for line in newest([log], wanted, limit=10)) == sorted(events)


def test_an_older_file_is_read_where_the_age_asks_for_it(tmp_path: Path) -> None:
    (tmp_path / "guard.log.1").write_text(json_line(1) + "\n")
    (tmp_path / "guard.log").write_text(json_line(9) + "\n")
    log = tmp_path / "guard.log"
    assert len(newest([log], Wanted(), limit=10)) == 1
    assert len(newest([log], Wanted(since=NOON), limit=10)) == 2


def test_what_looks_like_a_secret_is_not_shown() -> None:
    line = line_of("console", json_line(1, event="sent sk-abcdefghijklmnopqrstuvwx", url="https://me:secret@host/"))
    assert "abcdefghijklmnop" not in line.text
    assert "secret" not in str(line.told)


def test_whoever_follows_hears_whole_lines_also_after_a_cut(tmp_path: Path) -> None:
    log = tmp_path / "guard.log"
    log.write_text("before\n")
    heard: list[str] = []
    writes = iter(["one\ntw", "o\n", None, "three\n"])

    def stopped() -> bool:
        text = next(writes, "")
        if text is None:
            log.write_text("")
        elif text:
            with log.open("a") as file:
                file.write(text)
        return text == ""

    for line in follow(lambda: [log], Wanted(), stopped=stopped):
        heard.append(line.text)
    assert heard == ["one", "two", "three"]
