"""Every way the venue says no: Binance's code and Binance's words, never a sentence of our own where Binance has one.

Codes and texts follow Binance's published error list for USD-M futures.
"""

from __future__ import annotations

from types import MappingProxyType

from desk.domain.errors import DeskError

MESSAGES = MappingProxyType(
    {
        -1102: "Mandatory parameter '{0}' was not sent, was empty/null, or malformed.",
        -1106: "Parameter '{0}' sent when not required.",
        -1111: "Precision is over the maximum defined for this asset.",
        -1115: "Invalid timeInForce.",
        -1116: "Invalid orderType.",
        -1117: "Invalid side.",
        -1121: "Invalid symbol.",
        -1122: "Invalid symbol status.",
        -2011: "Unknown order sent.",
        -2007: "Invalid callBack rate.",
        -2013: "Order does not exist.",
        -2015: "Invalid API-key, IP, or permissions for action.",
        -1130: "Data sent for parameter '{0}' is not valid.",
        -2018: "Balance is insufficient.",
        -2019: "Margin is insufficient.",
        -2021: "Order would immediately trigger.",
        -2022: "ReduceOnly Order is rejected.",
        -2023: "User in liquidation mode now.",
        -2024: "Position is not sufficient.",
        -2025: "Reach max open order limit.",
        -2027: "Exceeded the maximum allowable position at current leverage.",
        -2028: "Leverage is smaller than permitted: insufficient margin balance.",
        -4001: "Price less than 0.",
        -4002: "Price greater than max price.",
        -4003: "Quantity less than zero.",
        -4004: "Quantity less than min quantity.",
        -4005: "Quantity greater than max quantity.",
        -4006: "Stop price less than zero.",
        -4007: "Stop price greater than max price.",
        -4013: "Price less than min price.",
        -4014: "Price not increased by tick size.",
        -4015: "Client order id is not valid.",
        -4031: "Invalid parameter working type: {0}",
        -4016: "Limit price can't be higher than {0}.",
        -4023: "Quantity not increased by step size.",
        -4024: "Limit price can't be lower than {0}.",
        -4028: "Leverage {0} is not valid",
        -4045: "Reach max stop order limit.",
        -4046: "No need to change margin type.",
        -4047: "Margin type cannot be changed if there exists open orders.",
        -4048: "Margin type cannot be changed if there exists position.",
        -4049: "Add margin only support for isolated position.",
        -4050: "Cross balance insufficient.",
        -4051: "Isolated balance insufficient.",
        -4054: "Cannot add position margin: position is 0.",
        -4055: "Amount must be positive.",
        -4059: "No need to change position side.",
        -4061: "Order's position side does not match user's setting.",
        -4062: "Invalid or improper reduceOnly value.",
        -4067: "Position side cannot be changed if there exists open orders.",
        -4068: "Position side cannot be changed if there exists position.",
        -4084: "Method is not allowed currently. Upcoming soon.",
        -4116: "ClientOrderId is duplicated.",
        -4120: "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.",
        -4131: "The counterparty's best price does not meet the PERCENT_PRICE filter limit.",
        -4135: "Invalid activation price.",
        -4136: "Target strategy invalid for orderType {0},closePosition true",
        -4137: "Quantity must be zero with closePosition equals true.",
        -4138: "Reduce only must be true with closePosition equals true.",
        -4139: "Order type can not be market if it's unable to cancel.",
        -4140: "Invalid symbol status for opening position.",
        -4141: "Symbol is closed.",
        -4142: "REJECT: take profit or stop order will be triggered immediately.",
        -4161: "Leverage reduction is not supported in Isolated Margin Mode with open positions.",
        -4164: "Order's notional must be no smaller than {0} (unless you choose reduce only).",
        -4167: "Unable to adjust to Multi-Assets mode with symbols of USDⓈ-M Futures under isolated-margin mode.",
        -4168: "Unable to adjust to isolated-margin mode under the Multi-Assets mode.",
        -4169: "Unable to adjust Multi-Assets Mode with insufficient margin balance in USDⓈ-M Futures.",
        -4170: "Unable to adjust Multi-Assets Mode with open orders in USDⓈ-M Futures.",
        -4171: "Adjusted asset mode is currently set and does not need to be adjusted repeatedly.",
        -4172: "Unable to adjust Multi-Assets Mode with a negative wallet balance of margin available asset "
        "in USDⓈ-M Futures account.",
        -4183: "Limit price can't be higher than {0}.",
        -4184: "Limit price can't be lower than {0}.",
        -4210: "Stop price can't be higher than {0}.",
        -4211: "Stop price can't be lower than {0}.",
        -5021: "Due to the order could not be filled immediately, the FOK order has been rejected. "
        "The order will not be recorded in the order history.",
        -5022: "Due to the order could not be executed as maker, the Post Only order will be rejected. "
        "The order will not be recorded in the order history.",
        -5024: "Symbol is not in trading status. Order amendment is not permitted.",
        -5025: "Only limit order is supported.",
        -5026: "Exceed maximum modify order limit.",
        -5027: "No need to modify the order.",
        -5028: "Timestamp for this request is outside of the ME recvWindow.",
        -5029: "Order's notional must be no smaller than {0}",
        -5037: "Invalid price match",
        -5038: "Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT",
        -5039: "Invalid self trade prevention mode",
        -5040: "The goodTillDate timestamp must be greater than the current time plus 600 seconds "
        "and smaller than 253402300799000.",
        -5041: "No depth matches this BBO order.",
    }
)


class Refusal(DeskError):  # noqa: N818 - a refusal is an answer of the venue, not a fault of it
    """The venue's answer to a request it does not accept: `code` (negative) and `message`, as Binance writes them.

    A refused request has changed nothing.
    """

    def __init__(self, code: int, *details: object, message: str | None = None) -> None:
        super().__init__(message if message is not None else MESSAGES[code].format(*details))
        self.code = code
