"""An installation of commit e0339dc is carried over whole.

`e0339dc/make_installation.py` made it, with that commit's own program; `installation.sql` is what it left.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.migrations import listings
from tests.migrations.product import LINK, RENAMED, Product
from tests.migrations.restored import Old, restore

from stepladder.audit import heads, verifier
from stepladder.kit import postgres

WORDED_NOW = {
    "rule list": {"state", "detail"},
    "tickets status": {"at", "worker"},
    "tickets status: changed": {"what"},
}
"""Fields that a listing words when it is asked, or that the time of asking decides."""
IDENTITIES = ("id", "key_id", "request_id", "customer")
"""Fields that a row of a listing is known by, the surest first."""


def test_everything_is_listed_as_before(
    postgres_server: postgres.EmbeddedPostgres, old: Old, directory: Path
) -> None:
    urls = restore(postgres_server, old)
    Product.upgrade(urls)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("STEPLADDER_")
    } | {
        "STEPLADDER_DATA_DIR": str(directory),
        "STEPLADDER_DATABASE_URL": urls.service,
        "NO_COLOR": "1",
    }
    hosts = [msp.host for msp in old.msps]
    done = subprocess.run(
        [sys.executable, "-m", listings.__name__, *hosts],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found, expected = json.loads(done.stdout), old.facts["listings"]
    assert_kept(expected["msp list"], found["msp list"], "msp list")
    for host in hosts:
        for name, rows in expected[host].items():
            assert_kept(rows, found[host][name], name)


def assert_kept(expected: Any, found: Any, where: str) -> None:
    """What was in the old listing is in today's; there may be more to each row, and other rows between."""
    if isinstance(expected, dict):
        for name in expected.keys() - WORDED_NOW.get(where, set()):
            assert_kept(expected[name], found[RENAMED.get(name, name)], f"{where}: {name}")
    elif isinstance(expected, list) and expected and isinstance(expected[0], dict):
        key = next(name for name in IDENTITIES if name in expected[0])
        rows = {row[key]: row for row in found}
        assert rows.keys() >= {row[key] for row in expected}, where
        for row in expected:
            assert_kept(row, rows[row[key]], where)
    elif isinstance(expected, list) and where.endswith(": defaults"):
        # Settings that there were not yet have their defaults.
        assert set(found) >= set(expected), where
    elif isinstance(expected, list):
        assert sorted(found) == sorted(expected), where
    else:
        assert found == expected, where


async def test_the_sealed_secrets_open(product: Product, old: Old) -> None:
    for msp in old.msps:
        assert await product.open_secret(msp) == msp.facts["secret"]


async def test_every_link_and_what_was_looked_up_is_there(product: Product, old: Old) -> None:
    for msp in old.msps:
        for label, expected in msp.links.items():
            found = await product.find_link(msp, label)
            empty = {name: value for name, value in found.items() if value in (None, False, 0)}
            assert {name: str(value) for name, value in found.items()} == {
                name: str(expected.get(name, empty.get(name))) for name in LINK
            }, label
        for row in msp.facts["lookups"]:
            assert await product.find_lookup(msp, row["kind"], row["name"]) == row["remote_id"]


async def test_the_trail_verifies_from_the_first_event_on(product: Product, old: Old) -> None:
    signed = [
        heads.imported({name: line[name] for name in ("head", "signature")}) for line in old.facts["heads"]
    ]
    for msp in old.msps:
        text = await product.export_trail(msp)
        known = [head for head in signed if str(head.msp_id) == msp.facts["id"]]
        found = verifier.verify(io.BytesIO(text), msp.facts["public_keys"]["audit"], known=known)
        assert len(known) >= 2
        assert found.events >= known[-1].sequence > 0
