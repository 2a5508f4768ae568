"""The methods of the WebSocket API and the REST endpoints that answer them: one set of handlers, limits and refusals.

Source: Binance USD-M futures, "WebSocket API", and the method names of the official SDK.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

METHODS: Final = MappingProxyType(
    {
        "ping": ("GET", "/fapi/v1/ping"),
        "time": ("GET", "/fapi/v1/time"),
        "exchangeInfo": ("GET", "/fapi/v1/exchangeInfo"),
        "depth": ("GET", "/fapi/v1/depth"),
        "ticker.price": ("GET", "/fapi/v2/ticker/price"),
        "ticker.book": ("GET", "/fapi/v1/ticker/bookTicker"),
        "order.place": ("POST", "/fapi/v1/order"),
        "order.modify": ("PUT", "/fapi/v1/order"),
        "order.cancel": ("DELETE", "/fapi/v1/order"),
        "order.status": ("GET", "/fapi/v1/order"),
        "algoOrder.place": ("POST", "/fapi/v1/algoOrder"),
        "algoOrder.cancel": ("DELETE", "/fapi/v1/algoOrder"),
        "account.position": ("GET", "/fapi/v2/positionRisk"),
        "v2/account.position": ("GET", "/fapi/v3/positionRisk"),
        "account.balance": ("GET", "/fapi/v2/balance"),
        "v2/account.balance": ("GET", "/fapi/v3/balance"),
        "account.status": ("GET", "/fapi/v2/account"),
        "v2/account.status": ("GET", "/fapi/v3/account"),
        "userDataStream.start": ("POST", "/fapi/v1/listenKey"),
        "userDataStream.ping": ("PUT", "/fapi/v1/listenKey"),
        "userDataStream.stop": ("DELETE", "/fapi/v1/listenKey"),
    }
)

LOGON: Final = "session.logon"
STATUS: Final = "session.status"
LOGOUT: Final = "session.logout"
SESSION_METHODS: Final = (LOGON, STATUS, LOGOUT)
