"""The wider integration API: customers, groups, devices, delegation, standing rules, the trail.

Known from a public client of the documented product, so that scripts written for that keep working. Each call needs a
key with its action; a key that is scoped to customers sees nothing else of the MSP, as if there were nothing else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stepladder.access_keys.gate import KeyGate
from stepladder.access_keys.service import InboundKey, KeyAction, KeyNotAllowed
from stepladder.audit import reading
from stepladder.audit.reading import Trail
from stepladder.elevation.rules import service as standing
from stepladder.elevation.rules.service import Scope
from stepladder.endpoints import listing
from stepladder.kit.db import Transaction
from stepladder.tenancy import customers, delegation, groups
from stepladder.tenancy.deletion import Deletion
from stepladder.tenancy.service import Customer, create_customer
from stepladder_protocol.messages import ElevationKind

from . import shapes
from .buttons import PREFIX
from .inbound import check_media_type, key_of, query_of, refused_call, whole_number

DEFAULT_RANGE, DEFAULT_SIZE = "last_90d", 100
_ONE, _CUSTOMER = f"{PREFIX}/customers/{{name}}", f"{PREFIX}/customers"


@dataclass(frozen=True)
class Call:
    """A call whose key was checked, in its transaction."""

    tx: Transaction
    key: InboundKey
    request: Request

    @property
    def name(self) -> str:
        """What the address calls the customer."""
        return str(self.request.path_params["name"])

    @property
    def deletion(self) -> Deletion:
        """The use case of deleting a customer."""
        found: Deletion = self.request.app.state.deletion
        return found

    @property
    def trail(self) -> Trail:
        """The use case of reading the trail."""
        found: Trail = self.request.app.state.trail
        return found

    async def customer(self) -> Customer:
        """The customer that the address names. Raises NotFound or CustomerAmbiguous."""
        return await customers.find_called(self.tx, self.name, self.key.customer_ids)


Work = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True)
class WideApi:
    """The calls beside the three documented ones."""

    gate: KeyGate

    def routes(self) -> list[Route]:
        """The paths. What is fixed stands before what is a name."""
        read, rules = KeyAction.READ, KeyAction.MANAGE_RULES
        manage, delegate = KeyAction.MANAGE_CUSTOMERS, KeyAction.MANAGE_DELEGATION
        return [
            self._route("GET", _CUSTOMER, read, list_customers),
            self._route(
                "POST", _CUSTOMER, manage, new_customer, takes=shapes.CUSTOMER_REQUEST, msp_wide=True
            ),
            self._route("GET", f"{_CUSTOMER}/id/{{id}}", read, customer_by_id),
            self._route("GET", f"{_CUSTOMER}/{{id}}/devices", read, devices),
            self._route("GET", _ONE, read, customer_by_name),
            self._route("DELETE", _ONE, manage, delete_customer),
            self._route("PATCH", f"{_ONE}/settings", manage, change_settings, takes=shapes.CUSTOMER_INFO),
            self._route("POST", f"{_ONE}/delegation", delegate, delegate_to, takes=shapes.DELEGATE),
            self._route("POST", f"{_ONE}/undelegation", delegate, undelegate_from, takes=shapes.UNDELEGATE),
            self._route("GET", f"{_ONE}/rules", read, customer_rules),
            self._route("POST", f"{_ONE}/rules", rules, save_customer_rules, takes=shapes.RULES),
            self._route("GET", f"{PREFIX}/groups", read, list_groups, msp_wide=True),
            self._route("GET", f"{PREFIX}/msp/rules", read, msp_rules, msp_wide=True),
            self._route(
                "POST", f"{PREFIX}/msp/rules", rules, save_msp_rules, takes=shapes.RULES, msp_wide=True
            ),
            self._route(
                "GET",
                f"{PREFIX}/audit/events",
                KeyAction.READ_AUDIT,
                audit_events,
                parameters=("page", "size", "range", "name"),
            ),
        ]

    def _route(
        self,
        method: str,
        path: str,
        action: KeyAction,
        work: Work,
        *,
        takes: str | None = None,
        msp_wide: bool = False,
        parameters: tuple[str, ...] = (),
    ) -> Route:
        """A route for a key with `action`; `msp_wide` is not for a key that serves some customers only."""

        async def endpoint(request: Request) -> Response:
            key = key_of(request)
            query_of(request, parameters)
            if takes:
                check_media_type(request, takes)
                await request.body()

            async def act(tx: Transaction, found: InboundKey) -> Response:
                found.check_may(action)
                if msp_wide and found.customer_ids is not None:
                    raise KeyNotAllowed
                return await work(Call(tx, found, request))

            return await self.gate.call(key, act, refused_call(request, work.__name__))

        return Route(path, endpoint, methods=[method], name=work.__name__)


async def list_customers(call: Call) -> Response:
    """GET /customers."""
    found = await customers.list_served(call.tx, call.key.customer_ids)
    return shapes.answer(shapes.items(map(shapes.customer, found)), shapes.CUSTOMER_LIST)


async def new_customer(call: Call) -> Response:
    """POST /customers."""
    name, display_name = shapes.new_customer(await call.request.body())
    made = await create_customer(call.tx, name=name, display_name=display_name)
    accepted = {part.split(";")[0].strip() for part in call.request.headers.get("accept", "").split(",")}
    media_type = shapes.CUSTOMER_WITHOUT_SDK if shapes.CUSTOMER_WITHOUT_SDK in accepted else shapes.CUSTOMER
    return shapes.answer(shapes.customer(made), media_type, 201)


async def customer_by_id(call: Call) -> Response:
    """GET /customers/id/{id}."""
    found = await customers.find_by_id(call.tx, call.request.path_params["id"], call.key.customer_ids)
    return await _info(call, found)


async def customer_by_name(call: Call) -> Response:
    """GET /customers/{name}."""
    return await _info(call, await call.customer())


async def delete_customer(call: Call) -> Response:
    """DELETE /customers/{name}."""
    await call.deletion.delete(call.tx, await call.customer())
    return Response(status_code=204)


async def change_settings(call: Call) -> Response:
    """PATCH /customers/{name}/settings."""
    display_name, lifetime = shapes.settings(await call.request.body())
    changed = await customers.change_settings(
        call.tx, await call.customer(), display_name=display_name, lifetime=lifetime
    )
    return await _info(call, changed)


async def devices(call: Call) -> Response:
    """GET /customers/{id}/devices."""
    found = await customers.find_by_id(call.tx, call.request.path_params["id"], call.key.customer_ids)
    machines = await listing.of_customer(call.tx, found.id)
    return shapes.answer(shapes.items(map(shapes.device, machines)), shapes.DEVICES)


async def delegate_to(call: Call) -> Response:
    """POST /customers/{name}/delegation."""
    email, role = shapes.delegation_of(await call.request.body())
    made = await delegation.delegate(call.tx, await call.customer(), email=email, role=role)
    return shapes.answer(shapes.delegation(made), shapes.DELEGATE)


async def undelegate_from(call: Call) -> Response:
    """POST /customers/{name}/undelegation."""
    email = shapes.undelegation_of(await call.request.body())
    known = await delegation.undelegate(call.tx, await call.customer(), email=email)
    return shapes.answer({"userEmail": known}, shapes.UNDELEGATE)


async def list_groups(call: Call) -> Response:
    """GET /groups."""
    found = await groups.groups(call.tx)
    return shapes.answer(shapes.items(map(shapes.group, found)), shapes.GROUP_LIST)


async def msp_rules(call: Call) -> Response:
    """GET /msp/rules."""
    return await _rules(call, Scope())


async def save_msp_rules(call: Call) -> Response:
    """POST /msp/rules."""
    return await _save_rules(call, Scope())


async def customer_rules(call: Call) -> Response:
    """GET /customers/{name}/rules."""
    return await _rules(call, Scope((await call.customer()).id))


async def save_customer_rules(call: Call) -> Response:
    """POST /customers/{name}/rules."""
    return await _save_rules(call, Scope((await call.customer()).id))


async def audit_events(call: Call) -> Response:
    """GET /audit/events. `name` is a customer's: only what is about that customer."""
    query, served = call.request.query_params, call.key.customer_ids
    page = whole_number(query.get("page", "1"), "page")
    size = whole_number(query.get("size", str(DEFAULT_SIZE)), "size")
    since = call.tx.now - reading.parse_range(query.get("range", DEFAULT_RANGE))
    if "name" in query:
        served = list(await customers.ever_called(call.tx, query["name"], served))
    found = await call.trail.page_of(call.tx, since=since, page=page, size=size, customers=served)
    value = shapes.items(map(shapes.event, found.events))
    return shapes.answer({**value, "page": page, "size": size, "hasMore": found.has_more}, shapes.PLAIN)


async def _info(call: Call, found: Customer) -> Response:
    return shapes.answer(shapes.customer_info(await customers.info(call.tx, found)), shapes.CUSTOMER_INFO)


async def _rules(call: Call, scope: Scope) -> Response:
    found = await standing.rules_of(call.tx, scope)
    return shapes.answer(shapes.rules(found, call.tx.now), shapes.RULES)


async def _save_rules(call: Call, scope: Scope) -> Response:
    drafts = shapes.rule_drafts(await call.request.body())
    may_give = [ElevationKind(mode) for mode in call.key.modes]
    kept = await standing.save(call.tx, scope, drafts, may_give)
    return shapes.answer(shapes.rules(kept, call.tx.now), shapes.RULES)
