"""Files of Binance's own say what is listed and by which brackets; a broken one is named with the key that is wrong."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from desk.domain.errors import DataError
from desk.venues.paper.engine.vocabulary.instruments import SymbolSpec
from desk.venues.paper.listing.catalogue import own_names
from desk.venues.paper.listing.published import read_brackets, read_exchange_info
from desk.venues.paper.sources.scenario import DEFAULT_START_MS, ScenarioSource
from desk.venues.paper.symbols import spec_for
from desk.venues.paper.wire.market.exchange_info import exchange_info

FULL = Path(__file__).parents[7] / "shared" / "data" / "binance_json" / "fapi_exchangeInfo_full_20251126.json.gz"


def bracket(number: int, leverage: int, floor: int, cap: int, ratio: float, cum: float) -> dict[str, Any]:
    return {
        "bracket": number,
        "initialLeverage": leverage,
        "notionalFloor": floor,
        "notionalCap": cap,
        "maintMarginRatio": ratio,
        "cum": cum,
    }


BRACKETS: list[Any] = [
    {"symbol": "ABCUSDT", "brackets": [bracket(2, 10, 5_000, 9_000, 0.05, 125.0), bracket(1, 20, 0, 5_000, 0.025, 0.0)]}
]


def own_listing() -> dict[str, SymbolSpec]:
    return {name: spec_for(name, Decimal(100), at_ms=DEFAULT_START_MS) for name in own_names(DEFAULT_START_MS)}


def published(*specs: SymbolSpec) -> dict[str, Any]:
    return json.loads(json.dumps(exchange_info(specs, 0, [])))


def written(tmp_path: Path, told: object, *, packed: bool = False) -> Path:
    path = tmp_path / "told.json"
    raw = json.dumps(told).encode()
    path.write_bytes(gzip.compress(raw) if packed else raw)
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_what_this_venue_publishes_it_can_read_again(tmp_path: Path, packed: bool) -> None:
    own = own_listing()
    assert read_exchange_info(written(tmp_path, published(*own.values()), packed=packed), {}).keys() == own.keys()
    for name, spec in read_exchange_info(tmp_path / "told.json", {}).items():
        assert (spec.rules, spec.contract_type, spec.base) == (own[name].rules, own[name].contract_type, own[name].base)


def test_brackets_of_a_file_replace_this_venues_own_and_give_the_highest_leverage(tmp_path: Path) -> None:
    brackets = read_brackets(written(tmp_path, BRACKETS))
    assert [bracket.cum for bracket in brackets["ABCUSDT"]] == [0, 125]
    told = written(tmp_path, published(spec_for("ABCUSDT", Decimal(3))))
    spec = read_exchange_info(told, brackets)["ABCUSDT"]
    assert spec.brackets == brackets["ABCUSDT"]
    assert spec.rules.max_leverage == 20


def broken(change: str) -> Any:
    told = published(spec_for("ABCUSDT", Decimal(3)))
    row = told["symbols"][0]
    if change == "no symbols":
        return {"symbols": []}
    if change == "no base":
        del row["baseAsset"]
    elif change == "no lot":
        row["filters"] = [told for told in row["filters"] if told["filterType"] != "LOT_SIZE"]
    elif change == "bad tick":
        row["filters"][0]["tickSize"] = "abc"
    return told


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("no symbols", "symbols: "),
        ("no base", "symbols.0.baseAsset: Field required"),
        ("no lot", "ABCUSDT: no LOT_SIZE"),
        ("bad tick", "ABCUSDT: no PRICE_FILTER that can be read"),
    ],
)
def test_a_broken_exchange_info_is_refused_in_one_line_with_file_and_key(
    tmp_path: Path, change: str, words: str
) -> None:
    path = written(tmp_path, broken(change))
    with pytest.raises(DataError) as caught:
        read_exchange_info(path, {})
    assert str(path) in caught.value.message
    assert words in caught.value.message
    assert "\n" not in caught.value.message


def test_brackets_with_a_hole_are_refused(tmp_path: Path) -> None:
    holed = json.loads(json.dumps(BRACKETS))
    holed[0]["brackets"][0]["notionalFloor"] = 6_000
    with pytest.raises(DataError, match="ABCUSDT: bracket 2 does not begin where the last one ended"):
        read_brackets(written(tmp_path, holed))


@pytest.mark.parametrize("content", [b"{", b"\x1f\x8b\x08broken", b"[]"])
def test_what_is_no_json_or_no_gzip_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "info.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"info\.json"):
        read_exchange_info(path, {})
    with pytest.raises(DataError, match="cannot be read"):
        read_exchange_info(tmp_path / "absent.json", {})


def test_all_symbols_of_a_recorded_exchange_info_are_listed_at_once_and_any_can_be_looked_at() -> None:
    if not FULL.is_file():
        pytest.skip("the recorded exchangeInfo is not on this machine")
    contracts = read_exchange_info(FULL, {})
    source = ScenarioSource(1, symbols=tuple(contracts), contracts=contracts, asleep=True)
    assert len(source.specs()) == 647
    assert list(source.quotes(source.start_ms - 1, source.start_ms + 60_000)) == []
    for symbol in ("1000PEPEUSDT", "币安人生USDT", "SOLUSDC", "ETHBTC"):
        first = list(source.wake(symbol, source.start_ms))[-1]
        rules = contracts[symbol].rules
        assert rules.min_price < first.price < rules.max_price
        assert rules.tick * 50 < first.price < rules.tick * 10**7
    suspended = next(name for name, spec in contracts.items() if spec.status == "SETTLING")
    assert list(source.wake(suspended, source.start_ms)) == []
