"""What a profile needs running: the venue, when it is the embedded one, and the guard. Started if missing, else used.

The crew process writes each of them a settings file and learns an address and the crew's token. The trading key never
passes through here: the venue makes it, and the guard reads it, from a file this process does not open.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config import live
from config.loader import DeskConfig
from crews.running import processes
from crews.running.processes import Program, Running
from crews.running.turn import deciding
from desk.certificates.files import kept_in
from desk.domain.errors import PrerequisiteError
from desk.guard.door.client import GuardClient
from desk.venues.paper.admin import PaperAdmin

HOME_VARIABLE = "CREWDESK_HOME"
# What a command that started over had started before: names and pids, see `handover`.
STARTED_VARIABLE = "CREWDESK_STARTED"
# Which run of the schedule a command is. What the command starts outlives it and is not that run.
RUN_VARIABLE = "CREWDESK_RUN"


@dataclass(frozen=True, slots=True)
class Folder:
    """Where one profile keeps its data. Nothing here is code, and nothing here is committed."""

    root: Path

    @property
    def audit(self) -> Path:
        """The audit log."""
        return self.root / "audit.sqlite"

    @property
    def journal(self) -> Path:
        """The guard's journal. Only the guard writes it; `crew audit verify` reads it."""
        return self.root / "guard" / "journal.sqlite"

    @property
    def ledger(self) -> Path:
        """Signals, trades and equity, for reports."""
        return self.root / "ledger.sqlite"

    @property
    def spending(self) -> Path:
        """What the models cost on each day."""
        return self.root / "spending.sqlite"

    @property
    def replies(self) -> Path:
        """What the models answered, by what they were asked."""
        return self.root / "replies"

    @property
    def memory(self) -> Path:
        """What the desk remembers of decisions that ended; made from the audit log."""
        return self.root / "memory"

    @property
    def mode(self) -> Path:
        """The way of paying that `crew costs use` chose. It outlives the profile's data."""
        return self.root.with_name(f".{self.root.name}.mode")

    @property
    def crew_token(self) -> Path:
        """The token that may propose and tighten."""
        return self.root / "guard" / "crew.token"

    @property
    def operator_token(self) -> Path:
        """The token that may reset. Read by `crew reset` alone."""
        return self.root / "guard" / "operator.token"

    @property
    def certificates(self) -> Path:
        """Proofs of an edge that the operator signed. The guard reads them as it starts."""
        return self.root / "certificates"

    @property
    def promotions(self) -> Path:
        """Which policy advises this profile, and which did before."""
        return self.root / "policies.json"

    @property
    def pupil(self) -> Path:
        """The learner that goes on beside this profile's runs."""
        return self.root / "pupil"

    @property
    def policies(self) -> Path:
        """Every learnt policy, of all profiles: which of them advises is each profile's own affair."""
        return self.root.parent / "policies"

    @property
    def halt_file(self) -> Path:
        """A file that halts the desk for as long as it is there: `touch` needs neither token nor crew."""
        return self.root / "HALT"

    @property
    def market_report(self) -> Path:
        """How the crew's market streams fared when it last looked."""
        return self.root / "run" / "market.json"

    @property
    def schedule(self) -> Path:
        """Which slots of the schedule were claimed and how they ended. It outlives the profile's data."""
        return self.root.with_name(f".{self.root.name}.schedule.sqlite")

    @property
    def alerts(self) -> Path:
        """What was to be told, to whom, and what became of it. It outlives the profile's data."""
        return self.root.with_name(f".{self.root.name}.alerts.sqlite")

    @property
    def sources_report(self) -> Path:
        """Which sources of news and context answered when the crew last read them."""
        return self.root / "run" / "sources.json"

    @property
    def admin_token(self) -> Path:
        """The token that may step a paper exchange's clock."""
        return self.root / "venue" / "admin.token"

    def program(self, name: str, *, extra: tuple[str, ...] = ()) -> Program:
        """How the `venue`, the `guard` or its `watcher` of this profile is started and recognised."""
        module, health = {
            "venue": ("desk.venues.paper", "/fapi/v1/ping"),
            "guard": ("desk.guard", "/v1/health"),
            "watcher": ("desk.guard.process.watcher", ""),
        }[name]
        return Program(
            name={"venue": "paper exchange", "guard": "guard", "watcher": "guard's watcher"}[name],
            module=module,
            settings=self.root / name / "settings.json",
            run_file=self.root / "run" / f"{name}.json",
            log=self.root / "logs" / f"{name}.log",
            health=health,
            extra=extra,
        )


def folder_of(profile: str, *, home: Path | None = None) -> Folder:
    """The folder of a profile, below CREWDESK_HOME or `./var`."""
    return Folder((home or Path(os.environ.get(HOME_VARIABLE, "var"))) / profile)


def history_folder() -> Path:
    """Where recorded market is kept, one store for all profiles, beside their folders."""
    return folder_of("history").root


