"""A copy of the packaged configuration that a test may spoil."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path

import pytest

from config import DeskConfig, load_desk
from desk.domain.errors import ConfigError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "own"
    with resources.as_file(resources.files("config")) as packaged:
        shutil.copytree(packaged, root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return root


@pytest.fixture
def spoil(folder: Path) -> Callable[..., ConfigError]:
    """Replace a text in one file of the copy, load, and return the error."""

    def change(file: str, old: str, new: str, profile: str = "demo") -> ConfigError:
        path = folder / file
        text = path.read_text()
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1))
        with pytest.raises(ConfigError) as caught:
            load_desk(profile, root=folder, environ={})
        path.write_text(text)
        return caught.value

    return change


@pytest.fixture
def load(folder: Path) -> Callable[..., DeskConfig]:
    def from_copy(
        profile: str = "demo", *, overrides: Mapping[str, str] | None = None, environ: Mapping[str, str] | None = None
    ) -> DeskConfig:
        return load_desk(profile, root=folder, overrides=overrides, environ=environ or {})

    return from_copy
