"""Which HaloPSA customer is which of ours: exact, active, alone, free, or nobody."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, strategies as st

from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.mapping.policy import How, MappingState, Named, Remotes, find, is_same_instance, oddity

LETTERS = st.text("aAbBäÄß\u017f\ufb00 ", max_size=4)
REMOTES = st.lists(st.tuples(LETTERS, st.booleans()), max_size=8).map(
    lambda rows: [RemoteCustomer(str(number), name, active) for number, (name, active) in enumerate(rows, 1)]
)
DIRECTORIES = [f"{letter * 8}-1111-4222-8333-444444444444" for letter in "abc"]
DIRECTORY = st.none() | st.sampled_from(DIRECTORIES)
IN_DIRECTORIES = st.lists(
    st.tuples(
        st.sampled_from(["Acme", "acme ", "Umbra"]),
        st.booleans(),
        st.sets(st.sampled_from(DIRECTORIES), max_size=2),
    ),
    max_size=6,
).map(
    lambda rows: [
        RemoteCustomer(str(number), name, active, tuple(sorted(directories)))
        for number, (name, active, directories) in enumerate(rows, 1)
    ]
)
TAKEN = st.dictionaries(st.integers(1, 8).map(str), st.just("Somebody else"), max_size=3)


def key(name: str) -> str:
    return name.strip().casefold()


def mapped(display_name: str, name: str, remotes: Any, taken: Any = None, directory_id: Any = None) -> Any:
    return find(Named(display_name, name, directory_id), Remotes(remotes), taken)


@given(LETTERS, LETTERS, REMOTES, TAKEN)
def test_a_link_is_only_ever_made_to_the_one_free_active_customer_of_that_name(
    display_name: str, name: str, remotes: list[RemoteCustomer], taken: dict[str, str]
) -> None:
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
    display_name: str, name: str, remotes: list[RemoteCustomer]
) -> None:
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
def test_the_order_of_the_list_decides_nothing(
    display_name: str, name: str, remotes: list[RemoteCustomer], dice: random.Random
) -> None:
    shuffled = list(remotes)
    dice.shuffle(shuffled)
    assert mapped(display_name, name, shuffled) == mapped(display_name, name, remotes)


@given(LETTERS.map(key), st.booleans())
def test_case_and_outer_space_make_no_difference(name: str, is_upper: bool) -> None:
    remotes = [RemoteCustomer("1", f"  {name.upper() if is_upper else name} ", True)]
    assert mapped(name, "other-name", remotes).state is MappingState.MAPPED


NEAR = [
    "Northwind",
    "Northwind Trader",
    "Northwind Traders.",
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
def test_a_near_name_is_another_name(name: str) -> None:
    remotes = [RemoteCustomer("1", name, True)]
    assert mapped("Northwind Traders", "northwind-traders-1", remotes).state is MappingState.UNMAPPED


def test_two_active_ones_are_ambiguous_and_counted() -> None:
    remotes = [RemoteCustomer(str(number), "ACME", True) for number in range(3)]
    found = mapped("Acme", "x", remotes)
    assert (found.state, found.detail) == (
        MappingState.AMBIGUOUS,
        "3 active customers are called 'Acme': 0 is 'ACME', 1 is 'ACME', 2 is 'ACME'. Link it by hand.",
    )


def test_an_inactive_double_does_not_make_the_active_one_ambiguous() -> None:
    remotes = [
        RemoteCustomer("1", "Acme", False),
        RemoteCustomer("2", "acme", True),
        RemoteCustomer("3", "Acme", False),
    ]
    assert mapped("Acme", "x", remotes).remote == remotes[1]


def test_only_inactive_ones_are_told_as_such() -> None:
    assert mapped("Acme", "x", [RemoteCustomer("1", "Acme", False)]).state is MappingState.INACTIVE
    assert mapped("x", "Acme", [RemoteCustomer("1", "Acme", False)]).state is MappingState.INACTIVE
    both = [RemoteCustomer("1", "Acme", False), RemoteCustomer("2", "acme-name", True)]
    assert mapped("Acme", "acme-name", both).remote == both[1]


def test_one_that_belongs_to_another_customer_is_named_with_its_owner() -> None:
    found = mapped("Acme", "x", [RemoteCustomer("1", "Acme", True)], {"1": "Acme Holding"})
    assert found.state is MappingState.AMBIGUOUS
    assert found.detail == "'Acme' is already linked to 'Acme Holding'."


# --- By directory --------------------------------------------------------------------------------------------------


@given(DIRECTORY, IN_DIRECTORIES, TAKEN)
def test_the_one_free_active_customer_of_the_directory_is_it_whatever_it_is_called(
    directory: str | None, remotes: list[RemoteCustomer], taken: dict[str, str]
) -> None:
    found = mapped("Acme", "acme", remotes, taken, directory)
    hits = [remote for remote in remotes if directory in remote.directory_ids]
    active = [remote for remote in hits if remote.is_active]
    if not hits:
        assert found.how is not How.DIRECTORY_ID
    elif len(active) == 1 and active[0].id not in taken:
        assert (found.state, found.how, found.remote) == (MappingState.MAPPED, How.DIRECTORY_ID, active[0])
    elif active:
        assert found.state is MappingState.AMBIGUOUS
    else:
        assert found.state is MappingState.INACTIVE


@given(DIRECTORY, IN_DIRECTORIES)
def test_no_name_ever_links_to_a_customer_of_another_directory(
    directory: str | None, remotes: list[RemoteCustomer]
) -> None:
    found = mapped("Acme", "umbra", remotes, None, directory)
    if found.remote and directory and found.remote.directory_ids:
        assert directory in found.remote.directory_ids


@given(IN_DIRECTORIES)
def test_without_a_directory_of_ours_names_decide_as_ever(remotes: list[RemoteCustomer]) -> None:
    plain = [RemoteCustomer(each.id, each.name, each.is_active) for each in remotes]
    found, expected = mapped("Acme", "umbra", remotes), mapped("Acme", "umbra", plain)
    assert (found.state, found.how, found.remote_id) == (expected.state, expected.how, expected.remote_id)


@given(DIRECTORY, IN_DIRECTORIES, st.randoms())
def test_the_order_of_a_list_with_directories_decides_nothing(
    directory: str | None, remotes: list[RemoteCustomer], dice: random.Random
) -> None:
    shuffled = list(remotes)
    dice.shuffle(shuffled)
    assert mapped("Acme", "umbra", shuffled, None, directory) == mapped(
        "Acme", "umbra", remotes, None, directory
    )


def test_a_customer_of_that_name_with_another_directory_is_shown_with_the_reason() -> None:
    remotes = [RemoteCustomer("1", "Acme", True, (DIRECTORIES[1],)), RemoteCustomer("2", "acme-x", True)]
    found = mapped("Acme", "acme-x", remotes, None, DIRECTORIES[0])
    assert found.state is MappingState.AMBIGUOUS
    assert found.detail == (
        f"'Acme' has the directory {DIRECTORIES[1]} in HaloPSA, and ours is {DIRECTORIES[0]}. "
        "Link it by hand if it is the same customer."
    )


@pytest.mark.parametrize(
    ("remotes", "state", "detail"),
    [
        (
            [RemoteCustomer(number, "Acme", True, (DIRECTORIES[0],)) for number in "12"],
            MappingState.AMBIGUOUS,
            f"2 active customers have the directory {DIRECTORIES[0]}.",
        ),
        (
            [RemoteCustomer("1", "X", False, (DIRECTORIES[0],)), RemoteCustomer("2", "Acme", True)],
            MappingState.INACTIVE,
            f"The only customer with the directory {DIRECTORIES[0]} is inactive in HaloPSA.",
        ),
    ],
)
def test_what_the_directory_does_not_settle_no_name_settles(
    remotes: list[RemoteCustomer], state: MappingState, detail: str
) -> None:
    found = mapped("Acme", "acme", remotes, None, DIRECTORIES[0])
    assert (found.state, found.detail) == (state, detail)


@given(DIRECTORY, IN_DIRECTORIES)
def test_a_link_is_odd_only_where_it_is_inactive_or_of_another_directory(
    directory: str | None, remotes: list[RemoteCustomer]
) -> None:
    for remote in remotes:
        odd = oddity(Named("Acme", "acme", directory), remote)
        is_of_another = bool(directory and remote.directory_ids and directory not in remote.directory_ids)
        assert (odd is not None) is (not remote.is_active or is_of_another)


# --- The same instance ---------------------------------------------------------------------------------------------


LINKED = st.dictionaries(
    st.integers(1, 5).map(str), st.sampled_from(["Acme", "Umbra", "Initech"]), min_size=1, max_size=4
)


@given(LINKED, st.randoms())
def test_the_instance_that_shows_every_linked_customer_is_the_same(
    linked: dict[str, str], dice: random.Random
) -> None:
    remotes = [RemoteCustomer(number, f" {name.upper()}", True) for number, name in linked.items()]
    remotes += [RemoteCustomer("90", "Somebody else", True)]
    dice.shuffle(remotes)
    assert is_same_instance(linked, remotes)


@given(LINKED, st.data())
def test_one_linked_customer_that_is_missing_or_called_otherwise_makes_it_another(
    linked: dict[str, str], data: Any
) -> None:
    odd = data.draw(st.sampled_from(sorted(linked)))
    remotes = [RemoteCustomer(number, name, True) for number, name in linked.items() if number != odd]
    for more in ([], [RemoteCustomer(odd, "Somebody else", True)], [RemoteCustomer("91", linked[odd], True)]):
        assert not is_same_instance(linked, [*remotes, *more])
