"""No switch without a test that turns it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from stepladder_sandbox.halopsa.switches import Switches

SOURCE = "\n".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))


@pytest.mark.parametrize("switch", Switches().described(), ids=lambda switch: switch["name"])
def test_a_switch_is_turned_by_a_test_and_tells_what_it_does(switch: dict[str, Any]) -> None:
    assert re.search(rf"switches\.{switch['name']} = ", SOURCE)
    assert switch["promise"][0] == switch["promise"].strip()[0]
    assert switch["grade"] in ("C", "P", "U")
