"""Callers who have proven nothing yet: how many of them an address may have refused before nobody looks any more.

Looking for an unknown key or machine costs a turn of the database, which all MSPs share. Who proved itself here lately
is no stranger, so a flood from the same address, such as that of a whole office, does not shut it out.
"""

from __future__ import annotations

import math

from stepladder.errors import TooMany
from stepladder.kit.clock import Clock
from stepladder.kit.recent import Recent
from stepladder.reconcile.rates import Rates

from .networks import site_of

REFUSALS_PER_MINUTE = 120


class TooManyRefusals(TooMany):
    """The address had too many keys or signatures refused."""

    code = "too_many_refusals"
    sentence = (
        "Too many calls from this address had an unknown key or signature. Wait as long as Retry-After says."
    )


class Strangers:
    """Refusals by address, and the proofs that were accepted lately."""

    def __init__(self, clock: Clock, *, per_minute: int = REFUSALS_PER_MINUTE) -> None:
        self._rates = Rates(clock, per_minute=per_minute)
        self._proven: Recent[bytes, bool] = Recent()

    def check(self, address: str, proof: bytes | None = None) -> None:
        """Raises TooManyRefusals for an address that had too many, unless `proof` was accepted lately."""
        if proof is not None and self._proven.get(proof):
            return
        seconds = self._rates.wait(site_of(address))
        if seconds:
            raise TooManyRefusals(retry_after=math.ceil(seconds))

    def refused(self, address: str) -> None:
        """The database was asked, and knew nobody."""
        self._rates.count(site_of(address))

    def prove(self, proof: bytes) -> None:
        """What was shown is genuine."""
        self._proven.keep(proof, True)