def set_aside(folder: Folder) -> Path | None:
    """Move a profile's data away so that it starts anew; nothing is deleted. Returns where it went.

    Raises:
        PrerequisiteError: when a process of that profile still runs, or a kickoff is about to start one.
    """
    if not folder.root.exists():
        return None
    with deciding(folder.root):
        for name in ("venue", "guard"):
            running = processes.find_hung(folder.program(name))
            if running is not None:
                raise PrerequisiteError(
                    f"the {running.name} of this profile runs (pid {running.pid})",
                    hint=f"crew stop --profile {folder.root.name}, then start anew",
                )
        archive = folder.root.parent / "archive"
        archive.mkdir(parents=True, exist_ok=True)
        number = 1 + max((int(p.name.rpartition("-")[2]) for p in archive.glob(f"{folder.root.name}-*")), default=0)
        return Path(shutil.move(folder.root, archive / f"{folder.root.name}-{number}"))


@dataclass
class Services:
    """The processes of one profile while a command uses them. Ends, in order, only what it started."""

    config: DeskConfig
    folder: Folder
    phrase: str = ""
    started: list[Running] = field(default_factory=list[Running])
    venue_url: str = ""
    guard_url: str = ""
    # What the embedded exchange is told over its profile: the port it is to listen on, faults on purpose.
    venue_over: Mapping[str, Any] = field(default_factory=dict[str, Any])
    # Taken here, before CrewAI's import begins to change it beside us: the services need none of what it sets.
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)

    def open(self) -> None:
        """Make sure the venue and the guard run. Raises PrerequisiteError or ConfigError when one cannot."""
        live.require_opt_ins(self.config, environ=os.environ, phrase=self.phrase)
        # From here on the trading key is the guard's alone: nothing that this process loads or starts can read it.
        for name in self.trading_variables:
            os.environ.pop(name, None)
        self.open_venue()
        extra = ("--live-phrase", self.phrase) if self.phrase else ()
        wanted = guard_settings(self.config, self.folder, self.venue_url)
        self._agree(wanted)
        self.guard_url = self._ensure("guard", wanted, extra=extra)

    def run_already(self) -> bool:
        """Whether venue and guard answer: then there is nothing to start, and nobody's turn to wait for."""
        wanted = ("guard",) if self.config.profile.venue.base_url else ("venue", "guard")
        return all(processes.find(self.folder.program(name)) is not None for name in wanted)

    def open_venue(self) -> str:
        """Make sure the venue runs, and nothing else: its address, for whoever only looks. Raises PrerequisiteError."""
        self.venue_url = self.config.profile.venue.base_url or self._ensure(
            "venue", {**venue_settings(self.config, self.folder), **self.venue_over}
        )
        return self.venue_url

    def open_heir(self) -> None:
        """A guard in the place of one that is gone, as its watcher would have put it: it closes all and opens nothing.

        Raises PrerequisiteError when it does not start.
        """
        extra = ("--flatten-only", *(("--live-phrase", self.phrase) if self.phrase else ()))
        wanted = guard_settings(self.config, self.folder, self.venue_url)
        self.guard_url = self._ensure("guard", wanted, extra=extra)

    def environ_of_a_child(self) -> dict[str, str]:
        """The environment of a process of the crew's side: everything but the trading key."""
        hidden = {*self.trading_variables, STARTED_VARIABLE}
        return {variable: value for variable, value in self.environ.items() if variable not in hidden}

    def close(self) -> None:
        """End what this command started, the guard before the venue, so that it never sees its venue vanish."""
        while self.started:
            processes.stop(self.started.pop())

    def guard(self) -> GuardClient:
        """A client of the guard that may propose and tighten."""
        return GuardClient(self.guard_url, self.folder.crew_token.read_text().strip())

    def paper(self) -> PaperAdmin | None:
        """The side door of the embedded exchange, or None at a venue that has none."""
        if self.config.profile.venue.base_url:
            return None
        return PaperAdmin(self.venue_url, self.folder.admin_token.read_text().strip())

    @property
    def trading_variables(self) -> frozenset[str]:
        """The variables that hold this profile's trading key."""
        keys = self.config.profile.keys
        return frozenset({keys.key_env, keys.secret_env}) - {""}

    def _environ_of(self, name: str) -> dict[str, str]:
        """What a process is told: the guard its key and none of the crew's, every other process no key at all."""
        desk = self.config.desk
        crews_own = {desk.news.newsapi.api_key_env, *(model.api_key_env for model in desk.models.values())}
        crews_own |= {STARTED_VARIABLE, RUN_VARIABLE}
        hidden = crews_own if name == "guard" else crews_own | self.trading_variables
        return {variable: value for variable, value in self.environ.items() if variable not in hidden}

    def _agree(self, wanted: Mapping[str, Any]) -> None:
        """A guard that runs already keeps the settings it was started with: make sure they are those of now.

        One that looks for its exchange where that no longer is guards nothing, and makes way for a new one.
        """
        program = self.folder.program("guard")
        running = processes.find_hung(program)
        if running is None:
            return
        told = _settings_of(program)
        other = sorted(key for key, value in wanted.items() if told.get(key) != json.loads(json.dumps(value)))
        if other == ["venue"] and not self.config.profile.venue.base_url:
            processes.stop(running)
        elif other:
            raise PrerequisiteError(
                f"the guard that runs (pid {running.pid}) was started with other settings: {', '.join(other)}",
                hint=f"crew stop --profile {self.config.profile.name}; the next kickoff starts it with those of now",
            )

    def _ensure(self, name: str, settings: Mapping[str, Any], *, extra: tuple[str, ...] = ()) -> str:
        program = self.folder.program(name, extra=extra)
        if processes.find(program) is None:
            write_private(program.settings, json.dumps(settings, indent=2))
        running = processes.ensure(program, self._environ_of(name))
        if running.started_here or self._began_here(running):
            self.started.append(running)
        return running.url

    def _began_here(self, running: Running) -> bool:
        """Whether this command started it before it started over."""
        try:
            told = dict(json.loads(self.environ.get(STARTED_VARIABLE, "{}")))
        except (ValueError, TypeError):
            return False
        return told.get(running.name) == running.pid


