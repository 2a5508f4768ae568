"""Secrets: how they are made, what a person's must be like, and how they are kept.

Passwords and PINs are guessable, so they are hashed slowly (argon2id, the library's present defaults). Session and API
tokens are 256 random bits, so SHA-256 keeps them: nobody guesses those.
"""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from desk.domain.errors import PrerequisiteError

LEAST_PIN, LEAST_PASSWORD, MOST = 6, 10, 200
TOKEN_PREFIX = "crew_"  # noqa: S105  what a token begins with, so that a scanner for leaked secrets can know it
# No l, 1, 0, O: a password printed once is typed off a screen.
_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_MADE_LENGTH = 16


def made_password() -> str:
    """A password nobody chose: 16 letters and digits, over 90 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_MADE_LENGTH))


def made_token() -> str:
    """A token of 256 bits."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def refuse_weak(secret: str) -> None:
    """Raise PrerequisiteError for a PIN or password that would fall to the guesses that are allowed."""
    hint = f"a PIN of {LEAST_PIN} digits or more, or a password of {LEAST_PASSWORD} characters or more"
    if len(secret) > MOST or not secret.isprintable():
        raise PrerequisiteError(f"a password has at most {MOST} printable characters", hint=hint)
    if len(secret) < (LEAST_PIN if secret.isascii() and secret.isdigit() else LEAST_PASSWORD):
        raise PrerequisiteError("that is too short", hint=hint)
    if len(set(secret)) < 3 or _counts(secret):
        raise PrerequisiteError("that is the first thing anybody would try", hint=hint)


def _counts(secret: str) -> bool:
    """Whether it only counts up or down, as 123456 does."""
    steps = {ord(after) - ord(before) for before, after in pairwise(secret)}
    return steps in ({1}, {-1})


def hashed(secret: str) -> str:
    """The slow hash of a PIN or password."""
    return PasswordHasher().hash(secret)


def matches(kept: str, secret: str) -> bool:
    """Whether this is the secret behind a hash. Costs the same whether or not it is; without a hash, too."""
    if len(secret) > MOST:
        return False
    try:
        return PasswordHasher().verify(kept or _nobody(), secret) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash that stands for people who are not there, so that a name cannot be found out by the time it takes."""
    return hashed(made_token())
