"""Linking by hand: by id, or by name; of several that fold together the one that is equal to the letter."""

from __future__ import annotations

import pytest

from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.errors import NotFound
from stepladder.mapping.by_hand import AmbiguousName, choose
from stepladder.mapping.policy import MappingState, Named, Remotes, find


def remote(number: int, name: str, *, is_active: bool = True) -> RemoteCustomer:
    return RemoteCustomer(str(number), name, is_active)


ACME = [remote(23, "Acme"), remote(24, "ACME"), remote(25, "Other")]


@pytest.mark.parametrize(
    ("text", "found"), [("Acme", "23"), ("ACME", "24"), (" 23 ", "23"), ("24", "24"), ("other", "25")]
)
def test_a_twin_is_linked_by_its_exact_name_or_its_id(text: str, found: str) -> None:
    """HALO-09: the docs say that a link by hand settles it, so it does."""
    assert choose(text, ACME).id == found


def test_names_with_a_sharp_s_are_told_apart_to_the_letter() -> None:
    """HALO-09: `Weiss GmbH` and `Weiß GmbH` are one name to the folding, and two to who types them."""
    twins = [remote(1, "Weiss GmbH"), remote(2, "Weiß GmbH")]
    assert [choose(each.name, twins).id for each in twins] == ["1", "2"]
    with pytest.raises(AmbiguousName, match="1 is 'Weiss GmbH', 2 is 'Weiß GmbH'"):
        choose("WEISS GMBH", twins)


@pytest.mark.parametrize("text", ["acme", "23"])
def test_what_means_two_is_refused_with_the_ids(text: str) -> None:
    """HALO-09: neither of them is chosen silently, and the sentence says the way out."""
    with pytest.raises(AmbiguousName, match="23 is 'Acme', 2"):
        choose(text, [*ACME, remote(26, "23")])


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Blue Ridge", "Blue\u00a0Ridge"),
        ("Acme Widgets", "Acme  Widgets"),
        ("Blue Ridge", "\u2003Blue Ridge "),
    ],
)
def test_white_space_is_no_matter_of_guessing(ours: str, theirs: str) -> None:
    """HALO-10: names that differ in blanks only are one name, by hand and automatically."""
    assert choose(ours, [remote(7, theirs)]).id == "7"
    assert find(Named(ours, "short"), Remotes([remote(7, theirs)])).state is MappingState.MAPPED


@pytest.mark.parametrize("theirs", ["Blue\u200bRidge", "Blue\u2011Ridge", "Bl\u00fce Ridge", "BlueRidge"])
def test_a_name_that_only_looks_equal_is_named_with_its_id(theirs: str) -> None:
    """HALO-10: still never a guess; the message says what it is and how to link it."""
    with pytest.raises(NotFound, match=r"7 is .* only looks the same") as refusal:
        choose("Blue Ridge", [remote(7, theirs)])
    assert theirs.isprintable() or theirs not in refusal.value.detail
    found = find(Named("Blue Ridge", "short"), Remotes([remote(7, theirs)]))
    assert found.state is MappingState.UNMAPPED
    assert "7 is" in (found.detail or "")


@pytest.mark.parametrize("text", ["Gone Ltd", "9"])
def test_an_inactive_customer_is_not_linked(text: str) -> None:
    with pytest.raises(NotFound, match="inactive"):
        choose(text, [remote(9, "Gone Ltd", is_active=False)])


@pytest.mark.parametrize("text", ["", "  ", "\u3000"])
def test_nothing_is_nobodys_name(text: str) -> None:
    with pytest.raises(NotFound):
        choose(text, [remote(1, ""), remote(2, " ")])


def test_of_two_twins_none_is_chosen_automatically() -> None:
    """HALO-09: `customer map` leaves them to a person, and says how."""
    found = find(Named("Acme", "acme"), Remotes(ACME))
    assert (found.state, found.detail) == (
        MappingState.AMBIGUOUS,
        "2 active customers are called 'Acme': 23 is 'Acme', 24 is 'ACME'. Link it by hand.",
    )
