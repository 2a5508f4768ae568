"""Where a venue's streams live, told from where its REST interface lives.

Since 2026-04-23 the streams are split by what they carry: `/public` has books and best prices, `/market` every other
market stream, `/private` the account's. The key of a private stream stands in the query, never in the path, together
with the events wanted: without `events` the live venue has been seen to stay silent.
Source: Binance USD-M futures, change log 2026; python-binance 1.0.37 dials the same hosts.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from desk.venues.binance.client import checked_url

_STREAM_HOSTS = {
    "fapi.binance.com": "fstream.binance.com",
    "demo-fapi.binance.com": "fstream.binancefuture.com",
    "testnet.binancefuture.com": "fstream.binancefuture.com",
}
# Best prices and books; everything else about the market is served under `/market`.
_PUBLIC = ("@bookTicker", "@depth", "!bookTicker")
PRIVATE_EVENTS = (
    "ORDER_TRADE_UPDATE",
    "ALGO_UPDATE",
    "ACCOUNT_UPDATE",
    "ACCOUNT_CONFIG_UPDATE",
    "MARGIN_CALL",
    "TRADE_LITE",
    "listenKeyExpired",
)


def stream_root(base_url: str) -> str:
    """Root of the streams of the venue whose REST interface is `base_url`, such as `wss://fstream.binance.com`.

    Raises:
        PrerequisiteError: when the URL is none, or plain text would leave this machine.
    """
    parts = urlsplit(checked_url(base_url))
    host = parts.hostname or ""
    if host in _STREAM_HOSTS:
        return f"wss://{_STREAM_HOSTS[host]}"
    return f"{'ws' if parts.scheme == 'http' else 'wss'}://{parts.netloc}"


def private_url(base_url: str, listen_key: str) -> str:
    """Address of the account's stream: raw payloads, the events named."""
    events = "/".join(PRIVATE_EVENTS)
    return f"{stream_root(base_url)}/private/ws?listenKey={quote(listen_key, safe='')}&events={events}"


def market_urls(base_url: str, streams: Iterable[str]) -> dict[str, str]:
    """Addresses of combined streams by path, `public` and `market`; a path nobody wants is left out."""
    paths: dict[str, list[str]] = {"public": [], "market": []}
    for name in dict.fromkeys(streams):
        paths["public" if any(part in name for part in _PUBLIC) else "market"].append(name)
    root = stream_root(base_url)
    return {path: f"{root}/{path}/stream?streams={'/'.join(names)}" for path, names in paths.items() if names}