def _settings_of(program: Program) -> dict[str, Any]:
    """The settings a program was started with, as its file has them; none where that cannot be read."""
    try:
        return dict(json.loads(program.settings.read_text()))
    except (OSError, ValueError, TypeError):
        return {}


def venue_settings(config: DeskConfig, folder: Folder) -> dict[str, Any]:
    """The settings file of the embedded paper exchange."""
    profile = config.profile
    source = profile.venue.source
    if source is None:
        raise PrerequisiteError(f"profile {profile.name} has no market for a paper exchange")
    if source.kind == "replay" and not source.data:
        raise PrerequisiteError(
            f"profile {profile.name} replays recorded candles, and none are named",
            hint=f"crew kickoff --profile {profile.name} --data BTCUSDT-15m.parquet --from 2024-08-01",
        )
    paths = [Path(path).resolve() for path in source.data]
    funding = {symbol_of(path): str(path) for path in paths if is_funding(path)}
    candles = [path for path in paths if not is_funding(path)]
    files = [{"symbol": symbol_of(p), "path": str(p), "funding": funding.get(symbol_of(p))} for p in candles]
    start = source.start.isoformat() if source.start else None
    market: dict[str, Any] = {
        "scenario": {"kind": "scenario", "seed": source.seed},
        "replay": {"kind": "replay", "files": files, "start": start},
        "live": {"kind": "live", "symbols": list(config.desk.symbols), "upstream": source.base_url or None},
    }[source.kind]
    return {
        "source": market,
        "clock": {"mode": profile.clock.mode, "speed": profile.clock.speed},
        "run_file": str(folder.root / "run" / "venue.json"),
        "keys_file": str(folder.root / "venue" / "keys.json"),
        "admin_token_file": str(folder.admin_token),
        "state_file": str(folder.root / "venue" / "state.sqlite"),
        "deposit": str(profile.venue.deposit),
        "profile": profile.name,
    }


def guard_settings(config: DeskConfig, folder: Folder, venue_url: str) -> dict[str, Any]:
    """The settings file of the guard. Limits come from the operator's files, keys only by reference."""
    profile, keys = config.profile, config.profile.keys
    source: dict[str, Any] = {"file": str(folder.root / "venue" / "keys.json")}
    if keys.source == "environment":
        source = {"key_variable": keys.key_env, "secret_variable": keys.secret_env}
    elif keys.source == "keyring":
        source = {"keyring": keys.service}
    elif keys.source == "file":
        source = {"file": str(Path(keys.file).expanduser())}
    return {
        "profile": profile.name,
        "venue": {
            "kind": profile.venue.kind,
            "base_url": venue_url,
            "virtual_clock": profile.clock.mode != "real",
            "speed": profile.clock.speed,
        },
        "keys": source,
        "symbols": list(config.desk.symbols),
        "limits": config.desk.limits.model_dump(mode="json"),
        "journal": str(folder.journal),
        "crew_token_file": str(folder.crew_token),
        "operator_token_file": str(folder.operator_token),
        "certificates": [str(path.resolve()) for path in kept_in(folder.certificates)],
        "run_file": str(folder.root / "run" / "guard.json"),
        "halt_file": str(folder.halt_file),
        # Where time passes only while a kickoff moves it, nothing happens while a guard is silent.
        "watch": profile.clock.mode != "stepped",
        "allow_live": profile.armed,
    }


def is_funding(path: Path) -> bool:
    """Whether a recorded file holds funding rates rather than candles."""
    return "funding" in path.name.lower()


def symbol_of(path: Path) -> str:
    """The symbol a recorded file speaks of: the part of its name before the first dash, as Binance Vision has it."""
    symbol = path.name.split("-")[0].upper()
    if not symbol.isalnum():
        raise PrerequisiteError(f"cannot tell the symbol of {path.name}", hint="name it SYMBOL-INTERVAL-….parquet")
    return symbol


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
