"""strategies.yaml is read strictly: a typo is an error that names file, key and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.strategies import load_strategies
from desk.domain.errors import ConfigError
from desk.strategies.library import MATRIX


def spoilt(folder: Path, old: str, new: str) -> ConfigError:
    path = folder / "strategies.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        load_strategies(folder)
    return caught.value


def test_the_packaged_library_has_every_kind_of_strategy_the_matrix_and_variants_to_choose_among() -> None:
    library = load_strategies()
    assert library.names[-1] == MATRIX
    assert all(rule.name == name for name, rule in library.rules.items())
    assert all(len(rule.variants()) > 3 for rule in library.rules.values())
    assert {book for rule in library.rules for book in [library.books.book_of(rule)]} == {"core", "scalping", "risk"}


def test_an_own_file_adds_a_strategy_without_a_line_of_python(folder: Path) -> None:
    path = folder / "strategies.yaml"
    path.write_text(
        path.read_text().replace("strategies:\n  trend-ema:", "strategies:\n  mine: {kind: momentum}\n  trend-ema:")
    )
    assert "mine" in load_strategies(folder).names


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("fast: 21", "fst: 21", "strategies.trend-ema.fst", "unknown key"),
        ("fast: 21", "fast: 0", "strategies.trend-ema.fast", "greater than or equal to 2"),
        ("fast: 21", "fast: 300", "strategies.trend-ema", ""),
        ("kind: momentum", "kind: momentun", "strategies.momentum.kind", "no kind of strategy"),
        ("fast: [13, 21, 34]", "fasst: [13, 21, 34]", "strategies.trend-ema", "no parameter fasst"),
        ("fast: [13, 21, 34]", "fast: [13, 21, 340]", "strategies.trend-ema.tried", "no strategy"),
        ("BULL: {trend-ema: 0.6", "BULL: {trend-emu: 0.6", "matrix.BULL", "no strategy trend-emu"),
        (
            "BEAR: {defensive-hedge: 0.8}",
            "BEAR: {defensive-hedge: 0.8, momentum: 0.3}",
            "matrix.BEAR",
            "more than the whole",
        ),
        ("BEAR: {def", "BARE: {def", "matrix", ""),
        ("share: 0.4", "share: 0.9", "books", "more than the whole"),
        ("strategies: [trend-ema,", "strategies: [trend-emu,", "books.books.core.strategies", "no strategy trend-emu"),
        ("rest: 24}", "rest: 0}", "brakes.emergency.rest", "greater than or equal to 1"),
        ("stop_atr: 3.5", "stop_atr: -1", "strategies.trend-ema.risk.stop_atr", "greater than 0"),
    ],
)
def test_a_mistake_is_named_by_file_key_and_line(folder: Path, old: str, new: str, key: str, says: str) -> None:
    error = spoilt(folder, old, new)
    assert error.key.startswith(key)
    assert says in error.message
    assert error.line
    assert "strategies.yaml" in error.file
