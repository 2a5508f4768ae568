"""Keys of three kinds: HMAC secrets, and RSA and Ed25519 pairs of which the venue holds the public half alone."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from desk.domain.errors import DataError
from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.wire.requests.public_keys import KeyKind, kind_of
from desk.venues.paper.wire.requests.signing import check_signature, split_signature

PAYLOAD = b"symbol=BTCUSDT&side=SELL&timestamp=1668481559918"
RSA = generate_private_key(public_exponent=65_537, key_size=2_048)
ED25519 = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def public(key: RSAPrivateKey | Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def signature(key: RSAPrivateKey | Ed25519PrivateKey, payload: bytes = PAYLOAD) -> str:
    signed = key.sign(payload, PKCS1v15(), SHA256()) if isinstance(key, RSAPrivateKey) else key.sign(payload)
    return base64.b64encode(signed).decode()


def code(secret: str, told: str, payload: bytes = PAYLOAD) -> int:
    """The code of the refusal, 0 for none."""
    try:
        check_signature(secret, split_signature(payload + b"&signature=" + told.encode(), b""))
    except Refusal as refusal:
        return refusal.code
    return 0


@pytest.mark.parametrize("key", [RSA, ED25519], ids=["rsa", "ed25519"])
def test_what_the_private_half_signed_passes_however_it_is_encoded(key: RSAPrivateKey | Ed25519PrivateKey) -> None:
    told = signature(key)
    assert code(public(key), told) == 0
    assert code(public(key), quote(told, safe="")) == 0


@pytest.mark.parametrize("key", [RSA, ED25519], ids=["rsa", "ed25519"])
def test_another_payload_another_key_and_no_base64_do_not(key: RSAPrivateKey | Ed25519PrivateKey) -> None:
    assert code(public(key), signature(key), PAYLOAD.replace(b"SELL", b"BUY")) == -1022
    assert code(public(key), signature(OTHER)) == -1022
    assert code(public(key), "not base64!") == -1022
    assert code(public(key), "") == -1102


def test_the_kind_of_a_key_is_told_by_what_the_venue_holds() -> None:
    assert [kind_of("s" * 64), kind_of(public(RSA)), kind_of(public(ED25519))] == list(KeyKind)
    with pytest.raises(DataError, match="cannot be read"):
        kind_of("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
