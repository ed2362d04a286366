"""The people and machines of one MSP: they ask, decide, cancel and look over real channels, and write down what
they were told. "Unknown" is an answer: a client that learns nothing asks again, with the same key, until it knows.
"""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx2
import psycopg

from stepladder.elevation.policy import AlreadyDecided, RequestExpired, Verdict
from stepladder.errors import Unavailable
from stepladder.web.integrations.bodies import Denial
from stepladder.web.integrations.inbound import KEY_HEADER
from stepladder_protocol import ENDPOINT_API, signing
from tests.campaigns.checker import History
from tests.support.tenants import Desktop, Tenant, body

API, CLI, ENDPOINT, BUTTON = "integration_api", "cli", "endpoint", "button"
REQUESTS = f"{ENDPOINT_API}/elevation-requests"
ASK_AGAIN_SECONDS = 0.05


class Clients:
    """All who speak to the service for one MSP. `urls` are the web processes, any of which may be dead."""

    def __init__(
        self,
        tenant: Tenant,
        desktops: Sequence[Desktop],
        urls: Sequence[str],
        http: httpx2.AsyncClient,
        rng: random.Random,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.tenant, self.desktops, self.urls = tenant, desktops, urls
        self.history = History()
        self._http, self._rng, self._now = http, rng, now
        self._desktop_of: dict[str, Desktop] = {}
        self._customers = {c.id: c.display_name for c in (tenant.customer, *tenant.others)}

    async def ask(self, desktop: Desktop | None = None) -> str:
        """A desktop asks until it is told that its request was accepted; sometimes it then asks once more."""
        desktop = desktop or self._rng.choice(self.desktops)
        wanted = body(reason=None)
        content = wanted.model_dump_json().encode()
        while True:
            response = await self._signed(desktop, "POST", REQUESTS, content)
            if response is None:
                self.history.unknown[ENDPOINT] += 1
            elif response.status_code in (200, 201):
                break
            else:
                assert response.status_code == 429, response.text
            await asyncio.sleep(ASK_AGAIN_SECONDS)
        request_id = str(response.json()["request_id"])
        self.history.accepted[wanted.idempotency_key] = request_id
        self._desktop_of[request_id] = desktop
        if self._rng.random() < 0.1:
            again = await self._signed(desktop, "POST", REQUESTS, content)
            if again is not None:
                assert again.status_code == 200, again.text
                self.history.repeated.append((wanted.idempotency_key, again.json()["request_id"]))
        return request_id

    async def decide(self, request_id: str, verdict: Verdict, channel: str) -> str:
        """Decide until told what stands; gives that."""
        self.trying(request_id)
        once = self._decide_over_api if channel == API else self._decide_on_command_line
        return await self._until_known(request_id, channel, lambda: once(request_id, verdict))

    async def cancel(self, request_id: str) -> str:
        """The desktop withdraws its request until told what stands."""
        self.trying(request_id)

        async def once() -> str | None:
            response = await self._signed(
                self._desktop_of[request_id], "POST", f"{REQUESTS}/{request_id}/cancel"
            )
            return None if response is None else _state_in(response)

        return await self._until_known(request_id, ENDPOINT, once)

    async def age(self, request_id: str, owner_url: str) -> None:
        """Let the request's time be over."""
        self.trying(request_id)
        async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as connection:
            await connection.execute(
                "update elevation_request set expires_at = %s where id = %s and state = 'pending'",
                (self._now(), request_id),
            )

    async def let_expire(self, request_id: str, owner_url: str) -> str:
        """Let the request's time be over, and wait until its desktop is told a state that is not pending."""
        await self.age(request_id, owner_url)
        while True:
            await asyncio.sleep(ASK_AGAIN_SECONDS)
            if (state := await self.look(request_id)) != "pending":
                return state

    async def look(self, request_id: str) -> str:
        """The desktop asks how its request stands."""

        async def once() -> str | None:
            response = await self._signed(self._desktop_of[request_id], "GET", f"{REQUESTS}/{request_id}")
            return None if response is None else _state_in(response)

        return await self._until_known(request_id, ENDPOINT, once)

    async def fetch_grant(self, request_id: str) -> bool:
        """The desktop fetches its grant; whether it got one."""
        path = f"{REQUESTS}/{request_id}/grant"
        while (response := await self._signed(self._desktop_of[request_id], "GET", path)) is None:
            self.history.unknown[ENDPOINT] += 1
            await asyncio.sleep(ASK_AGAIN_SECONDS)
        if response.status_code == 200:
            self.history.granted.append(request_id)
        return bool(response.status_code == 200)

    def customer_of(self, desktop: Desktop) -> str:
        """The display name of the customer whose machine it is."""
        return self._customers[desktop.endpoint.customer_id]

    def pressed(self, request_id: str, status: int, answer: str) -> None:
        """Note what a button of HaloPSA was told."""
        if status == 0 or status >= 500:
            self.history.unknown[BUTTON] += 1
            return
        said = json.loads(answer)
        self._told(request_id, BUTTON, said["status"].lower() if status == 200 else said["state"])

    def trying(self, request_id: str) -> None:
        """Note when the first attempt to settle a request begins."""
        self.history.tried.setdefault(request_id, self._now())

    async def _decide_over_api(self, request_id: str, verdict: Verdict) -> str | None:
        word = "approve" if verdict is Verdict.APPROVED else "deny"
        members = {
            "idemeumElevationRequestId": request_id,
            "idemeumCustomerName": self.customer_of(self._desktop_of[request_id]),
        }
        if verdict is Verdict.APPROVED:
            members["userElevationMode"] = "USER"
        response = await self._send(
            "POST",
            f"/api/integrations/elevation/request/{word}",
            {KEY_HEADER: self.tenant.key, "Content-Type": Denial.media_type},
            json.dumps(members).encode(),
        )
        return None if response is None else _state_in(response)

    async def _decide_on_command_line(self, request_id: str, verdict: Verdict) -> str | None:
        try:
            return str((await self.tenant.decide(request_id, verdict)).state)
        except AlreadyDecided as refusal:
            return str(refusal.state)
        except RequestExpired:
            return "expired"
        except (Unavailable, psycopg.OperationalError):
            return None

    async def _until_known(self, request_id: str, channel: str, once: Callable[[], Any]) -> str:
        while (state := await once()) is None:
            self.history.unknown[channel] += 1
            await asyncio.sleep(ASK_AGAIN_SECONDS)
        self._told(request_id, channel, state)
        return str(state)

    def _told(self, request_id: str, channel: str, state: str) -> None:
        # "Expired" is said as soon as the time is over; the sweep settles the request a moment later.
        self.history.told.append((request_id, channel, state))

    async def _signed(
        self, desktop: Desktop, method: str, path: str, content: bytes = b""
    ) -> httpx2.Response | None:
        url = f"http://{self.tenant.msp.host}{path}"
        headers = signing.sign(
            method=method, url=url, body=content, key=desktop.key, key_id=desktop.id, nonce=uuid.uuid4().hex
        )
        return await self._send(method, path, {**headers, "Content-Type": "application/json"}, content)

    async def _send(
        self, method: str, path: str, headers: dict[str, str], content: bytes
    ) -> httpx2.Response | None:
        """The answer, or None where nothing was learned: no connection, no answer, or a service that cannot say."""
        try:
            response = await self._http.request(
                method,
                f"{self._rng.choice(self.urls)}{path}",
                headers={"Host": self.tenant.msp.host, **headers},
                content=content or None,
            )
        except httpx2.HTTPError:
            return None
        return None if response.status_code >= 500 else response


def _state_in(response: httpx2.Response) -> str:
    """The state that an answer tells: the request's own, or the winner's in a conflict."""
    said = response.json()
    if response.status_code == 200:
        return str(said.get("state") or said["status"]).lower()
    assert response.status_code == 409, response.text
    return str(said["state"])
