"""Who makes a change: an application through the API, or an agent at the screen."""

from __future__ import annotations

from dataclasses import dataclass

from stepladder_sandbox.halopsa.records import Agent, Rights, User
from stepladder_sandbox.halopsa.tokens import Grant

ALL_RIGHTS = Rights(
    clients="modify", users="modify", assets="modify", delete_tickets=True, administrator=True
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """The agent who acts, with the rights that count now."""

    agent: Agent
    rights: Rights
    application_id: str = ""

    @classmethod
    def of_grant(cls, grant: Grant) -> Caller:
        """The agent behind a token."""
        return cls(agent=grant.agent, rights=grant.rights, application_id=grant.application.client_id)

    @classmethod
    def at_screen(cls, agent: Agent) -> Caller:
        """An agent who uses the pages."""
        return cls(agent=agent, rights=agent.rights)

    @classmethod
    def on_portal(cls, user: User) -> Caller:
        """A customer's own user. HaloPSA carries out the action for them, so rights do not stand in its way."""
        return cls(agent=Agent(id=0, name=user.name, email=user.emailaddress), rights=Rights())

    @classmethod
    def administrator(cls, agent: Agent) -> Caller:
        """An agent to whom all is allowed, for the controls that make trouble on purpose."""
        return cls(agent=agent, rights=ALL_RIGHTS)
