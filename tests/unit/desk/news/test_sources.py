"""Feeds and NewsAPI become headlines, each story once and no source beyond its share; a feed can do nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.errors import DataError, FetchError
from desk.domain.market import Headline
from desk.fetch.pages import Pages
from desk.fetch.values import Ask
from desk.news.feeds import MOST_ENTRIES, feed_headlines
from desk.news.newsapi import newsapi_asks, newsapi_headlines
from desk.news.stories import first_tellings
from desk.news.wire import NewsWire, WireSettings

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SAMPLE = Path(__file__).parents[5] / "shared/data/api_samples/newsapi_everything_bitcoin_20200809.json"


class NoonClock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


def item(title: str, *, hours: float = 1.0, tags: Sequence[str] = ()) -> str:
    told = "".join(f"<category>{escape(tag)}</category>" for tag in tags)
    at = format_datetime(NOW - timedelta(hours=hours))
    return f"<item><title>{escape(title)}</title><pubDate>{at}</pubDate>{told}</item>"


def feed(*items: str) -> bytes:
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{''.join(items)}</channel></rss>".encode()


def test_a_feed_is_its_titles_with_their_times_and_what_could_be_a_symbol() -> None:
    (told,) = feed_headlines(feed(item("Bitcoin & ether rise", tags=["btc", "Market news", "ETH"])), "paper")
    assert told == Headline(
        at=NOW - timedelta(hours=1), source="paper", title="Bitcoin & ether rise", symbols=("BTC", "ETH")
    )


def test_an_atom_feed_reads_too() -> None:
    atom = (
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title type='html'>Ether falls</title>"
        b"<updated>2026-03-02T11:00:00+02:00</updated></entry></feed>"
    )
    (told,) = feed_headlines(atom, "paper")
    assert (told.title, told.at) == ("Ether falls", datetime(2026, 3, 2, 9, tzinfo=UTC))


def test_a_title_without_a_time_is_no_news() -> None:
    assert feed_headlines(feed("<item><title>Bitcoin soars</title></item>", item("")), "paper") == ()


@pytest.mark.parametrize(
    "body", [b"", b"/etc/passwd", b"file:///etc/passwd", b"http://127.0.0.1/feed", b"{}", b"<html><p>no</p></html>"]
)
def test_what_is_no_feed_is_refused_and_never_opened(body: bytes) -> None:
    with pytest.raises(DataError, match="no feed"):
        feed_headlines(body, "paper")


def test_entities_neither_explode_nor_read_a_file() -> None:
    laughs = "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(7))
    bomb = f"<!DOCTYPE r [<!ENTITY a 'lol'>{laughs}<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
    body = feed(item("Bitcoin soars")).replace(b"<rss", bomb.encode() + b"<rss").replace(b"soars", b"&h;&x;")
    (told,) = feed_headlines(body, "paper")
    assert "root:" not in told.title
    assert len(told.title) <= 500


@pytest.mark.parametrize("piece", [b"<a>", b"<item>", b"<item ", b"<", b"<![CDATA["])
def test_a_megabyte_of_tags_is_refused_before_it_is_parsed(piece: bytes) -> None:
    with pytest.raises(DataError, match="more tags"):
        feed_headlines(piece * (1_000_000 // len(piece)), "paper")


def test_a_feed_without_end_is_cut() -> None:
    assert len(feed_headlines(feed(*[item(f"Bitcoin {n}") for n in range(900)]), "paper")) == MOST_ENTRIES


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_a_feed_or_are_refused(body: bytes) -> None:
    for bytes_told in (body, feed(item("x")).replace(b"x", body)):
        try:
            assert all(len(line.title) <= 500 for line in feed_headlines(bytes_told, "paper"))
        except DataError:
            continue


def test_the_key_of_newsapi_travels_in_a_header_and_in_no_address() -> None:
    asks = newsapi_asks("bitcoin OR crypto", 2, "sesame")
    assert [ask.name for ask in asks] == ["newsapi-1", "newsapi-2"]
    assert all("sesame" not in ask.url and dict(ask.headers) == {"X-Api-Key": "sesame"} for ask in asks)
    assert "sesame" not in repr(asks)


def article(title: str | None, at: str = "2026-03-02T10:00:00Z", name: str | None = "Paper") -> dict[str, object]:
    return {"title": title, "publishedAt": at, "source": {"id": None, "name": name}, "url": "http://127.0.0.1/"}


def test_newsapi_gives_its_crypto_articles_without_the_publishers_name() -> None:
    found = [article("Bitcoin rises - Paper"), article("Stocks rise - Paper"), article(None), article("Ether falls")]
    told = newsapi_headlines(json.dumps({"status": "ok", "articles": found}).encode())
    assert [(line.title, line.source) for line in told] == [
        ("Bitcoin rises", "newsapi:Paper"),
        ("Ether falls", "newsapi:Paper"),
    ]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"status":"error","code":"rateLimited"}', b'{"status":"ok","articles":[{}]}']
)
def test_an_answer_of_newsapi_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(DataError, match="NewsAPI"):
        newsapi_headlines(body)


def test_a_recorded_answer_of_newsapi_is_read() -> None:
    if not SAMPLE.exists():
        pytest.skip("the shared recorded answer is not here")
    assert len(newsapi_headlines(SAMPLE.read_bytes())) >= 10


def lines(*titles: str) -> list[Headline]:
    return [Headline(at=NOW + timedelta(minutes=n), source=f"s{n}", title=t, symbols=()) for n, t in enumerate(titles)]


def test_a_story_told_again_in_nearly_the_same_words_is_one_story() -> None:
    told = lines(
        "Exchange halts withdrawals after security incident, users wait",
        "Exchange halts withdrawals after security incident: users wait",
        "BREAKING Exchange halts withdrawals after security incident, users wait",
        "Exchange resumes withdrawals after security incident, users wait",
        "",
    )
    assert first_tellings(told) == (0, 3, 4)


def test_a_copy_does_not_make_a_story_younger() -> None:
    old, copy = lines("Bitcoin lender files for bankruptcy", "Bitcoin lender files for bankruptcy")
    assert first_tellings([copy, old]) == (1,)


class Read:
    """A reader with a body for each source."""

    def __init__(self, bodies: Mapping[str, bytes | FetchError]) -> None:
        self._bodies = bodies

    def read(self, asks: Sequence[Ask]) -> dict[str, bytes | FetchError]:
        return {ask.name: self._bodies[ask.name] for ask in asks}


def wire(bodies: Mapping[str, bytes | FetchError], *, per_source: int = 8, key: str = "") -> NewsWire:
    feeds = {name: f"https://{name}.test/feed" for name in bodies if not name.startswith("newsapi")}
    wanted = WireSettings(feeds=feeds, per_source=per_source, query="bitcoin", key=key)
    return NewsWire(Pages(Read(bodies), None, NoonClock()), wanted, NoonClock())


SINCE = NOW - timedelta(hours=12)
DOWN = FetchError("down", rule="unreachable")


def test_one_source_that_is_down_costs_only_itself(caplog: pytest.LogCaptureFixture) -> None:
    news = wire({"a": DOWN, "b": feed(item("Bitcoin soars"))})
    for _ in range(3):
        assert [line.source for line in news.headlines(SINCE)] == ["b"]
    assert [record.getMessage() for record in caplog.records] == ["news source a gives nothing: unreachable"]


def test_when_no_source_answers_that_is_said() -> None:
    with pytest.raises(DataError, match=r"a: unreachable, b: b is no feed"):
        wire({"a": DOWN, "b": b"nonsense"}).headlines(SINCE)
    with pytest.raises(DataError, match="none is configured"):
        wire({}).headlines(SINCE)


def test_a_feed_that_answers_with_nothing_new_has_answered() -> None:
    assert wire({"a": feed()}).headlines(SINCE) == ()


def test_lines_are_young_enough_not_from_the_future_and_in_order() -> None:
    told = feed(item("four", hours=4), item("old", hours=13), item("tomorrow", hours=-1), item("nine", hours=9))
    assert [line.title for line in wire({"a": told}).headlines(SINCE)] == ["nine", "four"]


def test_a_source_that_floods_pushes_out_only_itself() -> None:
    flood = feed(*[item(f"{n} coins {n * 7} moon {n * 13}", hours=n / 100) for n in range(1, 60)])
    told = wire({"loud": flood, "quiet": feed(item("Bitcoin falls", hours=9))}, per_source=5).headlines(SINCE)
    assert [line.source for line in told] == ["quiet"] + ["loud"] * 5


def test_newsapi_is_asked_only_with_a_key() -> None:
    paid = json.dumps({"status": "ok", "articles": [article("Bitcoin rises", "2026-03-02T11:00:00Z")]}).encode()
    told = wire({"newsapi-1": paid}, key="sesame").headlines(SINCE)
    assert [line.source for line in told] == ["newsapi:Paper"]
    with pytest.raises(DataError, match="none is configured"):
        wire({"newsapi-1": paid}).headlines(SINCE)
