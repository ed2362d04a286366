"""Keys and tokens as strings: every typing error is caught, and nothing that is not a key passes for one."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given, strategies as st
from tests.support.tenants import Tenant

from stepladder.access_keys import service as inbound_keys
from stepladder.access_keys.format import ENROLMENT_TOKEN, INBOUND_KEY, KeyFormat, hash_key
from stepladder.access_keys.service import KeyAction
from stepladder.app import Services
from stepladder.errors import Invalid
from stepladder_protocol.messages import ElevationKind

ALPHABET = string.digits + string.ascii_letters
FORMATS = st.sampled_from([INBOUND_KEY, ENROLMENT_TOKEN])
KEYS = st.builds(lambda form: (form, form.new()), FORMATS)


@given(KEYS)
def test_a_key_has_the_documented_shape(made: tuple[KeyFormat, str]) -> None:
    form, key = made
    prefix, key_id, rest = key.split("_")
    assert prefix in ("pak", "enr")
    assert (len(key_id), len(rest)) == (8, 43 + 6)
    assert set(key_id + rest) <= set(ALPHABET)
    assert form.key_id(key) == key_id


def test_no_key_is_made_twice() -> None:
    keys = [INBOUND_KEY.new() for _ in range(2000)]
    assert len(set(keys)) == len({INBOUND_KEY.key_id(key) for key in keys}) == 2000
    # Every position uses the whole alphabet: nothing narrows the 256 bits.
    for position in (*range(4, 12), *range(13, 56)):
        assert len({key[position] for key in keys}) == len(ALPHABET)


def test_every_change_of_one_character_is_caught() -> None:
    """All positions and all replacements of one key, exhaustively."""
    for form in (INBOUND_KEY, ENROLMENT_TOKEN):
        key = form.new()
        for position, character in enumerate(key):
            for other in string.printable + "é":
                if other != character:
                    assert form.key_id(key[:position] + other + key[position + 1 :]) is None


@given(KEYS, st.data())
def test_every_slip_of_a_hand_is_caught(made: tuple[KeyFormat, str], data: st.DataObject) -> None:
    form, key = made
    position = data.draw(st.integers(0, len(key) - 1))
    slips = [
        key[:position] + key[position + 1 :],
        key[:position] + key[position] + key[position:],
        key[:position] + data.draw(st.characters()) + key[position:],
        key[:position],
        key + data.draw(st.text(min_size=1, max_size=3)),
        data.draw(st.text(min_size=1, max_size=3)) + key,
        key.lower(),
        key.upper(),
        key[::-1],
        f" {key}",
        f"{key}\n",
    ]
    if position + 1 < len(key) and key[position] != key[position + 1]:
        slips.append(key[:position] + key[position + 1] + key[position] + key[position + 2 :])
    for slip in slips:
        if slip != key:
            assert form.key_id(slip) is None


@given(KEYS, st.data())
def test_several_wrong_characters_are_caught(made: tuple[KeyFormat, str], data: st.DataObject) -> None:
    form, key = made
    positions = data.draw(st.lists(st.integers(0, len(key) - 1), min_size=2, max_size=6, unique=True))
    wrong = list(key)
    for position in positions:
        wrong[position] = data.draw(st.sampled_from(ALPHABET))
    assume("".join(wrong) != key)
    assert form.key_id("".join(wrong)) is None


@given(st.text())
def test_noise_is_no_key(noise: str) -> None:
    assert INBOUND_KEY.key_id(noise) is None
    assert INBOUND_KEY.key_id(f"pak_{noise}") is None


def test_a_key_of_one_kind_is_none_of_another() -> None:
    assert INBOUND_KEY.key_id(ENROLMENT_TOKEN.new()) is None
    assert ENROLMENT_TOKEN.key_id(INBOUND_KEY.new()) is None


@given(KEYS)
def test_what_is_kept_of_a_key_does_not_give_it_back(made: tuple[KeyFormat, str]) -> None:
    _, key = made
    kept = hash_key(key)
    assert len(kept) == 32
    assert key.encode()[4:] not in kept


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
async def test_a_key_has_a_name(services: Services, tenant: Tenant, name: str) -> None:
    async with services.db.transaction(tenant.operator) as tx:
        with pytest.raises(Invalid):
            await inbound_keys.create_key(tx, name=name, actions=list(KeyAction), modes=list(ElevationKind))


async def test_a_key_without_actions_or_for_longer_than_a_year_is_not_made(
    services: Services, tenant: Tenant
) -> None:
    async with services.db.transaction(tenant.operator) as tx:
        with pytest.raises(Invalid):
            await inbound_keys.create_key(tx, name="x", actions=[], modes=[])
        for lifetime in (
            inbound_keys.LONGEST_LIFE * 1.01,
            inbound_keys.LONGEST_LIFE * 0,
            -inbound_keys.LONGEST_LIFE,
        ):
            with pytest.raises(Invalid):
                await inbound_keys.create_key(
                    tx, name="x", actions=[KeyAction.DENY], modes=[], lifetime=lifetime
                )
