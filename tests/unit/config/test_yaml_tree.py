"""YAML is read strictly: plain values with their lines, and none of YAML's surprises."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from config.yaml_tree import dotted, read_yaml
from desk.domain.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "the key is here twice, first on line 1"),
        ("a:\n  b: 1\n  b: 2\n", 3, "twice"),
        ("a: {b: 1, b: 2}\n", 1, "twice"),
        ("a: &x 1\nb: *x\n", 1, "anchors are not allowed"),
        ("a: 1\nb: *x\n", 2, "aliases are not allowed"),
        ("a:\n  <<: {b: 1}\n", 2, "merge keys are not allowed"),
        ("a: !!python/object/apply:os.system [ls]\n", 1, "tags such as"),
        ("a: !!str 5\n", 1, "tags such as"),
        ("a: 1\n---\nb: 2\n", 2, "a second document"),
        ("? [a, b]\n: 1\n", 1, "a key must be plain text"),
        ("a: [1, 2\nb: 3\n", 2, "not valid YAML"),
        ("a:\n\t- 1\n", 2, "not valid YAML"),
        ("", 1, "the file is empty"),
        ("# only a comment\n", 1, "the file is empty"),
        ("a: 1234567890123456\n", 1, "at most 15 digits"),
        ("a: " + "[" * 40 + "]" * 40, 1, "nested too deeply"),
    ],
)
def test_a_surprise_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_yaml(text, "desk.yaml")
    assert says in caught.value.message
    assert (caught.value.file, caught.value.line) == ("desk.yaml", line)


def test_many_copies_of_copies_are_refused_before_they_grow() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True))
    with pytest.raises(ConfigError, match="anchors"):
        read_yaml(bomb, "desk.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("yes", "yes"), ("010", "010"), ("1:30", "1:30"), ("1_000", "1_000"), ("0x10", "0x10"),
        ("1e3", "1e3"), (".5", ".5"), (".nan", ".nan"), ("2024-08-01", "2024-08-01"), ("True", "True"), ("+1", "+1"),
        ("true", True), ("false", False), ("null", None), ("~", None), ("", None),
        ("0", 0), ("-12", -12), ("0.05", 0.05), ("'7'", "7"), ('"true"', "true"),
    ],
)  # fmt: skip
def test_a_plain_word_means_what_json_would_mean_and_is_text_otherwise(text: str, value: object) -> None:
    found = read_yaml(f"a: {text}\n", "x").value["a"]
    assert found == value
    assert type(found) is type(value)


def test_every_value_knows_its_line() -> None:
    tree = read_yaml("a:\n  b: 1\n  c:\n    - x\n    - y: {z: 3}\nd: >-\n  folded\n  text\n", "f.yaml")
    lines = {dotted(path): place.line for path, place in tree.places.items()}
    assert lines == {
        "": 1,
        "a": 1,
        "a.b": 2,
        "a.c": 3,
        "a.c[0]": 4,
        "a.c[1]": 5,
        "a.c[1].y": 5,
        "a.c[1].y.z": 5,
        "d": 6,
    }
    assert tree.place(("a", "c", 1, "nowhere")).line == 5


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**14), 10**14) | st.integers(-(10**6), 10**6).map(lambda n: n / 1000)
    | st.text(st.characters(max_codepoint=0x2FFF, exclude_categories=["C", "Z"], include_characters=" "), max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), inner),
    max_leaves=15,
)  # fmt: skip


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), plain, min_size=1))
def test_what_yaml_writes_reads_back_the_same(value: dict[str, Any]) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    assert read_yaml(text, "x").value == value


@given(st.text(st.sampled_from("ab:-?[]{}&*!|>'\"%@`#,.~ \n\t0\x00é<"), max_size=60) | st.text(max_size=40))
def test_no_text_whatsoever_gets_past_as_another_error(text: str) -> None:
    with contextlib.suppress(ConfigError):
        read_yaml(text, "x")
