"""alerts.yaml is read strictly: a typo is an error that names file, key and line, and a secret in it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.alerts import Response, load_alerts, secret_of
from config.webhooks import WebhookSettings, secret_of_webhook
from desk.domain.errors import ConfigError, PrerequisiteError


def changed(folder: Path, old: str, new: str) -> Path:
    path = folder / "alerts.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return folder


def test_the_packaged_file_tells_nobody_acts_on_nothing_and_listens_to_no_one() -> None:
    settings = load_alerts()
    assert dict(settings.channels) == {}
    assert settings.unread.act is Response.NONE
    assert settings.telegram.chats == ()


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("repeat_minutes: 10", "repeat_minuts: 10", "repeat_minuts", "unknown key"),
        ("channels: {}", "channels: {phone: {url: x}}", "channels.phone.url", "unknown key"),
        ("channels: {}", "channels: {p: {url_env: A, least: LOUD}}", "channels.p.least", "CRITICAL"),
        ("channels: {}", "channels: {p: {url_env: A, base_url: 'http://x.example'}}", "channels.p.base_url", "https"),
        ("channels: {}", "channels: {p: {url_env: A, base_url: 'https://a:b@x.example'}}", "", "secret"),
        (
            "channels: {}",
            "channels: {p: {url_env: A, kinds: [tripp]}}",
            "channels.p.kinds",
            "no alert is of kind tripp",
        ),
        ("webhooks: {}", "webhooks: {h: {url: 'https://x.example'}}", "webhooks.h", "secret_env"),
        ("webhooks: {}", "webhooks: {h: {secret_env: A}}", "webhooks.h", "url_env"),
        ("webhooks: {}", "webhooks: {h: {url: 'http://10.0.0.7', secret_env: A}}", "webhooks.h", "private"),
        ("webhooks: {}", "webhooks: {h: {url: 'https://x.example', secret: abc}}", "webhooks.h.secret", "secret"),
        (
            "webhooks: {}",
            "webhooks: {h: {url: 'https://x.example/T0123456789abcdefghijklmnopqrstuvwxyzAB', secret_env: A}}",
            "webhooks.h.url",
            "secret",
        ),
        ("quiet_hours: []", "quiet_hours: [{from: '7:00', until: '08:00'}]", "quiet_hours[0].from", "pattern"),
        ("quiet_hours: []", "quiet_hours: [{from: '07:00', until: '07:00'}]", "quiet_hours[0]", "same time"),
        ("critical_mb: 500", "critical_mb: 5000", "disk", "less than"),
        ("act: none", "act: tighten", "unread", "at least one"),
        ("act: none, limits: {}", "act: tighten, limits: {daily_los: 0.01}", "unread.limits.daily_los", "no limit"),
        ('token_env: "", chats: []', "token_env: A, chats: []", "telegram", "listens to nobody"),
        ('token_env: "", chats: []', "token_env: A, chats: [-100123]", "telegram.chats[0]", "greater than 0"),
        ("https://api.telegram.org", "http://api.example", "telegram", "https"),
        ("timezone: UTC", "timezone: Mars/Olympus", "timezone", "no time zone"),
    ],
)
def test_what_is_wrong_is_told_with_file_key_and_line(folder: Path, old: str, new: str, key: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_alerts(changed(folder, old, new))
    assert caught.value.key == key or not key
    assert says in str(caught.value)
    assert caught.value.line is not None


def test_a_secret_that_is_not_set_is_named_by_its_variable_alone() -> None:
    with pytest.raises(PrerequisiteError, match="CREWDESK_ALERT_PHONE is not set"):
        secret_of("CREWDESK_ALERT_PHONE", {"CREWDESK_ALERT_PHONE": " "})


def test_a_webhooks_secret_comes_from_a_file_that_nobody_else_can_read(tmp_path: Path) -> None:
    file = tmp_path / "hook.secret"
    one = WebhookSettings(url="https://x.example", secret_file=str(file))
    with pytest.raises(PrerequisiteError, match="cannot be read"):
        secret_of_webhook(one, {})
    file.write_text("whsec_planted\n")
    file.chmod(0o644)
    with pytest.raises(PrerequisiteError, match="can be read by others") as caught:
        secret_of_webhook(one, {})
    assert "planted" not in caught.value.message + caught.value.hint
    file.chmod(0o600)
    assert secret_of_webhook(one, {}) == "whsec_planted"
