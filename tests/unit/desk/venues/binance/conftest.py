"""A scripted venue, and the two clients pointed at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desk.venues.binance import BinanceGateway, BinancePublic, open_gateway, open_public
from tests.unit.desk.venues.binance.scripted_venue import ScriptedVenue, scripted_venue

KEY = "the-key-of-the-desk"
SECRET = "the-secret-of-the-desk"


@pytest.fixture
def venue() -> Iterator[ScriptedVenue]:
    with scripted_venue() as running:
        yield running


@pytest.fixture
def gateway(venue: ScriptedVenue) -> Iterator[BinanceGateway]:
    opened = open_gateway(venue.url, KEY, SECRET, timeout=2.0)
    yield opened
    opened.close()


@pytest.fixture
def public(venue: ScriptedVenue) -> Iterator[BinancePublic]:
    opened = open_public(venue.url, timeout=2.0)
    yield opened
    opened.close()
