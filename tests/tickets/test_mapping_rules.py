"""Which HaloPSA customer is which of ours: exact, active, alone, free, or nobody."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from stepladder.connectors.base import RemoteCustomer
from stepladder.tickets.mapping_rules import MappingState, RemoteNames, find

LETTERS = st.text("aAbBäÄß\u017f\ufb00 ", max_size=4)
REMOTES = st.lists(st.tuples(LETTERS, st.booleans()), max_size=8).map(
    lambda rows: [RemoteCustomer(str(number), name, active) for number, (name, active) in enumerate(rows, 1)]
)
TAKEN = st.dictionaries(st.integers(1, 8).map(str), st.just("Somebody else"), max_size=3)


def key(name: str) -> str:
    return name.strip().casefold()


def mapped(display_name: str, name: str, remotes, taken=None):
    return find(display_name, name, RemoteNames(remotes), taken)


@given(LETTERS, LETTERS, REMOTES, TAKEN)
def test_a_link_is_only_ever_made_to_the_one_free_active_customer_of_that_name(
    display_name, name, remotes, taken
):
    found = mapped(display_name, name, remotes, taken)
    if found.state is not MappingState.MAPPED:
        assert found.remote is None
        assert found.detail
        return
    wanted = display_name if found.how == "display_name" else name
    active = [remote for remote in remotes if remote.is_active and key(remote.name) == key(wanted)]
    assert active == [found.remote]
    assert found.remote.id not in taken


@given(LETTERS, LETTERS, REMOTES)
def test_the_display_name_comes_first_and_the_name_only_where_it_finds_nothing_active(
    display_name, name, remotes
):
    found = mapped(display_name, name, remotes)
    by_display = [remote for remote in remotes if remote.is_active and key(remote.name) == key(display_name)]
    by_name = [remote for remote in remotes if remote.is_active and key(remote.name) == key(name)]
    if len(by_display) == 1:
        assert (found.state, found.how, found.remote) == (MappingState.MAPPED, "display_name", by_display[0])
    elif len(by_display) > 1 or len(by_name) > 1:
        assert found.state is MappingState.AMBIGUOUS
    elif len(by_name) == 1:
        assert (found.state, found.how, found.remote) == (MappingState.MAPPED, "name", by_name[0])


@given(LETTERS, LETTERS, REMOTES, st.randoms())
def test_the_order_of_the_list_decides_nothing(display_name, name, remotes, dice):
    shuffled = list(remotes)
    dice.shuffle(shuffled)
    assert mapped(display_name, name, shuffled) == mapped(display_name, name, remotes)


@given(LETTERS.filter(lambda name: key(name) == name), st.booleans())
def test_case_and_outer_space_make_no_difference(name, is_upper):
    remotes = [RemoteCustomer("1", f"  {name.upper() if is_upper else name} ", True)]
    assert mapped(name, "other-name", remotes).state is MappingState.MAPPED


NEAR = [
    "Northwind",
    "Northwind Trader",
    "Northwind Traders.",
    "Northwind  Traders",
    "Northwind-Traders",
    "The Northwind Traders",
    "Northwind Traders Ltd",
    "N\u043erthwind Traders",
    "Northwind Traders\u200b",
    "%",
    "",
    "northwind_traders",
]


@pytest.mark.parametrize("name", NEAR)
def test_a_near_name_is_another_name(name):
    remotes = [RemoteCustomer("1", name, True)]
    assert mapped("Northwind Traders", "northwind-traders-1", remotes).state is MappingState.UNMAPPED


def test_two_active_ones_are_ambiguous_and_counted():
    remotes = [RemoteCustomer(str(number), "ACME", True) for number in range(3)]
    found = mapped("Acme", "x", remotes)
    assert (found.state, found.detail) == (MappingState.AMBIGUOUS, "3 active customers are called 'Acme'.")


def test_an_inactive_double_does_not_make_the_active_one_ambiguous():
    remotes = [
        RemoteCustomer("1", "Acme", False),
        RemoteCustomer("2", "acme", True),
        RemoteCustomer("3", "Acme", False),
    ]
    assert mapped("Acme", "x", remotes).remote == remotes[1]


def test_only_inactive_ones_are_told_as_such():
    assert mapped("Acme", "x", [RemoteCustomer("1", "Acme", False)]).state is MappingState.INACTIVE
    assert mapped("x", "Acme", [RemoteCustomer("1", "Acme", False)]).state is MappingState.INACTIVE
    both = [RemoteCustomer("1", "Acme", False), RemoteCustomer("2", "acme-name", True)]
    assert mapped("Acme", "acme-name", both).remote == both[1]


def test_one_that_belongs_to_another_customer_is_named_with_its_owner():
    found = mapped("Acme", "x", [RemoteCustomer("1", "Acme", True)], {"1": "Acme Holding"})
    assert found.state is MappingState.AMBIGUOUS
    assert found.detail == "'Acme' is linked to 'Acme Holding' already."
