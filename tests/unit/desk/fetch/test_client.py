"""A page is read within its bounds or refused by name; nothing private is connected to, however it is written."""

from __future__ import annotations

import datetime as dt
import gzip
import ssl
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import FetchError
from desk.fetch.addresses import is_public
from desk.fetch.client import GuardedClient
from desk.fetch.links import read_link
from desk.fetch.values import XML, Ask
from tests.unit.desk.fetch.hostile_urls import hostile_urls
from tests.unit.desk.fetch.web import (
    BOMB,
    FEED,
    Web,
    answer,
    ask,
    client,
    deflated,
    dripping,
    endless,
    packed,
    redirect,
    serving,
)


@pytest.fixture
def web() -> Iterator[Web]:
    web = Web(pages={"/feed": answer(FEED)})
    with serving(web):
        yield web


def read(reader: GuardedClient, asked: Ask) -> bytes | FetchError:
    try:
        return reader.read([asked])[asked.name]
    finally:
        reader.close()


def rule_of(told: bytes | FetchError) -> str:
    assert isinstance(told, FetchError), told
    return told.rule


def test_a_page_is_read_under_its_own_name_at_the_address_that_was_judged(web: Web) -> None:
    assert read(client(web), ask(web)) == FEED
    assert f"Host: feed.test:{web.port}" in web.heads[0]
    assert "cookie" not in web.heads[0].lower()


def test_a_packed_page_is_unpacked(web: Web) -> None:
    web.pages["/feed"] = packed(gzip.compress(FEED))
    assert read(client(web), ask(web)) == FEED


