"""Dates as people write them on a command line, as aware UTC moments."""

from __future__ import annotations

from datetime import UTC, datetime

from desk.domain.errors import ConfigError


def moment_of(text: str, option: str = "--from") -> datetime | None:
    """The moment, None for an empty text. Raises ConfigError naming the option for what is no date."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no date", file=option, hint="write it as 2024-08-01") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
