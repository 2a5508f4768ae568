"""strategies.yaml as the library of the desk, read as strictly as every other file of the operator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from config.capabilities import nearest
from config.faults import fault, validated
from config.files import Files
from config.part import Name, Part
from config.yaml_tree import Place, Tree, read_yaml
from desk.regime.values import Regime
from desk.strategies.books import Books
from desk.strategies.library import KINDS, MATRIX, Brakes, Library
from desk.strategies.rule import Rule

SECTION = "strategies"


class _Whole(Part):
    """What the file holds; each part is then read by the model that it belongs to."""

    strategies: dict[Name, dict[str, Any]] = Field(min_length=1)
    matrix: dict[Regime, dict[str, Annotated[float, Field(ge=0, le=1)]]] = Field(
        default_factory=dict[Regime, dict[str, float]]
    )
    books: dict[str, Any]
    brakes: dict[str, Any] = Field(default_factory=dict[str, Any])


def load_strategies(root: Path | None = None) -> Library:
    """The packaged library, or that of the operator's folder where it has a `strategies.yaml`.

    Raises:
        ConfigError: naming file, key and line of the first thing that is wrong.
    """
    source = Files(root).read(SECTION)
    read = read_yaml(source.text, source.name)
    places = {(SECTION, *path): place for path, place in read.places.items()}
    tree = Tree({SECTION: read.value}, {(): Place(source.name, None), ("profile",): Place("profile", None), **places})
    whole = validated(_Whole, tree, (SECTION,))
    library = Library(
        rules={name: _rule(tree, name) for name in whole.strategies},
        shares=whole.matrix,
        books=validated(Books, tree, (SECTION, "books")),
        brakes=validated(Brakes, tree, (SECTION, "brakes")) if whole.brakes else Brakes(),
    )
    _check(tree, library)
    return library


def _rule(tree: Tree, name: str) -> Rule:
    own: Mapping[str, Any] = tree.value[SECTION]["strategies"][name]
    path = (SECTION, "strategies", name)
    if name == MATRIX:
        raise fault(tree, path, "is the name of the matrix itself")
    kind = own.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise fault(tree, (*path, "kind"), "is no kind of strategy", nearest(str(kind), KINDS))
    rule = validated(KINDS[kind], tree, path).model_copy(update={"name": name})
    try:
        rule.variants()
    except ValueError as error:
        raise fault(tree, (*path, "tried"), f"holds a combination that is no strategy: {_first_line(error)}") from None
    return rule


def _check(tree: Tree, library: Library) -> None:
    """Whatever a part names must be there, and no regime gives away more than the whole."""
    for regime, row in library.shares.items():
        _known(tree, ("matrix", regime.value), row, library)
        if sum(row.values()) > 1 + 1e-9:
            raise fault(tree, (SECTION, "matrix", regime.value), "the shares are more than the whole")
    for name, book in library.books.books.items():
        _known(tree, ("books", "books", name, "strategies"), book.strategies, library)


def _known(tree: Tree, path: tuple[str, ...], names: Iterable[str], library: Library) -> None:
    for name in names:
        if name not in library.rules:
            raise fault(tree, (SECTION, *path), f"there is no strategy {name}", nearest(name, library.rules))


def _first_line(error: ValueError) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return next((line.removeprefix("Value error, ") for line in lines if line.startswith("Value error")), lines[-1])
