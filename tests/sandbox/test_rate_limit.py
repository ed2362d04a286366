"""700 calls per rolling 300 seconds, then 429 (HaloPSA fact 6)."""

from __future__ import annotations

import pytest


@pytest.fixture
async def full(api, sandbox):
    """A client whose tenant has used up what it may."""
    sandbox.switches.rate_limit = 5
    sandbox.state.rate.clear()
    for _ in range(5):
        assert (await api.get("Status")).status_code == 200
    return api


async def test_the_limit_is_700_calls_in_300_seconds(sandbox):
    assert (sandbox.switches.rate_limit, sandbox.switches.rate_window_s) == (700, 300.0)


async def test_beyond_the_limit_calls_get_429_and_do_nothing(full, sandbox):
    before = len(sandbox.state.store)
    assert (await full.try_create()).status_code == 429
    assert len(sandbox.state.store) == before
    assert len(sandbox.events("rate.limited")) == 1


async def test_the_window_rolls(full, clock):
    clock.advance(299)
    assert (await full.get("Status")).status_code == 429
    clock.advance(1)
    assert (await full.get("Status")).status_code == 200


async def test_refused_calls_do_not_count_themselves(full, clock):
    for _ in range(3):
        assert (await full.get("Status")).status_code == 429
    clock.advance(300)
    for _ in range(5):
        assert (await full.get("Status")).status_code == 200


async def test_the_window_has_the_length_it_is_given(full, sandbox, clock):
    sandbox.switches.rate_window_s = 10
    clock.advance(10)
    assert (await full.get("Status")).status_code == 200


@pytest.mark.parametrize("given", [True, False])
async def test_429_says_how_long_to_wait_or_does_not(full, sandbox, clock, given):
    sandbox.switches.retry_after = given
    clock.advance(100)
    answer = await full.get("Status")
    assert answer.headers.get("retry-after") == ("201" if given else None)


@pytest.mark.parametrize("kind", ["text", "json"])
async def test_429_speaks_in_words_or_json(full, sandbox, kind):
    sandbox.switches.rate_limit_body = kind
    answer = await full.get("Status")
    sentence = "Rate Limit Reached - 5 Requests per rolling 5 minute window"
    assert (answer.json()["Message"] if kind == "json" else answer.text) == sentence


@pytest.mark.parametrize("counts", [True, False])
async def test_the_token_endpoint_is_limited_too_or_not(full, sandbox, counts):
    sandbox.switches.rate_limit_counts_token = counts
    assert (await full.ask_token()).status_code == (429 if counts else 200)


async def test_other_integrations_use_up_the_same_limit(api, sandbox):
    await api.http.post("/sandbox/rate", json={"calls": 700})
    assert (await api.get("Status")).status_code == 429


async def test_a_limit_of_nothing_refuses_everything(guest, sandbox):
    sandbox.switches.rate_limit = 0
    answer = await guest.ask_token()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
