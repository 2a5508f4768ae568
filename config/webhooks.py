"""Programs that are told, as alerts.yaml names them: where, about what, and where the secret is that signs it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from config.part import Name, Part
from desk.domain.errors import PrerequisiteError

Variable = Annotated[str, Field(pattern=r"^([A-Z][A-Z0-9_]*)?$")]


class WebhookSettings(Part):
    """One program. An address that holds a token stands in the environment, as `url_env` names it."""

    url: str = ""
    url_env: Variable = ""
    secret_env: Variable = ""
    secret_file: str = Field("", description="a file of mode 0600 that holds the secret alone")
    least: Annotated[str, Field(pattern=r"^(INFO|WARNING|CRITICAL)$")] = "INFO"
    kinds: tuple[Name, ...] = Field((), description="only these kinds; none means all but signal, order and trade")
    private: bool = Field(False, description="leave to reach this machine and its own network, over http too")

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if bool(self.url) == bool(self.url_env):
            raise ValueError("needs one of `url` and `url_env`")
        if bool(self.secret_env) == bool(self.secret_file):
            raise ValueError("needs one of `secret_env` and `secret_file`: what is not signed is believed by nobody")
        if self.url and not self.url.startswith("https://") and not self.private:
            raise ValueError("`url` should be https, or have `private: true` where it is on your own ground")
        return self


def url_of(one: WebhookSettings, environ: Mapping[str, str]) -> str:
    """The address. Raises PrerequisiteError, which names the variable alone, when it holds none."""
    return one.url or _held(one.url_env, environ)


def secret_of_webhook(one: WebhookSettings, environ: Mapping[str, str]) -> str:
    """The secret. Raises PrerequisiteError, without it, when there is none or others can read its file."""
    if one.secret_env:
        return _held(one.secret_env, environ)
    path = Path(one.secret_file).expanduser()
    try:
        with path.open(encoding="utf-8") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise PrerequisiteError(f"{path} can be read by others", hint=f"chmod 600 {path}")
            return file.read().strip()
    except (OSError, UnicodeDecodeError):
        raise PrerequisiteError(f"{path} cannot be read", hint="alerts.yaml names it as a `secret_file`") from None


def _held(variable: str, environ: Mapping[str, str]) -> str:
    value = environ.get(variable, "").strip()
    if not value:
        raise PrerequisiteError(f"{variable} is not set", hint="set it in the environment; alerts.yaml names it")
    return value
