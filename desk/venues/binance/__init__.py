"""Binance USD-M futures as the desk's ports: `open_gateway` signs and trades, `open_public` reads without a key.

The same code serves live, the exchange's demo and the paper exchange; only the base URL and the key differ.
Importing this package is light: python-binance is loaded when a client is opened.
"""

from desk.venues.binance.gateway import BinanceGateway, KeyPermissions, open_gateway
from desk.venues.binance.public import BinancePublic, open_public

__all__ = ["BinanceGateway", "BinancePublic", "KeyPermissions", "open_gateway", "open_public"]
