"""The buttons' side: many clients in one process, each pressing as fast as it is answered.

Every request's bytes are made before the clock starts. The share of the time this process was busy is told, so that
one sees whether the figures are the server's or the client's.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import uvloop

from .children import heard, say
from .report import distribution
from .tenant import encoded, press_headers
from .wire import Connection, connect, request


async def press_all(port: int, presses: list[bytes], clients: int) -> dict[str, Any]:
    """Send each of `presses` once, `clients` at a time, each client over a connection of its own."""
    connections = [await connect(port) for _ in range(clients)]
    try:
        left, statuses, seconds = iter(presses), Counter[int](), list[float]()
        busy, began = time.process_time(), time.perf_counter()
        await asyncio.gather(*(_client(each, left, statuses, seconds) for each in connections))
        lasted, busy = time.perf_counter() - began, time.process_time() - busy
    finally:
        for connection in connections:
            connection.close()
    return {
        "rate": len(presses) / lasted,
        "seconds": lasted,
        "client_busy": busy / lasted,
        "milliseconds": distribution([each * 1000 for each in seconds]),
        "statuses": {str(status): count for status, count in statuses.items()},
    }


async def _client(
    connection: Connection, left: Iterator[bytes], statuses: Counter[int], seconds: list[float]
) -> None:
    for press in left:
        began = time.perf_counter()
        answer = await connection.ask(press)
        seconds.append(time.perf_counter() - began)
        statuses[answer.status] += 1


async def _run() -> None:
    async for told in heard():
        headers = press_headers(told["key"], told["host"])
        presses = [request("POST", told["path"], headers, encoded(body)) for body in told["bodies"]]
        try:
            say(await press_all(told["port"], presses, told["clients"]))
        except OSError as error:
            say({"failed": str(error)})


if __name__ == "__main__":
    uvloop.run(_run())
