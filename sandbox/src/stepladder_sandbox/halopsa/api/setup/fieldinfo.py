"""`/api/FieldInfo`: custom fields. Created as `x`, read as `CFx`; name and type stay as they are (HaloPSA fact 24)."""

from __future__ import annotations

from typing import Any

from stepladder_sandbox.halopsa.api.calls import Query
from stepladder_sandbox.halopsa.api.setup.kinds import Kind, guid_of, number_or, text_or
from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.records import CustomField
from stepladder_sandbox.halopsa.refusals import invalid
from stepladder_sandbox.halopsa.world import World

_KNOWN = frozenset({"id", "guid", "name", "label", "type", "inputtype", "usage", "custom", "variable_name"})
_DEFAULTS = {"searchable": True, "characterlimit": 0}


def _merged(world: World, element: Element, old: CustomField | None) -> CustomField:
    if old:
        _check_unchanged(world, element, old)
    inputtype = number_or(element, "inputtype", 0 if old is None or old.kind == "text" else 1)
    return CustomField(
        id=old.id if old else world.next_id("custom_fields"),
        name=old.name if old else _new_name(world, element),
        label=text_or(element, "label", old.label if old else ""),
        kind=old.kind if old else "number" if inputtype == 1 else "text",
        type=old.type if old else number_or(element, "type", 0),
        usage=number_or(element, "usage", old.usage if old else 1),
        other=(old.other if old else {}) | element.besides(_KNOWN),
    )


def _new_name(world: World, element: Element) -> str:
    """The name as it will be read: with `CF` before it, in any case ("C": vendor guide 1938)."""
    given = (element.text("name") or "").strip()
    if not given or not all(each.isalnum() or each == "_" for each in given):
        raise invalid("Please enter a valid Field Name")
    name = f"CF{given}"
    if world.directory.custom_field(None, name):
        raise invalid("A field with this name already exists")
    return name


def _check_unchanged(world: World, element: Element, old: CustomField) -> None:
    name, kind = element.text("name"), element.integer("type")
    renamed = bool(name) and (name or "").lower() not in (old.name.lower(), old.name.lower()[2:])
    retyped = kind is not None and kind != old.type
    if (renamed or retyped) and world.switches.field_rename == "400":
        raise invalid("The Type and Name of a field cannot be changed")


def field_info(world: World, field: CustomField, query: Query | None = None) -> dict[str, Any]:
    """A custom field as it is listed and read."""
    return (
        _DEFAULTS
        | field.other
        | {
            "id": field.id,
            "guid": guid_of(0xA001, field.id),
            "name": field.name,
            "label": field.label or field.name,
            "variable_name": f"${field.name}",
            "type": field.type,
            "inputtype": 0 if field.kind == "text" else 1,
            "usage": field.usage,
            "custom": 1,
        }
    )


FIELD_INFO = Kind(
    name="FieldInfo",
    part="custom_fields",
    rows_name="fields",
    switch="fields_writable",
    merged=_merged,
    row=field_info,
    whole=field_info,
    is_open=True,
)
