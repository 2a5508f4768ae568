"""Secrets never stand in a YAML file: what looks like one is refused, and never repeated in the message.

Files of configuration are copied, committed and pasted into questions. Keys live in the environment or in a file of
mode 0600 that only the guard reads; here stand only their names (`api_key_env`, `file`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from config.faults import fault
from config.yaml_tree import Path, Tree

_SECRET_NAME = re.compile(r"(^|_)(key|secret|token|password|passphrase|pin|credential)s?$")
_PREFIXED = re.compile(r"\b(sk|pk|rk|ghp|gho|github_pat|glpat|xox[abpr]|AKIA|AIza|hf|eyJ)[-_A-Za-z0-9]{16,}")
# Letters and digits only: a long path or address is not a key, and keys without a prefix look like this.
_OPAQUE = re.compile(r"\b(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{32,}\b|\b[A-Za-z0-9+/]{40,}={1,2}")
_USERINFO = re.compile(r"://[^/\s@]+:[^/\s@]*@")


def secret_values(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The values of all variables that are named like secrets: what no text of this process may repeat."""
    return tuple(value for name, value in sorted(environ.items()) if value and _SECRET_NAME.search(name.lower()))


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
