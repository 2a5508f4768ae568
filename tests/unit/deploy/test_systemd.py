"""The systemd unit: what it may not do, how it is watched and ended, and what systemd itself says of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from desk.guard.process.settings import KeySource
from desk.guard.secrets.keys import read_key

UNITS = Path(__file__).resolve().parents[3] / "deploy" / "systemd"
UNIT = UNITS / "crewdesk@.service"
MOST_EXPOSED = 2.0  # of ten, as `systemd-analyze security` counts

REQUIRED = {
    "Type": "notify",
    "NotifyAccess": "main",
    "KillMode": "mixed",
    "Restart": "on-failure",
    "OOMPolicy": "continue",
    "User": "crewdesk",
    "UMask": "0077",
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "PrivateUsers": "yes",
    "ProtectClock": "yes",
    "ProtectControlGroups": "yes",
    "ProtectHostname": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "SystemCallArchitectures": "native",
    "LimitCORE": "0",
}
# With these the desk would not run: numba compiles, and the keeper has to see the guard, which shuts its memory.
ABSENT = ("MemoryDenyWriteExecute", "ProtectProc", "ProcSubset")


def directives(unit: Path = UNIT) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line in unit.read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[name].append(value)
    return found


def test_the_unit_is_shut_as_far_as_the_desk_allows() -> None:
    told = directives()
    assert {name: told.get(name) for name in REQUIRED} == {name: [value] for name, value in REQUIRED.items()}
    assert [name for name in ABSENT if name in told] == []
    assert "~@privileged @resources @obsolete" in told["SystemCallFilter"]


def test_the_nightly_backup_is_shut_as_the_desk_is() -> None:
    told = directives(UNITS / "crewdesk-backup@.service")
    kinds = ("Protect", "Private", "RestrictSUID", "RestrictName", "NoNew", "Capab", "Lock")
    shut = {name for name in REQUIRED if name.startswith(kinds)}
    assert {name: told[name] for name in shut} == {name: directives()[name] for name in shut}
    assert directives(UNITS / "crewdesk-backup@.timer")["Persistent"] == ["yes"]


def test_the_manager_waits_longer_than_the_keeper_needs() -> None:
    from ops.running import LONGEST_END_SECONDS

    told = directives()
    assert float(told["TimeoutStopSec"][0]) > LONGEST_END_SECONDS
    assert float(told["WatchdogSec"][0]) > 2 * 30


def test_the_command_for_its_operator_runs_as_the_unit_does() -> None:
    script = (UNITS / "crewdesk").read_text()
    own = dict(re.findall(r"^    (\w+)=(\S+) ", script, re.MULTILINE))
    assert own == dict(one.split("=", 1) for one in directives()["Environment"])
    assert f"runuser -u {directives()['User'][0]} " in script
    assert f"{directives()['WorkingDirectory'][0]}/.venv/bin/crew" in script
    assert subprocess.run(["sh", "-n", str(UNITS / "crewdesk")], timeout=10).returncode == 0


def test_the_key_is_the_units_alone_and_of_a_mode_that_the_guard_reads(tmp_path: Path) -> None:
    file = UNITS / "crewdesk@testnet.service.d" / "key.conf"
    told = directives(file)
    [copying] = told["ExecStartPre"]
    folder = f"/run/{told['RuntimeDirectory'][0]}"
    assert told["RuntimeDirectoryMode"] == ["0700"]
    assert copying.endswith(f" {folder}/exchange-key")
    assert f"file: {folder}/exchange-key" in file.read_text()
    # As newer versions of systemd hand it over.
    (tmp_path / "exchange-key").write_text('{"api_key": "a", "secret": "b"}')
    (tmp_path / "exchange-key").chmod(0o440)
    words = copying.replace("${CREDENTIALS_DIRECTORY}", str(tmp_path)).replace(folder, str(tmp_path / "run")).split()
    (tmp_path / "run").mkdir()
    subprocess.run(words, check=True, timeout=10)
    source = KeySource(file=tmp_path / "run" / "exchange-key")
    assert read_key(source, {}).api_key == "a"


def test_no_secret_stands_in_a_unit() -> None:
    for file in UNITS.rglob("*.*"):
        if file.is_file():
            assert not re.search(r"(?i)^Environment=.*(secret|token|password|_key)", file.read_text(), re.MULTILINE)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
def test_systemd_itself_reads_the_unit_and_finds_it_shut(tmp_path: Path) -> None:
    # Only what is installed can be verified: the command in front of us stands for the one in /opt.
    crew = str(Path(sys.executable).parent / "crew")
    unit = tmp_path / "crewdesk@.service"
    text = UNIT.read_text().replace("/opt/crewdesk/.venv/bin/crew", crew).replace("/opt/crewdesk", str(tmp_path))
    unit.write_text(text.replace("User=crewdesk\nGroup=crewdesk\n", ""))
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / "crewdesk@paper.service")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    told = [line for line in verified.stderr.splitlines() if "crewdesk" in line]
    assert told == []
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    exposure = re.search(r"Overall exposure level.*?: ([0-9.]+)", judged.stdout)
    assert exposure, judged.stdout[-500:] + judged.stderr[-500:]
    assert float(exposure[1]) <= MOST_EXPOSED
