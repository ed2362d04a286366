"""One folding: what a person cannot tell apart is one name, and what nobody can read is none."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from stepladder.errors import Invalid
from stepladder.kit.folding import clean, fold, is_shown

BLANKS = "\u00a0\u1680\u2000\u2007\u2009\u202f\u205f\u3000\u2028\u0085\t\n "


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("straße", "STRASSE"),
        ("stra\u1e9ee", "strasse"),
        ("Blue\u00a0Ridge", "blue ridge"),
        ("Acme  Widgets", "Acme Widgets"),
        (" Acme\u3000", "acme"),
        ("\uff21\uff43\uff4d\uff45", "Acme"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("\u017fmith", "Smith"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("o\ufb03ce", "OFFICE"),
    ],
)
def test_what_looks_the_same_is_one_name(one: str, other: str) -> None:
    """SEC-13: case, width, form and white space make no other name."""
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("\u0131", "i"), ("Cafe", "Caf\u00e9"), ("a-b", "a b"), ("ab", "a b")]
)
def test_what_differs_to_the_eye_is_another_name(one: str, other: str) -> None:
    """TEST-20: a dotless i is none with a dot, whatever `lower` makes of it."""
    assert fold(one) != fold(other)


@given(st.text(), st.text(st.sampled_from(BLANKS)))
def test_outer_blanks_never_matter(text: str, blanks: str) -> None:
    assert fold(blanks + text + blanks) == fold(text)


@pytest.mark.parametrize(
    "unseen", ["\u200b", "\u00ad", "\u202e", "\u3164", "\u2800", "\ufe0f", "\u0007", "\ue000"]
)
def test_a_character_that_does_not_print_is_refused(unseen: str) -> None:
    """SEC-14: it would make a second name that looks like the first."""
    assert not is_shown(f"LAPTOP{unseen}")
    with pytest.raises(Invalid):
        clean(f"LAPTOP{unseen}-01")


def test_a_name_is_saved_as_people_read_it() -> None:
    assert clean("\u00a0 LAPTOP\t\u2003 01 ") == "LAPTOP 01"
    for refused in ("", " \u3000", "x" * 201):
        with pytest.raises(Invalid):
            clean(refused)
