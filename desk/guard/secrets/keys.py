"""Secrets enter here and go only to the gateway: from a private file, the system's keyring or the environment."""

from __future__ import annotations

import importlib
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from desk.domain.errors import PrerequisiteError
from desk.guard.process.settings import KeySource


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeKey:
    """An exchange key. Its secret parts are in no representation of it."""

    api_key: str = field(repr=False)
    secret: str = field(repr=False)


def read_key(source: KeySource, environ: Mapping[str, str]) -> ExchangeKey:
    """The exchange key.

    Raises:
        PrerequisiteError: it is missing, malformed, or in a file that others can read.
    """
    if source.keyring:
        return _from_keyring(source.keyring)
    if source.file is None:
        key, secret = environ.get(source.key_variable, ""), environ.get(source.secret_variable, "")
        if not key or not secret:
            raise PrerequisiteError(f"{source.key_variable} and {source.secret_variable} are not set")
        return ExchangeKey(api_key=key, secret=secret)
    data = _private_json(source.file)
    key, secret = data.get("api_key"), data.get("secret")
    if not isinstance(key, str) or not isinstance(secret, str) or not key or not secret:
        raise PrerequisiteError(f'{source.file} needs "api_key" and "secret"')
    return ExchangeKey(api_key=key, secret=secret)


def _from_keyring(service: str) -> ExchangeKey:
    try:
        keyring = importlib.import_module("keyring")
    except ImportError as error:
        raise PrerequisiteError(
            "the key shall come from the keyring, and no library for it is here",
            hint=".venv/bin/uv pip install keyring",
        ) from error
    try:
        key, secret = (keyring.get_password(service, user) for user in ("api_key", "secret"))
    except Exception as error:
        # Backends raise what they like; what they say may quote what they hold.
        raise PrerequisiteError(f"the keyring does not answer: {type(error).__name__}") from None
    if not key or not secret:
        raise PrerequisiteError(
            f"the keyring holds no `api_key` and `secret` of {service}", hint=f"keyring set {service} api_key"
        )
    return ExchangeKey(api_key=key, secret=secret)


def _private_json(path: Path) -> dict[str, Any]:
    text = _read_private(path)
    try:
        data = json.loads(text)
    except ValueError as error:
        # The parser's own message would quote the file.
        raise PrerequisiteError(f"{path} is not JSON") from error
    if not isinstance(data, dict):
        raise PrerequisiteError(f"{path} is not a JSON object")
    return cast("dict[str, Any]", data)


def _read_private(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise PrerequisiteError(f"{path} can be read by others", hint=f"chmod 600 {path}")
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise PrerequisiteError(f"{path} cannot be read") from error


def token_of(path: Path) -> str:
    """The bearer token in `path`; made at random, for its owner only, when there is none.

    Raises:
        PrerequisiteError: it is too short, or others can read it.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Whole or not at all: half a token, left by a full disk, would bar every later start.
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        draft.replace(path)
    token = _read_private(path).strip()
    if len(token) < 32:
        raise PrerequisiteError(f"the token in {path} is too short", hint="remove the file: a new one is made")
    return token
