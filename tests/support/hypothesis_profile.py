"""How Hypothesis runs here: one profile for the whole suite, and the few ways in which a test departs from it."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase

ROOT = Path(__file__).parents[2]


def load() -> None:
    """Make our profile the default of every property that is defined from now on.

    It extends the one that Hypothesis chose, which in CI draws the same examples each time and saves none.
    """
    is_derandomized = settings().derandomize
    settings.register_profile(
        "suite",
        # How long an example takes says how busy the machine is. pytest-timeout guards against hanging.
        deadline=None,
        database=None if is_derandomized else DirectoryBasedExampleDatabase(ROOT / ".hypothesis/examples"),
        suppress_health_check=[],
        print_blob=True,
    )
    settings.load_profile("suite")


def warm_up() -> None:
    """Read all of Unicode now: in a fresh checkout the first text does, and some test would pay the seconds."""
    st.text().validate()


def on_one_fixture(examples: int) -> settings:
    """For a test whose examples share its fixtures on purpose: each brings rows of its own into the same tenant."""
    return settings(max_examples=examples, suppress_health_check=[HealthCheck.function_scoped_fixture])


def as_described(examples: int) -> settings:
    """For calls that are generated from the API's description.

    How much of what it tries fits the description, how large it becomes and how long that takes is the generator's
    affair. Nothing is saved, for an example means nothing without the rows that it was about.
    """
    return settings(max_examples=examples, database=None, suppress_health_check=list(HealthCheck))
