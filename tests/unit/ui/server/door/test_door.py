"""The door: what it lets through, by name, and what it does not."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from desk.domain.errors import PrerequisiteError
from tests.unit.ui.conftest import ORIGIN, PASSWORD, StepClock
from ui.server.access.identity import Role
from ui.server.door import Place
from ui.server.door.paths import OPEN, Way, way_of
from ui.server.door.rates import Rate, Rates
from ui.server.house import House

FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:9999"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Host": "evil.example"},
    {"Host": "127.0.0.1:8600.evil.example"},
    {"X-CSRF-Token": ""},
    {"X-CSRF-Token": "guessed"},
)
SOCKET = "ws://127.0.0.1:8600/api/v1/events"
ACTS = ("/api/v1/halt", "/api/v1/flatten", "/api/v1/kickoffs", "/api/v1/pause", "/api/v1/limits", "/logout")


def test_no_other_site_makes_a_logged_in_browser_act(operator: TestClient, house: House) -> None:
    for headers, path in itertools.product(FOREIGN, ACTS):
        answer = operator.post(path, json={"reason": "planted"}, headers=headers)
        assert answer.status_code in (403, 421), (headers, path)
    assert house.window.paused() is None
    assert house.controls.kickoffs.run is None
    assert operator.get("/api/v1/info").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/console/gradio_api/upload",
        "/console/gradio_api/file=/etc/passwd",
        "/console/gradio_api/file/etc/passwd",
        "/console/gradio_api/openapi.json",
        "/console/gradio_api/info",
        "/console/gradio_api/proxy=http://169.254.169.254/",
        "/console/gradio_api/runs",
        "/console/gradio_api/run-history/connect",
        "/console/gradio_api/vibe-edit",
        "/console/gradio_api/deep_link",
        "/console/gradio_api/mcp/",
        "/console/monitoring",
        "/console/custom_component/x",
        "/console/login",
        "/console/../api/v1/status",
        "//api/v1/status",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_routes_that_gradio_brings_and_the_page_does_not_need_are_shut(method: str, path: str) -> None:
    assert way_of(method, path) is Way.SHUT


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"])
@pytest.mark.parametrize("path", ["/api/v1/halt", "/console/", "/login", "/"])
def test_other_methods_lead_nowhere(method: str, path: str) -> None:
    assert way_of(method, path) is Way.SHUT


@given(st.text(max_size=60))
def test_no_path_of_chance_is_open(path: str) -> None:
    assert way_of("GET", path) is not Way.OPEN or ("GET", path) in OPEN


def test_what_answers_without_a_login_is_this_list_and_no_more(client: TestClient) -> None:
    asked = [("GET", "/"), ("GET", "/console/"), ("GET", "/metrics"), ("GET", "/own/console.js"), ("POST", "/mcp")]
    asked += [("GET", f"/api/v1/{name}") for name in ("status", "trades", "decisions", "logs", "openapi.json", "info")]
    asked += [("POST", path) for path in ACTS]
    assert {client.request(method, path).status_code for method, path in asked} == {401}
    assert [client.request(method, path).status_code for method, path in sorted(OPEN) if method == "GET"] == [200] * 4


def test_a_person_who_opens_a_page_is_led_to_the_login(client: TestClient) -> None:
    answer = client.get("/console/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_a_viewer_looks_and_does_not_act(client: TestClient, house: House) -> None:
    house.access.set_password("ann", PASSWORD, role=Role.VIEWER)
    client.post("/login", data={"name": "ann", "secret": PASSWORD})
    client.headers["X-CSRF-Token"] = client.cookies["crew_csrf"]
    assert client.get("/api/v1/info").status_code == 200
    assert client.post("/api/v1/pause", json={"reason": "x"}).status_code == 403


def test_a_read_token_reads_and_does_not_act(client: TestClient, bearer: dict[str, str]) -> None:
    assert client.get("/api/v1/info", headers=bearer).status_code == 200
    assert client.post("/api/v1/pause", json={"reason": "x"}, headers=bearer).status_code == 403


def test_a_wrong_token_beside_a_good_cookie_is_nobody(operator: TestClient) -> None:
    assert operator.get("/api/v1/info", headers={"Authorization": "Bearer crew_wrong"}).status_code == 401


def test_a_socket_of_another_site_hears_nothing(operator: TestClient) -> None:
    for headers in ({"Origin": "https://evil.example"}, {}):
        with (
            pytest.raises(WebSocketDisconnect),
            operator.websocket_connect(SOCKET, headers=headers) as socket,
        ):
            socket.receive_json()


def test_a_page_of_ours_hears_the_desk(operator: TestClient) -> None:
    with operator.websocket_connect(SOCKET, headers={"Origin": ORIGIN}) as socket:
        told = socket.receive_json()
    assert told["type"] == "state"
    assert told["guard"] is None


def test_a_body_too_large_is_never_read(operator: TestClient) -> None:
    for length in ("1048577", "99999999999999999999", "-1", "x"):
        answer = operator.post("/api/v1/pause", content=b"{}", headers={"Content-Length": length})
        assert answer.status_code == 413


def test_every_answer_tells_the_browser_to_load_nothing_from_elsewhere(operator: TestClient) -> None:
    for path in ("/login", "/api/v1/info", "/nothing"):
        headers = operator.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in headers
    assert "script-src" not in operator.get("/login").headers["content-security-policy"]


def test_cookies_are_bound_to_this_site_and_hidden_from_scripts(client: TestClient, house: House) -> None:
    house.access.set_password("ann", PASSWORD, role=Role.VIEWER)
    told = client.post("/login", data={"name": "ann", "secret": PASSWORD}).headers.get_list("set-cookie")
    session = next(cookie for cookie in told if cookie.startswith("crew_session"))
    assert "HttpOnly" in session
    assert all("SameSite=strict" in cookie for cookie in told)


def test_over_https_the_cookie_is_bound_to_the_host_by_the_browser_itself() -> None:
    place = Place(host="127.0.0.1", port=8600, public="https://desk.example")
    assert place.cookie.startswith("__Host-")
    assert "desk.example" in place.hosts
    assert "https://desk.example" in place.origins


@pytest.mark.parametrize("public", ["", "http://desk.example", "https://desk.example/path", "desk.example"])
def test_a_network_is_never_served_in_clear_text(public: str) -> None:
    with pytest.raises(PrerequisiteError):
        Place(host="0.0.0.0", port=8600, public=public)


def test_a_loop_gone_mad_slows_itself_alone(clock: StepClock) -> None:
    rates = Rates(clock, Rate(burst=3, per_second=2))
    assert [rates.wait("bot") for _ in range(3)] == [0, 0, 0]
    assert rates.wait("bot") == pytest.approx(0.5)
    assert rates.wait("ann") == 0
    clock.step(0.5)
    assert rates.wait("bot") == 0


def test_logging_out_ends_the_session_on_the_server(operator: TestClient, house: House) -> None:
    token = operator.cookies["crew_session"]
    assert operator.post("/logout").status_code == 204
    assert house.access.sessions.find(token) is None
