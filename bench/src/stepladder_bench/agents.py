"""Waiting agents: each enrolled, each on a connection of its own, asking again as long as there is no decision.

An agent that is told says when; it does nothing else with the decision.
"""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass
from typing import Any

import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stepladder_protocol.keys import decode, encode

from .children import heard, say
from .tenant import REQUESTS_PATH, Desktop, signed_headers
from .wire import connect, request

LONGEST_WAIT = 50
_SPREAD_FROM = 5
ASKED, TOLD, LEFT = "asked", "told", "left"


@dataclass(frozen=True)
class _Agent:
    endpoint: str
    key: Ed25519PrivateKey
    request: str


def order(
    askers: list[tuple[Desktop, str]],
    *,
    host: str,
    port: int,
    per_second: float,
    spread: bool = False,
    once: float | None = None,
) -> dict[str, Any]:
    """What the helper is told: who waits for which request.

    `spread` gives first polls different lengths, so that later ones do not come all at once, as after a while in
    life. With `once` each agent waits that many seconds, leaves, and the helper says so.
    """
    agents = [
        {"endpoint": desk.id, "key": encode(desk.key.private_bytes_raw()), "request": request_id}
        for desk, request_id in askers
    ]
    how = {"host": host, "port": port, "per_second": per_second, "spread": spread, "once": once}
    return {"agents": agents, **how}


async def _run() -> None:
    running: set[asyncio.Task[None]] = set()
    async for told in heard():
        batch = await _start(told)
        running |= batch
        say({"event": ASKED, "agents": len(batch)})
        if told["once"] is not None:
            await asyncio.gather(*batch)
            say({"event": LEFT, "agents": len(batch)})


async def _start(told: dict[str, Any]) -> set[asyncio.Task[None]]:
    started = set()
    for each in told["agents"]:
        key = Ed25519PrivateKey.from_private_bytes(decode(each["key"]))
        agent = _Agent(each["endpoint"], key, each["request"])
        started.add(asyncio.create_task(_agent(agent, told)))
        await asyncio.sleep(1 / told["per_second"])
    return started


async def _agent(agent: _Agent, told: dict[str, Any]) -> None:
    first = random.uniform(_SPREAD_FROM, LONGEST_WAIT) if told["spread"] else LONGEST_WAIT  # noqa: S311  # no secret
    wait: float = first if told["once"] is None else told["once"]
    try:
        connection = await connect(told["port"])
        while True:
            path = f"{REQUESTS_PATH}/{agent.request}?wait={wait:.1f}"
            headers = signed_headers(agent.key, agent.endpoint, method="GET", host=told["host"], path=path)
            answer = await connection.ask(request("GET", path, headers))
            if answer.status in (429, 503):  # as an agent does
                await asyncio.sleep(random.uniform(0.5, 1.5))  # noqa: S311  # no secret
                continue
            if answer.status != 200:
                say({"failed": f"a poll was answered {answer.status}: {answer.body.decode()}"})
                return
            status = json.loads(answer.body)
            if status["state"] != "pending":
                say({"event": TOLD, "at": answer.at, "status": status})
            if status["state"] != "pending" or told["once"] is not None:
                connection.close()
                return
            wait = LONGEST_WAIT
    except OSError as error:
        say({"failed": f"an agent lost its connection: {error}"})


if __name__ == "__main__":
    uvloop.run(_run())
