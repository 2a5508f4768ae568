"""A page is told whether its person may act, so that it offers nobody what the server would refuse."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.unit.ui.conftest import ORIGIN, PASSWORD
from ui.console import live
from ui.server.access.identity import Role
from ui.server.house import House
from ui.server.roof import build


@pytest.mark.parametrize(("role", "operates"), [(Role.OPERATOR, True), (Role.VIEWER, False)])
def test_the_first_word_of_a_pages_socket_is_what_its_person_may_do(house: House, role: Role, operates: bool) -> None:
    def furnish(app: FastAPI) -> None:
        app.state.gallery = live.Gallery(house)
        app.include_router(live.router)

    house.access.set_password("ann", PASSWORD, role=role)
    with TestClient(build(house, furnish=furnish), base_url=ORIGIN, follow_redirects=False) as page:
        secret = {"name": "ann", "secret": PASSWORD}
        assert page.post("/login", data=secret, headers={"Origin": ORIGIN}).status_code == 303
        with page.websocket_connect("ws://127.0.0.1:8600/live", headers={"Origin": ORIGIN}) as line:
            assert line.receive_json() == {"operates": operates}
            assert "panels" in line.receive_json()
