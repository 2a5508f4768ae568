"""Orders, conditional orders and trades as they stand in REST answers, in the shape Binance sends since mid-2026.

The answer to placing, changing or cancelling an order carries no average price and no quote total; only reading the
order back does. A client that takes its fill price from the acknowledgement is wrong on the live venue, so it must be
wrong here too.
"""

from __future__ import annotations

from decimal import Decimal

from desk.venues.paper.engine.values import AlgoOrder, Amendment, Order, OrderStatus, Side, Trade
from desk.venues.paper.wire.figures import Json, figure, money

_ZERO = Decimal(0)


def order_answer(order: Order, *, acknowledged: bool, legacy: bool = False) -> Json:
    """What POST, PUT and DELETE answer. `acknowledged`: as it was taken in, before any matching (ACK)."""
    filled = _ZERO if acknowledged else order.filled
    answer: Json = {
        "orderId": order.order_id,
        "symbol": order.symbol,
        "status": (OrderStatus.NEW if acknowledged else order.status).value,
        "clientOrderId": order.client_id,
        "price": figure(order.price),
        "origQty": figure(order.quantity),
        "executedQty": figure(filled),
        "cumQty": figure(filled),
        **_terms(order),
        "updateTime": order.created_ms if acknowledged else order.updated_ms,
    }
    if legacy:
        quote = _ZERO if acknowledged else order.quote_filled
        answer["avgPrice"] = figure(quote / filled) if filled else "0.00"
        answer["cumQuote"] = figure(quote)
    return answer


def order_row(order: Order) -> Json:
    """What GET order, openOrders and allOrders answer."""
    return {
        "orderId": order.order_id,
        "symbol": order.symbol,
        "status": order.status.value,
        "clientOrderId": order.client_id,
        "price": figure(order.price),
        "avgPrice": figure(order.average_price),
        "origQty": figure(order.quantity),
        "executedQty": figure(order.filled),
        "cumQuote": figure(order.quote_filled),
        **_terms(order),
        "time": order.created_ms,
        "updateTime": order.updated_ms,
    }


def _terms(order: Order) -> Json:
    return {
        "timeInForce": order.time_in_force.value,
        "type": order.type.value,
        "reduceOnly": order.reduce_only,
        "closePosition": order.close_position,
        "side": order.side.value,
        "positionSide": order.position_side.value,
        "stopPrice": figure(order.stop_price),
        "workingType": order.working_type.value,
        "priceProtect": order.price_protect,
        "origType": order.original_type.value,
        "priceMatch": order.price_match.value,
        "selfTradePreventionMode": order.self_trade.value,
        "goodTillDate": order.good_till_ms,
    }


def algo_answer(algo: AlgoOrder) -> Json:
    """What POST algoOrder answers."""
    trailing = bool(algo.callback_rate)
    return {
        "algoId": algo.algo_id,
        "clientAlgoId": algo.client_id,
        "algoType": "CONDITIONAL",
        "orderType": algo.type.value,
        "symbol": algo.symbol,
        "side": algo.side.value,
        "positionSide": algo.position_side.value,
        "timeInForce": algo.time_in_force.value,
        "quantity": figure(algo.quantity),
        "algoStatus": algo.status.value,
        "triggerPrice": figure(algo.trigger),
        "price": figure(algo.price),
        "icebergQuantity": None,
        "selfTradePreventionMode": algo.self_trade.value,
        "workingType": algo.working_type.value,
        "priceMatch": algo.price_match.value,
        "closePosition": algo.close_position,
        "priceProtect": algo.price_protect,
        "reduceOnly": algo.reduce_only,
        "activatePrice": figure(algo.activate_price) if trailing else "",
        "callbackRate": figure(algo.callback_rate) if trailing else "",
        "createTime": algo.created_ms,
        "updateTime": algo.updated_ms,
        "triggerTime": algo.triggered_ms,
        "goodTillDate": algo.good_till_ms,
    }


def algo_row(algo: AlgoOrder) -> Json:
    """What GET algoOrder and the algo lists answer: also the ordinary order it became."""
    became_order = algo.order_id is not None
    return {
        **algo_answer(algo),
        "actualOrderId": str(algo.order_id) if became_order else "",
        "actualPrice": figure(algo.average_price),
        "actualQty": figure(algo.filled),
        "actualType": ("MARKET" if algo.type.becomes_market else "LIMIT") if became_order else "",
        "tpOrderType": "",
    }


def listed_algo_row(algo: AlgoOrder) -> Json:
    """A row of allAlgoOrders. Lists also have the prices of an attached bracket; the venue takes no brackets."""
    return {**algo_row(algo), **dict.fromkeys(("tpTriggerPrice", "tpPrice", "slTriggerPrice", "slPrice"), "0.000")}


def open_algo_row(algo: AlgoOrder) -> Json:
    """A row of openAlgoOrders."""
    return {**listed_algo_row(algo), "isActivated": algo.activated}


def algo_cancelled(algo: AlgoOrder) -> Json:
    """What DELETE algoOrder answers; its code is a string, unlike every other."""
    return {"algoId": algo.algo_id, "clientAlgoId": algo.client_id, "code": "200", "msg": "success"}


def pair_of(symbol: str) -> str:
    """The pair a contract is of: `BTCUSDT` of `BTCUSDT_261225`."""
    return symbol.partition("_")[0]


def trade_row(trade: Trade) -> Json:
    """A row of userTrades."""
    return {
        "symbol": trade.symbol,
        "pair": pair_of(trade.symbol),
        "id": trade.trade_id,
        "orderId": trade.order_id,
        "side": trade.side.value,
        "positionSide": trade.position_side.value,
        "price": figure(trade.price),
        "qty": figure(trade.quantity),
        "baseQty": figure(trade.quantity),
        "quoteQty": figure(trade.price * trade.quantity),
        "realizedPnl": money(trade.realized),
        "marginAsset": trade.margin_asset,
        "commission": money(trade.fee),
        "commissionAsset": trade.fee_asset,
        "time": trade.at_ms,
        "buyer": trade.side is Side.BUY,
        "maker": trade.maker,
    }


def force_order_row(order: Order) -> Json:
    """A row of forceOrders: a liquidation order of the account."""
    row = order_row(order)
    kept = ("orderId", "symbol", "status", "clientOrderId", "price", "avgPrice", "origQty", "executedQty", "cumQuote")
    more = ("timeInForce", "type", "reduceOnly", "closePosition", "side", "positionSide", "stopPrice", "workingType")
    return {name: row[name] for name in (*kept, *more, "origType", "time", "updateTime")}


def amendment_row(amendment: Amendment) -> Json:
    """A row of orderAmendment."""
    return {
        "amendmentId": amendment.amendment_id,
        "symbol": amendment.symbol,
        "pair": amendment.symbol,
        "orderId": amendment.order_id,
        "clientOrderId": amendment.client_id,
        "time": amendment.at_ms,
        "amendment": {
            "price": {"before": figure(amendment.price_before), "after": figure(amendment.price_after)},
            "origQty": {"before": figure(amendment.quantity_before), "after": figure(amendment.quantity_after)},
            "count": amendment.count,
        },
        "priceMatch": amendment.price_match.value,
    }
