"""Remedies: what a person can do about a refusal or a finding, as data. Each edge says how it is done there.

A sentence says what is wrong and names no command: the same one reaches a terminal, a page and a caller far away. The
command line adds the command (`cli.remedies`), a page a link.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Remedy(StrEnum):
    """What to do, as `thing.verb`."""

    AUDIT_EXPORT = "audit.export"
    """Read the whole trail from a file."""
    CONNECTION_ADD = "connection.add"
    """Connect the ticket system."""
    CONNECTION_CHECK = "connection.check"
    """See what the ticket system permits now."""
    CONNECTION_CHANGE = "connection.change"
    """Change a setting of the connection."""
    CONNECTION_CHANGE_WITH_SECRET = "connection.change_with_secret"  # noqa: S105  # no secret: its name
    """Change a setting, and give the secret for the new address."""
    CONNECTION_REMOVE = "connection.remove"
    """Disconnect the ticket system."""
    CONNECTION_RETRY = "connection.retry"
    """Try everything again that is pending, after a repair."""
    CONNECTION_SHOW = "connection.show"
    """See the settings of the connection."""
    CUSTOMER_CREATE = "customer.create"
    """Create a customer."""
    CUSTOMER_LINK = "customer.link"
    """Link a customer by hand."""
    CUSTOMER_LIST = "customer.list"
    """See the customers, and how each is linked."""
    CUSTOMER_MAP = "customer.map"
    """Link all customers that can be recognised."""
    CUSTOMER_MAP_AGAIN = "customer.map_again"
    """Let a customer that was unlinked by hand be linked automatically again."""
    CUSTOMER_REMOVE = "customer.remove"
    """Remove a customer."""
    ENDPOINT_ACTIVATE = "endpoint.activate"
    """Activate a machine that is held."""
    ENDPOINT_LIST = "endpoint.list"
    """See the enrolled machines."""
    ENDPOINT_REVOKE = "endpoint.revoke"
    """Refuse a machine from now on."""
    KEY_CREATE = "key.create"
    """Create a key."""
    KEY_CREATE_WITH_ACTION = "key.create_with_action"
    """Create a key that has the action."""
    KEY_LIMIT = "key.limit"
    """Change how often and from where a key may be used."""
    KEY_LIST = "key.list"
    """See the keys."""
    MSP_CREATE = "msp.create"
    """Create an MSP."""
    MSP_LIST = "msp.list"
    """See the MSPs."""
    MSP_SET_URL = "msp.set_url"
    """Say at which URL the MSP is reached."""
    PROCESS_SERVE = "process.serve"
    """Start the service, with its worker."""
    RULE_CONFIRM = "rule.confirm"
    """Confirm a rule that approves."""
    RULE_LIST = "rule.list"
    """See the standing rules."""
    SCHEMA_MIGRATE = "schema.migrate"
    """Bring the database to this program's schema."""
    SETUP_CHECK = "setup.check"
    """Check the set-up."""
    SETUP_CHECK_WITH_CREDENTIAL = "setup.check_with_credential"
    """Check the set-up with a credential that sees more."""
    SETUP_FILL_REFERENCES = "setup.fill_references"
    """Set the empty references of linked customers."""
    SETUP_NEW_KEY = "setup.new_key"
    """Replace the key that the ticket system sends."""
    SETUP_RUN = "setup.run"
    """Create what is missing in the ticket system."""
    SETUP_WITH_JIT = "setup.with_jit"
    """Create what ends JIT accounts, too."""
    SETUP_WITH_TAB = "setup.with_tab"
    """Create the custom tab, too."""
    SETUP_SELF_TEST = "setup.self_test"
    """Open test tickets whose buttons are then pressed."""
    TECHNICIAN_LIST = "technician.list"
    """See the technicians."""
    TOKEN_LIST = "token.list"  # noqa: S105  # no token: its name
    """See the enrolment tokens that can still be used."""
    TICKETS_STATUS = "tickets.status"
    """See what is pending, and why."""


OF_CODE: Mapping[str, Remedy] = MappingProxyType({"customer_not_mapped": Remedy.CUSTOMER_LINK})
"""The remedy of a connector's failure, of which a row remembers the code."""
