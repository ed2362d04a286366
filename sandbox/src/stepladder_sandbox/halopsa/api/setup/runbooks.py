"""`/api/Webhook` and `/api/Notification`: runbooks are webhooks of type 1, and notifications start them ("P": HCL)."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

from stepladder_sandbox.halopsa.api.calls import Query
from stepladder_sandbox.halopsa.api.setup.kinds import Kind, flag_or, number_or, text_or
from stepladder_sandbox.halopsa.api.setup.workflows import checked_steps
from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.records import Trigger, Webhook
from stepladder_sandbox.halopsa.refusals import invalid
from stepladder_sandbox.halopsa.world import EVENTS, World

RUNBOOK = 1
_OF_WEBHOOK = frozenset(
    {
        *("id", "name", "type", "url", "active", "runbook_start_type", "steps", "input_variables"),
        *("events", "basic_password", "last_status"),
    }
)
_OF_TRIGGER = frozenset({"id", "guid", "eventno", "name", "webhook_id"})


def _merged(world: World, element: Element, old: Webhook | None) -> Webhook:
    kind = number_or(element, "type", old.type if old else 0)
    name = text_or(element, "name", old.name if old else "").strip()
    url = text_or(element, "url", old.url if old else "").strip()
    if kind != RUNBOOK and urlsplit(url).scheme not in ("http", "https"):
        raise invalid("Please enter a valid URL")
    if not name:
        raise invalid("Please enter a Name")
    if any(each.name.lower() == name.lower() and each is not old for each in world.config.webhooks):
        raise invalid("Name must be unique")
    variables = element.documents("input_variables")
    new = Webhook(
        id=old.id if old else str(uuid.uuid4()),
        name=name,
        type=kind,
        url=url,
        active=flag_or(element, "active", old.active if old else True),
        runbook_start_type=number_or(element, "runbook_start_type", old.runbook_start_type if old else 0),
        steps=checked_steps(element, old.steps if old else ()),
        input_variables=(old.input_variables if old else ()) if variables is None else variables,
        other=(old.other if old else {}) | element.besides(_OF_WEBHOOK),
    )
    _bind(world, element, new)
    return new


def _bind(world: World, element: Element, webhook: Webhook) -> None:
    """`events` of a runbook are a view of its triggers, dropped on a write ("P"), unless switched otherwise."""
    events = element.objects("events")
    if events is None or not world.switches.webhook_events_writable:
        return
    others = [each for each in world.config.triggers if each.webhook_id.lower() != webhook.id.lower()]
    first = world.next_id("triggers")
    bound = (
        Trigger(
            id=first + number,
            eventno=each.integer("eventno") or 0,
            webhook_id=webhook.id,
            name=each.text("name") or EVENTS.get(each.integer("eventno") or 0, ""),
            guid=str(uuid.uuid4()),
        )
        for number, each in enumerate(events)
    )
    world.configure(triggers=(*others, *bound))


def _row(world: World, webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "name": webhook.name,
        "type": webhook.type,
        "url": webhook.url,
        "active": webhook.active,
        "runbook_start_type": webhook.runbook_start_type,
    }


def _whole(world: World, webhook: Webhook, query: Query) -> dict[str, Any]:
    found = webhook.other | _row(world, webhook)
    if not query.flag("includedetails"):
        return found
    bound = (each for each in world.config.triggers if each.webhook_id.lower() == webhook.id.lower())
    return found | {
        "steps": list(webhook.steps),
        "input_variables": list(webhook.input_variables),
        "events": [_trigger(world, each) for each in bound],
    }


def _of_type(world: World, query: Query, webhook: Webhook) -> bool:
    wanted = query.integer("type")
    return wanted is None or wanted == webhook.type


def _unbind(world: World, webhook: Webhook) -> None:
    left = tuple(each for each in world.config.triggers if each.webhook_id.lower() != webhook.id.lower())
    world.configure(triggers=left)


WEBHOOK = Kind(
    name="Webhook",
    part="webhooks",
    rows_name="webhooks",
    switch="runbooks_writable",
    merged=_merged,
    row=_row,
    whole=_whole,
    chosen=_of_type,
    after_delete=_unbind,
)


def _merged_trigger(world: World, element: Element, old: Trigger | None) -> Trigger:
    """A trigger. One whose GUID is known is that trigger, with any id: copied GUIDs take it over ("P")."""
    guid = text_or(element, "guid", old.guid if old else "").lower()
    old = old or next((each for each in world.config.triggers if guid and each.guid == guid), None)
    webhook_id = text_or(element, "webhook_id", old.webhook_id if old else "")
    eventno = number_or(element, "eventno", old.eventno if old else 0)
    if webhook_id.lower() not in world.directory.webhooks:
        raise invalid("Please choose a Webhook")
    if eventno <= 0:
        raise invalid("Please choose an Event")
    return Trigger(
        id=old.id if old else world.next_id("triggers"),
        guid=guid or str(uuid.uuid4()),
        eventno=eventno,
        name=text_or(element, "name", old.name if old else EVENTS.get(eventno, "")),
        webhook_id=webhook_id,
        other=(old.other if old else {}) | element.besides(_OF_TRIGGER),
    )


def _trigger(world: World, trigger: Trigger, query: Query | None = None) -> dict[str, Any]:
    return (
        {"type": -2, "delivery_method": 6, "agent_id": 0}
        | trigger.other
        | {
            "id": trigger.id,
            "guid": trigger.guid,
            "eventno": trigger.eventno,
            "name": trigger.name,
            "webhook_id": trigger.webhook_id,
        }
    )


def _of_webhook(world: World, query: Query, trigger: Trigger) -> bool:
    wanted = query.text("webhook_id").lower()
    return not wanted or wanted == trigger.webhook_id.lower()


NOTIFICATION = Kind(
    name="Notification",
    part="triggers",
    rows_name="notifications",
    switch="runbooks_writable",
    merged=_merged_trigger,
    row=_trigger,
    whole=_trigger,
    chosen=_of_webhook,
)
