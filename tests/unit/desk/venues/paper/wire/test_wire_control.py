"""Stream clients that write nonsense are answered in the published words."""

from __future__ import annotations

import pytest

from desk.venues.paper.wire.streams.control import Control, Unheard, Verb, read_control

VARIANTS = "expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`"
WORDS = [
    ("{", 3, "Invalid JSON: expected value at line 1 column 2"),
    ("", 3, "Invalid JSON: expected value at line 1 column 1"),
    ("[" * 100_000, 3, "Invalid JSON: expected value at line 1 column 1"),
    ("[]", 2, "Invalid request: request must be an object"),
    ('{"id":1}', 2, "Invalid request: missing field `method` at line 1 column 8"),
    ('{"method":"DANCE","id":1}', 2, f"Invalid request: unknown variant `DANCE`, {VARIANTS} at line 1 column 17"),
    ('{"method":"SUBSCRIBE","params":[]}', 2, "Invalid request: request ID must be an unsigned integer"),
    ('{"method":"SUBSCRIBE","params":[],"id":-1}', 2, "Invalid request: request ID must be an unsigned integer"),
    ('{"method":"SUBSCRIBE","params":[],"id":1.5}', 2, "Invalid request: request ID must be an unsigned integer"),
    ('{"method":"SUBSCRIBE","params":[],"id":true}', 2, "Invalid request: request ID must be an unsigned integer"),
    ('{"method":"SUBSCRIBE","params":"x","id":1}', 2, "Invalid request: params must be an array"),
    ('{"method":"SUBSCRIBE","params":[1],"id":1}', 2, "Invalid request: stream names must be strings"),
    ('{"method":"SET_PROPERTY","params":[],"id":1}', 2, "Invalid request: property name must be a string"),
    ('{"method":"SET_PROPERTY","params":[1,true],"id":1}', 2, "Invalid request: property name must be a string"),
    ('{"method":"SET_PROPERTY","params":["colour",true],"id":1}', 0, "Unknown property"),
    ('{"method":"SET_PROPERTY","params":["combined","yes"],"id":1}', 1, "Invalid value type: expected Boolean"),
    ('{"method":"SET_PROPERTY","params":["combined",true,1],"id":1}', 2, "Invalid request: too many parameters"),
    ('{"method":"GET_PROPERTY","params":["colour"],"id":1}', 0, "Unknown property"),
    ('{"method":"GET_PROPERTY","params":["combined",1],"id":1}', 2, "Invalid request: too many parameters"),
    ('{"method":"LIST_SUBSCRIPTIONS","params":[1],"id":1}', 2, "Invalid request: too many parameters"),
]


@pytest.mark.parametrize(("text", "code", "words"), WORDS, ids=range(len(WORDS)))
def test_nonsense_is_answered_in_the_published_words(text: str, code: int, words: str) -> None:
    with pytest.raises(Unheard) as unheard:
        read_control(text)
    assert unheard.value.answer["error"] == {"code": code, "msg": words}


@pytest.mark.parametrize(
    ("text", "control"),
    [
        (
            '{"method":"SUBSCRIBE","params":["a@trade","b@trade"],"id":7}',
            Control(verb=Verb.SUBSCRIBE, number=7, names=("a@trade", "b@trade")),
        ),
        (
            '{"method":"UNSUBSCRIBE","params":["a@trade"],"id":"3f1c-uuid"}',
            Control(verb=Verb.UNSUBSCRIBE, number="3f1c-uuid", names=("a@trade",)),
        ),
        ('{"method":"LIST_SUBSCRIPTIONS","id":0}', Control(verb=Verb.LIST_SUBSCRIPTIONS, number=0)),
        (
            '{"method":"SET_PROPERTY","params":["combined",true],"id":1}',
            Control(verb=Verb.SET_PROPERTY, number=1, combined=True),
        ),
        ('{"method":"GET_PROPERTY","params":["combined"],"id":1}', Control(verb=Verb.GET_PROPERTY, number=1)),
    ],
)
def test_what_makes_sense_is_understood(text: str, control: Control) -> None:
    assert read_control(text) == control
