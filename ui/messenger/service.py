"""The alert service of a profile until somebody stops it: the sentry looks, the courier carries, the bot listens."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial

from config.alerts import AlertSettings, secret_of
from config.leaks import secret_values
from config.loader import DeskConfig
from crews.record.acts import note_act
from crews.running.services import Folder, write_private
from crews.running.turn import holding
from crews.sentry.sentry import ASKING_SECONDS, Sentry
from crews.sentry.unread import Unread
from desk.alerts import Outbox
from desk.alerts.courier import Courier
from desk.alerts.telegram import TelegramBot
from desk.guard.process.clock import SystemClock
from desk.guard.secrets.veil import Veil
from ui.messenger.conversation import Conversation
from ui.messenger.listening import Listening
from ui.messenger.opening import open_channels, rules_of, secrets_of
from ui.messenger.watching import open_guard, open_watches
from ui.server.door import Place
from ui.server.serving import open_house

_LOG = logging.getLogger(__name__)
_LEAVING_SECONDS = 10.0


def run_alerts(
    config: Callable[[], DeskConfig],
    folder: Folder,
    settings: AlertSettings,
    *,
    stopped: threading.Event,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Run until `stopped` is set.

    Raises:
        PrerequisiteError: another alert service of this profile runs, or a secret that alerts.yaml names is not set.
    """
    clock = SystemClock()
    veil = veil_of(settings)
    with ExitStack() as closing:
        closing.enter_context(holding(folder.root, "alerts", "crew alerts list and ack work meanwhile"))
        outbox = open_outbox(folder, settings, veil)
        closing.callback(outbox.close)
        channels = open_channels(settings, os.environ, veil.over)
        for one in channels.values():
            closing.callback(one.close)
        courier = Courier(outbox, channels, rules_of(settings), clock)
        house = open_house(config, folder, Place(host="127.0.0.1", port=1))
        closing.callback(house.close)
        acts = Unread(
            outbox,
            settings.unread,
            house.window.guard.client,
            lambda act, told: note_act(folder, act, by="the alert service", outcome=told),
        )
        guard = open_guard(folder)
        closing.callback(guard.close)
        watches = open_watches(settings, house.window, guard, outbox, clock)
        sentry = Sentry(outbox, watches.prompt, (courier.spread,))
        asking = Sentry(outbox, watches.asking, (courier.spread, acts.look), every=ASKING_SECONDS)
        threads = [
            threading.Thread(target=asking.keep_watch, args=(stopped,), name="asking", daemon=True),
            *(
                threading.Thread(target=courier.carry, args=(name, stopped), name=f"channel-{name}", daemon=True)
                for name in courier.channels
            ),
        ]
        if settings.telegram.token_env:
            bot = TelegramBot(secret_of(settings.telegram.token_env, os.environ), settings.telegram.base_url)
            closing.callback(bot.close)
            noted = partial(_noted, folder)
            conversation = Conversation(house, outbox, clock, frozenset(settings.telegram.chats), noted)
            listening = Listening(bot, conversation, outbox)
            threads.append(threading.Thread(target=listening.listen, args=(stopped,), name="telegram", daemon=True))
        with _run_file(folder):
            _work(threads, sentry, stopped, ready)


def open_outbox(folder: Folder, settings: AlertSettings, veil: Veil) -> Outbox:
    """The outbox of a profile. Raises PrerequisiteError when it cannot be kept."""
    return Outbox(folder.alerts, SystemClock(), repeat=settings.repeat, cover=veil.over)


def veil_of(settings: AlertSettings) -> Veil:
    """What hides every secret that this process knows."""
    return Veil(*secret_values(os.environ), *secrets_of(settings, os.environ))


def _work(threads: list[threading.Thread], sentry: Sentry, stopped: threading.Event, ready: Callable[[], None]) -> None:
    for thread in threads:
        thread.start()
    ready()
    sentry.keep_watch(stopped)
    for thread in threads:
        # The ear waits for Telegram up to twenty seconds; what it hears last is heard again after the next start.
        thread.join(0.5 if thread.name == "telegram" else _LEAVING_SECONDS)


def _noted(folder: Folder, act: str, by: str, outcome: str) -> None:
    note_act(folder, act, by=by, outcome=outcome)


@contextmanager
def _run_file(folder: Folder) -> Generator[None]:
    """Say that it runs for as long as it does."""
    file = folder.root / "run" / "alerts.json"
    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_private(file, json.dumps({"pid": os.getpid(), "url": "", "started_at": now}))
    yield
    file.unlink(missing_ok=True)
