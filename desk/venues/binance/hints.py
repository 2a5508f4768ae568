"""What an operator does about a refusal: one line for each code of Binance's that a person at this desk can meet.

Source: Binance USD-M futures, "Error Codes", 2026. A code without a line is told with the venue's own words alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_KEY = "check that key and secret belong together and to this venue, and that the key may trade futures from here"
_STEPS = "the symbol's filters changed: restart, so that they are read again"
_FUNDS = "smaller size, less leverage in use, or more USDT in the futures wallet"
_ONE_WAY = "switch the account to one-way mode: Preferences, Position Mode"

HINTS: Mapping[int, str] = MappingProxyType(
    {
        # The request, the key, the clock
        -1002: _KEY,
        -1003: "too many requests from this address: wait, and see what else asks from it",
        -1008: "the venue is overloaded: entries wait, what reduces is served first",
        -1015: "too many orders: wait ten seconds",
        -1021: "the clocks differ: let the system keep its time by NTP; the offset is measured again",
        -1022: _KEY,
        -1099: _KEY,
        -1102: "a parameter is missing: this desk is older than the venue's interface; update it",
        -1106: "a parameter too many: this desk is older than the venue's interface; update it",
        -1109: "the account has no futures wallet yet: open it at the venue",
        -1111: _STEPS,
        -1116: "this venue no longer takes this type of order",
        -1121: "the venue does not list this symbol: mend `symbols` in desk.yaml",
        -1125: "the listen key is dead: the stream asks for a new one by itself",
        -2014: _KEY,
        -2015: "key, address or permission is refused: enable futures for the key and list this machine's address",
        -2017: "the key is locked: make a new one",
        # Orders
        -2011: "nothing to cancel: it filled, or was cancelled before",
        -2013: "the venue knows no such order",
        -2018: _FUNDS,
        -2019: _FUNDS,
        -2020: "the order could not be filled: the market is too thin for this size",
        -2021: "the trigger is on the wrong side of the price already: the market moved",
        -2022: "there is nothing left to reduce: the position is closed, or another order closes it",
        -2023: "the account is being liquidated: nothing can be sent until that is over",
        -2024: "the position is smaller than the order",
        -2025: "too many open orders: cancel some at the venue",
        -2026: "this type of order cannot reduce",
        -2027: "the position would exceed what this leverage allows: lower the leverage",
        -2028: "margin does not suffice for this leverage",
        -4001: _STEPS,
        -4002: _STEPS,
        -4003: _STEPS,
        -4004: "the quantity is below the symbol's least",
        -4005: "the quantity is above the symbol's most",
        -4013: _STEPS,
        -4014: _STEPS,
        -4015: "the client id is malformed",
        -4016: "the limit price is too far above the mark",
        -4023: _STEPS,
        -4024: "the limit price is too far below the mark",
        -4028: "this leverage is not available: see the symbol's brackets",
        -4031: "this type of order needs other parameters: update the desk",
        -4045: "too many open stops: cancel stops of your own at the venue (200 are allowed on all symbols together)",
        -4046: "margin is of that type already",
        -4047: "cancel the symbol's open orders before its margin type can change",
        -4048: "close the symbol's position before its margin type can change",
        -4050: _FUNDS,
        -4051: _FUNDS,
        -4059: "the position mode is that already",
        -4061: _ONE_WAY,
        -4067: "cancel every open order before the position mode can change",
        -4068: "close every position before the position mode can change",
        -4082: "too many orders in one batch",
        -4087: "the account may only reduce now: see the venue's message box",
        -4088: "the account may not trade now: see the venue's message box",
        -4104: "the venue's time window for this contract is over",
        -4109: "the account is inactive: deposit, or ask the venue's support",
        -4116: "an order with this client id exists already: it was accepted before",
        -4118: "the account only reduces: its margin is too low",
        -4120: "conditional orders go to another address: update the desk",
        -4130: "a stop that closes the whole position rests on this side already",
        -4131: "the best price is too far from the mark: the book is thin; wait",
        -4135: "the trigger price is out of bounds",
        -4136: "the type of order does not close a position",
        -4137: "a stop that closes the whole position takes no quantity",
        -4138: "a stop that closes the whole position cannot be reduce-only as well",
        -4140: "the symbol is not trading now: settlement, delisting or maintenance",
        -4141: "the symbol is closed",
        -4142: "the trigger would fire at once: the market moved",
        -4161: "leverage cannot be lowered while an isolated position is open",
        -4164: "the order is worth less than the symbol's least notional",
        -4167: "isolated margin is in use: multi-assets mode cannot be switched on",
        -4168: "switch multi-assets mode off: isolated margin needs single-asset mode",
        -4171: "the asset mode is that already",
        -4183: "the price is above the venue's band",
        -4184: "the price is below the venue's band",
        -4192: "the venue's cooling-off period is on: it ends by itself",
        -4202: "leverage above 20x is not for accounts younger than a month",
        -4400: "the account may only reduce: it broke the venue's trading rules; see its message box",
        -4401: "the venue asks this account to reduce only for now",
        -4402: "the venue does not serve futures where you are",
        -4403: "leverage is capped where you are",
        -5021: "fill-or-kill: the market could not fill it whole",
        -5022: "post-only: it would have traded at once",
        -5028: "the request reached the matching engine too late: the line is slow or the clocks differ",
    }
)


def hint_for(code: int) -> str:
    """The line for a code, empty where there is none."""
    return HINTS.get(code, "")
