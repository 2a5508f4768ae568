"""A certificate's file is believed only whole, unaltered, and signed by the operator."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from desk.certificates.files import kept_in, read, sealed, write
from desk.domain.certificates import Certificate
from desk.domain.errors import DataError

AT = 1_772_323_200_000
TOKEN = "o" * 40
ONE = sealed(
    Certificate(
        digest="",
        strategy="policy-9f",
        artefact="b" * 64,
        symbols=("BTCUSDT", "ETHUSDT"),
        issued_ms=AT,
        expires_ms=AT + 60 * 86_400_000,
        evidence=(("days", "420"), ("deflated_sharpe", "0.97")),
    )
)


def test_what_was_written_reads_back_equal(tmp_path: Path) -> None:
    path = write(ONE, tmp_path, TOKEN)
    assert read(path, TOKEN) == ONE
    assert kept_in(tmp_path) == (path,)


def test_another_token_signs_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not signed"):
        read(write(ONE, tmp_path, "c" * 40), TOKEN)


@pytest.mark.parametrize(
    ("field", "value"),
    [("strategy", "crew"), ("symbols", ["DOGEUSDT"]), ("expires_ms", 4_000_000_000_000), ("evidence", {})],
)
def test_what_was_altered_is_not_believed(tmp_path: Path, field: str, value: object) -> None:
    path = write(ONE, tmp_path, TOKEN)
    told = json.loads(path.read_text())
    told["certificate"][field] = value
    path.write_text(json.dumps(told))
    with pytest.raises(DataError, match="not signed"):
        read(path, TOKEN)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"certificate": 3, "signature": ""}', "x" * 100_000])
def test_what_is_no_certificate_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(DataError, match="certificate"):
        read(tmp_path / "a.json", TOKEN)


@pytest.mark.parametrize(
    "changes", [{"strategy": "Bad Name"}, {"strategy": "a:b"}, {"symbols": ()}, {"expires_ms": AT}]
)
def test_a_proof_of_nothing_is_not_made(changes: dict[str, object]) -> None:
    with pytest.raises(DataError):
        replace(ONE, **changes)


def test_the_longest_name_still_fits_an_intents_field() -> None:
    assert len(replace(ONE, strategy="a" * 31).strategy_id) == 64
