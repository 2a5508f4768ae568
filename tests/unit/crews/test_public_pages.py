"""Public pages are read where the profile allows them, and nowhere else; what is read reaches the snapshot."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from config.loader import load_desk
from crews.running.services import HOME_VARIABLE, Folder, folder_of
from crews.setup import DeskSetup
from crews.view.public_pages import PublicPages, open_news, open_outlook, open_public_pages, tell_sources
from crews.view.snapshot import SnapshotBuilder
from crews.view.told import tell
from desk.context.sources import FEAR_GREED
from desk.domain.errors import ConfigError, FetchError
from desk.fetch.pages import PageReader
from desk.venues.paper.admin import PaperAdmin
from tests.unit.crews.fakes import FakeGuard, FakeMarket, FixedClock
from tests.unit.desk.context.test_sources import Told, index
from tests.unit.desk.fetch.web import FEED
from ui.commands.source_health import source_findings


@pytest.mark.parametrize(("profile", "reads"), [("demo", False), ("replay", False), ("paper", True), ("testnet", True)])
def test_only_a_desk_in_real_time_reads_public_pages(profile: str, reads: bool, tmp_path: Path) -> None:
    config, clock = load_desk(profile, environ={}), FixedClock()
    with ExitStack() as closing:
        public = open_public_pages(config, Folder(tmp_path), closing)
        assert (public is not None) is reads
        assert (open_outlook(config, public, clock) is not None) is reads
        assert (open_news(config, public, clock, None) is not None) is reads


def test_an_invented_market_is_read_from_its_own_wire() -> None:
    wire = PaperAdmin("http://127.0.0.1:9", "token")
    assert open_news(load_desk("demo", environ={}), None, FixedClock(), wire) is wire
    wire.close()


def test_a_stepped_clock_may_not_hear_of_today(tmp_path: Path) -> None:
    own = tmp_path / "profiles" / "demo.yaml"
    own.parent.mkdir()
    packaged = next(source.text for source in load_desk("demo", environ={}).sources if source.section == "profile")
    own.write_text(packaged.replace("real_money: false", "real_money: false, public_pages: true"))
    with pytest.raises(ConfigError, match="another day"):
        load_desk("demo", root=tmp_path, environ={})


def test_what_the_sources_tell_reaches_the_snapshot_and_what_they_do_not_is_named(demo_setup: DeskSetup) -> None:
    config, clock = load_desk("paper", environ={}), FixedClock()
    ago = timedelta(hours=3)
    feeds = {feed.name: FEED for feed in config.desk.news.feeds}
    reader: PageReader = Told(
        {FEAR_GREED.name: index(ago=ago), "coingecko-global": b"{}", "coingecko-coins": b"", **feeds}
    )
    public = PublicPages(reader, None)
    builder = SnapshotBuilder(
        market=FakeMarket(clock),
        news=open_news(config, public, clock, None),
        outlook=open_outlook(config, public, clock),
        settings=demo_setup.snapshot,
        source="test",
    )
    snapshot = builder.build("BTCUSDT", clock.now(), FakeGuard(clock).state())
    builder.close()
    assert snapshot.headlines == ()
    assert snapshot.outlook is not None
    assert snapshot.outlook.fear_greed is not None
    assert snapshot.outlook.silent == ("coingecko-global: unreadable", "coingecko-coins: unreadable")


def test_which_sources_are_down_is_left_for_the_doctor_to_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, clock = load_desk("paper", environ={}), FixedClock()
    down = FetchError("not reached", rule="unreachable")
    feeds = {feed.name: FEED for feed in config.desk.news.feeds} | {"decrypt": down}
    reader = Told({FEAR_GREED.name: index(), "coingecko-global": b"{}", "coingecko-coins": down, **feeds})
    public = PublicPages(reader, None)
    news, outlook = open_news(config, public, clock, None), open_outlook(config, public, clock)
    assert news is not None
    assert outlook is not None
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    path = folder_of("paper").sources_report
    tell_sources(clock.now(), path, news=news, context=outlook)
    assert list(source_findings("paper")) == []
    news.headlines(clock.now() - timedelta(hours=1))
    outlook.outlook()
    tell_sources(clock.now(), path, news=news, context=outlook)
    wire, context = source_findings("paper")
    assert (wire.well, context.well) == (True, True)
    assert "9 of 10 answered; as of 2026-03-02T12:00:30; down: decrypt (unreachable)" in wire.seen
    assert "down: coingecko-coins (unreachable), coingecko-global (unreadable)" in context.seen


def test_feeds_of_which_no_source_answers_are_something_to_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    tell(
        {"at": "2026-03-02T12:00:30+00:00", "news": {"a": "slow", "b": "unreachable"}},
        folder_of("paper").sources_report,
    )
    (wire,) = source_findings("paper")
    assert not wire.well
    assert "the news agent abstains" in wire.fix
