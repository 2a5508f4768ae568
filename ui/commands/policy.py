"""`crew policy`: learn a policy from recorded market, look at it, have it examined, let it advise, take that back."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.loader import load_desk
from crews.running.services import folder_of
from desk.domain.errors import ConfigError, PrerequisiteError
from ui.commands.audit import open_audit
from ui.commands.moments import moment_of
from ui.commands.options import AsJson, ConfigRoot, Profile
from ui.terminal import aside, print_json, screen, tells_errors

if TYPE_CHECKING:
    from desk.backtest.recordings import Market
    from desk.learning.policy import Policy
    from desk.learning.reference import Step
    from desk.learning.rewards import Reward
    from desk.learning.shelf import PolicyShelf, Shelved
    from desk.learning.sight import Mood
    from desk.learning.states import StateSpace

Name = Annotated[str, typer.Argument(metavar="POLICY", help="Its name, or how that begins.")]
Symbols = Annotated[list[str] | None, typer.Option("--symbol", "-s", help="BTCUSDT; again for more.")]
Interval = Annotated[str, typer.Option("--interval", "-i", help="Length of the bars it looks at.")]
From = Annotated[str, typer.Option("--from", metavar="DATE", help="First bar, UTC, as 2023-01-01; all by default.")]
To = Annotated[str, typer.Option("--to", metavar="DATE", help="Up to, not including, this moment.")]
Data = Annotated[
    list[Path] | None, typer.Option("--data", metavar="PATH", help="Files or folders instead of `crew history`.")
]
MoodFile = Annotated[
    Path | None, typer.Option("--mood", metavar="CSV", help="Recorded Fear & Greed: date,value; unknown without.")
]
Page = Annotated[Path | None, typer.Option("--html", metavar="PATH", help="Write its learning as one page.")]


@tells_errors
def train(
    symbol: Symbols = None,
    interval: Interval = "1h",
    first: From = "",
    until: To = "",
    data: Data = None,
    mood: MoodFile = None,
    figures: Annotated[str, typer.Option(help="enriched, lean, or names of figures with commas.")] = "enriched",
    character: Annotated[
        str, typer.Option(help="What it is taught to like: balanced, conservative, aggressive, contrarian.")
    ] = "balanced",
    episodes: Annotated[int, typer.Option(min=1, max=100_000)] = 150,
    length: Annotated[int, typer.Option(min=2, help="Bars of an episode.")] = 4_000,
    held: Annotated[float, typer.Option(min=0.1, max=0.9, help="Share of bars, the last, kept to judge it by.")] = 0.3,
    own_trades: Annotated[bool, typer.Option("--own-trades", help="Learn from this desk's closed trades first.")] = (
        False
    ),
    seed: Annotated[int, typer.Option(min=0, help="Of everything drawn by lot.")] = 0,
    html: Page = None,
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Learn from recorded market, be judged on the rest of it, and stay in the shadow until promoted."""
    # Here and not above: the compiler and the arrays take a second to load.
    from crews.learning.examining import examined
    from desk.learning.course import Course, study
    from desk.learning.method import Method
    from ui.policy_screen import learning, policy_json, print_policy

    market = recorded_market(symbol, interval, first, until, data)
    course = Course(
        tape=market.tape,
        specs=market.specs,
        space=_space(figures),
        method=Method(episodes=episodes, length=length, reward=_reward(character)),
        seed=seed,
        held=held,
        mood=_mood(mood),
        own=_own_steps(profile, config, figures, interval) if own_trades else (),
    )
    shelf = _shelf(profile)
    with learning(aside(), episodes, quiet=as_json) as told:
        policy = study(course, datetime.now(UTC), told=told, keep=lambda half, at: shelf.backup(half, at))
    shelved = shelf.put(policy)
    found = examined(shelved, market, load_desk(profile, root=config), folder_of(profile), course.mood)
    if html is not None:
        _draw(shelved, html)
    if as_json:
        print_json(policy_json(shelved, found))
        return
    print_policy(shelved, screen(), found)


