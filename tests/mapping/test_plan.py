"""What a run makes of all customers: links stay by id, nothing is lost to the order, a person's word stands."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.kit.ids import CustomerId
from stepladder.mapping.plan import TRY_AGAIN_AFTER, Change, Ours, is_due, plan
from stepladder.mapping.policy import Found, How, MappingState, Named, Remotes

DIRECTORIES = [f"{letter * 8}-1111-4222-8333-444444444444" for letter in "abc"]
NAMES = ["Acme", "Umbra", "Initech", "Stra\u00dfe", "STRASSE"]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ours(
    number: int, display_name: str, name: str = "", directory_id: Any = None, before: Found | None = None
) -> Ours:
    named = Named(display_name, name or f"short-{number}", directory_id)
    return Ours(CustomerId(UUID(int=number)), named, before or Found(MappingState.UNMAPPED))


def linked(remote_id: str, name: str = "Acme", how: How = How.DISPLAY_NAME) -> Found:
    return Found(MappingState.MAPPED, how, RemoteCustomer(remote_id, name, True))


def gone_to(remote_id: str, name: str = "Acme") -> Found:
    return Found(MappingState.GONE, How.NAME, RemoteCustomer(remote_id, name, True), "It is gone.")


HELD = Found(MappingState.UNMAPPED, How.MANUAL, detail="Unlinked by hand.")
IDS = st.integers(1, 6).map(str)
BEFORE = st.one_of(
    st.just(Found(MappingState.UNMAPPED)),
    st.just(Found(MappingState.AMBIGUOUS, detail="Two of them.")),
    st.just(HELD),
    IDS.map(linked),
    IDS.map(gone_to),
)


@st.composite
def worlds(draw: Any) -> Any:
    """Ours with unique names, directories and links, as the database has them; theirs as they please."""
    names = draw(st.permutations(NAMES))
    shorts = draw(st.permutations(NAMES))
    directories = [*draw(st.permutations([*DIRECTORIES, None])), None]
    customers, used = [], set()
    for number in range(draw(st.integers(0, 5))):
        before = draw(BEFORE)
        if before.is_linked and before.remote_id in used:
            before = Found(MappingState.UNMAPPED)
        used |= {before.remote_id} if before.is_linked else set()
        short = f"{shorts[number]}" if draw(st.booleans()) else f"short-{number}"
        customers.append(ours(number, names[number], short, directories[number], before))
    remotes = [
        RemoteCustomer(
            str(number),
            draw(st.sampled_from([*NAMES, "acme", "Nobody"])),
            draw(st.integers(0, 4)) > 0,
            tuple(sorted(draw(st.sets(st.sampled_from(DIRECTORIES), max_size=2)))),
        )
        for number in draw(st.sets(st.integers(1, 6), max_size=6))
    ]
    listed = {remote.id for remote in remotes}
    gone = draw(st.sets(IDS, max_size=4)) - listed
    return customers, remotes, gone


@given(worlds(), st.randoms())
def test_the_order_of_ours_and_of_theirs_decides_nothing(
    world: tuple[list[Ours], list[RemoteCustomer], set[str]], dice: random.Random
) -> None:
    customers, remotes, gone = world
    expected = {each.customer.id: each.found for each in plan(customers, Remotes(remotes), gone=gone)}
    dice.shuffle(customers)
    dice.shuffle(remotes)
    assert {each.customer.id: each.found for each in plan(customers, Remotes(remotes), gone=gone)} == expected


@given(worlds())
def test_no_two_of_ours_end_at_one_remote_customer(
    world: tuple[list[Ours], list[RemoteCustomer], set[str]],
) -> None:
    customers, remotes, gone = world
    ends = [
        each.found.remote_id for each in plan(customers, Remotes(remotes), gone=gone) if each.found.is_linked
    ]
    assert len(ends) == len(set(ends))


@given(worlds())
def test_a_link_stays_by_id_and_ends_only_where_it_is_known_to_be_gone(
    world: tuple[list[Ours], list[RemoteCustomer], set[str]],
) -> None:
    customers, remotes, gone = world
    for outcome in plan(customers, Remotes(remotes), gone=gone):
        before, found = outcome.customer.before, outcome.found
        if before.is_linked:
            assert found.remote_id == before.remote_id
            assert found.how == before.how
            assert found.state is (MappingState.GONE if before.remote_id in gone else MappingState.MAPPED)
            assert (outcome.change is Change.GONE) is (before.remote_id in gone)


@given(worlds())
def test_what_a_person_unlinked_no_run_links_unless_it_is_asked_to(
    world: tuple[list[Ours], list[RemoteCustomer], set[str]],
) -> None:
    customers, remotes, gone = world
    held = [customer.id for customer in customers if customer.is_held]
    for outcome in plan(customers, Remotes(remotes), gone=gone):
        if outcome.customer.id in held:
            assert (outcome.found, outcome.change) == (HELD, None)
    fresh = [
        Ours(each.id, each.named, Found(MappingState.UNMAPPED)) if each.is_held else each
        for each in customers
    ]
    tried = [each.found for each in plan(customers, Remotes(remotes), gone=gone, again=held)]
    assert tried == [each.found for each in plan(fresh, Remotes(remotes), gone=gone)]


@given(worlds())
def test_a_second_run_changes_nothing_more(world: tuple[list[Ours], list[RemoteCustomer], set[str]]) -> None:
    """But for one that was lost in the first: it looks for a successor then, and says what it found."""
    customers, remotes, gone = world
    first = plan(customers, Remotes(remotes), gone=gone)
    again = [Ours(each.customer.id, each.customer.named, each.found) for each in first]
    second = plan(again, Remotes(remotes), gone=gone)
    for before, after in zip(first, second, strict=True):
        if before.change is not Change.GONE and not before.customer.is_held:
            # What the lost one is mapped to now, or fits as well, must no longer be another's.
            is_near = any(each.change is Change.GONE for each in first)
            assert after.change is None or (is_near and not before.found.is_linked)


@given(worlds())
def test_every_new_link_is_told_as_one_and_every_state_but_linked_says_why(
    world: tuple[list[Ours], list[RemoteCustomer], set[str]],
) -> None:
    customers, remotes, gone = world
    for outcome in plan(customers, Remotes(remotes), gone=gone):
        is_new = outcome.found.is_linked and not outcome.customer.before.is_linked
        assert (outcome.change is Change.LINKED) is is_new
        assert outcome.found.is_linked or outcome.found.detail


def only(customer: Ours, *remotes: RemoteCustomer, gone: Any = ()) -> Any:
    (outcome,) = plan([customer], Remotes(remotes), gone=gone)
    return outcome


def test_a_linked_customer_that_is_missing_from_the_list_is_not_gone_by_that() -> None:
    outcome = only(ours(1, "Acme", before=linked("1")), RemoteCustomer("2", "Acme", True))
    assert (outcome.found, outcome.change) == (linked("1"), None)


def test_a_gone_one_is_told_and_its_successor_found_by_the_next_run() -> None:
    customer, successor = ours(1, "Acme", before=linked("1")), RemoteCustomer("2", "Acme", True)
    lost = only(customer, successor, gone={"1"})
    assert (lost.found.state, lost.found.remote_id) == (MappingState.GONE, "1")
    assert lost.found.detail == "HaloPSA has no customer 1 any more; it was 'Acme'."
    found = only(ours(1, "Acme", before=lost.found), successor)
    assert (found.found.how, found.found.remote, found.change) == (How.DISPLAY_NAME, successor, Change.LINKED)


def test_one_that_comes_back_under_its_id_is_linked_as_it_was_whatever_it_is_called_now() -> None:
    back = RemoteCustomer("1", "Quite different", True)
    other = RemoteCustomer("2", "Acme", True)
    outcome = only(ours(1, "Acme", before=gone_to("1")), other, back)
    assert (outcome.found.how, outcome.found.remote, outcome.change) == (How.NAME, back, Change.LINKED)


def test_one_that_stays_gone_says_so_and_what_else_was_tried() -> None:
    outcome = only(ours(1, "Acme", "acme", before=gone_to("1")), RemoteCustomer("2", "Nobody", True))
    assert outcome.found.state is MappingState.GONE
    assert outcome.found.detail == (
        "HaloPSA has no customer 1 any more; it was 'Acme'. No customer is called 'Acme' or 'acme'."
    )


def test_whose_directory_it_is_comes_before_whose_name_it_is() -> None:
    remote = RemoteCustomer("1", "Acme", True, (DIRECTORIES[0],))
    older, younger = ours(1, "Acme"), ours(2, "Acme Holding", directory_id=DIRECTORIES[0])
    by_name, by_directory = plan([older, younger], Remotes([remote]))
    assert (by_directory.found.how, by_directory.found.remote) == (How.DIRECTORY_ID, remote)
    assert by_name.found.detail == "'Acme' is already linked to 'Acme Holding'."


def test_what_fits_two_of_ours_in_the_same_way_is_neithers() -> None:
    remote = RemoteCustomer("1", "Both", True, (DIRECTORIES[0], DIRECTORIES[1]))
    outcomes = plan(
        [ours(1, "Acme", directory_id=DIRECTORIES[0]), ours(2, "Umbra", directory_id=DIRECTORIES[1])],
        Remotes([remote]),
    )
    assert {each.found.state for each in outcomes} == {MappingState.AMBIGUOUS}
    assert {each.found.detail for each in outcomes} == {
        "'Both' fits each of 'Acme', 'Umbra'. Link it by hand."
    }


def test_a_rename_there_is_told_with_both_names() -> None:
    outcome = only(ours(1, "Acme", before=linked("1")), RemoteCustomer("1", "Umbra", True))
    assert (outcome.change, outcome.found.remote_name) == (Change.RENAMED, "Umbra")


@pytest.mark.parametrize(
    ("state", "how", "age", "is_refused", "expected"),
    [
        (MappingState.UNMAPPED, None, None, False, True),
        (MappingState.UNMAPPED, None, 599, True, False),
        (MappingState.UNMAPPED, None, 600, False, True),
        (MappingState.AMBIGUOUS, None, 600, False, True),
        (MappingState.INACTIVE, None, 600, False, True),
        (MappingState.GONE, How.MANUAL, 600, False, True),
        (MappingState.UNMAPPED, How.MANUAL, 600, True, False),
        (MappingState.MAPPED, How.MANUAL, 6000, False, False),
        (MappingState.MAPPED, How.NAME, 599, True, False),
        (MappingState.MAPPED, How.NAME, 600, True, True),
    ],
)
def test_a_mapping_is_looked_at_again_where_that_may_help(
    state: MappingState, how: How | None, age: int | None, is_refused: bool, expected: bool
) -> None:
    checked_at = NOW - timedelta(seconds=age) if age is not None else None
    assert timedelta(seconds=600) == TRY_AGAIN_AFTER
    assert is_due(state, how, checked_at, NOW, is_deleted=False, is_refused=is_refused) is expected
    assert not is_due(state, how, checked_at, NOW, is_deleted=True, is_refused=is_refused)


def test_what_two_contest_is_not_a_third_ones_whose_claim_is_weaker() -> None:
    remote = RemoteCustomer("1", "Acme", True, (DIRECTORIES[0], DIRECTORIES[1]))
    customers = [
        ours(1, "Initech", directory_id=DIRECTORIES[0]),
        ours(2, "Umbra", directory_id=DIRECTORIES[1]),
        ours(3, "Acme"),
    ]
    outcomes = plan(customers, Remotes([remote]))
    assert {each.found.state for each in outcomes} == {MappingState.AMBIGUOUS}
    again = [Ours(each.customer.id, each.customer.named, each.found) for each in outcomes]
    assert [each.change for each in plan(again, Remotes([remote]))] == [None] * 3


def test_one_that_is_contested_does_not_end_the_search_for_others() -> None:
    """TEST-13: the order of customers does not matter, and each is looked at."""
    customers = [ours(1, "Acme"), ours(2, "ACME"), ours(3, "Solo")]
    remotes = Remotes([RemoteCustomer("1", "Acme", True), RemoteCustomer("2", "Solo", True)])
    for order in itertools.permutations(customers):
        states = {each.customer.id: each.found.state for each in plan(order, remotes)}
        assert [states[each.id] for each in customers] == [
            MappingState.AMBIGUOUS,
            MappingState.AMBIGUOUS,
            MappingState.MAPPED,
        ]
