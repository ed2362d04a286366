"""Wire types: strict about what is asked, growing in what is answered, silent about values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from stepladder_protocol.messages import EnrolBody, Program, RequestStatus, SubmitBody

STATUS = {
    "request_id": "er-1",
    "state": "pending",
    "created_at": "2026-11-24T09:30:00Z",
    "expires_at": "2026-11-28T09:30:00Z",
}
SUBMIT: dict[str, Any] = {
    "idempotency_key": "k" * 32,
    "requester": {"user": "ada"},
    "program": {"name": "tool", "path": "/usr/bin/tool", "sha256": "ab" * 32, "size": 12},
}


def test_an_answer_of_a_later_version_is_still_understood() -> None:
    status = RequestStatus.model_validate_json(json.dumps({**STATUS, "new_in_version_2": 1}), strict=True)

    assert status.request_id == "er-1"


def test_what_is_asked_may_hold_nothing_unknown() -> None:
    SubmitBody.model_validate(SUBMIT)

    with pytest.raises(ValidationError):
        SubmitBody.model_validate({**SUBMIT, "scope": "customer"})


@pytest.mark.parametrize("moment", ["2026-11-24T09:30:00", "2026-11-24", "yesterday"])
def test_a_time_without_its_zone_is_refused(moment: str) -> None:
    with pytest.raises(ValidationError):
        RequestStatus.model_validate_json(json.dumps({**STATUS, "expires_at": moment}), strict=True)


@pytest.mark.parametrize("size", [True, "12", 12.0, -1, 2**53])
def test_a_size_that_is_no_plain_whole_number_is_refused(size: bool | str | float) -> None:
    with pytest.raises(ValidationError):
        Program.model_validate({**SUBMIT["program"], "size": size})


def test_a_refused_value_is_named_but_never_repeated() -> None:
    with pytest.raises(ValidationError) as refused:
        EnrolBody.model_validate({"token": "canary"})

    assert "token" in str(refused.value)
    assert "canary" not in str(refused.value)


def test_the_enrolment_token_does_not_print() -> None:
    body = EnrolBody(
        token="canary-0123456789-0123456789",
        public_key="A" * 43,
        endpoint_name="DESK-1",
        operating_system="Debian",
        agent_version="1",
    )

    assert "canary" not in repr(body)
    assert "canary" not in str(body)
