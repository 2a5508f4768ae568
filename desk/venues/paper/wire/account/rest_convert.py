"""Convert: one margin asset for another at a price the venue offers, over REST.

The price is the index with the venue's auto-exchange buffer on both sides, and stands as long as was asked for. An
accepted offer is done at once. Offers and their ids are forgotten with the process; the money is not.
"""

from __future__ import annotations

import secrets
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from typing import Final

from desk.domain.money import EXACT, ZERO
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.account.conversions import Offer
from desk.venues.paper.wire.calls import Desk
from desk.venues.paper.wire.figures import Json, figure
from desk.venues.paper.wire.requests.params import Params

_SHOWN: Final = Decimal("0.00000001")
_VALID_MS: Final = {"10s": 10_000, "30s": 30_000, "1m": 60_000, "2m": 120_000}
# What one conversion may be worth, in dollars.
_LEAST, _MOST = Decimal(1), Decimal(1_000_000)


def pairs(desk: Desk, params: Params) -> list[Json]:
    """GET convert/exchangeInfo: every asset that has a price against every other; of the named ones alone, if any."""
    sold, bought = params.word("fromAsset"), params.word("toAsset")
    worth = {row.asset: row.index for row in desk.exchange.asset_indexes()}
    return [
        {
            "fromAsset": one,
            "toAsset": other,
            **_bounds("from", worth[one]),
            **_bounds("to", worth[other]),
        }
        for one in worth
        for other in worth
        if one != other and sold in (None, one) and bought in (None, other)
    ]


def _bounds(side: str, index: Decimal) -> Json:
    least, most = ((dollars / index).quantize(_SHOWN, ROUND_CEILING) for dollars in (_LEAST, _MOST))
    return {f"{side}AssetMinAmount": figure(least), f"{side}AssetMaxAmount": figure(most)}


def offer(desk: Desk, params: Params) -> Json:
    """POST convert/getQuote: what is paid or what is received must be told, and not both (-1128)."""
    sold, bought = params.need("fromAsset").upper(), params.need("toAsset").upper()
    paid, received = params.decimal("fromAmount"), params.decimal("toAmount")
    life = _VALID_MS.get(params.text("validTime") or "10s")
    if life is None:
        raise errors.invalid("validTime")
    if (paid is None) == (received is None):
        raise errors.bad_combination()
    price = desk.exchange.conversion_price(sold, bought)
    paid, received = _amounts(paid, received, price)
    _check_size(desk, sold, paid)
    made = Offer(
        quote_id=secrets.token_hex(16),
        account=desk.account,
        sold=sold,
        paid=paid,
        bought=bought,
        received=received,
        valid_ms=desk.tape.now_ms() + life,
    )
    desk.conversions.add(made)
    return {"quoteId": made.quote_id, **_ratios(made), "validTimestamp": made.valid_ms, **_both_amounts(made)}


def _amounts(paid: Decimal | None, received: Decimal | None, price: Decimal) -> tuple[Decimal, Decimal]:
    """Both sides of the exchange, rounded for the venue."""
    if paid is None:
        received = received or ZERO
        return (received * price).quantize(_SHOWN, ROUND_CEILING, context=EXACT), received
    return paid, (paid / price).quantize(_SHOWN, ROUND_DOWN, context=EXACT)


def _check_size(desk: Desk, sold: str, paid: Decimal) -> None:
    index = next(row.index for row in desk.exchange.asset_indexes() if row.asset == sold)
    if not _LEAST <= paid * index <= _MOST or paid != paid.quantize(_SHOWN, context=EXACT):
        raise errors.invalid("fromAmount")


def accept(desk: Desk, params: Params) -> Json:
    """POST convert/acceptQuote: the exchange happens now, or is refused (-2018); an offer is taken once (-1130)."""
    found = desk.conversions.find(desk.account, quote_id=params.need("quoteId"))
    now = desk.tape.now_ms()
    if found is None or found.order_id or now > found.valid_ms:
        raise errors.invalid("quoteId")
    desk.exchange.convert(desk.account, found.sold, found.paid, found.bought, found.received)
    taken = desk.conversions.accept(found, secrets.randbits(59) | 1, now)
    return {"orderId": str(taken.order_id), "createTime": now, "orderStatus": "PROCESS"}


def status(desk: Desk, params: Params) -> Json:
    """GET convert/orderStatus: of an accepted offer, by its own id or its order's."""
    found = desk.conversions.find(desk.account, quote_id=params.text("quoteId"), order_id=params.integer("orderId"))
    if found is None or not found.order_id:
        raise errors.invalid("quoteId" if params.has("quoteId") else "orderId")
    return {
        "orderId": found.order_id,
        "orderStatus": "SUCCESS",
        "fromAsset": found.sold,
        "toAsset": found.bought,
        **_both_amounts(found),
        **_ratios(found),
        "createTime": found.accepted_ms,
    }


def _ratios(offer: Offer) -> Json:
    ratio, inverse = offer.received / offer.paid, offer.paid / offer.received
    return {"ratio": figure(ratio.quantize(_SHOWN)), "inverseRatio": figure(inverse.quantize(_SHOWN))}


def _both_amounts(offer: Offer) -> Json:
    return {"toAmount": figure(offer.received), "fromAmount": figure(offer.paid)}
