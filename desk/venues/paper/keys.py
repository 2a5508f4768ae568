"""The API keys of this venue, and the token that moves a stepped clock: made once, readable by the owner alone.

The token has a file of its own beside the key file, so that whoever steps the clock never opens the trading key.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from desk.domain.errors import ConfigError

PAPER_ACCOUNT = "paper"
"""The account that a key opens where nobody named one."""

_ALPHABET = string.ascii_letters + string.digits
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One API key: the secret that signs for it, the account it opens, and what it may do there."""

    api_key: str
    secret: str
    account: str = PAPER_ACCOUNT
    may_trade: bool = True
    may_withdraw: bool = False

    def __repr__(self) -> str:
        return f"Access(account={self.account!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What proves a caller: one access for each API key, `admin_token` for the clock."""

    accesses: tuple[Access, ...]
    admin_token: str

    def beside(self, others: Iterable[Access]) -> Keys:
        """These keys and others."""
        return Keys(accesses=(*self.accesses, *others), admin_token=self.admin_token)

    def opened_by(self, api_key: str) -> Access | None:
        """The access of this key; every key is compared, in constant time. None for a stranger's."""
        told = api_key.encode()
        matching = [access for access in self.accesses if hmac.compare_digest(told, access.api_key.encode())]
        return matching[0] if matching else None

    def __repr__(self) -> str:
        return "Keys(...)"


class _KeyFile(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    api_key: str = Field(min_length=8, max_length=128)
    # The secret of an HMAC, or the public half of an RSA or Ed25519 key as PEM.
    secret: str = Field(min_length=8, max_length=4_096)
    admin_token: str | None = Field(default=None, min_length=8, max_length=128)


def keep_keys(keys_file: Path, admin_token_file: Path) -> Keys:
    """Read the keys, or make them where there are none.

    Raises:
        ConfigError: when the key file exists and cannot be read.
    """
    if not keys_file.exists():
        made = {"api_key": _random(), "secret": _random(), "admin_token": _random()}
        write_private(keys_file, json.dumps(made) + "\n")
    try:
        kept = _KeyFile.model_validate_json(keys_file.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise ConfigError(
            "is not a key file: it needs api_key and secret",
            file=str(keys_file),
            hint="remove it, and new keys are made for the same account",
        ) from error
    own = Access(api_key=kept.api_key, secret=kept.secret)
    keys = Keys(accesses=(own,), admin_token=kept.admin_token or _random())
    write_private(admin_token_file, keys.admin_token + "\n")
    return keys


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody but its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _random() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(64))
