"""`/api/CustomIntegration` and `/api/CustomIntegrationMethod`: where buttons and runbooks call, with which key."""

from __future__ import annotations

from typing import Any, Literal

from stepladder_sandbox.halopsa.api.calls import Query
from stepladder_sandbox.halopsa.api.setup.kinds import Kind, guid_of, number_or, text_or
from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.records import Integration, Method
from stepladder_sandbox.halopsa.refusals import invalid
from stepladder_sandbox.halopsa.world import World

Verb = Literal["GET", "POST", "PUT", "DELETE", "PATCH"]
_VERBS: tuple[Verb, ...] = ("GET", "POST", "PUT", "DELETE", "PATCH")
"""HaloPSA's numbers for them ("P": HCL)."""

_SECRETS = frozenset({"new_client_secret", "new_password"})
_OF_INTEGRATION = _SECRETS | {
    *("id", "guid", "name", "resourcebaseurl", "authorizationtype", "bearerlocation", "methods"),
    *("headername", "username", "authorized"),
}
_OF_METHOD = frozenset(
    {
        *("id", "guid", "integration_id", "integration_guid", "integration_name", "integration_baseurl"),
        *("name", "full_name", "path", "method", "authorizationtype", "requesttype", "requestbody"),
        *("headers", "uri_params"),
    }
)


def _merged_integration(world: World, element: Element, old: Integration | None) -> Integration:
    name = text_or(element, "name", old.name if old else "").strip()
    if not name:
        raise invalid("Please enter a Name")
    names = ("headername", "new_client_secret")
    if world.switches.api_key_fields == "username":
        names = ("username", "new_password")
    location = number_or(element, "bearerlocation", int(old.key_in_query) if old else 0)
    return Integration(
        id=old.id if old else world.next_id("integrations"),
        name=name,
        base_url=_base_url(world, text_or(element, "resourcebaseurl", old.base_url if old else "")),
        authorizationtype=number_or(element, "authorizationtype", old.authorizationtype if old else 0),
        header_name=text_or(element, names[0], old.header_name if old else ""),
        # A form in which no secret was typed sends an empty one: it changes nothing.
        header_value=element.text(names[1]) or (old.header_value if old else ""),
        key_in_query=location == 1,
        other=(old.other if old else {}) | element.besides(_OF_INTEGRATION),
    )


def _base_url(world: World, url: str) -> str:
    """How HaloPSA joins it with a method's path is unknown; here both stand side by side as they are."""
    return url if world.switches.base_url_slash == "kept" else url.rstrip("/")


def _integration_row(world: World, integration: Integration) -> dict[str, Any]:
    return {
        "id": integration.id,
        "guid": guid_of(0xA002, integration.id),
        "name": integration.name,
        "resourcebaseurl": integration.base_url,
        "authorizationtype": integration.authorizationtype,
    }


def _whole_integration(world: World, integration: Integration, query: Query) -> dict[str, Any]:
    """All but the key: it is written, and never read back."""
    key_field = "username" if world.switches.api_key_fields == "username" else "headername"
    found = integration.other | _integration_row(world, integration)
    found |= {key_field: integration.header_name, "bearerlocation": int(integration.key_in_query)}
    if query.flag("includemethods") or query.flag("includedetails"):
        methods = (each for each in world.config.methods if each.integration_id == integration.id)
        found["methods"] = [_method_row(world, each) for each in methods]
    return found


def _delete_methods(world: World, integration: Integration) -> None:
    """The methods go with their integration ("P": HCL)."""
    left = tuple(each for each in world.config.methods if each.integration_id != integration.id)
    world.configure(methods=left)


CUSTOM_INTEGRATION = Kind(
    name="CustomIntegration",
    part="integrations",
    rows_name="integrations",
    switch="integrations_writable",
    merged=_merged_integration,
    row=_integration_row,
    whole=_whole_integration,
    after_delete=_delete_methods,
)


def _merged_method(world: World, element: Element, old: Method | None) -> Method:
    name = text_or(element, "name", old.name if old else "").strip()
    if not name:
        raise invalid("Please enter a Name")
    integration_id = number_or(element, "integration_id", old.integration_id if old else 0)
    if integration_id not in world.directory.integrations:
        raise invalid("Please choose an Integration")
    number = number_or(element, "method", _VERBS.index(old.verb) if old else 0)
    if not 0 <= number < len(_VERBS):
        raise invalid("Please choose a Method")
    return Method(
        id=old.id if old else world.next_id("methods"),
        name=name,
        integration_id=integration_id,
        path=text_or(element, "path", old.path if old else ""),
        verb=_VERBS[number],
        authorizationtype=number_or(element, "authorizationtype", old.authorizationtype if old else -1),
        requesttype=number_or(element, "requesttype", old.requesttype if old else 0),
        body=text_or(element, "requestbody", old.body if old else ""),
        headers=_pairs(element, "headers", old.headers if old else {}),
        uri_params=_pairs(element, "uri_params", old.uri_params if old else {}),
        other=(old.other if old else {}) | element.besides(_OF_METHOD),
    )


def _pairs(element: Element, name: str, old: dict[str, str]) -> dict[str, str]:
    """Rows of key and value, which replace what was there; a row without a key is dropped."""
    rows = element.objects(name)
    if rows is None:
        return old
    pairs = ((each.text("key") or "", each.text("value") or "") for each in rows)
    return {key: value for key, value in pairs if key}


def _method_row(world: World, method: Method) -> dict[str, Any]:
    integration = world.directory.integrations.get(method.integration_id)
    return {
        "id": method.id,
        "guid": guid_of(0xA003, method.id),
        "integration_id": method.integration_id,
        "integration_name": integration.name if integration else "",
        "integration_baseurl": integration.base_url if integration else "",
        "name": method.name,
        "full_name": f"{integration.name if integration else ''}: {method.name}",
        "path": method.path,
        "method": _VERBS.index(method.verb),
        "authorizationtype": method.authorizationtype,
    }


def _whole_method(world: World, method: Method, query: Query) -> dict[str, Any]:
    arrays = {
        name: [
            {"id": number, "method_id": method.id, "key": key, "value": value}
            for number, (key, value) in enumerate(pairs.items(), 1)
        ]
        for name, pairs in (("headers", method.headers), ("uri_params", method.uri_params))
    }
    defaults = {"responsetype": 0, "body_mappings": [], "output_variables": []}
    details = {"requesttype": method.requesttype, "requestbody": method.body}
    return defaults | method.other | _method_row(world, method) | details | arrays


def _of_integration(world: World, query: Query, method: Method) -> bool:
    wanted = query.integer("integration_id")
    return not wanted or wanted == method.integration_id


CUSTOM_INTEGRATION_METHOD = Kind(
    name="CustomIntegrationMethod",
    part="methods",
    rows_name="methods",
    switch="integrations_writable",
    merged=_merged_method,
    row=_method_row,
    whole=_whole_method,
    chosen=_of_integration,
    is_paged=True,
)
