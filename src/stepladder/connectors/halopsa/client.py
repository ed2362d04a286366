"""HTTP to one HaloPSA instance: token, calls, pages. Speaks HaloPSA's words; knows nothing of ours.

Every call, token requests included, asks `before_call` first, so that budget and lease are kept in one place.
A write is sent once. On 401 and 403, and only then, a fresh token is fetched and the call sent once more:
authentication comes before any effect (HaloPSA fact 5).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2

from stepladder.connectors.base import BeforeCall, NeedsAttention, TryLater
from stepladder.kit import outbound
from stepladder.kit.clock import Clock
from stepladder.kit.secret import Secret

from . import failures, matching
from .config import SCOPES, HaloConfig
from .failures import ONE, Bound, Call
from .tokens import Token, key_of, of_this_loop

PAGE_SIZE = 100
_LONGEST_LIST = 1000  # pages: 100,000 rows, far above any instance, and an end if paging were ignored
_RENEW_BEFORE_SECONDS = 120.0
_SENT_WITHIN_SECONDS = 5.0  # behind its permission; well before a silent worker is given up


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
        scopes: str = SCOPES,
    ) -> None:
        self._http, self._config, self._secret, self._clock = http, config, secret, clock
        self._before_call = before_call
        self._scopes = scopes
        self._key = key_of(config, secret, scopes)
        self.granted: frozenset[str] = frozenset()
        """The permissions that the last token came with, as far as HaloPSA said so."""

    def forget_token(self) -> None:
        """Sign in again at the next call: what was changed in HaloPSA since is seen only then."""
        of_this_loop().drop(self._key)

    async def get(self, path: str, **params: Any) -> Any:
        """GET below the API base; the answer as JSON."""
        query = {name: _parameter(value) for name, value in params.items() if value is not None}
        is_about_one = "ticket_id" in params or path.rpartition("/")[2].isdecimal()
        return await self._call(Call("GET", path, is_about_one), params=query)

    async def post(self, path: str, element: dict[str, Any]) -> Any:
        """POST one element as the array that HaloPSA wants; the answer is one object (HaloPSA fact 7)."""
        is_about_one = "id" in element or "ticket_id" in element
        content = json.dumps([element]).encode()
        answer = await self._call(Call("POST", path, is_about_one), content=content)
        # Some versions answer a one-element write with a one-element array.
        return answer[0] if isinstance(answer, list) and len(answer) == 1 else answer

    async def delete(self, path: str) -> None:
        """DELETE one thing. Raises RemoteGone where it is not there (any more)."""
        await self._call(Call("DELETE", path, is_about_one=True))

    async def list_all(
        self, path: str, name: str, *, must_be_whole: bool = False, **params: Any
    ) -> list[dict[str, Any]]:
        """Every row of a list, wrapped or bare, over all its pages.

        Raises TryLater where the list changes its length between two pages, and for one that must be whole also where
        it ends short of its own count: rows may then be missing, and a name that is there twice seem to be there once.
        """
        rows: list[dict[str, Any]] = []
        said: int | None = None
        for page in range(1, _LONGEST_LIST):
            answer = await self.get(path, pageinate=True, page_size=PAGE_SIZE, page_no=page, **params)
            found = rows_in(answer, name)
            if page > 1 and found and found[0] == rows[0]:
                break  # paging was ignored: the same page came again
            total = matching.whole(matching.get(answer, "record_count")) if isinstance(answer, dict) else None
            if page > 1 and total != said:
                raise _list_changed()
            rows, said = rows + found, total
            is_last = len(rows) >= total if total else len(found) != PAGE_SIZE
            if is_last or not found:
                break
        if must_be_whole and len(rows) < (said or 0):
            raise _list_changed()
        return rows

    async def whole_page(self, path: str, name: str, **params: Any) -> list[dict[str, Any]] | None:
        """Every row of a list that fits into one page, in one call; None for a longer one."""
        answer = await self.get(path, pageinate=True, page_size=PAGE_SIZE, page_no=1, **params)
        rows = rows_in(answer, name)
        total = matching.whole(matching.get(answer, "record_count")) if isinstance(answer, dict) else None
        return rows if (total or 0) <= len(rows) < PAGE_SIZE else None

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _call(self, call: Call, **content: Any) -> Any:
        for is_last in (False, True):
            token = await self._fresh_token()
            request = self._http.build_request(
                call.method,
                f"{self._config.api_base}/{call.path}",
                headers={"Authorization": f"Bearer {token.reveal()}", "Content-Type": "application/json"},
                **content,
            )
            status, headers, body = await self._send(request, is_write=call.is_write, bound=call.bound)
            secrets = (self._secret.reveal(), token.reveal())
            if 200 <= status < 300:
                return self._answer(call, body, secrets)
            if not is_last and (status in (401, 403) or _is_expired_token(status, body)):
                self.forget_token()
                continue
            raise failures.from_answer(call, status, headers, body, now=self._clock.now(), secrets=secrets)
        raise AssertionError("the loop returns or raises")

    def _answer(self, call: Call, body: bytes, secrets: tuple[str, ...]) -> Any:
        if call.method == "DELETE" and not body.strip():
            return None
        answer = self._decoded(body, is_write=call.is_write, bound=call.bound)
        inside = failures.error_inside(answer, secrets) if call.method == "POST" else None
        if inside:
            raise inside
        return answer

    async def _fresh_token(self) -> Secret:
        kept = of_this_loop().get(self._key, self._clock.monotonic())
        if kept:
            self.granted = kept.granted
            return kept.secret
        form = {
            "grant_type": "client_credentials",
            "client_id": self._config.client_id,
            "client_secret": self._secret.reveal(),
            "scope": self._scopes,
        }
        tenant = {"tenant": self._config.tenant} if self._config.tenant else None
        request = self._http.build_request("POST", self._config.token_url, data=form, params=tenant)
        status, headers, body = await self._send(request, is_write=False, bound=ONE)
        if status != 200:
            raise failures.from_token_answer(status, headers, body, now=self._clock.now())
        answer = self._decoded(body, is_write=False, bound=ONE)
        token = answer.get("access_token") if isinstance(answer, dict) else None
        # What cannot stand in a header is no token.
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise failures.not_json(may_have_happened=False)
        self.granted = frozenset(str(answer.get("scope") or "").split())
        lifetime = answer.get("expires_in")
        seconds = float(lifetime) if isinstance(lifetime, int | float) else 3600.0
        until = self._clock.monotonic() + max(1.0, seconds - min(_RENEW_BEFORE_SECONDS, seconds / 2))
        of_this_loop().put(self._key, Token(Secret(token), until, self.granted))
        return Secret(token)

    async def _send(
        self, request: httpx2.Request, *, is_write: bool, bound: Bound
    ) -> tuple[int, httpx2.Headers, bytes]:
        await self._before_call()
        trace, largest = self._stop_when_late(), bound.bytes
        request.extensions = {**request.extensions, "trace": trace, "largest_answer": largest}
        try:
            response, body = await outbound.send(self._http, request)
        except httpx2.HTTPError as error:
            raise failures.from_exception(error, is_write=is_write) from error
        except outbound.OutboundRefused as error:
            raise NeedsAttention(str(error), code="halopsa_address_refused", whole_instance=True) from error
        return response.status_code, response.headers, body

    def _stop_when_late(self) -> Callable[[str, Any], Awaitable[None]]:
        """Called for each step of a request; ends one whose first byte would be sent long after it was permitted.

        A process that is held up in between (stopped, suspended, starved) may have lost its lease, and another may have
        looked, found nothing and written. Both clocks are asked: one stands still in a suspended machine, the other
        can be set.
        """
        steady, at = self._clock.monotonic(), self._clock.now()

        async def check(step: str, _: Any) -> None:
            passed = max(self._clock.monotonic() - steady, (self._clock.now() - at).total_seconds())
            if step.endswith(".send_request_headers.started") and passed > _SENT_WITHIN_SECONDS:
                raise TryLater("The call was held up before it could be sent.", code="halopsa_held_up")

        return check

    @staticmethod
    def _decoded(body: bytes, *, is_write: bool, bound: Bound) -> Any:
        try:
            return failures.loaded(body, bound)
        except ValueError as error:
            raise failures.not_json(may_have_happened=is_write) from error


def rows_in(answer: Any, name: str) -> list[dict[str, Any]]:
    """The rows of a list answer: an array, or an object that wraps one, or null, under `name`.

    An object without such a member has its rows in its only array. Raises TryLater for every other shape: what cannot
    be read is never taken for an empty list.
    """
    listed = _wrapped(answer, name) if isinstance(answer, dict) else answer
    if listed is None:
        return []
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    if not rows and listed != []:
        raise failures.not_json(may_have_happened=False)
    return rows


def _wrapped(answer: dict[str, Any], name: str) -> Any:
    if any(member.lower() == name.lower() for member in answer):
        return matching.get(answer, name)
    arrays = [value for value in answer.values() if isinstance(value, list)]
    return arrays[0] if len(arrays) == 1 else answer


def _list_changed() -> TryLater:
    return TryLater("HaloPSA's list changed while it was read.", code="halopsa_list_changed")


def _parameter(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_expired_token(status: int, body: bytes) -> bool:
    """Whether a 400 may mean the token: it says so, or it says nothing (HaloPSA fact 5)."""
    problem = failures.parsed(body)
    says_so = isinstance(problem, dict) and problem.get("error") == "invalid_token"
    return status == 400 and (says_so or not body.strip())
