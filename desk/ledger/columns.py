"""Column types that lose nothing: exact decimals and aware UTC times, on SQLite as on PostgreSQL.

SQLite has no decimal and no time zone, so an amount is kept there as its plain text and a time as microseconds since
1970; PostgreSQL keeps both in its own types. Sums of amounts are therefore made in Python, never in SQL.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Numeric, String
from sqlalchemy.types import TypeDecorator, TypeEngine

from desk.domain.errors import DataError
from desk.domain.money import plain

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Amount(TypeDecorator[Decimal]):
    """An exact decimal of at most 20 digits before the point and 18 after."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """NUMERIC where the database has it, text where it does not."""
        native = Numeric(38, 18) if dialect.name == "postgresql" else String(64)
        return dialect.type_descriptor(native)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        """Refuse what is not a finite decimal. Raises DataError."""
        if value is None:
            return None
        if type(value) is not Decimal or not value.is_finite():
            raise DataError(f"not an exact amount: {value!r:.40}")
        return value if dialect.name == "postgresql" else plain(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ANN401  a driver's value
        """The decimal that was stored."""
        return None if value is None else Decimal(plain(Decimal(value)))


class Moment(TypeDecorator[datetime]):
    """An aware UTC time, to the microsecond."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """TIMESTAMPTZ where the database has it, microseconds where it does not."""
        native = DateTime(timezone=True) if dialect.name == "postgresql" else BigInteger()
        return dialect.type_descriptor(native)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        """Refuse a time without a zone. Raises DataError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise DataError("a time without a zone")
        return value if dialect.name == "postgresql" else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401  a driver's value
        """The time that was stored, in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else _EPOCH + timedelta(microseconds=value)
