"""Accounts of this venue as an operator names them: on the command line in a word, or several in a YAML or JSON file.

`NAME:KEY:SECRET:DEPOSITS` is one account, with deposits such as `10000USDT` or `10000USDT+0.5BTC`. The paper account,
whose key this venue makes itself, is always there beside them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import Field, ValidationError, model_validator

from desk.domain.errors import ConfigError
from desk.domain.money import ZERO
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.keys import PAPER_ACCOUNT, Access
from desk.venues.paper.settings.market import Part

_DEPOSIT = re.compile(r"([0-9]+(?:\.[0-9]+)?)([A-Z]{2,10})", re.ASCII)
_FORM = "NAME:KEY:SECRET:10000USDT, with + between several deposits"


class Account(Part):
    """One account and the key that opens it. Deposits are the first balances, by asset."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    api_key: str = Field(min_length=8, max_length=128, pattern=r"^[A-Za-z0-9_-]+$")
    secret: str = Field(min_length=8, max_length=4_096, repr=False)
    deposits: Mapping[str, Decimal] = Field(default_factory=lambda: {"USDT": Decimal(10_000)})
    position_mode: Literal["one-way", "hedge"] = "one-way"
    multi_assets: bool = False
    fee_tier: int = Field(default=0, ge=0, le=9, description="VIP tier.")
    may_trade: bool = True
    may_withdraw: bool = Field(default=False, description="What apiRestrictions says; nothing here can be withdrawn.")

    @property
    def access(self) -> Access:
        """What the account's key opens."""
        return Access(
            api_key=self.api_key,
            secret=self.secret,
            account=self.name,
            may_trade=self.may_trade,
            may_withdraw=self.may_withdraw,
        )


class Accounts(Part):
    """Several accounts, each with a name and a key of its own."""

    accounts: tuple[Account, ...] = ()

    @model_validator(mode="after")
    def _each_its_own(self) -> Accounts:
        for told in ([a.name for a in self.accounts], [a.api_key for a in self.accounts]):
            twin = next((value for value in told if told.count(value) > 1), None)
            if twin is not None:
                raise ValueError(f"{twin[:12]} is named twice: each account needs a name and a key of its own")
        if any(account.name == PAPER_ACCOUNT for account in self.accounts):
            raise ValueError(f"{PAPER_ACCOUNT} is the account whose key this venue makes itself: choose another name")
        return self


def account_of(text: str) -> Account:
    """The account that `NAME:KEY:SECRET:DEPOSITS` names.

    Raises:
        ConfigError: saying what is wrong; a secret is never repeated.
    """
    parts = text.split(":")
    if len(parts) not in (3, 4):
        raise ConfigError("an account has a name, a key, a secret and deposits", file="--account", hint=_FORM)
    told: dict[str, Any] = dict(zip(("name", "api_key", "secret"), parts, strict=False))
    if len(parts) == 4:
        told["deposits"] = _deposits(parts[3])
    try:
        return Account.model_validate(told)
    except ValidationError as error:
        message, key = _first(error, "account")
        raise ConfigError(message, file="--account", key=key, hint=_FORM) from None


def read_accounts(path: Path) -> Accounts:
    """The accounts of a YAML or JSON file: a list under `accounts`.

    Raises:
        ConfigError: naming the file and the first key that is wrong; a secret is never repeated.
    """
    try:
        text = path.read_text(encoding="utf-8")
        told = orjson.loads(text) if path.suffix == ".json" else _yaml(text)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(path)) from error
    except ValueError as error:
        raise ConfigError(f"is neither YAML nor JSON: {' '.join(str(error).split())[:160]}", file=str(path)) from error
    try:
        return Accounts.model_validate(told)
    except ValidationError as error:
        message, key = _first(error, "accounts")
        raise ConfigError(message, file=str(path), key=key) from None


def open_accounts(exchange: Exchange, accounts: Sequence[Account]) -> None:
    """Open the accounts; one that is there already keeps what it has.

    Raises:
        DataError: for a deposit of an asset that is no margin asset.
    """
    known = set(exchange.accounts())
    for account in accounts:
        if account.name in known:
            continue
        others = {asset: amount for asset, amount in account.deposits.items() if asset != "USDT"}
        first = account.deposits.get("USDT", ZERO)
        exchange.open_account(account.name, first, others=others, fee_tier=account.fee_tier)
        if account.position_mode == "hedge":
            exchange.set_position_mode(account.name, hedge=True)
        if account.multi_assets:
            exchange.set_multi_assets(account.name, on=True)


def _deposits(text: str) -> dict[str, Decimal]:
    found = [_DEPOSIT.fullmatch(part) for part in text.split("+")]
    if any(match is None for match in found):
        raise ConfigError(f"no deposits: {text[:60]!r}", file="--account", hint=_FORM)
    return {match[2]: Decimal(match[1]) for match in found if match}


def _yaml(text: str) -> object:
    # Loaded only by a venue that has such a file to read.
    yaml: Any = import_module("yaml")
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _first(error: ValidationError, instead: str) -> tuple[str, str]:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return first["msg"], ".".join(str(part) for part in first["loc"]) or instead
