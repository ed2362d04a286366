"""Integration runbooks: started by what happens to a ticket, they call methods step by step (HaloPSA fact 26)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from stepladder_sandbox.halopsa.flows import ACTION, END, EXECUTE_METHOD, FAIL, Flow, Step, read_steps
from stepladder_sandbox.halopsa.history import COMPLETED, FAILED, Run
from stepladder_sandbox.halopsa.outbound.calling import CannotCall, Methods, Occasion
from stepladder_sandbox.halopsa.records import Webhook
from stepladder_sandbox.halopsa.tickets import Ticket
from stepladder_sandbox.halopsa.world import EVENTS, World

Sleep = Callable[[float], Awaitable[None]]

STEP_LIMIT = 50
"""A runbook whose steps lead in a circle ends there."""


class Runbooks:
    """The runs of one sandbox. They go on by themselves, as those of HaloPSA do."""

    def __init__(self, world: World, methods: Methods, sleep: Sleep) -> None:
        self._world = world
        self._methods = methods
        self._sleep = sleep
        self._under_way: set[asyncio.Task[None]] = set()
        self._last_run = 0
        world.on_event = self.happened
        world.on_start = lambda runbook: self.start(runbook, None, "Started from outside")

    def happened(self, eventno: int, ticket: Ticket) -> None:
        """Start what is bound to an event."""
        for runbook in self._world.directory.bound_to(eventno):
            self.start(runbook, ticket, EVENTS.get(eventno, f"Event {eventno}"))

    def start(self, runbook: Webhook, ticket: Ticket | None, trigger: str) -> Run:
        """Begin a run, which goes on after the step that started it."""
        self._last_run += 1
        run = Run(
            id=self._last_run,
            runbook_id=runbook.id,
            runbook_name=runbook.name,
            ticket_id=ticket.id if ticket else 0,
            trigger=trigger,
            at=self._world.now(),
        )
        self._world.runs.append(run)
        task = asyncio.get_running_loop().create_task(self._run(run, runbook, ticket))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return run

    def of_ticket(self, ticket_id: int) -> list[Run]:
        """The runs that a ticket started, oldest first."""
        return [each for each in self._world.runs if each.ticket_id == ticket_id]

    async def idle(self) -> None:
        """Wait until no run is under way."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    async def aclose(self) -> None:
        """End all runs where they are."""
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, run: Run, runbook: Webhook, ticket: Ticket | None) -> None:
        flow = Flow(read_steps(runbook.steps))
        step = flow.start()
        occasion = Occasion(title=runbook.name, trigger=run.trigger, ticket=ticket, run_id=run.id)
        for _ in range(STEP_LIMIT):
            if step is None:
                self._end(run, FAILED, "Next step not found")
                return
            run.step_name = step.name
            if step.isend or step.steptype == END:
                failed = step.auto_action == FAIL
                self._end(run, FAILED if failed else COMPLETED, "Failed result reached" if failed else "")
                return
            run.steps_executed += 1
            is_success = await self._carried_out(run, step, occasion)
            following = step.next_after(is_success=is_success)
            step = flow.step(following) if following is not None else None
        self._end(run, FAILED, "Too many steps")

    async def _carried_out(self, run: Run, step: Step, occasion: Occasion) -> bool:
        """Do one step. Those that this sandbox does not know do nothing, and succeed."""
        if step.steptype != ACTION or step.auto_action != EXECUTE_METHOD:
            return True
        try:
            prepared = self._methods.prepare(step.auto_action_type, occasion)
        except CannotCall:
            run.error = "Method not found"
            return False
        switches = self._world.switches
        for attempt in range(1, switches.runbook_retries + 2):
            if attempt > 1:
                await self._sleep(switches.runbook_retry_wait_s)
            call = await self._methods.call(prepared, occasion, attempt)
            run.calls.append(call)
            if call.is_success:
                return True
        return False

    def _end(self, run: Run, status: int, error: str) -> None:
        run.status, run.error = status, run.error or error
        self._world.commits += 1
        self._world.log.write(
            "runbook.ended",
            run=run.id,
            runbook=run.runbook_name,
            ticket_id=run.ticket_id or None,
            trigger=run.trigger,
            is_success=status == COMPLETED,
            error=run.error or None,
            steps=run.steps_executed,
        )
