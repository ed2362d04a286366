"""Grants: one per approved request, signed when the endpoint first fetches it, the same ever after."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import Conflict, Gone
from stepladder.kit.clock import Clock
from stepladder.kit.db import Transaction, jsonb
from stepladder.kit.ids import EndpointId, RequestId
from stepladder.vault.service import Vault
from stepladder_protocol.grants import arguments_digest, sign_grant
from stepladder_protocol.messages import Grant, GrantFile, RequestState, SignedGrant

from .service import Elevation, ElevationRequest, RequestNotFound

GRANT_LIFETIME = timedelta(minutes=10)
APPROVAL_KEPT = timedelta(hours=24)


class NotApproved(Conflict):
    """Only an approved request has a grant."""

    code = "not_approved"
    sentence = "The request is not approved, so there is no grant."


class GrantExpired(Gone):
    """Grants are single and short-lived; the user asks again."""

    code = "grant_expired"
    sentence = "The approval was not used in time. Ask again."


class Grants:
    """Issues the one grant of a request."""

    def __init__(self, vault: Vault, clock: Clock, elevation: Elevation) -> None:
        self._vault, self._clock, self._elevation = vault, clock, elevation

    async def fetch(
        self,
        tx: Transaction,
        endpoint_id: EndpointId,
        request_id: RequestId,
        issuer: str,
        *,
        approved_after: datetime | None = None,
    ) -> SignedGrant:
        """The signed grant. Raises RequestNotFound, NotApproved or GrantExpired.

        An approval of before `approved_after` is not used: a restore may have forgotten that it was.
        """
        now = self._clock.now()
        request = await self._elevation.get(tx, request_id)
        if request.endpoint_id != endpoint_id:
            raise RequestNotFound
        if request.state is not RequestState.APPROVED:
            raise NotApproved(f"The request is {request.state}, so there is no grant.", state=request.state)
        if approved_after and request.settled_at and request.settled_at <= approved_after:
            raise GrantExpired
        signed = await self._issued(tx, request_id) or await self._issue(tx, request, issuer)
        if now >= signed.grant.expires_at:
            raise GrantExpired
        return signed

    async def _issued(self, tx: Transaction, request_id: RequestId) -> SignedGrant | None:
        body = await tx.scalar(
            "select body from elevation_grant where request_id = %(id)s", {"id": request_id}
        )
        return SignedGrant.model_validate(body) if body else None

    async def _issue(self, tx: Transaction, request: ElevationRequest, issuer: str) -> SignedGrant:
        if request.settled_at is None or tx.now >= request.settled_at + APPROVAL_KEPT:
            raise GrantExpired
        key = await self._vault.signing_key(tx, "grant")
        signed = sign_grant(_grant_for(request, issuer, tx.now), kid=key.kid, key=key.private)
        inserted = await tx.run(
            """insert into elevation_grant (request_id, msp_id, body, issued_at, expires_at)
               values (%(request)s, %(msp)s, %(body)s, %(now)s, %(expires)s) on conflict do nothing""",
            {
                "request": request.id,
                "msp": tx.msp_id,
                "body": jsonb(signed.model_dump(mode="json")),
                "now": tx.now,
                "expires": signed.grant.expires_at,
            },
        )
        if not inserted:
            # Fetched twice at once: the first one's grant is the grant.
            first = await self._issued(tx, request.id)
            if first is None:
                raise GrantExpired
            return first
        await record(tx, Tag.GRANT_ISSUED, request.id, kid=key.kid)
        return signed


def _grant_for(request: ElevationRequest, issuer: str, now: datetime) -> Grant:
    return Grant(
        issuer=issuer,
        audience=str(request.endpoint_id),
        request_id=str(request.id),
        person=request.requester_user,
        file=GrantFile(
            path=request.program_path, sha256=request.sha256, size=request.size, publisher=request.publisher
        ),
        arguments_sha256=arguments_digest(request.arguments),
        kind=request.decided_kind or request.kind,
        not_before=now,
        expires_at=now + GRANT_LIFETIME,
        nonce=secrets.token_urlsafe(16),
    )
