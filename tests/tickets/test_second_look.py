"""Nothing found is the one answer that leads to a second create, so it is heard twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.support.memory.connector import PASSES, Mishap
from tests.tickets.staged import SEARCH_LAG, Stage

from stepladder.connectors.base import TryLater


class BlindOnce:
    """A connector whose first look for a ticket sees nothing, whatever is there."""

    def __init__(self, connector: Any, seen: list[bool]) -> None:
        self._connector, self._seen = connector, seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector, name)

    async def find_ticket(self, draft: Any) -> Any:
        found = await self._connector.find_ticket(draft)
        self._seen.append(found is not None)
        return None if len(self._seen) == 1 else found


async def test_one_false_empty_look_after_the_lag_makes_no_second_ticket(stage: Stage) -> None:
    """TEST-15: the create's answer was lost, the lag has passed, the first look is wrong; the second one counts."""
    lost = Mishap(TryLater("No answer.", code="memory_lost", may_have_happened=True), landed=True)
    stage.remote.mishaps.extend([PASSES, lost])
    request_id = (await stage.tenant.submit()).request_id
    await stage.run()
    assert (await stage.link(request_id))["create_sent_at"] is not None
    assert len(stage.remote.tickets) == 1
    looks: list[bool] = []
    wrap = stage.memory.wrap
    stage.memory.wrap = lambda connector: BlindOnce(wrap(connector), looks)
    stage.clock.move(timedelta(seconds=2 * SEARCH_LAG))
    await stage.run()
    assert looks == [True, True]
    assert len(stage.remote.tickets) == 1
    assert (await stage.link(request_id))["observed"] == "open"
