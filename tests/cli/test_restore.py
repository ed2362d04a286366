"""OPS-01: the operator's way through a restore: refused, declared, released."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Installation

pytestmark = pytest.mark.xdist_group("cli")


def test_a_copy_is_refused_until_it_is_declared_and_keys_are_released(bare: Installation) -> None:
    made = bare.json("msp", "create", "Northstar", "--url", "https://msp.test")
    bare.json("customer", "create", "northwind", "--display-name", "Northwind Traders")
    key = bare.json("key", "create", "buttons", "--customer", "northwind")
    # What a running service wrote before the database was put back: an event that the copy lacks.
    seen = {made["id"]: {"sequence": 999, "link": "00" * 32, "at": "2026-01-01T00:00:00+00:00"}}
    (bare.directory / "witness.json").write_text(json.dumps(seen))
    for command in (("key", "list"), ("serve",)):
        done = bare.run(*command)
        assert done.status == 1
        assert "[restored_copy]" in done.err
        assert "stepladder restore --declare" in done.err
    assert bare.run("restore").status == 2
    (row,) = bare.json("restore", "--declare")
    assert row["keys_held"] == 1
    (listed,) = bare.json("key", "list")
    assert listed["held_at"]
    (row,) = bare.json("restore", "--release-key", key["key_id"])
    assert (row["keys_released"], row["machines_released"]) == (1, 0)
    assert bare.json("key", "list")[0]["held_at"] is None
