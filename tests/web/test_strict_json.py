"""Bodies are read in one way or not at all, and the refusal says what is wrong without repeating what was sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic_core import PydanticCustomError

from stepladder.web.integrations.bodies import (
    Approval,
    NewCustomer,
    RulesToKeep,
    Settings,
    _whole_number,
)
from stepladder.web.strict_json import BodyRefused, read, read_as

RULE = {"verdict": "DENIED", "expiresAt": "2027-01-31T12:00:00Z", "sha256": "ab" * 32}
CANARY = "canary-7c1f"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def refusal(model: Any, value: Any) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    with pytest.raises(BodyRefused) as refused:
        read_as(content, model)
    return refused.value.detail


@pytest.mark.parametrize(
    ("model", "value", "sentence"),
    [
        (NewCustomer, {}, "The member 'name' is missing."),
        (NewCustomer, {"name": "x", "Name": "y"}, "This call does not know the member 'Name'."),
        (NewCustomer, ["x"], "This is not a JSON object."),
        (NewCustomer, {"name": 1}, "'name' must be text."),
        (NewCustomer, {"name": ""}, "'name' must not be empty."),
        (NewCustomer, {"name": " \t"}, "'name' must not be empty."),
        (NewCustomer, {"name": "x" * 201}, "'name' is too long."),
        (NewCustomer, b'{"name": "x", "name": "x"}', "The member 'name' appears twice in the body."),
        (NewCustomer, {"name": "x", "displayName": None}, "'displayName' must be text."),
        (Settings, {"requestLifetimeSeconds": 60.0}, "'requestLifetimeSeconds' must be a whole number."),
        (Settings, {"requestLifetimeSeconds": True}, "'requestLifetimeSeconds' must be a whole number."),
        (RulesToKeep, {"rules": "x"}, "'rules' must be a list."),
        (RulesToKeep, {"rules": [RULE, 1]}, "Rule 2 of the list: This is not a JSON object."),
        (
            RulesToKeep,
            {"rules": [{**RULE, "verdict": "approved"}]},
            "Rule 1 of the list: 'verdict' must be 'APPROVED' or 'DENIED'.",
        ),
        (
            RulesToKeep,
            {"rules": [RULE, {**RULE, "arguments": ["x", 1]}]},
            "Rule 2 of the list: Item 2 of 'arguments' must be text.",
        ),
        (
            RulesToKeep,
            {"rules": [{**RULE, "arguments": ["x" * 8193]}]},
            "Rule 1 of the list: Item 1 of 'arguments' is too long.",
        ),
        (
            RulesToKeep,
            {"rules": [{**RULE, "arguments": ["x"] * 257}]},
            "Rule 1 of the list: 'arguments' is too long.",
        ),
        (
            RulesToKeep,
            {"rules": [{**RULE, "expiresAt": "tomorrow"}]},
            "Rule 1 of the list: 'expiresAt' must be a time with its zone, such as \"2027-01-31T12:00:00Z\".",
        ),
        (
            RulesToKeep,
            {"rules": [{**RULE, "id": "1"}]},
            "Rule 1 of the list: 'id' must be an id from an earlier answer.",
        ),
        (
            RulesToKeep,
            {"rules": [{**RULE, "note": "a\u202eb"}]},
            "Rule 1 of the list: 'note' must not have a character that cannot be shown.",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_and_where(model: Any, value: Any, sentence: str) -> None:
    assert refusal(model, value) == sentence


@given(JSON, st.sampled_from(["idemeumElevationRequestId", "idemeumCustomerName", "userElevationMode"]))
def test_what_was_sent_is_not_repeated(sent: Any, member: str) -> None:
    """Not even in the error behind the refusal: a secret may have been put in the wrong place."""
    body = {"idemeumElevationRequestId": 1, "idemeumCustomerName": "x", "userElevationMode": "USER"}
    body[member] = {CANARY: sent, "x": CANARY}
    with pytest.raises(BodyRefused) as refused:
        read_as(json.dumps(body).encode(), Approval)
    assert CANARY not in f"{refused.value} {refused.value.__cause__}"


@given(JSON, st.sampled_from([Approval, NewCustomer, Settings, RulesToKeep]))
def test_any_json_is_read_or_refused_in_a_short_sentence(sent: Any, model: Any) -> None:
    try:
        read_as(json.dumps(sent).encode(), model)
    except BodyRefused as refused:
        detail = refused.detail
    else:
        detail = ""
    assert len(detail) < 300


@pytest.mark.parametrize("text", ["\\ud800", "\\udbff", "\\udc00", "\\udfff", "a\\u0000b", "\\u0000"])
@pytest.mark.parametrize(
    "where", ['{{"name": "{0}"}}', '{{"{0}": "x"}}', '{{"name": ["{0}"]}}', '{{"name": {{"a": "{0}"}}}}']
)
def test_what_no_text_can_hold_is_refused_wherever_it_stands(text: str, where: str) -> None:
    """TEST-08: halves of a pair, first and last of each kind, and NUL."""
    with pytest.raises(BodyRefused, match="NUL or half of a pair"):
        read(where.format(text).encode())


@pytest.mark.parametrize("text", ["\\ud83d\\ude00", "\\ud7ff", "\\ue000", "\\u0001"])
def test_neighbours_of_that_are_read(text: str) -> None:
    """TEST-08."""
    assert read(f'{{"name": "{text}"}}'.encode())["name"]


@pytest.mark.parametrize(
    ("text", "is_taken"), [("0", True), ("9" * 9, True), ("9" * 10, False), ("-1", False), ("\u00b2", False)]
)
def test_a_number_in_a_query_has_at_most_nine_digits(text: str, is_taken: bool) -> None:
    """TEST-08: the bound is exact."""
    if is_taken:
        assert _whole_number(text) == int(text)
        return
    with pytest.raises(PydanticCustomError):
        _whole_number(text)
