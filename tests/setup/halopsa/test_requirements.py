"""What is compared, what is written and what a person is told to click say the same of each part. Pure."""

from __future__ import annotations

import pytest

from stepladder.setup.engine.parts import Part
from stepladder.setup.halopsa.blueprint import HaloBlueprint
from stepladder.setup.halopsa.elements import element
from stepladder.setup.halopsa.parts import ACTIONS, BY_KEY, CLOSED_TRIGGER, METHODS, PARTS, PLACES
from stepladder.setup.halopsa.requirements import Facts, steps, wanted

FACTS = Facts("https://msp.example", "Incident", "Closed", type_id=5, closed_id=9, event_number=3)
IDS = {part.key: str(number) for number, part in enumerate(PARTS, 10)}
CREATED = [part for part in PARTS if part not in PLACES]


@pytest.mark.parametrize("part", CREATED, ids=lambda part: part.key)
def test_what_is_written_is_what_is_looked_for(part: Part) -> None:
    row = element(part, FACTS, IDS, key="pak_k_s")
    assert HaloBlueprint(FACTS).differences(part, row, IDS) == []


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.key)
def test_a_person_is_told_every_value_that_is_looked_for(part: Part) -> None:
    told = steps(part, FACTS)
    assert all(f"{label}: {value}" in told for label, value in wanted(part, FACTS).items())
    assert any(part.name in step for step in told)
    assert told[-1] == "Save."


@pytest.mark.parametrize("key", [*METHODS, *(part.key for part in ACTIONS)])
def test_what_is_bound_to_another_of_the_same_name_is_not_right(key: str) -> None:
    """Names can be there twice, so the number counts where it is known."""
    part = BY_KEY[key]
    row = element(part, FACTS, IDS)
    (field,) = [name for name in ("integration_id", "integration_method_id") if name in row]
    row |= {field: 99, field.replace("_id", "_name"): BY_KEY[part.needs[0]].name}
    (wrong,) = HaloBlueprint(FACTS).differences(part, row, IDS)
    assert "“number 99”" in wrong


def test_a_trigger_is_known_by_what_it_binds_and_not_by_its_name() -> None:
    row = element(CLOSED_TRIGGER, FACTS, IDS) | {"name": "Something else"}
    assert HaloBlueprint(FACTS).differences(CLOSED_TRIGGER, row, IDS) == []
    assert HaloBlueprint(FACTS).differences(CLOSED_TRIGGER, row | {"webhook_id": 1}, IDS) != []
