"""How the account is set: margin and leverage of a symbol, one-way or hedge, and what of it can be read.

Setting what is set already is not an error. Multi-assets mode and permissions are only read: those are a person's.
"""

from __future__ import annotations

from dataclasses import dataclass

from desk.domain.errors import DataError, VenueRejectedError
from desk.venues.binance import insight, parse
from desk.venues.binance.budget import Purpose
from desk.venues.binance.connection import Connected
from desk.venues.binance.errors import MARGIN_TYPE_UNCHANGED, POSITION_MODE_UNCHANGED
from desk.venues.binance.fields import Fields
from desk.venues.binance.permissions import KeyPermissions, read_permissions

MOST_LEVERAGE = 125


@dataclass(frozen=True, slots=True)
class PositionMode:
    """Whether the account holds one position a symbol (`one_way`), as the desk needs, or a long and a short apart."""

    one_way: bool


class AccountSettings(Connected):
    """The account's settings at the venue. Raises VenueError or DataError."""

    def prepare(self, symbol: str, leverage: int) -> None:
        """See `desk.ports.OrderEntry`."""
        self.set_margin(symbol, isolated=True)
        self.set_leverage(symbol, leverage)

    def set_margin(self, symbol: str, *, isolated: bool) -> None:
        """Isolated or cross margin for `symbol`. The venue refuses a change while it has a position or an order."""
        params: dict[str, object] = {"symbol": symbol, "marginType": "ISOLATED" if isolated else "CROSSED"}
        self._change("futures_change_margin_type", params, MARGIN_TYPE_UNCHANGED)

    def set_leverage(self, symbol: str, leverage: int) -> None:
        """Leverage for `symbol`, 1 to 125, further bounded by its brackets.

        Raises:
            DataError: when it is out of bounds, or the venue set another than asked.
        """
        if not 1 <= leverage <= MOST_LEVERAGE:
            raise DataError(f"leverage {leverage} is not between 1 and {MOST_LEVERAGE}")
        params: dict[str, object] = {"symbol": symbol, "leverage": leverage}
        granted = self._venue.write("futures_change_leverage", _granted, params, purpose=Purpose.ENTER)
        if granted != leverage:
            raise DataError(f"{symbol}: the venue set leverage {granted} where {leverage} was asked")

    def set_position_mode(self, *, one_way: bool) -> None:
        """One position a symbol, or a long and a short. The venue refuses a change while anything is open."""
        params: dict[str, object] = {"dualSidePosition": "false" if one_way else "true"}
        self._change("futures_change_position_mode", params, POSITION_MODE_UNCHANGED)

    def position_mode(self) -> PositionMode:
        """Whether the account is in one-way mode."""
        hedge = self._venue.read_signed("futures_get_position_mode", _hedge)
        return PositionMode(one_way=not hedge)

    def multi_assets(self) -> bool:
        """Whether other coins than USDT count as margin."""
        return self._venue.read_signed("futures_get_multi_assets_mode", _multi_assets)

    def permissions(self) -> KeyPermissions:
        """What the key may do."""
        return read_permissions(self._venue)

    def switches(self) -> insight.Switches:
        """What the account as a whole may do."""
        return self._venue.read_signed("futures_account_config", insight.switches)

    def balances(self) -> tuple[insight.Balance, ...]:
        """What the account holds, by asset."""
        return self._venue.read_signed("futures_account_balance", insight.balances)

    def brackets(self, symbol: str) -> tuple[insight.Bracket, ...]:
        """The leverage table of `symbol` for this account, smallest notional first, without a gap."""
        params: dict[str, object] = {"symbol": symbol}
        return self._venue.read_signed("futures_leverage_bracket", lambda body: insight.brackets(body, symbol), params)

    def symbol_setting(self, symbol: str) -> insight.SymbolSetting:
        """Margin mode and leverage of `symbol` as they are set now."""
        params: dict[str, object] = {"symbol": symbol}
        rows = self._venue.read_signed("futures_symbol_config", insight.symbol_settings, params)
        found = next((row for row in rows if row.symbol == symbol), None)
        if found is None:
            raise DataError(f"the venue does not say how {symbol} is set")
        return found

    def commission(self, symbol: str) -> insight.Commission:
        """What the account pays on `symbol`."""
        return self._venue.read_signed("futures_commission_rate", insight.commission, {"symbol": symbol})

    def _change(self, method: str, params: dict[str, object], unchanged: int) -> None:
        try:
            self._venue.write(method, parse.untouched, params, purpose=Purpose.ENTER)
        except VenueRejectedError as refusal:
            if refusal.code != unchanged:
                raise


def _hedge(body: object) -> bool:
    return Fields(body, "position mode").flag("dualSidePosition")


def _multi_assets(body: object) -> bool:
    return Fields(body, "asset mode").flag("multiAssetsMargin")


def _granted(body: object) -> int:
    return Fields(body, "leverage").integer("leverage")
