"""`crew exchange`: the paper exchange as a process of its own, set up by flags, for any client of USD-M futures.

Flags are laid over the profile's settings, or over a settings file of your own; what no flag names stays as it is.
"""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from pathlib import Path

from config.loader import load_desk
from crews.running.services import folder_of, venue_settings, write_private
from desk.domain.errors import ConfigError, PrerequisiteError
from desk.venues.paper.settings.accounts import account_of
from ui.commands import exchange_flags as flags
from ui.commands.exchange_settings import Settings, lay, lay_market, lay_present, switch_of, symbols_of
from ui.commands.options import AsJson, ConfigRoot, Profile
from ui.commands.processes import become, refuse_a_second
from ui.terminal import tells_errors


@tells_errors
def exchange(
    profile: Profile = "demo",
    port: flags.Port = 0,
    settings: flags.Settings = None,
    config: ConfigRoot = None,
    as_json: AsJson = False,
    symbols: flags.Symbols = "",
    exchange_info: flags.ExchangeInfo = None,
    brackets: flags.Brackets = None,
    seed: flags.Seed = None,
    data: flags.Data = None,
    live: flags.Live = False,
    clock: flags.Clock = None,
    speed: flags.Speed = None,
    start: flags.Start = "",
    account: flags.Account = None,
    accounts: flags.Accounts = None,
    deposit: flags.Deposit = "",
    legacy_ack: flags.LegacyAck = False,
    strict_private_events: flags.StrictPrivateEvents = False,
    position_rows: flags.PositionRows = None,
    weight_limit: flags.WeightLimit = None,
    countdown: flags.Countdown = None,
    auto_deleverage: flags.AutoDeleverage = False,
    faults: flags.Faults = None,
    faults_log: flags.FaultsLog = None,
    realism: flags.Realism = None,
) -> None:
    """Run the paper exchange: Binance USD-M futures' protocol on loopback, for any client. See docs/exchange.md."""
    _refuse_a_taken_port(port)
    folder = folder_of(profile)
    program = folder.program("venue")
    if settings is None:
        refuse_a_second(program)
    told = _read(settings) if settings else venue_settings(load_desk(profile, root=config), folder)
    told["port"] = port or told.get("port", 0)
    present = start == "now"
    lay_market(told, data=data or (), live=live, symbols=symbols_of(symbols), seed=seed, start="" if present else start)
    if present:
        lay_present(told, datetime.now(UTC))
    lay(told, "clock", mode="faster" if speed and not clock else clock, speed=speed)
    lay(told, "listing", exchange_info=exchange_info, brackets=brackets)
    lay(told, "wire", legacy_ack=legacy_ack or None, strict_private_events=strict_private_events or None)
    lay(told, "wire", position_rows=position_rows)
    lay(told, "limits", weight_per_minute=weight_limit)
    lay(told, "readings", countdown_cancels_algos=None if countdown is None else countdown == "cancels-algos")
    lay(told, "realism", **dict(switch_of(text) for text in realism or ()))
    lay(told, "faults", file=faults, log=faults_log)
    lay(told, "money", auto_deleverage=auto_deleverage or None)
    told["accounts"] = [*told.get("accounts", []), *(account_of(t).model_dump(mode="json") for t in account or ())]
    over = {"accounts_file": accounts and str(accounts), "deposit": deposit}
    told |= {key: value for key, value in over.items() if value}
    # A settings file of the user's own is read and left as it is.
    written = program.settings if settings is None else settings.with_suffix(".in-force.json")
    write_private(written, json.dumps(told, indent=2))
    become(program.module, written, "--greet", "json" if as_json else "page")


def _read(path: Path) -> Settings:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(path)) from error
    except (ValueError, TypeError) as error:
        raise ConfigError("is no JSON object", file=str(path)) from error


def _refuse_a_taken_port(port: int) -> None:
    """Say so before anything starts; the exchange itself finds it only after it has built its market."""
    if port == 0:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PrerequisiteError(
                f"port {port} cannot be taken: {error.strerror}", hint="--port 0 takes a free one"
            ) from error
