"""Keys whose secret never leaves the client: the venue holds the public half and verifies what the other half signed.

    RSA        PKCS#1 v1.5 over SHA-256, base64
    Ed25519    base64

A secret written as PEM ("-----BEGIN PUBLIC KEY-----") is such a public half; any other text is the secret of an HMAC.
Source: Binance USD-M futures, "General Info", sections on RSA and Ed25519 keys.
"""

from __future__ import annotations

import base64
import binascii
from enum import StrEnum
from functools import lru_cache
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from desk.domain.errors import DataError

_PEM = "-----BEGIN "


class KeyKind(StrEnum):
    """How an API key signs."""

    HMAC = "HMAC"
    RSA = "RSA"
    ED25519 = "ED25519"


def kind_of(secret: str) -> KeyKind:
    """What kind of key the venue holds. Raises DataError for PEM text that is neither RSA nor Ed25519."""
    if not secret.startswith(_PEM):
        return KeyKind.HMAC
    return KeyKind.RSA if isinstance(_public_half(secret), RSAPublicKey) else KeyKind.ED25519


def verified(pem: str, payload: bytes, signature: str) -> bool:
    """Whether `signature` (base64, percent-encoded or not) is the private half's over `payload`."""
    try:
        told = base64.b64decode(unquote(signature), validate=True)
    except (binascii.Error, ValueError):
        return False
    half = _public_half(pem)
    try:
        if isinstance(half, RSAPublicKey):
            half.verify(told, payload, PKCS1v15(), SHA256())
        else:
            half.verify(told, payload)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=256)
def _public_half(pem: str) -> RSAPublicKey | Ed25519PublicKey:
    try:
        half = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise DataError(f"a public key cannot be read: {error}", hint="PEM of an RSA or Ed25519 key") from error
    if isinstance(half, RSAPublicKey | Ed25519PublicKey):
        return half
    raise DataError("a public key is neither RSA nor Ed25519", hint="PEM of an RSA or Ed25519 key")
