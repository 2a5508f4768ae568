"""One certificate a file: canonical JSON, its hash, and a signature that only the operator's token can make.

The crew holds another token, so that no agent, however owned, can certify itself. HMAC-SHA256, RFC 2104.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from desk.domain.certificates import Certificate
from desk.domain.errors import DataError

_CONTEXT = b"crewdesk certificate 1\n"
_LARGEST = 65_536


def sealed(certificate: Certificate) -> Certificate:
    """The certificate with the digest of what it says."""
    return replace(certificate, digest=hashlib.sha256(_body(certificate)).hexdigest())


def write(certificate: Certificate, folder: Path, token: str) -> Path:
    """Write a sealed certificate, whole or not at all; returns its file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{certificate.strategy}-{certificate.digest[:12]}.json"
    told = {"certificate": json.loads(_body(certificate)), "signature": _signature(certificate, token)}
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    draft.replace(path)
    return path


def read(path: Path, token: str | None = None) -> Certificate:
    """The certificate in a file. With a token its signature must be that token's.

    Raises:
        DataError: it cannot be read, is no certificate, or was not signed by this token.
    """
    try:
        text = path.read_bytes()
        if len(text) > _LARGEST:
            raise DataError(f"{path.name} is too long for a certificate")
        told = json.loads(text)
        certificate = _certificate(told["certificate"])
        signature = str(told["signature"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path.name} is no certificate: {type(error).__name__}") from error
    if token is not None and not hmac.compare_digest(signature.encode(), _signature(certificate, token).encode()):
        raise DataError(f"{path.name} was not signed by this operator")
    return certificate


def kept_in(folder: Path) -> tuple[Path, ...]:
    """Every certificate's file, in order of name."""
    return tuple(sorted(folder.glob("*.json")))


def _signature(certificate: Certificate, token: str) -> str:
    return hmac.new(token.encode(), _CONTEXT + _body(certificate), hashlib.sha256).hexdigest()


def _body(certificate: Certificate) -> bytes:
    told: dict[str, Any] = {
        "strategy": certificate.strategy,
        "artefact": certificate.artefact,
        "symbols": list(certificate.symbols),
        "issued_ms": certificate.issued_ms,
        "expires_ms": certificate.expires_ms,
        "evidence": dict(certificate.evidence),
    }
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _certificate(told: dict[str, Any]) -> Certificate:
    if told.keys() != {field.name for field in fields(Certificate)} - {"digest"}:
        raise KeyError("fields")
    return sealed(
        Certificate(
            digest="",
            strategy=str(told["strategy"]),
            artefact=str(told["artefact"]),
            symbols=tuple(str(symbol) for symbol in told["symbols"]),
            issued_ms=_ms(told["issued_ms"]),
            expires_ms=_ms(told["expires_ms"]),
            evidence=tuple(sorted((str(name), str(value)) for name, value in told["evidence"].items())),
        )
    )


def _ms(value: object) -> int:
    if type(value) is not int:
        raise TypeError("a time is an integer of milliseconds")
    return value
