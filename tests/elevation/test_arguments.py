"""Arguments as one line that can be read in one way only."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import example, given, strategies as st

from stepladder.elevation.arguments import quote_all
from stepladder.kit.visible import is_visible

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def test_arguments_are_quoted_as_a_shell_has_them() -> None:
    """USE-11: where one ends and the next begins is seen, and so is what is in them."""
    arguments = ["a\nb", "c d", '"q"', "", "it's"]
    assert quote_all(arguments) == r"""$'a\nb' 'c d' '"q"' '' 'it'"'"'s'"""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["x, y"], ["x", "y"]),
        (["x y"], ["x", "y"]),
        ([""], []),
        (["a\nb"], ["a\\nb"]),
        (["a\u3164b"], ["a\\u3164b"]),
        (["a\u202eb"], ["ab"]),
    ],
)
def test_two_lists_never_look_the_same(one: list[str], other: list[str]) -> None:
    """USE-11: also where a character that cannot be seen makes the difference."""
    assert quote_all(one) != quote_all(other)


@given(st.lists(TEXT, max_size=8))
@example(["\u0085", "\U000e0041'", "\\"])
def test_everything_in_the_line_can_be_seen(arguments: list[str]) -> None:
    assert is_visible(quote_all(arguments))


@given(st.lists(TEXT, min_size=1, max_size=5))
@example(["a\nb", "c d", '"q"', "", "it's", "\u0085\u202e", "\\n"])
def test_a_shell_reads_the_arguments_back(arguments: list[str]) -> None:
    """USE-11: what a person reads is what runs."""
    line = f"printf '%s\\0' {quote_all(arguments)}"
    done = subprocess.run(["bash", "-c", line], env={"LC_ALL": "C.UTF-8"}, capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == arguments
