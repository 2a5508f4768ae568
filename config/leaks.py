"""Secrets never stand in a YAML file: what looks like one is refused, and never repeated in the message.

Files of configuration are copied, committed and pasted into questions. Keys live in the environment or in a file of
mode 0600 that only the guard reads; here stand only their names (`api_key_env`, `file`).
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

from config.faults import fault
from config.yaml_tree import Path, Tree
from desk.guard.secrets.veil import Veil

_SECRET_NAME = re.compile(r"(^|_)(key|secret|token|password|passphrase|pin|credential)s?$")
_PREFIXED = re.compile(r"\b(sk|pk|rk|ghp|gho|github_pat|glpat|xox[abpr]|AKIA|AIza|hf|eyJ)[-_A-Za-z0-9]{16,}")
# Letters and digits only: a long path or address is not a key, and keys without a prefix look like this.
_OPAQUE = re.compile(r"\b(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{32,}\b|\b[A-Za-z0-9+/]{40,}={1,2}")
_USERINFO = re.compile(r"://[^/\s@]+:[^/\s@]*@")
# The channels of alerts: each is one URL whose path, host or user is the token.
_CHANNEL = re.compile(r"^crewdesk_(alert|hook)_")
_PARTS = re.compile(r"[/:@?&=]+")
_LEAST_PART = 16


def secret_values(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What no text of this process may repeat: the values of all variables that are named like secrets or hold one.

    An address with a password in it is one whatever its variable is called, and so are the password, and both as HTTP
    and SMTP send them, in base64.
    """
    found: list[str] = []
    for name, value in sorted(environ.items()):
        channel, held = _CHANNEL.search(name.lower()), _userinfo(value)
        if value and (channel or held or _SECRET_NAME.search(name.lower())):
            found += (value, *held)
        if channel:
            found += (part for part in _PARTS.split(value) if len(part) >= _LEAST_PART)
    return tuple(dict.fromkeys(form for secret in found for form in _forms_of(secret)))


def cover_of(environ: Mapping[str, str]) -> Callable[[str], str]:
    """What covers, in a text that leaves this process, every secret it holds and whatever else looks like one."""
    veil = Veil(*secret_values(environ))
    return lambda text: redacted(veil.over(text))


def _userinfo(value: str) -> tuple[str, ...]:
    """The secrets in an address with a password: the password as written and as meant, and both names as sent."""
    found = _USERINFO.search(value)
    if found is None:
        return ()
    user, _, password = found[0][3:-1].partition(":")
    user, meant = unquote(user), unquote(password)
    return (password, meant, f"{user}:{meant}", f"\0{user}\0{meant}")


def _forms_of(secret: str) -> tuple[str, ...]:
    """A secret as one text quotes it that is itself quoted in another: the veil writes each of these once more."""
    as_is = _in_json(secret)
    in_json = (json.dumps(secret)[1:-1], as_is, _in_json(as_is))
    return (secret, *in_json, quote(secret, safe=""), html.escape(secret), _base64(secret))


def _in_json(text: str) -> str:
    """As JSON that keeps letters of other alphabets, which the veil's own does not."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode().rstrip("=")


def refuse_secrets(tree: Tree) -> None:
    """Raise ConfigError, without the value, where a value looks like a key or stands under a key's name."""
    for path, value in _texts(tree.value, ()):
        name = next((part for part in reversed(path) if isinstance(part, str)), "")
        if _SECRET_NAME.search(name.lower()):
            reason = "a secret does not belong in this file"
        elif _PREFIXED.search(value) or _OPAQUE.search(value) or _USERINFO.search(value):
            reason = "this looks like a secret"
        else:
            continue
        hint = "name an environment variable instead, as `api_key_env` does; and replace the key, it may have been seen"
        raise fault(tree, path, reason, hint)


def redacted(text: str) -> str:
    """The text with whatever looks like a secret covered: for log lines that leave the machine's own terminal."""
    for pattern, shown in ((_USERINFO, "://[hidden]@"), (_PREFIXED, "[hidden]"), (_OPAQUE, "[hidden]")):
        text = pattern.sub(shown, text)
    return text


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:  # noqa: ANN401  any JSON value
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _texts(part, (*path, name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _texts(part, (*path, index))
    elif isinstance(value, str) and value:
        yield path, value
