"""What a key may do. A live desk refuses a key that can withdraw, so live only the key's own answer counts.

The permissions of a key are published by the spot host (`/sapi/v1/account/apiRestrictions`). Paper and demo exchanges
may lack that endpoint: there the account's switches (`/fapi/v1/accountConfig`) stand in, and the key counts as one not
bound to an address.
"""

from __future__ import annotations

from dataclasses import dataclass

from desk.domain.errors import DataError, VenueRejectedError, VenueUnavailableError
from desk.venues.binance.connection import Connection
from desk.venues.binance.fields import Fields


@dataclass(frozen=True, slots=True)
class KeyPermissions:
    """Whether a key can trade futures, can withdraw, and works only from listed addresses."""

    can_trade: bool
    can_withdraw: bool
    ip_restricted: bool


def read_permissions(venue: Connection) -> KeyPermissions:
    """Ask for the key's permissions.

    Raises:
        VenueError, DataError: when they cannot be read.
    """
    try:
        return venue.read_signed("get_account_api_permissions", _of_key)
    except (VenueRejectedError, VenueUnavailableError, DataError):
        if venue.live:
            raise
        return venue.read_signed("futures_account_config", _of_account)


def _of_key(body: object) -> KeyPermissions:
    row = Fields(body, "key permissions")
    return KeyPermissions(
        can_trade=row.flag("enableFutures"),
        can_withdraw=row.flag("enableWithdrawals"),
        ip_restricted=row.flag("ipRestrict"),
    )


def _of_account(body: object) -> KeyPermissions:
    row = Fields(body, "account switches")
    return KeyPermissions(can_trade=row.flag("canTrade"), can_withdraw=row.flag("canWithdraw"), ip_restricted=False)
