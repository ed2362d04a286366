"""Restores: noticing that the database is an older copy, and starting from it closed (threat T32, decision 0029).

A restored copy has forgotten what was decided and revoked since. So nothing is served from one that is noticed, until
the operator declares the restore; and what could have been revoked since is then held until it is released.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from stepladder.access_keys import held as keys
from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.elevation.rules.queries import unconfirm_all
from stepladder.elevation.service import Elevation
from stepladder.endpoints import held as machines
from stepladder.errors import Unavailable
from stepladder.kit.db import Actor, Database
from stepladder.remedies import Remedy
from stepladder.tenancy.technicians import lock_out_all
from stepladder.tickets.links import doubt_all

Heads = dict[str, dict[str, Any]]


class RestoredCopy(Unavailable):
    """The database is older than what this installation has seen of it."""

    code = "restored_copy"
    sentence = (
        "This database is a restored copy: it lacks events that this installation has seen. Nothing is served from it "
        "until you declare the restore."
    )
    remedy = Remedy.RESTORE_DECLARE


class WitnessUnreadable(Unavailable):
    """Without it a restored copy would go unseen, so nothing is served."""

    code = "witness_unreadable"
    sentence = (
        "The file witness.json in the data directory cannot be read, so a restored database would not be noticed. If "
        "nothing was restored, delete the file; it is made again."
    )


class Witness:
    """A file beside the database that remembers each MSP's last sealed event: a copy that lacks it is an older one."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "witness.json"

    async def check(self, db: Database) -> None:
        """Raises WitnessUnreadable, and RestoredCopy unless the restore was declared since, perhaps on another host.

        An MSP that is not there at all was removed, or has nothing to be revoked.
        """
        if seen := self._read():
            lost = await db.crossing(
                """select msp_id from lost_heads(%(msps)s::uuid[], %(sequences)s::bigint[], %(links)s::bytea[],
                                               %(instants)s::timestamptz[])""",
                seen,
            )
            if lost:
                raise RestoredCopy

    async def update(self, db: Database) -> None:
        """Remember the present ends of all chains. Raises RestoredCopy where the database went back meanwhile."""
        await self.check(db)
        rows = await db.crossing("select msp_id, sequence, link, at from latest_heads()")
        self._write(
            {
                str(row["msp_id"]): {
                    "sequence": row["sequence"],
                    "link": bytes(row["link"]).hex(),
                    "at": row["at"].isoformat(),
                }
                for row in rows
            }
        )

    def forget(self) -> None:
        """The restore is declared: from here on the copy is the installation's database."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> dict[str, list[Any]] | None:
        """What was seen, as the columns of a question. None where nothing was seen yet."""
        try:
            found: Heads = json.loads(self._path.read_text(encoding="utf-8"))
            return {
                "msps": [UUID(msp_id) for msp_id in found],
                "sequences": [int(head["sequence"]) for head in found.values()],
                "links": [bytes.fromhex(head["link"]) for head in found.values()],
                "instants": [datetime.fromisoformat(head["at"]) for head in found.values()],
            }
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise WitnessUnreadable from error

    def _write(self, heads: Heads) -> None:
        """Written beside it and moved, so that a process that dies leaves the old one."""
        beside = self._path.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps(heads), encoding="utf-8")
        beside.replace(self._path)


async def declare(db: Database, elevation: Elevation, actor: Actor) -> dict[str, int]:
    """Start one MSP closed, in one transaction; returns how much of each was ended or held.

    Requests that were open, and approvals that were not used, expire. Keys and machines are held until they are
    released, because they may have been revoked since; technicians are locked out; rules wait for a confirmation.
    Every ticket is looked for before one is opened or noted again.
    """
    async with db.transaction(actor) as tx:
        done = {
            "requests_expired": await elevation.expire_all(tx),
            "keys_held": await keys.hold_all(tx),
            "machines_held": await machines.hold_all(tx),
            "technicians_locked_out": await lock_out_all(tx),
            "rules_to_confirm": await unconfirm_all(tx),
            "tickets_looked_for": await doubt_all(tx),
        }
        await record(tx, Tag.MSP_RESTORED, actor.msp_id, None, **done)
    return done


async def release(
    db: Database, actor: Actor, *, machines_too: bool, key_ids: Collection[str] | None
) -> dict[str, int]:
    """Let in again what a declared restore held: machines, and all keys (None) or those. Revoked ones stay out."""
    async with db.transaction(actor) as tx:
        done = {
            "keys_released": await keys.release(tx, key_ids),
            "machines_released": await machines.release_all(tx) if machines_too else 0,
        }
        if any(done.values()):
            await record(tx, Tag.MSP_RELEASED, actor.msp_id, None, **done)
    return done
