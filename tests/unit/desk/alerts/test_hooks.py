"""A receiver can tell that an event is ours, whole, new and not yet seen; and nobody waits for one that is dead."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from desk.alerts import Alert, Kind, Level
from desk.alerts.courier import Courier
from desk.alerts.hooks import SignedHook
from desk.alerts.values import Way
from desk.domain.errors import PrerequisiteError
from desk.fetch.client import GuardedClient
from desk.fetch.values import Bounds
from tests.loopback_services import Web, web_server
from tests.unit.desk.alerts.bench import NIGHT, Bench, Noting, alert, rules

SECRET = "whsec_" + base64.b64encode(b"thirty two bytes of the receiver").decode()
DOCS = Path(__file__).resolve().parents[4] / "docs" / "alerts.md"
Verify = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def server() -> Iterator[Web]:
    with web_server() as web:
        yield web


@pytest.fixture
def web(server: Web) -> Web:
    server.status = 200
    server.requests.clear()
    server.heard.clear()
    return server


@pytest.fixture(scope="module")
def verify() -> Verify:
    """The snippet of docs/alerts.md, as a reader would copy it."""
    [snippet] = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    room: dict[str, Any] = {}
    exec(snippet, room)
    return room["verify"]


def hook(bench: Bench, url: str, *kinds: Kind, private: bool = True, secret: str = SECRET) -> SignedHook:
    """A webhook of this bench, in place of its channels. Every host here is written as a number."""
    client = GuardedClient(private=private, bounds=Bounds(seconds=2.0), resolve=lambda host: (host,))
    made = SignedHook("books", url, secret, client=client, clock=bench.clock, kinds=frozenset(kinds))
    bench.courier = Courier(bench.outbox, {"books": made}, bench.rules, bench.clock)
    return made


def deliver(bench: Bench) -> None:
    bench.courier.spread()
    while bench.courier.step("books"):
        pass


def heard(web: Web) -> list[tuple[Mapping[str, str], bytes]]:
    return [({name.lower(): value for name, value in head.items()}, body) for head, body in web.heard]


def test_what_is_sent_verifies_by_the_snippet_of_the_manual_and_tells_what_happened(
    tmp_path: Path, web: Web, verify: Verify
) -> None:
    bench = Bench(tmp_path)
    hook(bench, web.url + "/desk?of=me")
    data = {"reason": "day.loss", "numbers": {"loss": "501.20"}}
    bench.outbox.post(Alert(kind=Kind.TRIP, level=Level.CRITICAL, title="the breaker tripped", data=data))
    deliver(bench)
    [(head, body)] = heard(web)
    told = verify(SECRET, head, body, now=bench.clock.now().timestamp())
    assert (told["type"], told["level"], told["title"]) == ("trip", "CRITICAL", "the breaker tripped")
    assert told["data"] == data
    assert told["timestamp"] == "2026-03-02T12:00:00+00:00"
    assert told["id"] == head["webhook-id"]
    assert web.requests[0][0] == "/desk?of=me"


@pytest.mark.parametrize("spoiled", ["body", "webhook-id", "webhook-timestamp", "secret", "age", "early"])
def test_what_was_changed_or_is_sent_again_later_does_not_verify(
    tmp_path: Path, web: Web, verify: Verify, spoiled: str
) -> None:
    bench = Bench(tmp_path)
    hook(bench, web.url)
    bench.outbox.post(alert("a"))
    deliver(bench)
    [(told, body)] = heard(web)
    head, secret, now = dict(told), SECRET, bench.clock.now().timestamp()
    if spoiled == "body":
        body = body.replace(b"WARNING", b"CRITICAL")
    elif spoiled == "secret":
        secret = "whsec_" + base64.b64encode(b"x" * 32).decode()
    elif spoiled == "age":
        now += 301
    elif spoiled == "early":
        now -= 301
    else:
        head[spoiled] = head[spoiled][:-1] + ("1" if head[spoiled][-1] != "1" else "2")
    with pytest.raises(ValueError, match="webhook"):
        verify(secret, head, body, now=now)


def test_a_try_after_a_failure_or_a_kill_carries_the_same_id_and_a_signature_of_its_own_moment(
    tmp_path: Path, web: Web, verify: Verify
) -> None:
    bench = Bench(tmp_path)
    hook(bench, web.url)
    bench.outbox.post(alert("a"))
    for status in (500, 503):
        web.status = status
        deliver(bench)
        bench.clock.step(10)
    bench.restart()
    hook(bench, web.url)
    web.status = 204
    deliver(bench)
    deliver(bench)
    sent = heard(web)
    assert len(sent) == 3
    assert len({head["webhook-id"] for head, _ in sent}) == 1
    assert len({head["webhook-timestamp"] for head, _ in sent}) == 3
    assert verify(SECRET, *sent[-1], now=bench.clock.now().timestamp())["title"] == "about a"
    assert bench.outbox.deliveries(1)[0].way is Way.SENT


def test_a_dead_receiver_delays_no_other_and_is_given_up_after_a_day(tmp_path: Path) -> None:
    bench, phone = Bench(tmp_path), Noting("phone")
    client = GuardedClient(private=True, bounds=Bounds(seconds=2.0))
    dead = SignedHook("books", "http://127.0.0.1:9/", SECRET, client=client, clock=bench.clock)
    bench.courier = Courier(bench.outbox, {"books": dead, "phone": phone}, bench.rules, bench.clock)
    bench.outbox.post(alert("a"))
    bench.courier.spread()
    assert bench.courier.step("books")
    assert bench.courier.step("phone")
    assert len(phone.sent) == 1
    assert bench.outbox.troubles()["books"][2].startswith("unreachable")
    bench.clock.step(25 * 3600)
    bench.courier.step("books")
    assert bench.outbox.troubles()["books"][:2] == (0, 1)


def test_a_program_is_told_at_night_too_each_event_by_itself(tmp_path: Path, web: Web) -> None:
    bench = Bench(tmp_path, by=rules(NIGHT, most=1))
    bench.clock.step(11 * 3600)
    hook(bench, web.url)
    for key in ("a", "b", "c"):
        bench.outbox.post(alert(key))
    deliver(bench)
    assert [json.loads(body)["title"] for _, body in heard(web)] == ["about a", "about b", "about c"]


def test_traffic_goes_to_those_who_name_it_alone(tmp_path: Path, web: Web) -> None:
    bench = Bench(tmp_path, Noting("phone"))
    bench.outbox.post(alert("s", Level.INFO, Kind.SIGNAL))
    bench.deliver()
    assert bench.channels[0].sent == []
    hook(bench, web.url, Kind.SIGNAL)
    bench.outbox.post(alert("t", Level.INFO, Kind.SIGNAL))
    bench.outbox.post(alert("u", Level.INFO, Kind.ORDER))
    deliver(bench)
    assert [json.loads(body)["title"] for _, body in heard(web)] == ["about t"]


def test_an_address_of_ones_own_needs_leave_and_nobody_is_followed_elsewhere(tmp_path: Path, web: Web) -> None:
    bench = Bench(tmp_path)
    told = hook(bench, web.url, private=False).send("t", "x", Level.INFO)
    assert told.startswith("private_address")
    assert hook(bench, "http://169.254.169.254/latest").send("t", "x", Level.INFO).startswith("private_address")
    assert hook(bench, "http://[fd00:ec2::254]/latest").send("t", "x", Level.INFO).startswith("private_address")
    web.status, web.location = 307, web.url + "/elsewhere"
    assert hook(bench, web.url).send("t", "x", Level.INFO).startswith("redirect")
    assert len(web.requests) == 1


def test_neither_log_nor_trouble_nor_outbox_holds_the_secret_or_the_token_in_the_address(
    tmp_path: Path, web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    bench, token = Bench(tmp_path), "token-of-the-address-4711"
    web.status = 500
    with caplog.at_level(logging.DEBUG):
        made = hook(bench, f"{web.url}/{token}")
        bench.outbox.post(alert("a"))
        deliver(bench)
    texts = caplog.text + repr(vars(bench.outbox)) + "".join(one.trouble for one in bench.outbox.deliveries(1))
    texts += bench.path.read_bytes().decode("latin-1") + repr(made)
    for secret in (SECRET, SECRET.removeprefix("whsec_"), "thirty two bytes", token):
        assert secret not in texts


@pytest.mark.parametrize("secret", ["", "short", "whsec_" + base64.b64encode(b"x" * 23).decode(), "no base64! " * 5])
def test_a_secret_that_is_too_short_is_refused_without_being_repeated(tmp_path: Path, secret: str) -> None:
    with pytest.raises(PrerequisiteError) as caught:
        hook(Bench(tmp_path), "https://example.org/", secret=secret)
    assert "24 bytes" in caught.value.message
    assert not secret or secret not in caught.value.message + caught.value.hint
