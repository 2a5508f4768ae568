"""The paper exchange's answers have every field, of the same type, that Binance's recorded answers have."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.conftest import SYMBOL
from tests.venue_process import VenueProcess, running_venue

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "binance_json"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the recorded samples of shared/data are not here")

ONE = {"symbol": SYMBOL}
PUBLIC = {
    "exchangeInfo": ("v1", {}, "http_futures_market_exchange_info"),
    "premiumIndex": ("v1", ONE, "http_futures_market_premium_index"),
    "depth": ("v1", ONE | {"limit": "5"}, "http_futures_market_depth"),
    "trades": ("v1", ONE | {"limit": "5"}, "http_futures_market_trades"),
    "aggTrades": ("v1", ONE | {"limit": "5"}, "http_futures_market_agg_trades"),
    "klines": ("v1", ONE | {"interval": "1m"}, "http_futures_market_klines"),
    "ticker/24hr": ("v1", ONE, "http_futures_market_ticker_24hr"),
    "ticker/price": ("v1", ONE, "http_futures_market_ticker_price"),
    "ticker/bookTicker": ("v1", ONE, "http_futures_market_book_ticker"),
    "fundingRate": ("v1", ONE, "http_futures_market_funding_rate"),
    "openInterest": ("v1", ONE, "http_futures_market_open_interest"),
}
SIGNED = {
    "account": ("v2", {}, "account_info_v2"),
    "balance": ("v2", {}, "balance"),
    "positionRisk": ("v2", ONE, "position_risk"),
    "openOrders": ("v1", ONE, "order_response"),
    "openAlgoOrders": ("v1", ONE, "open_algo_orders"),
    "userTrades": ("v1", ONE, "http_futures_account_trades"),
    "symbolConfig": ("v1", ONE, "http_futures_account_symbol_config"),
    "commissionRate": ("v1", ONE, "http_futures_wallet_commission_rate_btcusdt"),
}
# The recorded conditional order is older than its endpoint's present documentation, which says `orderType`.
RENAMED = {"openAlgoOrders": {"type"}}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VenueProcess]:
    """A venue whose account has traded, holds a position, a resting order and a stop."""
    with running_venue(tmp_path_factory.mktemp("busy"), clock={"mode": "real"}) as venue:
        price = {"price": "60000.5", "timeInForce": "GTC"}
        ask(venue, "POST", "/fapi/v1/order", ONE | {"side": "BUY", "type": "MARKET", "quantity": "0.01"})
        ask(venue, "POST", "/fapi/v1/order", ONE | {"side": "BUY", "type": "LIMIT", "quantity": "0.01"} | price)
        stop = {"algoType": "CONDITIONAL", "type": "STOP_MARKET", "triggerPrice": "40000", "closePosition": "true"}
        ask(venue, "POST", "/fapi/v1/algoOrder", ONE | {"side": "SELL"} | stop)
        yield venue


def ask(venue: VenueProcess, method: str, path: str, params: Mapping[str, str]) -> Any:
    """A signed request, written by hand."""
    query = "&".join(f"{name}={value}" for name, value in {**params, "timestamp": str(int(time.time() * 1000))}.items())
    signature = hmac.new(venue.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
    answer = httpx.request(
        method, f"{venue.url}{path}?{query}&signature={signature}", headers={"X-MBX-APIKEY": venue.key}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def differences(ours: Any, recorded: Any, where: str = "") -> Iterator[str]:
    """Fields that the recorded answer has and ours lacks, or has with another type; the first row stands for a list."""
    if isinstance(recorded, list) and recorded:
        if not isinstance(ours, list) or not ours:
            yield f"{where}: no rows"
            return
        yield from differences(ours[0], recorded[0], f"{where}[]")
    elif isinstance(recorded, dict) and isinstance(ours, dict):
        for name, value in recorded.items():
            if name not in ours:
                yield f"{where}.{name}"
            else:
                yield from differences(ours[name], value, f"{where}.{name}")
    elif type(ours) is not type(recorded):
        yield f"{where}: {type(ours).__name__} for {type(recorded).__name__}"


def recorded(name: str) -> Any:
    return json.loads(next(SAMPLES.rglob(f"{name}.json")).read_bytes())


def compare(name: str, ours: Any, sample: str) -> None:
    theirs = recorded(sample)
    ours = ours if isinstance(ours, list) or not isinstance(theirs, list) else [ours]
    theirs = [theirs] if isinstance(ours, list) and not isinstance(theirs, list) else theirs
    allowed = {f"[].{field}" for field in RENAMED.get(name, ())}
    assert set(differences(ours, theirs)) <= allowed


@pytest.mark.parametrize("name", PUBLIC)
def test_market_data_has_binances_fields(busy: VenueProcess, name: str) -> None:
    version, params, sample = PUBLIC[name]
    compare(name, httpx.get(f"{busy.url}/fapi/{version}/{name}", params=params).json(), sample)


@pytest.mark.parametrize("name", SIGNED)
def test_the_account_has_binances_fields(busy: VenueProcess, name: str) -> None:
    version, params, sample = SIGNED[name]
    compare(name, ask(busy, "GET", f"/fapi/{version}/{name}", params), sample)