@pytest.mark.parametrize(
    ("page", "rule"),
    [
        (packed(BOMB), "too_large"),
        (packed(deflated()), "encoding"),
        (deflated(), "encoding"),
        (packed(FEED), "encoding"),
        (packed(gzip.compress(FEED)[:-9]), "encoding"),
        (packed(gzip.compress(FEED) + b"more"), "encoding"),
        (packed(gzip.compress(FEED), "gzip, gzip"), "encoding"),
        (answer(bytes(1024 * 1024 + 1)), "too_large"),
        (endless, "too_large"),
        (answer(FEED, "text/html"), "content_type"),
        (answer(FEED, ""), "content_type"),
        (answer(FEED, status="404 Not Found"), "absent"),
        (answer(FEED, status="403 Forbidden"), "status"),
        (answer(FEED, status="206 Partial Content"), "status"),
        (answer(FEED, status="429 Too Many Requests"), "rate_limited"),
        (b"not http at all\r\n\r\n", "unreachable"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 99\r\n\r\ntorn", "unreachable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_page_within_bounds_is_refused_by_name(page: bytes, rule: str, web: Web) -> None:
    web.pages["/feed"] = page
    assert rule_of(read(client(web), ask(web))) == rule


def test_the_largest_page_is_still_read(web: Web) -> None:
    web.pages["/feed"] = answer(bytes(1024 * 1024))
    assert read(client(web), ask(web)) == bytes(1024 * 1024)


def test_one_that_drips_is_left_when_its_time_is_over_and_costs_the_others_nothing(web: Web) -> None:
    web.pages["/slow"] = dripping(0.01)
    reader = client(web, seconds=0.5)
    told = reader.read([ask(web, "/slow"), ask(web)])
    reader.close()
    assert rule_of(told["/slow"]) == "slow"
    assert told["/feed"] == FEED


def test_redirects_are_followed_three_times_and_judged_each_time(web: Web) -> None:
    web.pages |= {f"/{n}": redirect(f"/{n + 1}" if n < 4 else "/feed") for n in range(5)}
    assert read(client(web), ask(web, "/2")) == FEED
    assert rule_of(read(client(web), ask(web, "/1"))) == "redirect"


def test_a_request_with_a_key_follows_nobody(web: Web) -> None:
    web.pages["/moved"] = redirect("/feed")
    keyed = Ask(name="k", url=f"http://feed.test:{web.port}/moved", kinds=XML, headers={"X-Api-Key": "sesame"})
    assert rule_of(read(client(web), keyed)) == "redirect"
    assert "sesame" not in repr(keyed)
    assert web.asked == ["/moved"]


def test_two_hundred_hostile_addresses_reach_nothing(web: Web) -> None:
    inner = Web()
    with serving(inner):
        urls = hostile_urls(web.port, inner.port)
        assert len(set(urls)) >= 200
        web.pages |= {f"/to/{n}": redirect(url) for n, url in enumerate(urls)}
        table = {
            "inner.test": ("127.0.0.1",),
            "metadata.test": ("169.254.169.254",),
            "mixed.test": ("93.184.216.34", "10.0.0.7"),
            "six.test": ("::1",),
            "mapped.test": ("::ffff:127.0.0.1",),
        }
        reader = client(web, table)
        direct = [Ask(name=f"d{n}", url=url, kinds=XML) for n, url in enumerate(urls)]
        sent_on = [ask(web, f"/to/{n}") for n in range(len(urls))]
        told = reader.read([*direct, *sent_on])
        reader.close()
    assert [name for name, answer in told.items() if isinstance(answer, bytes)] == []
    assert {rule_of(answer) for answer in told.values()} <= {
        "private_address",
        "scheme",
        "credentials",
        "malformed",
        "unreachable",
        "redirect",
    }
    assert inner.asked == []


def test_a_name_that_changes_its_address_after_the_check_is_asked_for_only_once(web: Web) -> None:
    inner = Web()
    with serving(inner):
        answers = [("127.0.0.1",), ("10.0.0.1",), ("127.0.0.1",)]
        asked: list[str] = []

        def rebinding(host: str) -> tuple[str, ...]:
            asked.append(host)
            return answers[len(asked) - 1]

        reader = client(web)
        reader._resolve = rebinding
        assert reader.read([ask(web)])["/feed"] == FEED
        assert asked == ["feed.test"]
        assert rule_of(reader.read([ask(web)])["/feed"]) == "private_address"
        reader.close()
    assert inner.asked == []


@given(st.ip_addresses())
def test_what_is_public_is_global_and_of_no_special_kind(ip: object) -> None:
    address = ip_address(str(ip))
    if is_public(str(address)):
        assert address.is_global
        assert not (address.is_private)
        assert not (address.is_loopback)
        assert not (address.is_link_local)
        assert not (address.is_multicast)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1"])
def test_the_public_internet_is_public(address: str) -> None:
    assert is_public(address)


@given(st.text(max_size=60))
def test_any_text_is_a_link_or_is_refused(text: str) -> None:
    for base in (None, read_link("https://feed.test/a/b")):
        try:
            link = read_link(text, base=base)
        except FetchError:
            continue
        assert link.scheme in ("http", "https")
        assert read_link(str(link)) == link


def test_over_tls_the_certificate_must_name_the_host_though_its_address_is_what_is_connected_to(tmp_path: Path) -> None:
    authority, server = certified(tmp_path, "feed.test")
    web = Web(pages={"/feed": answer(FEED)})
    with serving(web, tls=server):
        known = {"other.test": ("127.0.0.1",)}
        assert read(client(web, tls=authority), ask(web, scheme="https")) == FEED
        other = Ask(name="o", url=f"https://other.test:{web.port}/feed", kinds=XML)
        assert rule_of(read(client(web, known, tls=authority), other)) == "unreachable"
        assert rule_of(read(client(web), ask(web, scheme="https"))) == "unreachable"


def certified(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A client's and a server's context around one self-signed certificate."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain = folder / "chain.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    client_side, server_side = (
        ssl.create_default_context(cafile=str(chain)),
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
    )
    server_side.load_cert_chain(chain)
    return client_side, server_side
