"""The bodies of the wider integration calls: how they are read, strictly, and how answers look.

Members that other tools are known to send or read keep their names; where a form is not public it is ours, and
`docs/integration-api.md` says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from starlette.responses import Response

from stepladder.audit.reading import AuditedEvent
from stepladder.elevation.policy import Verdict
from stepladder.elevation.rules.policy import LONGEST_NOTE, Draft, Match
from stepladder.elevation.rules.queries import Rule
from stepladder.endpoints.listing import ListedEndpoint
from stepladder.kit.ids import parse_uuid
from stepladder.tenancy.customers import CustomerInfo, Lifetime
from stepladder.tenancy.delegation import DELEGABLE, Delegation
from stepladder.tenancy.groups import Group
from stepladder.tenancy.service import Customer, Role
from stepladder.web.strict_json import BodyRefused, members, read_object, text
from stepladder_protocol.messages import ElevationKind


def _type(name: str) -> str:
    return f"application/vnd.dvmi.{name}+json"


CUSTOMER_LIST = _type("sdk.customer.basic.info.list")
CUSTOMER_INFO = _type("sdk.customer.info")
CUSTOMER_REQUEST = _type("sdk.customer.request")
CUSTOMER = _type("sdk.customer")
# What the known client says it takes for a customer just made; answered to whoever asks for exactly this.
CUSTOMER_WITHOUT_SDK = _type("customer")
GROUP_LIST = _type("sdk.group.info.list")
DEVICES = _type("sdk.customer.devices")
DELEGATE = _type("sdk.delegate.to.customer")
UNDELEGATE = _type("sdk.undelegate.from.customer")
RULES = _type("sdk.rule.definition")
PLAIN = "application/json"

VERDICTS = {verdict.name: verdict for verdict in Verdict}
ROLES = {role.name: role for role in DELEGABLE}
# What an answer says about a rule beside what it is. A script may send back what it was given; these are passed over.
RULE_READ_ONLY = (
    "state", "stateDetail", "createdAt", "writtenBy", "confirmedBy", "confirmedUntil",
)  # fmt: skip
RULE_MEMBERS = (
    "id", "userElevationMode", "sha256", "publisher", "programName", "arguments", "note",
)  # fmt: skip
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")


# What is read.


def new_customer(body: bytes) -> tuple[str, str]:
    """Name and display name. Raises BodyRefused."""
    value = read_object(body, required=("name",), optional=("displayName",))
    name = text(value, "name", longest=200)
    return name, text(value, "displayName", longest=200) if "displayName" in value else name


def settings(body: bytes) -> tuple[str | None, Lifetime | None]:
    """The settings that are to change. Raises BodyRefused."""
    value = read_object(body, required=(), optional=("displayName", "requestLifetimeSeconds"))
    display_name = text(value, "displayName", longest=200) if "displayName" in value else None
    lifetime = None
    if "requestLifetimeSeconds" in value:
        seconds = value["requestLifetimeSeconds"]
        if seconds is not None and (not isinstance(seconds, int) or isinstance(seconds, bool)):
            raise BodyRefused("'requestLifetimeSeconds' is a whole number, or null.")
        lifetime = Lifetime(seconds)
    return display_name, lifetime


def delegation_of(body: bytes) -> tuple[str, Role]:
    """E-mail and role. Raises BodyRefused."""
    value = read_object(body, required=("userEmail", "role"))
    role = value["role"]
    if not isinstance(role, str) or role not in ROLES:
        raise BodyRefused(f"'role' is one of {', '.join(ROLES)}.")
    return text(value, "userEmail", longest=254), ROLES[role]


def undelegation_of(body: bytes) -> str:
    """The e-mail. Raises BodyRefused."""
    return text(read_object(body, required=("userEmail",)), "userEmail", longest=254)


def rule_drafts(body: bytes) -> list[Draft]:
    """The rules that are to be kept. Raises BodyRefused."""
    value = read_object(body, required=("rules",))
    if not isinstance(value["rules"], list):
        raise BodyRefused("'rules' is a list.")
    return [_draft(item, f"Rule {place} of the list: ") for place, item in enumerate(value["rules"], 1)]


def _draft(item: Any, where: str) -> Draft:
    try:
        value = members(item, required=("verdict", "expiresAt"), optional=(*RULE_MEMBERS, *RULE_READ_ONLY))
        return Draft(
            verdict=_verdict(value["verdict"]),
            kind=_kind(value.get("userElevationMode")),
            match=Match(
                sha256=_optional(value, "sha256", 64),
                publisher=_optional(value, "publisher", 256),
                program_name=_optional(value, "programName", 256),
            ),
            arguments=_arguments(value.get("arguments")),
            expires_at=_instant(value["expiresAt"]),
            note=_optional(value, "note", LONGEST_NOTE),
            id=_id(value.get("id")),
        )
    except BodyRefused as error:
        raise BodyRefused(where + error.detail) from error


def _verdict(found: Any) -> Verdict:
    if not isinstance(found, str) or found not in VERDICTS:
        raise BodyRefused(f"'verdict' is one of {', '.join(VERDICTS)}.")
    return VERDICTS[found]


def _kind(found: Any) -> ElevationKind | None:
    if found is None:
        return None
    if not isinstance(found, str) or found not in set(ElevationKind):
        raise BodyRefused("'userElevationMode' is either USER or ADMIN.")
    return ElevationKind(found)


def _optional(value: dict[str, Any], name: str, longest: int) -> str | None:
    if value.get(name) is None:
        return None
    found = text(value, name, longest=longest)
    if not found.isprintable():
        raise BodyRefused(f"{name!r} has a character that cannot be shown.")
    return found


def _arguments(found: Any) -> tuple[str, ...]:
    if found is None:
        return ()
    is_list_of_text = isinstance(found, list) and all(isinstance(part, str) for part in found)
    if not is_list_of_text or len(found) > 256 or any(len(part) > 8192 for part in found):
        raise BodyRefused("'arguments' is a list of text.")
    return tuple(found)


def _instant(found: Any) -> datetime:
    try:
        if isinstance(found, str) and _INSTANT.fullmatch(found):
            return datetime.fromisoformat(found).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BodyRefused("'expiresAt' is a time with its zone, such as \"2027-01-31T12:00:00Z\".")


def _id(found: Any) -> UUID | None:
    parsed = parse_uuid(found) if isinstance(found, str) else None
    if found is not None and parsed is None:
        raise BodyRefused("'id' is the id of a rule, as an answer gave it.")
    return parsed


# How answers look.


def answer(value: Any, media_type: str, status: int = 200) -> Response:
    """An answer of exactly this media type."""
    return Response(json.dumps(value).encode(), status, {"content-type": media_type})


def instant(at: datetime) -> str:
    """A time as answers have it: UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def items(found: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """A list as answers have it."""
    return {"items": list(found)}


def customer(found: Customer) -> dict[str, Any]:
    """A customer in short."""
    return {"id": str(found.id), "name": found.name, "displayName": found.display_name}


def customer_info(found: CustomerInfo) -> dict[str, Any]:
    """Everything of a customer."""
    return {
        "id": str(found.id),
        "name": found.name,
        "displayName": found.display_name,
        "createdAt": instant(found.created_at),
        "requestLifetimeSeconds": found.request_lifetime_seconds,
        "delegations": [delegation(one) for one in found.delegations],
    }


def delegation(found: Delegation) -> dict[str, Any]:
    """Who has which role."""
    return {"userEmail": found.email, "role": found.role.name}


def group(found: Group) -> dict[str, Any]:
    """A group."""
    return {"id": str(found.role), "name": found.name, "memberCount": found.members}


def device(found: ListedEndpoint) -> dict[str, Any]:
    """An enrolled machine."""
    return {
        "id": str(found.id),
        "name": found.name,
        "state": found.state,
        "operatingSystem": found.operating_system,
        "agentVersion": found.agent_version,
        "enrolledAt": instant(found.enrolled_at),
        "lastSeenAt": instant(found.last_seen_at),
    }


def rules(found: Iterable[Rule], now: datetime) -> dict[str, Any]:
    """Rules, in the form in which they are sent."""
    return {"rules": [_rule(one, now) for one in found]}


def _rule(found: Rule, now: datetime) -> dict[str, Any]:
    state = found.standing().state(now)
    value = {
        "id": str(found.id),
        "verdict": Verdict(found.verdict).name,
        "userElevationMode": found.kind,
        "sha256": found.sha256,
        "publisher": found.publisher,
        "programName": found.program_name,
        "arguments": found.arguments,
        "expiresAt": instant(found.expires_at),
        "note": found.note,
        "state": state.name,
        "stateDetail": state.sentence,
        "createdAt": instant(found.created_at),
        "writtenBy": found.written_by_name or found.written_by_id,
        "confirmedBy": found.confirmed_by,
        "confirmedUntil": instant(found.confirmed_until) if found.confirmed_until else None,
    }
    return {name: member for name, member in value.items() if member is not None}


def event(found: AuditedEvent) -> dict[str, Any]:
    """An event of the trail, with names where there are any."""
    return {
        "sequence": found.sequence,
        "at": instant(found.at),
        "event": found.tag,
        "actorKind": found.actor_kind,
        "actorId": found.actor_id,
        "actorName": found.actor_name,
        "subject": found.subject,
        "subjectName": found.subject_name,
        "facts": found.facts,
    }
