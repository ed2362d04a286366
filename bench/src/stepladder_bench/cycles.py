"""The lifecycle's clients: each a desktop that asks, a technician who presses, and the desktop that looks, in turn."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stepladder_protocol.keys import decode

from .children import CannotMeasure, heard, say
from .tenant import encoded, press_headers, signed_headers, wanted
from .wire import Connection, connect, request


@dataclass(frozen=True)
class Side:
    """Where a side listens, and its paths."""

    host: str
    port: int
    submit: str
    approve: str
    read: str
    key: str
    customer: str


@dataclass(frozen=True)
class _Desk:
    id: str
    key: Ed25519PrivateKey


async def run_all(told: dict[str, Any]) -> dict[str, Any]:
    """So many lifecycles, a client for each connection."""
    side = Side(**told["side"])
    desks = [
        _Desk(each["id"], Ed25519PrivateKey.from_private_bytes(decode(each["key"]))) for each in told["desks"]
    ]
    left = iter(range(told["cycles"]))
    connections = [await connect(side.port) for _ in range(told["clients"])]
    try:
        busy, began = time.process_time(), time.perf_counter()
        await asyncio.gather(*(_client(each, side, desks, left) for each in connections))
        lasted, busy = time.perf_counter() - began, time.process_time() - busy
    finally:
        for connection in connections:
            connection.close()
    return {"rate": told["cycles"] / lasted, "seconds": lasted, "client_busy": busy / lasted}


async def _client(connection: Connection, side: Side, desks: list[_Desk], left: Iterator[int]) -> None:
    for number in left:
        desk = desks[number % len(desks)]
        body = wanted().model_dump_json().encode()
        asked = await _signed(connection, side, desk, method="POST", path=side.submit, body=body)
        press = {
            "idemeumElevationRequestId": asked["request_id"],
            "idemeumCustomerName": side.customer,
            "userElevationMode": "USER",
        }
        await _told(
            connection, request("POST", side.approve, press_headers(side.key, side.host), encoded(press))
        )
        seen = await _signed(connection, side, desk, method="GET", path=f"{side.read}{asked['request_id']}")
        if seen["state"] != "approved":
            raise CannotMeasure(f"A request was {seen['state']} behind its approval.")


async def _signed(
    connection: Connection, side: Side, desk: _Desk, *, method: str, path: str, body: bytes = b""
) -> Any:
    headers = signed_headers(desk.key, desk.id, method=method, host=side.host, path=path, body=body)
    return await _told(connection, request(method, path, headers, body))


async def _told(connection: Connection, asked: bytes) -> Any:
    answer = await connection.ask(asked)
    if answer.status not in (200, 201):
        raise CannotMeasure(f"A call was answered {answer.status}: {answer.body.decode()}")
    return json.loads(answer.body)


async def _run() -> None:
    async for told in heard():
        try:
            say(await run_all(told))
        except (OSError, CannotMeasure) as error:
            say({"failed": str(error)})


if __name__ == "__main__":
    uvloop.run(_run())
