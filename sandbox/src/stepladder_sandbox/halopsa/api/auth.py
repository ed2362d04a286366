"""The token endpoint, and what can be asked without a token (HaloPSA facts 1 to 5)."""

from __future__ import annotations

import hmac
from urllib.parse import parse_qsl

from stepladder_sandbox.halopsa.api.calls import Answer, ApiCall
from stepladder_sandbox.halopsa.records import Agent, Application
from stepladder_sandbox.halopsa.refusals import Refused, not_found
from stepladder_sandbox.halopsa.tokens import KNOWN_SCOPES
from stepladder_sandbox.halopsa.world import World

_ERROR_PAGES = "https://documentation.openiddict.com/errors/"
_ERRORS = {
    "unsupported_grant_type": (400, "The specified 'grant_type' is not supported.", "ID2032"),
    "invalid_scope": (400, "The specified 'scope' is invalid.", "ID2052"),
    "invalid_client": (401, "The specified client credentials are invalid.", "ID2055"),
}
"""Status, words and number of explanation, as OpenIddict has them."""


def token(world: World, call: ApiCall, rest: str) -> Answer:
    """Client credentials for an access token. Raises Refused."""
    form = {
        name.lower(): value for name, value in parse_qsl(call.body.decode("latin-1"), keep_blank_values=True)
    }
    _check_tenant(world, call.query.text("tenant") or form.get("tenant", ""))
    if form.get("grant_type") != "client_credentials":
        raise _refused(world, form, "unsupported_grant_type")
    application, agent = _application(world, form)
    scopes = _scopes(world, form, application)
    lifetime = world.switches.token_lifetime_s
    issued = world.tokens.issue(application, agent, scopes, world.now(), lifetime)
    world.log.write(
        "token.issued",
        call=call.number,
        application_id=application.client_id,
        agent=agent.name,
        scopes=sorted(scopes),
        expires_in=lifetime,
    )
    return Answer(
        data={
            "scope": " ".join(sorted(scopes)),
            "token_type": "Bearer",
            "access_token": issued,
            "expires_in": lifetime,
        }
    )


def _check_tenant(world: World, tenant: str) -> None:
    """On most instances `tenant` is not needed; a wrong one is not refused politely."""
    expected = world.config.tenant.lower()
    if tenant.lower() == expected or (not tenant and not world.switches.tenant_required):
        return
    if world.switches.wrong_tenant == "html":
        raise Refused(
            404, "<!DOCTYPE html><html><head><title>Halo</title></head><body>Instance not found</body></html>"
        )
    raise Refused(500)


def _application(world: World, form: dict[str, str]) -> tuple[Application, Agent]:
    application = world.directory.applications.get(form.get("client_id", "").lower())
    given = form.get("client_secret", "").encode()
    if not application or not hmac.compare_digest(given, application.client_secret.encode()):
        raise _refused(world, form, "invalid_client")
    agent = world.directory.agents.get(application.agent_id)
    if agent is None or agent.isdisabled:
        raise _refused(world, form, "invalid_client")
    return application, agent


def _scopes(world: World, form: dict[str, str], application: Application) -> frozenset[str]:
    """Without any scope a token is issued all the same, and works nowhere."""
    wanted = frozenset(form.get("scope", "").split())
    granted = frozenset(application.scopes)
    unknown = wanted - KNOWN_SCOPES
    refused = world.switches.ungranted_scope == "refused" and wanted - granted
    if unknown or refused:
        raise _refused(world, form, "invalid_scope")
    return wanted & granted


def _refused(world: World, form: dict[str, str], error: str) -> Refused:
    status, description, page = _ERRORS[error]
    world.log.write("token.refused", application_id=form.get("client_id", "")[:64], error=error)
    return Refused(
        status, {"error": error, "error_description": description, "error_uri": _ERROR_PAGES + page}
    )


def discovery(world: World, call: ApiCall, rest: str) -> Answer:
    """OpenID discovery, as far as a client of ours could read it."""
    if rest != "openid-configuration":
        raise not_found("Resource")
    auth = f"{call.base_url}/auth"
    return Answer(
        data={
            "issuer": f"{auth}/",
            "authorization_endpoint": f"{auth}/authorize",
            "token_endpoint": f"{auth}/token",
            "grant_types_supported": [
                "authorization_code",
                "client_credentials",
                "password",
                "refresh_token",
            ],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
    )


def auth_info(world: World, call: ApiCall, rest: str) -> Answer:
    """Where the authorisation server is; answered without a token."""
    return Answer(
        data={
            "auth_url": f"{call.base_url}/auth",
            "tenant_id": world.config.tenant,
            "allow_all_origins": False,
        }
    )


def instance_info(world: World, call: ApiCall, rest: str) -> Answer:
    """What kind of instance this is; answered without a token."""
    return Answer(
        data={
            "product": "HaloPSA",
            "version": "2.252.25",
            "tenant": world.config.tenant,
            "auth_url": f"{call.base_url}/auth",
            "api_url": f"{call.base_url}/api",
        }
    )
