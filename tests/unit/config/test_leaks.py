"""What a process may not repeat is found by its variable's name or its own look, and in every form it is quoted in."""

from __future__ import annotations

import base64
import json
import logging

import pytest

from config.leaks import cover_of, secret_values
from ops.log_lines import line_of
from ops.speaking import speak

PASSWORD = 'long "and" wörd'


@pytest.mark.parametrize(
    ("variable", "value", "secret"),
    [
        ("OPENAI_API_KEY", "not-like-a-key", "not-like-a-key"),
        ("REPORTS_URL", "postgresql://desk:pass%2Fw0rd@db/desk", "pass/w0rd"),
        ("REPORTS_URL", "postgresql://desk:pass%2Fw0rd@db/desk", base64.b64encode(b"desk:pass/w0rd").decode()),
        ("CREWDESK_ALERT_TEAM", "discord://12/abcdefghijklmnop-q", "abcdefghijklmnop-q"),
    ],
)
def test_a_secret_is_covered_whatever_its_variable_is_called(variable: str, value: str, secret: str) -> None:
    assert secret not in cover_of({variable: value})(f"401 for {secret}.")


@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_secret_in_json_in_json_is_covered(ascii_only: bool) -> None:
    told = json.dumps({"body": json.dumps({"sent": PASSWORD}, ensure_ascii=ascii_only)}, ensure_ascii=ascii_only)
    assert json.loads(json.loads(cover_of({"A_PASSWORD": PASSWORD})(told))["body"]) == {"sent": "[hidden]"}


def test_what_is_no_secret_is_left_alone() -> None:
    assert secret_values({"HOME": "/home/desk", "CREWDESK_LOG": "json", "DOCS": "https://example.org/a"}) == ()


def test_a_line_of_a_log_is_covered_before_it_is_cut() -> None:
    cover = cover_of({"A_TOKEN": "t0ken-of-somebody"})
    assert "t0ken" not in line_of("console", "x" * 590 + "t0ken-of-somebody", cover).text


def test_a_warning_that_nobody_handles_reaches_the_terminal_without_the_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    last = logging.StreamHandler()
    monkeypatch.setattr(logging, "lastResort", last)
    speak({"A_TOKEN": "t0ken-of-somebody"})
    try:
        raise RuntimeError("refused t0ken-of-somebody")
    except RuntimeError as error:
        trace = (RuntimeError, error, error.__traceback__)
    told = last.format(logging.LogRecord("a.library", 30, "", 0, "got %s", ("t0ken-of-somebody",), trace))
    assert told.startswith("got [hidden]")
    assert "refused [hidden]" in told
    assert "t0ken" not in told + capsys.readouterr().err
