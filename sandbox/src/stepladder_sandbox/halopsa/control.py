"""The control API below `/sandbox`: what a test or a campaign turns from outside while everything runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stepladder_sandbox.halopsa.faultplan import FAULT_KINDS, Chance, FaultStep
from stepladder_sandbox.halopsa.outbound.press import CannotPress, Outbound
from stepladder_sandbox.halopsa.switches import UnknownSwitch
from stepladder_sandbox.halopsa.ticket_writes import seed_tickets
from stepladder_sandbox.halopsa.world import World

Endpoint = Callable[[Request], Awaitable[Response]]


class _FaultsWanted(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    script: list[FaultStep] = []
    chance: Chance | None = None
    replace: bool = False


class _Spend(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    calls: int


class _Press(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    button_id: int
    agent_id: int


def control_routes(world: World, outbound: Outbound) -> list[Route]:
    """All addresses of the control API."""
    return [
        _route("/switches", "GET", lambda request: _switches(world)),
        _route("/switches", "PATCH", lambda request: _change_switches(world, request)),
        _route("/faults", "GET", lambda request: _faults(world)),
        _route("/faults", "POST", lambda request: _plan_faults(world, request)),
        _route("/faults", "DELETE", lambda request: _clear_faults(world)),
        _route("/config", "PATCH", lambda request: _reconfigure(world, request)),
        _route("/state", "GET", lambda request: _state(world)),
        _route("/log", "GET", lambda request: _log(world, request)),
        _route("/reset", "POST", lambda request: _reset(world)),
        _route("/tokens", "DELETE", lambda request: _end_tokens(world)),
        _route("/rate", "POST", lambda request: _spend(world, request)),
        _route("/tickets/{ticket_id:int}/press", "POST", lambda request: _press(outbound, request)),
    ]


def _route(path: str, method: str, endpoint: Endpoint) -> Route:
    async def answering(request: Request) -> Response:
        try:
            return await endpoint(request)
        except (msgspec.MsgspecError, UnknownSwitch, CannotPress) as wrong:
            return _json({"error": str(wrong)}, status=400)

    return Route(f"/sandbox{path}", answering, methods=[method])


def _json(data: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(data), status, media_type="application/json")


async def _switches(world: World) -> Response:
    return _json({"values": world.switches.as_dict(), "switches": world.switches.described()})


async def _change_switches(world: World, request: Request) -> Response:
    wanted = msgspec.json.decode(await request.body(), type=dict[str, Any])
    world.switches.change(wanted)
    world.log.write("switches.changed", changed=wanted)
    return await _switches(world)


async def _faults(world: World) -> Response:
    return _json({"script": world.faults.script, "chance": world.faults.chance, "kinds": FAULT_KINDS})


async def _plan_faults(world: World, request: Request) -> Response:
    wanted = msgspec.json.decode(await request.body(), type=_FaultsWanted)
    if wanted.replace:
        world.faults.clear()
    world.faults.add(*wanted.script)
    if wanted.chance:
        world.faults.set_chance(wanted.chance)
    world.log.write(
        "faults.planned", script=msgspec.to_builtins(wanted.script), chance=msgspec.to_builtins(wanted.chance)
    )
    return await _faults(world)


async def _clear_faults(world: World) -> Response:
    world.faults.clear()
    world.log.write("faults.cleared")
    return await _faults(world)


async def _reconfigure(world: World, request: Request) -> Response:
    changes = msgspec.json.decode(await request.body(), type=dict[str, Any])
    world.reconfigure(changes)
    return await _state(world)


async def _state(world: World) -> Response:
    return _json(
        {
            "now": world.now(),
            "tickets": {
                "total": len(world.store),
                "open": len(world.store.open()),
                "deleted": len(world.store.deleted()),
            },
            "rate": {
                "in_window": world.rate.count(world.now()),
                "limit": world.switches.rate_limit,
                "window_s": world.switches.rate_window_s,
            },
            "tokens": len(world.tokens),
            "outage": world.switches.outage,
            "faults_to_come": sum(step.times for step in world.faults.script),
            "last_event": world.log.last,
        }
    )


async def _log(world: World, request: Request) -> Response:
    after, limit = (_number(request, name, default) for name, default in (("after", 0), ("limit", 1000)))
    return _json({"last": world.log.last, "events": world.log.after(after, limit)})


def _number(request: Request, name: str, default: int) -> int:
    given = request.query_params.get(name, "")
    return int(given) if given.isdecimal() else default


async def _reset(world: World) -> Response:
    world.reset()
    seed_tickets(world)
    return await _state(world)


async def _end_tokens(world: World) -> Response:
    world.tokens.revoke_all()
    world.log.write("tokens.revoked")
    return await _state(world)


async def _spend(world: World, request: Request) -> Response:
    wanted = msgspec.json.decode(await request.body(), type=_Spend)
    world.rate.spend(world.now(), wanted.calls)
    world.log.write("rate.spent_by_others", calls=wanted.calls)
    return await _state(world)


async def _press(outbound: Outbound, request: Request) -> Response:
    wanted = msgspec.json.decode(await request.body(), type=_Press)
    calls = await outbound.press(request.path_params["ticket_id"], wanted.button_id, wanted.agent_id)
    return _json({"calls": calls})
