"""services.yaml is read strictly: what is misspelt or unsafe is named with its file, key and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.services import load_services
from desk.domain.errors import ConfigError

GOOD = """\
start: [exchange, guard, console]
console: {host: 127.0.0.1, port: 8600}
restarts: {first_seconds: 1, longest_seconds: 60, most: 8, window_seconds: 900, mute_seconds: 60}
logs: {megabytes: 20, files: 5, days: 30}
"""


def load(root: Path, text: str) -> object:
    (root / "services.yaml").write_text(text)
    return load_services(root)


def test_the_packaged_file_starts_what_a_desk_needs_in_the_order_of_need() -> None:
    assert load_services().ordered[:4] == ("exchange", "guard", "alerts", "console")


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ("port: 8600", "prot: 8600", "services.yaml:2: console.prot: unknown key"),
        ("most: 8", "most: 0", "services.yaml:3: restarts.most"),
        ("console]", "consol]", r"services.yaml:1: start\[2\]"),
        ("console]", "guard]", "services.yaml:1: start: names a service twice"),
        ("host: 127.0.0.1", "host: 0.0.0.0", "services.yaml:2: console.host: is beyond loopback"),
    ],
)
def test_a_mistake_is_named_where_it_stands(tmp_path: Path, good: str, bad: str, told: str) -> None:
    assert load(tmp_path, GOOD)
    with pytest.raises(ConfigError, match=told):
        load(tmp_path, GOOD.replace(good, bad))
