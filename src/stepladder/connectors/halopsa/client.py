"""HTTP to one HaloPSA instance: token, calls, pages. Speaks HaloPSA's words; knows nothing of ours.

Every call, token requests included, asks `before_call` first, so that budget and lease are kept in one place.
A write is sent once. On 401 and 403, and only then, a fresh token is fetched and the call sent once more:
authentication comes before any effect (API.md section 1).
"""

from __future__ import annotations

import json
from typing import Any

import httpx2

from stepladder.connectors.base import BeforeCall, NeedsAttention, TryLater
from stepladder.kit import outbound
from stepladder.kit.clock import Clock
from stepladder.kit.secret import Secret

from . import failures
from .config import SCOPES, HaloConfig

PAGE_SIZE = 100
_LONGEST_LIST = 1000  # pages: 100,000 rows, far above any instance, and an end if paging were ignored
_RENEW_BEFORE_SECONDS = 120.0


class HaloClient:
    """Calls to one instance with one application's credentials."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        config: HaloConfig,
        secret: Secret,
        clock: Clock,
        *,
        before_call: BeforeCall,
    ) -> None:
        self._http, self._config, self._secret, self._clock = http, config, secret, clock
        self._before_call = before_call
        self._token: Secret | None = None
        self._token_until = 0.0

    async def get(self, path: str, **params: Any) -> Any:
        """GET below the API base; the answer as JSON."""
        query = {name: _parameter(value) for name, value in params.items() if value is not None}
        return await self._call("GET", path, params=query)

    async def post(self, path: str, element: dict[str, Any]) -> Any:
        """POST one element as the array that HaloPSA wants; the answer is one object (API.md section 0)."""
        answer = await self._call("POST", path, content=json.dumps([element]).encode())
        # Some versions answer a one-element write with a one-element array.
        return answer[0] if isinstance(answer, list) and len(answer) == 1 else answer

    async def list_all(self, path: str, name: str, **params: Any) -> list[dict[str, Any]]:
        """Every row of a list, wrapped or bare, over all its pages."""
        rows: list[dict[str, Any]] = []
        for page in range(1, _LONGEST_LIST):
            answer = await self.get(path, pageinate=True, page_size=PAGE_SIZE, page_no=page, **params)
            found = rows_in(answer, name)
            is_whole = isinstance(answer, list)
            if page > 1 and found and found[0] == rows[0]:
                break  # paging was ignored: the same page came again
            rows += found
            total = answer.get("record_count") if isinstance(answer, dict) else None
            if is_whole or len(found) < PAGE_SIZE or (isinstance(total, int) and len(rows) >= total):
                break
        return rows

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _call(self, method: str, path: str, **content: Any) -> Any:
        for is_last in (False, True):
            token = await self._fresh_token()
            await self._before_call()
            status, headers, body = await self._send(
                self._http.build_request(
                    method,
                    f"{self._config.api_base}/{path}",
                    headers={"Authorization": f"Bearer {token.reveal()}", "Content-Type": "application/json"},
                    **content,
                )
            )
            if 200 <= status < 300:
                return self._decoded(body, is_write=method == "POST")
            if not is_last and (status in (401, 403) or _is_expired_token(status, body)):
                self._token = None
                continue
            raise failures.from_answer(status, headers, body, now=self._clock.now())
        raise AssertionError("the loop returns or raises")

    async def _fresh_token(self) -> Secret:
        if self._token and self._clock.monotonic() < self._token_until:
            return self._token
        await self._before_call()
        form = {
            "grant_type": "client_credentials",
            "client_id": self._config.client_id,
            "client_secret": self._secret.reveal(),
            "scope": SCOPES,
        }
        tenant = {"tenant": self._config.tenant} if self._config.tenant else None
        try:
            status, headers, body = await self._send(
                self._http.build_request("POST", self._config.token_url, data=form, params=tenant)
            )
        except TryLater as error:
            error.may_have_happened = False
            raise
        if status != 200:
            raise failures.from_token_answer(status, headers, body, now=self._clock.now())
        answer = failures.parsed(body)
        if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
            raise failures.not_json(may_have_happened=False)
        lifetime = answer.get("expires_in")
        seconds = float(lifetime) if isinstance(lifetime, int | float) else 3600.0
        self._token = Secret(answer["access_token"])
        self._token_until = self._clock.monotonic() + max(
            1.0, seconds - min(_RENEW_BEFORE_SECONDS, seconds / 2)
        )
        return self._token

    async def _send(self, request: httpx2.Request) -> tuple[int, httpx2.Headers, bytes]:
        try:
            response, body = await outbound.send(self._http, request)
        except httpx2.HTTPError as error:
            raise failures.from_exception(error) from error
        except outbound.OutboundRefused as error:
            raise NeedsAttention(str(error), code="halopsa_address_refused", whole_instance=True) from error
        return response.status_code, response.headers, body

    @staticmethod
    def _decoded(body: bytes, *, is_write: bool) -> Any:
        try:
            return json.loads(body)
        except ValueError as error:
            raise failures.not_json(may_have_happened=is_write) from error


def rows_in(answer: Any, name: str) -> list[dict[str, Any]]:
    """The rows of a list answer, which is an array, or wraps one under `name`, or wraps null."""
    if isinstance(answer, dict):
        answer = next((value for key, value in answer.items() if key.lower() == name.lower()), None)
    if answer is None:
        return []
    if not isinstance(answer, list):
        raise failures.not_json(may_have_happened=False)
    return [row for row in answer if isinstance(row, dict)]


def _parameter(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_expired_token(status: int, body: bytes) -> bool:
    problem = failures.parsed(body)
    return status == 400 and isinstance(problem, dict) and problem.get("error") == "invalid_token"
