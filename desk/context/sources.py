"""Public sources of the market at large, keyless: alternative.me's Fear & Greed and CoinGecko, by the guarded door.

Each may be down, late or absurd, and each then costs only its own part: what it told is taken only when it is of a kind
and a time that make sense (alternative.me/crypto/fear-and-greed-index, docs.coingecko.com).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from desk.domain.errors import DataError, FetchError
from desk.domain.market import Gauge, Outlook
from desk.domain.moments import from_ms
from desk.fetch.pages import Page, Pages, trouble_of
from desk.fetch.values import JSON, Ask
from desk.ports import Clock

_log = logging.getLogger(__name__)

FEAR_GREED = Ask(name="fear-greed", url="https://api.alternative.me/fng/?limit=1", kinds=JSON)
GLOBAL = Ask(name="coingecko-global", url="https://api.coingecko.com/api/v3/global", kinds=JSON)
COINS = Ask(
    name="coingecko-coins",
    url="https://api.coingecko.com/api/v3/coins/markets?vs_currency=usd&ids=bitcoin%2Cethereum",
    kinds=JSON,
)
ASKS = (FEAR_GREED, GLOBAL, COINS)

# The index is of a day and comes once a day; the others are of the minute.
_OLDEST: Mapping[str, timedelta] = MappingProxyType(
    {FEAR_GREED.name: timedelta(hours=48), GLOBAL.name: timedelta(hours=1), COINS.name: timedelta(hours=1)}
)
_AHEAD = timedelta(minutes=2)
_Gauges = dict[str, Gauge]
_Share = Annotated[float, Field(ge=0, le=100)]
_Price = Annotated[float, Field(gt=0, lt=1e9)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class _Index(_Part):
    value: Annotated[int, Field(ge=0, le=100)]
    timestamp: Annotated[int, Field(gt=0, lt=10**11)]


class _Indices(_Part):
    data: Annotated[tuple[_Index, ...], Field(min_length=1)]


class _Usd(_Part):
    usd: Annotated[float, Field(gt=0, lt=1e16)]


class _Shares(_Part):
    btc: _Share
    eth: _Share


class _Totals(_Part):
    total_market_cap: _Usd
    market_cap_percentage: _Shares
    market_cap_change_percentage_24h_usd: Annotated[float, Field(ge=-100, le=1000)]
    updated_at: Annotated[int, Field(gt=0, lt=10**11)]


class _Global(_Part):
    data: _Totals


class _Coin(_Part):
    id: str
    current_price: _Price
    last_updated: AwareDatetime


class _Coins(_Part):
    coins: tuple[_Coin, ...]


def _fear_greed(body: bytes) -> _Gauges:
    newest = max(_Indices.model_validate_json(body).data, key=lambda one: one.timestamp)
    return {"fear_greed": Gauge(value=float(newest.value), at=from_ms(newest.timestamp * 1000))}


def _global(body: bytes) -> _Gauges:
    told = _Global.model_validate_json(body).data
    at = from_ms(told.updated_at * 1000)
    values = {
        "btc_dominance": told.market_cap_percentage.btc,
        "eth_dominance": told.market_cap_percentage.eth,
        "total_cap": told.total_market_cap.usd,
        "cap_change_24h": told.market_cap_change_percentage_24h_usd,
    }
    return {name: Gauge(value=value, at=at) for name, value in values.items()}


def _coins(body: bytes) -> _Gauges:
    told = {coin.id: coin for coin in _Coins.model_validate_json(b'{"coins":' + body + b"}").coins}
    names = {"bitcoin": "btc_price", "ethereum": "eth_price"}
    if not names.keys() <= told.keys():
        raise DataError("a coin is missing")
    return {name: Gauge(value=told[coin].current_price, at=told[coin].last_updated) for coin, name in names.items()}


_PARSERS: Mapping[str, Callable[[bytes], _Gauges]] = MappingProxyType(
    {FEAR_GREED.name: _fear_greed, GLOBAL.name: _global, COINS.name: _coins}
)


class PublicOutlook:
    """An `OutlookFeed` over public pages. Thread-safe, as they are."""

    def __init__(self, pages: Pages, clock: Clock) -> None:
        self._pages = pages
        self._clock = clock
        self._silent: tuple[str, ...] = ()
        self._sources: Mapping[str, str] = {}

    def sources(self) -> Mapping[str, str]:
        """What was wrong with each source when it was last read, empty where nothing was; none before the first read.

        One that is served from what it told before is wrong, too.
        """
        return self._sources

    def outlook(self) -> Outlook:
        """What is known now. A source that is down, or told nothing of use, is named in `silent`."""
        gauges, silent, sources = _Gauges(), list[str](), dict[str, str]()
        for name, page in self._pages.read(ASKS).items():
            sources[name] = trouble_of(page)
            try:
                gauges |= self._gauges(name, page)
            except FetchError as error:
                silent.append(f"{name}: {error.rule}")
            except DataError as error:
                sources[name] = error.message
                silent.append(f"{name}: {error.message}")
        self._sources = sources
        self._tell(tuple(silent))
        return Outlook(
            fear_greed=gauges.get("fear_greed"),
            btc_dominance=gauges.get("btc_dominance"),
            eth_dominance=gauges.get("eth_dominance"),
            total_cap=gauges.get("total_cap"),
            cap_change_24h=gauges.get("cap_change_24h"),
            btc_price=gauges.get("btc_price"),
            eth_price=gauges.get("eth_price"),
            silent=tuple(silent),
        )

    def _gauges(self, name: str, page: Page | FetchError) -> _Gauges:
        if isinstance(page, FetchError):
            raise page
        try:
            gauges = _PARSERS[name](page.body)
        except ValidationError:
            raise DataError("unreadable") from None
        for gauge in gauges.values():
            _refuse_time(name, gauge.at, self._clock.now())
        return gauges

    def _tell(self, silent: tuple[str, ...]) -> None:
        """Say once what changed."""
        if silent != self._silent:
            _log.info("public sources of context: %s", ", ".join(silent) or "all answer")
            self._silent = silent


def _refuse_time(name: str, at: datetime, now: datetime) -> None:
    if at > now + _AHEAD:
        raise DataError("from the future")
    if now - at > _OLDEST[name]:
        raise DataError("stale")
