"""What a change of settings means: what it changes, whether the secret would go elsewhere, whether it is another HaloPSA."""

from __future__ import annotations

from hypothesis import given, strategies as st

from stepladder.connections import policy as rules
from stepladder.connectors.base import Places

NAMES = st.sampled_from(["url", "category", "team", "closure_minutes"])
VALUES = st.one_of(st.text(max_size=3), st.integers(0, 3), st.booleans())
SETTINGS = st.dictionaries(NAMES, VALUES, max_size=4)
CHANGES = st.dictionaries(NAMES, st.none() | VALUES, max_size=4)
WORDS = st.tuples(st.sampled_from(["https://a", "https://b"]), st.sampled_from(["/auth", "/x"]))


@given(SETTINGS, CHANGES)
def test_what_is_named_changes_and_everything_else_stays(settings, changes):
    after = rules.with_changes(settings, changes)
    for name in settings.keys() | changes.keys():
        if name not in changes:
            assert after[name] == settings[name]
        elif changes[name] is None:
            assert name not in after
        else:
            assert after[name] == changes[name]
    assert after.keys() <= settings.keys() | changes.keys()


@given(SETTINGS, SETTINGS)
def test_the_names_of_a_change_are_exactly_those_that_differ(before, after):
    names = rules.changed_names(before, after)
    assert names == sorted(names)
    absent = object()
    for name in before.keys() | after.keys():
        is_same = before.get(name, absent) == after.get(name, absent)
        assert (name in names) is not is_same
    assert rules.changed_names(after, before) == names
    assert rules.changed_names(before, before) == []


@given(WORDS, WORDS, WORDS, WORDS)
def test_a_secret_is_needed_wherever_it_would_go_to_another_place_and_only_there(one, other, here, there):
    before, after = Places(one, here), Places(other, there)
    assert rules.needs_secret(before, after) is (one != other)
    assert rules.moves(before, after) is (here != there)
