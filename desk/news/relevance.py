"""Whom a headline is about, by exact names only: a known coin's name or ticker as a whole word, nothing close to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

_QUOTES = ("USDT", "USDC", "FDUSD", "BUSD", "USD")
_TICKER = re.compile(r"[A-Z0-9]{2,12}", re.ASCII)
_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ADA": ("cardano",),
        "ALGO": ("algorand",),
        "ATOM": ("cosmos",),
        "AVAX": ("avalanche",),
        "BCH": ("bitcoin cash",),
        "BNB": ("binance coin", "bnb chain"),
        "BTC": ("bitcoin", "bitcoins", "btc", "xbt"),
        "DOGE": ("dogecoin", "dogecoins", "doge"),
        "DOT": ("polkadot",),
        "EOS": ("eos",),
        "ETC": ("ethereum classic",),
        "ETH": ("ethereum", "ethereums", "ether", "eth"),
        "LINK": ("chainlink",),
        "LTC": ("litecoin", "ltc"),
        "MATIC": ("polygon", "matic"),
        "POL": ("polygon",),
        "SOL": ("solana",),
        "TRX": ("tron",),
        "UNI": ("uniswap",),
        "XLM": ("stellar lumens",),
        "XRP": ("ripple", "xrp"),
        "XTZ": ("tezos",),
    }
)
_CRYPTO = frozenset(
    (
        "crypto",
        "cryptos",
        "cryptocurrency",
        "cryptocurrencies",
        "altcoin",
        "altcoins",
        "stablecoin",
        "stablecoins",
        "defi",
        "blockchain",
    )
)
_MARKET = _CRYPTO | {"market", "markets", "sec", "fed"}
OWN, MARKET, LEADER, ELSEWHERE, UNKNOWN = 1.0, 0.5, 0.4, 0.05, 0.25


def base_asset(symbol: str) -> str:
    """`BTC` of `BTCUSDT`; a symbol without a known quote asset is its own base."""
    quote = next((q for q in _QUOTES if symbol.endswith(q) and len(symbol) > len(q)), "")
    return symbol.removesuffix(quote)


def named_symbols(text: str, tagged: Iterable[str], known: Sequence[str]) -> tuple[str, ...]:
    """Which known symbols a plain text names, or its source tagged, in the order of `known`.

    Tickers count only in capitals, and not in a text that shouts throughout: `LINK` is a coin, `link` and `CLICK THE
    LINK` are not.
    """
    padded = " " + " ".join(re.findall(r"[a-z0-9]+", text.lower())) + " "
    tickers: set[str] = set() if text.isupper() else set(_TICKER.findall(text))
    tags = {tag.upper() for tag in tagged}
    return tuple(
        symbol
        for symbol in known
        if base_asset(symbol) in tickers | tags
        or symbol in tags
        or any(f" {name} " in padded for name in _NAMES.get(base_asset(symbol), ()))
    )


def speaks_of_crypto(text: str) -> bool:
    """Whether a plain text of any newspaper is about our market at all: a word of the trade or a coin's name."""
    padded = " " + " ".join(re.findall(r"[a-z0-9]+", text.lower())) + " "
    return any(f" {word} " in padded for word in _CRYPTO) or any(
        f" {name} " in padded for names in _NAMES.values() for name in names
    )


def relevance_of(symbol: str, named: Sequence[str], tokens: Sequence[str]) -> float:
    """How much a headline matters to `symbol`, in [0, 1]: own name, the market, a leader, another coin, or unknown."""
    if symbol in named:
        return OWN
    if any(base_asset(other) in ("BTC", "ETH") for other in named):
        return LEADER
    if named:
        return ELSEWHERE
    return MARKET if _MARKET.intersection(tokens) else UNKNOWN
