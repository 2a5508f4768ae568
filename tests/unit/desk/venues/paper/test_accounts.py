"""Accounts are named in a word or a file; each opens once, with what it was given; what is wrong is one line."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from desk.domain.errors import ConfigError
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.settings.accounts import Account, account_of, open_accounts, read_accounts
from desk.venues.paper.symbols import spec_for

SECRET = "ann-secret-0001"
WORD = f"ann:ann-key-0001:{SECRET}:500USDT+0.5BTC"


def exchange() -> Exchange:
    return Exchange({"BTCUSDT": spec_for("BTCUSDT", Decimal(90_000))}, now_ms=lambda: 0)


def test_a_word_names_an_account_its_key_and_its_deposits() -> None:
    account = account_of(WORD)
    assert (account.name, account.api_key, account.secret) == ("ann", "ann-key-0001", SECRET)
    assert account.deposits == {"USDT": 500, "BTC": Decimal("0.5")}
    assert account_of(f"bob:bob-key-0001:{SECRET}").deposits == {"USDT": 10_000}


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("ann", "a name, a key, a secret"),
        (f"Ann:ann-key-0001:{SECRET}", "name"),
        (f"ann:short:{SECRET}", "api_key"),
        ("ann:ann-key-0001:short", "secret"),
        (f"ann:ann-key-0001:{SECRET}:lots", "no deposits"),
        (f"ann:ann-key-0001:{SECRET}:-5USDT", "no deposits"),
    ],
)
def test_a_wrong_word_is_refused_without_repeating_the_secret(word: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        account_of(word)
    assert words in caught.value.message
    assert SECRET not in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("name", ["accounts.yaml", "accounts.json"])
def test_a_file_has_several_accounts_with_their_modes_and_tiers(tmp_path: Path, name: str) -> None:
    rows = [
        {"name": "ann", "api_key": "ann-key-0001", "secret": SECRET, "position_mode": "hedge", "fee_tier": 3},
        {"name": "bob", "api_key": "bob-key-0001", "secret": SECRET, "multi_assets": True, "may_trade": False},
    ]
    path = tmp_path / name
    # JSON is YAML as well.
    path.write_text(json.dumps({"accounts": rows}), encoding="utf-8")
    ann, bob = read_accounts(path).accounts
    assert (ann.position_mode, ann.fee_tier, ann.access.may_trade) == ("hedge", 3, True)
    assert (bob.multi_assets, bob.access.may_trade) == (True, False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("accounts: [{name: ann}]", "accounts.0.api_key: Field required"),
        ("accounts: [{name: ann, colour: red}]", "accounts.0"),
        ("accounts: {", "is neither YAML nor JSON"),
        ("accounts: [{name: paper, api_key: paper-key-1, secret: paper-secret-1}]", "choose another name"),
        ("- 1", "accounts"),
    ],
)
def test_a_broken_file_is_refused_in_one_line_with_file_and_key(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "accounts.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_accounts(path)
    assert words in caught.value.message
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message


def test_two_accounts_with_one_key_are_refused(tmp_path: Path) -> None:
    row = {"api_key": "one-key-0001", "secret": SECRET}
    path = tmp_path / "accounts.json"
    path.write_text(json.dumps({"accounts": [{"name": "ann"} | row, {"name": "bob"} | row]}), encoding="utf-8")
    with pytest.raises(ConfigError, match="one-key-0001 is named twice"):
        read_accounts(path)


def test_accounts_open_once_with_deposits_mode_and_tier_and_keep_what_they_have_after_that() -> None:
    venue, ann = exchange(), account_of(WORD).model_copy(update={"position_mode": "hedge", "fee_tier": 2})
    open_accounts(venue, [ann])
    assert set(venue.accounts()) == {"ann"}
    told = venue.summary("ann")
    assert (told.wallet, told.hedged, told.fee_tier) == (500, True, 2)
    venue.set_position_mode("ann", hedge=False)
    richer = Account.model_validate(ann.model_dump() | {"deposits": {"USDT": 9}})
    open_accounts(venue, [richer])
    assert (venue.summary("ann").wallet, venue.summary("ann").hedged) == (500, False)


def test_an_account_is_never_printed_with_its_secret() -> None:
    account = account_of(WORD)
    assert SECRET not in repr(account)
    assert SECRET not in repr(account.access)
