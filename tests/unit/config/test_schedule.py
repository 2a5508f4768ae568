"""schedule.yaml is read strictly: a typo is an error that names file, key and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.schedule import Work, load_schedule
from desk.domain.errors import ConfigError

SYMBOLS = ("BTCUSDT", "ETHUSDT")


def spoilt(folder: Path, old: str, new: str) -> ConfigError:
    path = folder / "schedule.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        load_schedule(folder, symbols=SYMBOLS)
    return caught.value


def test_the_packaged_timetable_has_every_work_and_no_kickoff_of_real_money() -> None:
    settings = load_schedule()
    assert {job.work for job in settings.jobs.values()} == set(Work)
    assert {job.work for job in settings.of("live").values()} == {Work.CHARTS, Work.REPORT}


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("seed: 7", "sed: 7", "sed", "unknown key"),
        ("work: kickoff", "work: kickof", "jobs.desk.work", "'kickoff'"),
        ("jitter_seconds: 5", "jiter_seconds: 5", "jobs.desk.jiter_seconds", "unknown key"),
        ("jitter_seconds: 5", "jitter_seconds: 500", "jobs.desk", "half the time"),
        ("crew: desk", "cron: '* * * * *'", "jobs.desk", "either"),
        ("crew: desk", "symbols: [DOGEUSDT]", "jobs.desk.symbols[0]", "not among"),
        ("profiles: [demo, paper, testnet]", "profiles: [demmo]", "jobs.desk.profiles[0]", "no profile"),
        ('"30 3 * * sun"', '"30 3 * * 0"', "jobs.retrain.cron", "weekdays are named"),
        ('"30 3 * * sun"', '"30 3 * *"', "jobs.retrain.cron", "five parts"),
        ('"30 3 * * sun"', '"30 25 * * sun"', "jobs.retrain.cron", "no timetable"),
        ("timezone: UTC", "timezone: Europe/Berlim", "timezone", "no time zone"),
        ("  desk:", "  Desk:", "jobs.Desk", "a name"),
    ],
)
def test_what_is_wrong_is_told_with_file_key_and_line(folder: Path, old: str, new: str, key: str, says: str) -> None:
    error = spoilt(folder, old, new)
    assert error.key == key
    assert says in str(error)
    assert "schedule.yaml" in error.file
    assert error.line is not None
