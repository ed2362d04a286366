"""All that is unknown of HaloPSA, or whose failure is the point, as one typed field each, with its grade.

The defaults are the graded facts of docs/connectors/halopsa-facts.md; clients must survive the other positions, too.
Fields may be set at any time: by a test on the object itself, or over HTTP with `PATCH /sandbox/switches`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeVar

import msgspec

Grade = Literal["C", "P", "U"]
"""How sure we are of the default: certain, probable, unknown."""

ErrorShape = Literal[
    "natural",
    "exception",
    "message",
    "result_code",
    "oauth",
    "model_state",
    "model_state_bare",
    "text",
    "html",
    "empty",
    "ok_with_error",
]
"""The shapes of HaloPSA fact 29."""

_Value = TypeVar("_Value")


def _switch(default: _Value, grade: Grade, promise: str) -> _Value:
    """A field with its grade and meaning, typed as its own default like `dataclasses.field`."""
    described: _Value = field(default=default, metadata={"grade": grade, "promise": promise})
    return described


class UnknownSwitch(ValueError):
    """A change named a switch that does not exist, or gave it a value of the wrong kind."""


@dataclass(kw_only=True, slots=True)
class Switches:
    """The positions of all switches. A new object is a HaloPSA on its best-known behaviour."""

    # Token endpoint and permissions (HaloPSA facts 1 to 5)
    token_lifetime_s: int = _switch(3600, "C", "seconds a token lives, as `expires_in` says")
    tenant_required: bool = _switch(
        False, "C", "a token request without the right `tenant` fails, as on a shared server"
    )
    wrong_tenant: Literal["500", "html"] = _switch(
        "500", "P", "what a wrong tenant gets: status 500, or an HTML page"
    )
    ungranted_scope: Literal["dropped", "refused"] = _switch(
        "dropped",
        "U",
        "a known scope the application lacks: left out of the token, or 400 for the whole request",
    )
    omitted_scope_status: Literal[401, 403] = _switch(
        403, "C", "what API calls get with a token issued without any scope"
    )
    expired_token_status: Literal[401, 400] = _switch(
        401, "C", "what an expired token gets on the API; sometimes 400"
    )

    standard_scope_configures: bool = _switch(
        False, "U", "scope `all:standard` is enough to set HaloPSA up, as `all` and `admin` are"
    )

    # Limits (HaloPSA fact 6)
    rate_limit: int = _switch(700, "C", "calls per rolling window and tenant; then 429")
    rate_window_s: float = _switch(300.0, "C", "length of the rolling window in seconds")
    rate_limit_counts_token: bool = _switch(
        True, "P", "token requests count towards the limit and may meet 429 too"
    )
    retry_after: bool = _switch(True, "U", "429 carries `Retry-After` in seconds")
    rate_limit_body: Literal["text", "json"] = _switch(
        "text", "U", "429 says why as a plain sentence, or as JSON"
    )
    latency_s: float = _switch(0.0, "P", "seconds every API call takes before anything is committed")
    outage: Literal["off", "reset", "503"] = _switch(
        "off", "P", "every API and token call is cut, or answered 503"
    )

    # Reading tickets (HaloPSA facts 10 to 15)
    third_party_filter: bool = _switch(
        True,
        "C",
        "`third_party_id_string`, `third_party_id` and `deleted` filter the list; old servers ignore them",
    )
    ignored_filters: tuple[str, ...] = _switch(
        (), "U", "names of query parameters, in lower case, that this server does not know and ignores"
    )
    rows_carry_reference: bool = _switch(
        True, "P", "list rows carry `third_party_id_string`; else only the detail does"
    )
    search_lag_s: float = _switch(0.0, "U", "seconds a new ticket stays invisible to lists and searches")
    null_when_empty: bool = _switch(False, "P", "`tickets` is null, not an empty array, when there are none")
    plain_dates: bool = _switch(False, "P", "dates come without `Z` and without a fraction")
    ids_as_strings: bool = _switch(False, "P", "all ids in answers are strings of digits")

    # Writing tickets
    create_status: Literal[200, 201] = _switch(201, "C", "status of a create; older specifications say 200")
    bare_object: Literal["refused", "accepted"] = _switch(
        "refused", "U", "a bare object sent where an array belongs"
    )
    case_insensitive_fields: bool = _switch(True, "U", "JSON field names are matched without regard to case")
    status_on_create: bool = _switch(False, "U", "`status_id` on a create is honoured")
    unknown_id_on_update: Literal["404", "create"] = _switch(
        "404", "U", "an update of an id that never existed"
    )
    unknown_custom_field: Literal["ignored", "400"] = _switch(
        "ignored", "U", "a custom field no one has configured"
    )
    site_required_with_user: bool = _switch(
        True, "P", "a ticket for a specific user must name the site as well"
    )
    concurrent_creates_fail: bool = _switch(
        False, "P", "a create that arrives while another is under way gets 500"
    )
    rule_changes_type_to: int = _switch(
        0, "P", "a ticket rule gives new tickets this type; 0 for no such rule"
    )
    rule_clears_reference: bool = _switch(
        False, "P", "a ticket rule clears `third_party_id_string` right after create"
    )

    merge_needs_domerge: bool = _switch(
        True, "U", "`merged_into_id` on a ticket is only taken together with `domerge`"
    )
    merge_leaves: Literal["closed", "deleted"] = _switch(
        "closed", "U", "what becomes of a ticket that was merged into another"
    )
    client_with_tickets: Literal["deletable", "kept"] = _switch(
        "deletable", "U", "a customer who has tickets can be deleted, or is refused with 400"
    )
    error_shape: ErrorShape = _switch(  # noqa: RUF009  # the alias hides from ruff that it is a Literal
        "natural",
        "C",
        "body of every refused write: as it comes, or always in one of the shapes of HaloPSA fact 29",
    )

    # Actions and closing (HaloPSA facts 18, 19)
    workflow_limits_api: bool = _switch(
        False, "U", "an action that the ticket's workflow step does not allow is refused in the API too"
    )
    unknown_outcome: Literal["400", "accepted"] = _switch(
        "400", "U", "an outcome name that is not configured"
    )
    outcomes_not_permitted: tuple[str, ...] = _switch((), "C", "names of outcomes that the agent may not use")
    action_new_status: bool = _switch(True, "P", "`new_status` on an action moves the ticket")
    action_new_agent: bool = _switch(True, "C", "`new_agent` on an action assigns the ticket")
    action_closure_note: bool = _switch(True, "P", "`closure_note` on an action is stored on the ticket")
    action_includes_ticket: bool = _switch(
        True, "U", "`_includeticketinresponse` puts the ticket into the answer"
    )
    action_author_honoured: bool = _switch(
        False, "U", "`who` and `who_agentid` on an action choose its author"
    )
    ticket_closure_note: bool = _switch(True, "P", "`closure_note` on a ticket update is stored")
    open_children_block_closing: bool = _switch(
        False, "P", "a ticket with open child tickets cannot be closed"
    )
    busy_agents: tuple[int, ...] = _switch(
        (), "P", "ids of agents that can be assigned only with `_forcereassign`"
    )

    # Look-ups (HaloPSA facts 20 to 25)
    agents_wrapped: bool = _switch(
        False, "P", "the agent list comes as `{record_count, agents}` instead of an array"
    )
    list_member: Literal["own", "results"] = _switch(
        "own",
        "P",
        "the member that holds the rows of a list: one of the list's own name, with some lists bare, or `results` in "
        "every list",
    )
    agent_search: Literal["all", "names"] = _switch(
        "all", "P", "`search` on agents looks into names and e-mails, or into names only"
    )
    azure_tenants: Literal["both", "array", "id", "off"] = _switch(
        "both",
        "U",
        "what customers show of their Entra directories (lists only with `includeazuretenants`): the array and the id "
        "of the first, one of the two, or nothing",
    )
    user_site_as_double: bool = _switch(True, "C", "`site_id` of a user is written `20.0`")

    # Setting up (README.md, "Configuration objects"): written by the API, or how that is refused; 404 hides it
    fields_writable: Literal["on", "400", "403", "404"] = _switch(
        "on", "U", "custom fields are written by the API, or this is the answer"
    )
    integrations_writable: Literal["on", "400", "403", "404"] = _switch(
        "on", "U", "the same for custom integrations and their methods"
    )
    outcomes_writable: Literal["on", "400", "403", "404"] = _switch("on", "U", "the same for ticket actions")
    workflow_writable: Literal["on", "400", "403", "404"] = _switch(
        "on", "U", "the same for workflows, and for what a ticket type uses"
    )
    tabs_writable: Literal["on", "400", "403", "404"] = _switch("on", "U", "the same for custom tabs")
    runbooks_writable: Literal["on", "400", "403", "404"] = _switch(
        "on", "U", "the same for runbooks and their triggers"
    )
    config_lists_wrapped: bool = _switch(
        False, "U", "lists of configuration objects come as `{record_count, …}` instead of an array"
    )
    field_rename: Literal["ignored", "400"] = _switch(
        "ignored", "U", "a changed name or type of an existing custom field"
    )
    api_key_fields: Literal["headername", "username"] = _switch(
        "headername",
        "U",
        "an integration's key is written as `headername` and `new_client_secret`, or as `username` and `new_password`",
    )
    method_needs_systemid: int = _switch(
        0, "U", "`systemid` that an action must have besides its method for the call; 0: the method is enough"
    )
    webhook_events_writable: bool = _switch(
        False, "P", "`events` on a runbook bind it; else only `Notification` does"
    )

    # Calling out (HaloPSA facts 26, 27)
    call_timeout_s: float = _switch(10.0, "U", "seconds an outgoing method call may take")
    follow_redirects: bool = _switch(False, "U", "an outgoing method call follows redirects")
    close_even_if_call_failed: bool = _switch(
        True, "P", "a quick action sets its status also when its call failed"
    )
    repeat_call: bool = _switch(False, "P", "a quick action sends the very same call twice")
    empty_variable: Literal["null", "empty_string", "nothing"] = _switch(
        "null", "U", "what `<<X>>` becomes when the field is there and empty"
    )
    missing_variable: Literal["null", "empty_string", "nothing"] = _switch(
        "null", "U", "what `<<X>>` becomes when there is no such field"
    )
    raw_variable_escaped: bool = _switch(False, "U", "`<<X!>>` escapes quotes, backslashes and new lines")
    runbook_retries: int = _switch(0, "U", "times a runbook's failed call is made again")
    runbook_retry_wait_s: float = _switch(5.0, "U", "seconds between such calls")

    base_url_slash: Literal["stripped", "kept"] = _switch(
        "stripped",
        "U",
        "a slash at the end of an integration's base URL is dropped when it is saved, or kept: base and path are "
        "joined plainly, so addresses then have two",
    )

    # Custom tabs (HaloPSA fact 28)
    tab_url_encoding: Literal["percent", "plus", "spaces", "none"] = _switch(
        "percent",
        "U",
        "values in a tab's address: all percent-encoded, the same with `+` for a space, only spaces, or as they are",
    )
    iframe_sandbox: str = _switch(
        "", "U", "the `sandbox` attribute of a tab's frame; empty for a frame without one"
    )

    def change(self, wanted: dict[str, Any]) -> None:
        """Set the named switches, all or none. Raises UnknownSwitch."""
        unknown = wanted.keys() - self.as_dict().keys()
        if unknown:
            raise UnknownSwitch(f"no such switch: {', '.join(sorted(unknown))}")
        try:
            checked = msgspec.convert(self.as_dict() | wanted, Switches)
        except msgspec.ValidationError as wrong:
            raise UnknownSwitch(str(wrong)) from wrong
        for name in wanted:
            setattr(self, name, getattr(checked, name))

    def as_dict(self) -> dict[str, Any]:
        """All positions by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def described(self) -> list[dict[str, Any]]:
        """Every switch with position, default, grade and meaning, for people and for the control API."""
        return [
            {
                "name": each.name,
                "value": getattr(self, each.name),
                "default": each.default,
                "grade": each.metadata["grade"],
                "promise": each.metadata["promise"],
            }
            for each in fields(self)
        ]