@tells_errors
def listed(profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Every learnt policy, the newest last, and which of them advises this profile."""
    from desk.learning.promoted import Promotions
    from ui.policy_screen import policy_json, print_policies

    current = Promotions(folder_of(profile).promotions).current
    found = list(_shelf(profile).all())
    if as_json:
        for one in found:
            print_json({**policy_json(one, None), "advises": one.name == current})
        return
    if not found:
        screen().print("[quiet]nothing has been learnt yet: crew policy train[/]")
        return
    print_policies(found, current, screen())


@tells_errors
def show(name: Name, html: Page = None, profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Where a policy comes from, how it learnt, and what it would do where."""
    from ui.policy_screen import policy_json, print_policy

    shelved = _shelf(profile).get(name)
    if html is not None:
        _draw(shelved, html)
    if as_json:
        print_json(policy_json(shelved, None))
        return
    print_policy(shelved, screen(), None)


@tells_errors
def compare(
    name: Name,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The policy it is held against.")],
    data: Data = None,
    mood: MoodFile = None,
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """Two policies over the bars that the first never learnt from, day by day, with the interval of the lead."""
    from desk.ledger.values import Tried
    from desk.promotion.exam import examine
    from desk.promotion.policies import record_of
    from ui.policy_screen import findings, print_comparison

    shelf = _shelf(profile)
    one, against = shelf.get(name), shelf.get(other)
    market = _market_of(one.policy, data)
    record = record_of(
        one.policy,
        market.tape,
        market.specs,
        Tried(count=1, spread=0.0),
        incumbent=against.policy,
        mood=_mood(mood),
    )
    examined = examine(record)
    if as_json:
        print_json({"policy": one.name, "other": against.name, **findings(examined)})
        return
    print_comparison(one, against, record, examined, screen())


@tells_errors
def promote(
    name: Name,
    data: Data = None,
    mood: MoodFile = None,
    uncertified: Annotated[
        bool, typer.Option("--uncertified", help="Let it advise without a proof: demo, replay and paper alone.")
    ] = False,
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Examine a policy out of sample; certify it and let it advise, or leave it in the shadow and say why."""
    from crews.learning.examining import examined, promoted
    from ui.policy_screen import findings, print_examination

    loaded, folder = load_desk(profile, root=config), folder_of(profile)
    if uncertified and loaded.profile.venue.kind != "paper":
        raise PrerequisiteError(
            "without a proof nothing advises where orders reach a real venue", hint="it may on demo, replay and paper"
        )
    shelved = _shelf(profile).get(name)
    found = examined(shelved, _market_of(shelved.policy, data), loaded, folder, _mood(mood))
    if not as_json:
        print_examination(shelved.name, found, screen())
    turn, certificate = promoted(shelved, found, folder, datetime.now(UTC), uncertified=uncertified)
    if as_json:
        told = {"policy": shelved.name, "how": turn.how.value, "certificate": str(certificate or "")}
        print_json({**told, **findings(found)})
        return
    screen().print(f"{shelved.name} {turn.how.value}; it advises {profile} from its next kickoff on")


@tells_errors
def rollback(profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Give the word back to the policy that advised before, or to nobody."""
    from desk.learning.promoted import Promotions

    turn = Promotions(folder_of(profile).promotions).roll_back(datetime.now(UTC))
    if as_json:
        print_json({"policy": turn.policy, "how": turn.how.value})
        return
    screen().print(f"{turn.policy or 'nobody'} advises {profile} from its next kickoff on")


def _shelf(profile: str) -> PolicyShelf:
    from desk.learning.shelf import PolicyShelf

    return PolicyShelf(folder_of(profile).policies)


def recorded_market(
    symbols: list[str] | None, interval: str, first: str, until: str, data: list[Path] | None
) -> Market:
    """The market that a command's options name. Raises PrerequisiteError, ConfigError or DataError."""
    from desk.backtest.recordings import Wanted
    from ui.commands.backtest import open_recorded

    wanted = Wanted(
        symbols=tuple(symbols or ["BTCUSDT"]),
        interval=interval,
        since=moment_of(first),
        until=moment_of(until, "--to"),
    )
    return open_recorded(wanted, data)


def _market_of(policy: Policy, data: list[Path] | None) -> Market:
    """The market that a policy learnt from, as it is recorded here."""
    from desk.backtest.recordings import Wanted
    from ui.commands.backtest import open_recorded

    origin = policy.origin
    wanted = Wanted(symbols=origin.symbols, interval=origin.interval, since=origin.learnt_from, until=origin.held_until)
    return open_recorded(wanted, data)


def _mood(path: Path | None) -> Mood | None:
    from desk.learning.mood import read_mood

    return None if path is None else read_mood(path)


def _space(figures: str) -> StateSpace:
    from desk.learning.states import SPACES, StateSpace

    return SPACES[figures] if figures in SPACES else StateSpace.of(tuple(figures.split(",")))


def _reward(character: str) -> Reward:
    from desk.learning.rewards import CHARACTERS

    if character not in CHARACTERS:
        raise ConfigError(f"no character is called {character!r:.40}", file="--character", hint=", ".join(CHARACTERS))
    return CHARACTERS[character]


def _draw(shelved: Shelved, path: Path) -> None:
    from desk.learning.pictures import write_page

    write_page(shelved, path)


def _own_steps(profile: str, config: Path | None, figures: str, interval: str) -> tuple[Step, ...]:
    """What this desk's own closed trades teach."""
    from crews.learning.own_trades import own_steps
    from crews.record.bookkeeping import ledger_url
    from desk.ledger import Ledger

    url = ledger_url(load_desk(profile, root=config), folder_of(profile))
    with (
        closing(open_audit(profile)) as audit,
        closing(Ledger(url)) as ledger,
    ):
        return own_steps(ledger, audit, _space(figures), interval, "BTCUSDT")
