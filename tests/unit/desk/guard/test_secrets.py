"""Planted secrets and everything that leaves the guard: not one of them is in any of it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import types
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from desk.domain.errors import OutcomeUnknownError, PrerequisiteError, VenueRejectedError, VenueUnavailableError
from desk.guard.door.server import GuardServer
from desk.guard.inprocess import guard_in_process
from desk.guard.process.logs import JsonLines
from desk.guard.process.runtime import Runtime
from desk.guard.process.settings import GuardSettings, KeySource
from desk.guard.secrets.keys import ExchangeKey, read_key
from desk.guard.secrets.veil import HIDDEN, Veil
from tests.unit.desk.guard.bench import ROOMY, Bench

KEY, SECRET = "planted-key/+" + "K7" * 20, 'planted-"secret"&' + "S9" * 20
FORMS = (KEY, SECRET, quote(KEY, safe=""), quote(SECRET, safe=""), json.dumps(SECRET)[1:-1])
METHODS = (
    "server_time",
    "marks",
    "account",
    "book",
    "open_orders",
    "fills",
    "submit",
    "submit_stop",
    "find",
    "prepare",
)


def leaks(text: str) -> list[str]:
    return [form for form in FORMS if form in text]


def careless(kind: type[Exception]) -> Exception:
    """An error that repeats the signed request, as libraries and venues do."""
    told = f"GET /fapi/v1/order?apiKey={KEY}&x={quote(SECRET, safe='')} refused: {SECRET}"
    return VenueRejectedError(told, code=-1100) if kind is VenueRejectedError else kind(told)


def veiled() -> tuple[Bench, list[str]]:
    bench, told = Bench(boot=False), list[str]()
    bench.guard = guard_in_process(
        bench.venue,
        filters=bench.venue.filters,
        limits=ROOMY,
        clock=bench.clock,
        journal=bench.journal,
        tell=lambda level, message: told.append(message),
        veil=Veil(KEY, SECRET),
    )
    return bench, told


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", [VenueRejectedError, VenueUnavailableError, OutcomeUnknownError, RuntimeError])
def test_no_sink_of_the_guard_tells_a_secret(
    method: str, kind: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    bench, told = veiled()
    with caplog.at_level(logging.DEBUG):
        bench.venue.fail(method, careless(kind))
        answer = bench.propose()
        bench.look(times=3)
        bench.guard.halt("done")
    lines = [JsonLines(Veil(KEY, SECRET)).format(record) for record in caplog.records]
    journal = [row.body for row in bench.journal.rows()]
    sinks = [*journal, *told, *lines, str(answer), bench.guard.status().model_dump_json(), repr(bench.guard.state)]
    assert [found for sink in sinks for found in leaks(sink)] == []
    assert any(HIDDEN in sink for sink in sinks) or kind is not RuntimeError


def test_no_answer_at_the_door_tells_a_secret(tmp_path: Path) -> None:
    settings = GuardSettings.model_validate(
        {
            "profile": "t",
            "venue": {"kind": "paper", "base_url": "http://127.0.0.1:1"},
            "symbols": ["BTCUSDT"],
            **dict.fromkeys(("journal", "crew_token_file", "operator_token_file", "run_file"), str(tmp_path / "x")),
        }
    )
    bench = Bench()
    server = GuardServer(
        ("127.0.0.1", 0),
        runtime=Runtime(bench.guard, settings),
        journal=bench.journal,
        tokens={"t" * 40: "crew"},
        profile="t",
        veil=Veil(KEY, SECRET, "t" * 40),
    )
    try:
        assert server.veil.over(json.dumps({"error": f"{KEY} {SECRET} {'t' * 40}"})) == json.dumps(
            {"error": f"{HIDDEN} {HIDDEN} {HIDDEN}"}
        )
    finally:
        server.server_close()


def test_a_traceback_is_logged_without_the_secrets_in_it() -> None:
    try:
        raise RuntimeError(f"signature of {SECRET}")
    except RuntimeError:
        record = logging.LogRecord("desk", logging.ERROR, "x.py", 1, "failed with %s", (KEY,), sys.exc_info())
    line = JsonLines(Veil(KEY, SECRET)).format(record)
    assert leaks(line) == []
    assert json.loads(line)["event"] == f"failed with {HIDDEN}"


def test_values_that_hold_a_secret_do_not_print_it() -> None:
    key = ExchangeKey(api_key=KEY, secret=SECRET)
    assert leaks(f"{key} {key!r} {Veil(KEY, SECRET)!r}") == []


def test_a_veil_leaves_other_words_alone() -> None:
    veil = Veil("short", KEY)
    assert veil.over("a short text") == "a short text"
    veil.hide(SECRET)
    assert veil.over(f"<{SECRET}>") == f"<{HIDDEN}>"


class Backend(types.ModuleType):
    def __init__(self, kept: dict[tuple[str, str], str] | None) -> None:
        super().__init__("keyring")
        self.kept = kept

    def get_password(self, service: str, user: str) -> str | None:
        if self.kept is None:
            raise RuntimeError(f"locked; last value {SECRET}")
        return self.kept.get((service, user))


def test_a_key_may_come_from_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {("crewdesk-live", "api_key"): KEY, ("crewdesk-live", "secret"): SECRET}
    monkeypatch.setitem(sys.modules, "keyring", Backend(kept))
    assert read_key(KeySource(keyring="crewdesk-live"), {}) == ExchangeKey(api_key=KEY, secret=SECRET)


@pytest.mark.parametrize("backend", [Backend({}), Backend({("x", "api_key"): KEY}), Backend(None), None])
def test_a_keyring_without_the_key_is_refused_without_quoting_it(monkeypatch: pytest.MonkeyPatch, backend: Any) -> None:
    monkeypatch.setitem(sys.modules, "keyring", backend)
    environ = {"CREWDESK_API_KEY": KEY, "CREWDESK_API_SECRET": SECRET}
    with pytest.raises(PrerequisiteError) as caught:
        read_key(KeySource(keyring="x"), environ)
    assert leaks(f"{caught.value} {caught.value.hint} {caught.value.__cause__}") == []


SHUT = """
import subprocess
import sys
from desk.guard.__main__ import main
from desk.guard.secrets.shut import memory_is_open
open_before = memory_is_open()
main(["--settings", "/no/such/settings.json"])
sys.exit(not open_before or memory_is_open())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux shuts a process")
def test_no_other_program_of_the_same_user_reads_the_guards_memory() -> None:
    ran = subprocess.run([sys.executable, "-c", SHUT], capture_output=True, timeout=60, check=False)
    assert ran.returncode == 0
