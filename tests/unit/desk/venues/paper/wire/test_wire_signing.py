"""Signatures are checked over the raw bytes that travelled, and stamps against the clock of the venue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.wire.requests.signing import check_signature, check_window, is_fresh, sign, split_signature

SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
QUERY = (
    b"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943"
)


def test_the_signature_is_the_published_one_for_the_published_example() -> None:
    # Binance's "General Info" prints this key, payload and signature.
    assert sign(SECRET, QUERY) == "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"


@pytest.mark.parametrize(
    ("query", "body"),
    [
        (QUERY + b"&signature=SIG", b""),
        (b"", QUERY + b"&signature=SIG"),
        (QUERY[:40], QUERY[40:] + b"&signature=SIG"),
    ],
)
def test_query_and_body_are_joined_with_nothing_between_them(query: bytes, body: bytes) -> None:
    signed = split_signature(
        query.replace(b"SIG", sign(SECRET, QUERY).encode()), body.replace(b"SIG", sign(SECRET, QUERY).encode())
    )
    assert signed.payload == QUERY
    check_signature(SECRET, signed)


def test_hex_digits_of_either_case_pass() -> None:
    check_signature(SECRET, split_signature(QUERY + b"&signature=" + sign(SECRET, QUERY).upper().encode(), b""))


def test_percent_encoding_is_not_touched_before_the_check() -> None:
    for raw in (b"ids=%5B1%2c2%5D", b"ids=%5b1%2C2%5d", b"ids=[1,2]", b"note=a+b"):
        check_signature(SECRET, split_signature(raw + b"&signature=" + sign(SECRET, raw).encode(), b""))


@given(at=st.integers(min_value=0, max_value=len(QUERY) - 1), by=st.integers(min_value=1, max_value=255))
def test_one_changed_byte_is_refused(at: int, by: int) -> None:
    changed = bytearray(QUERY)
    changed[at] ^= by
    signed = split_signature(bytes(changed) + b"&signature=" + sign(SECRET, QUERY).encode(), b"")
    with pytest.raises(Refusal) as refused:
        check_signature(SECRET, signed)
    assert refused.value.code == -1022


def test_no_signature_is_a_missing_parameter() -> None:
    with pytest.raises(Refusal, match="'signature'") as refused:
        check_signature(SECRET, split_signature(QUERY, b""))
    assert refused.value.code == -1102


@pytest.mark.parametrize(
    ("stamp", "fresh"), [(100_000, True), (100_999, True), (101_000, False), (95_000, True), (94_999, False)]
)
def test_a_stamp_may_be_less_than_a_second_ahead_and_no_older_than_its_window(stamp: int, fresh: bool) -> None:
    assert is_fresh(stamp, 5_000, 100_000) is fresh


@pytest.mark.parametrize("window", [0, -1, 60_001])
def test_a_window_beyond_a_minute_is_refused(window: int) -> None:
    with pytest.raises(Refusal) as refused:
        check_window(window)
    assert refused.value.code == -1131
