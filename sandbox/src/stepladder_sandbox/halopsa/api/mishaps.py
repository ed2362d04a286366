"""What a fault does to a call: answer in its stead, or spoil the answer after it was carried out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from stepladder_sandbox.halopsa.api.calls import Answer, ApiCall
from stepladder_sandbox.halopsa.faultplan import Fault, FaultKind
from stepladder_sandbox.halopsa.refusals import Refused, in_shape
from stepladder_sandbox.halopsa.tickets import Ticket
from stepladder_sandbox.halopsa.views import ticket_object
from stepladder_sandbox.halopsa.world import World

SIGN_IN_PAGE = (
    "<!DOCTYPE html><html lang='en'><head><title>Halo - Sign in</title></head>"
    "<body><form method='post' action='/auth/account/login'><h1>Sign in</h1></form></body></html>"
)
BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
GATEWAY_TIMEOUT = BAD_GATEWAY.replace("502 Bad Gateway", "504 Gateway Time-out")
LIMIT_SENTENCE = "Rate Limit Reached - {limit} Requests per rolling {minutes} minute window"


def limit_reached(world: World, *, body: str, retry_after_s: int | None) -> Answer:
    """429 in one of its forms: no public source shows a real one, so clients must survive all (HaloPSA fact 6)."""
    limit, minutes = world.switches.rate_limit, max(1, round(world.switches.rate_window_s / 60))
    sentence = LIMIT_SENTENCE.format(limit=limit, minutes=minutes)
    answer = Answer(status=429, data={"Message": sentence}) if body == "json" else Answer.text(429, sentence)
    if retry_after_s is not None:
        answer.headers["Retry-After"] = str(retry_after_s)
    return answer


def refusal(refused: Refused) -> Answer:
    """A refusal as it goes over the wire: JSON, a page, a sentence or nothing."""
    if refused.body is None:
        return Answer.empty(refused.status)
    if not isinstance(refused.body, str):
        return Answer(status=refused.status, data=refused.body)
    is_page = refused.body.startswith("<")
    return Answer.html(refused.status, refused.body) if is_page else Answer.text(refused.status, refused.body)


def outage(world: World) -> Answer:
    """HaloPSA is down: the connection is reset, or a gateway says so."""
    if world.switches.outage == "503":
        return Answer.html(503, BAD_GATEWAY.replace("502 Bad Gateway", "503 Service Temporarily Unavailable"))
    return Answer(ending="reset")


def instead(world: World, call: ApiCall, fault: Fault) -> Answer | None:
    """The answer of a fault that comes in the call's stead; nothing if the call is carried out after all."""
    match fault.kind:
        case "429_retry_after":
            return limit_reached(world, body="text", retry_after_s=round(fault.seconds))
        case "429_plain" | "429_json":
            body = "json" if fault.kind == "429_json" else "text"
            return limit_reached(world, body=body, retry_after_s=None)
        case "expired_token":
            world.tokens.revoke(call.bearer)
            return Answer.empty(world.switches.expired_token_status)
        case "refused":
            return refusal(in_shape(fault.error_shape, fault.status, "The value is not valid."))
        case "outage":
            world.switches.outage = "reset"
            return outage(world)
    return _PLAIN_FAILURES.get(fault.kind)


_PLAIN_FAILURES: dict[FaultKind, Answer] = {
    "reset_before": Answer(ending="reset"),
    "500": Answer.empty(500),
    "502_html": Answer.html(502, BAD_GATEWAY),
    "504_before_commit": Answer.html(504, GATEWAY_TIMEOUT),
    "html_login_page": Answer.html(200, SIGN_IN_PAGE),
}
_ENDINGS: dict[FaultKind, Answer] = {
    "drop_after_commit": Answer(ending="dropped"),
    "reset_after_commit": Answer(ending="reset"),
    "504_after_commit": Answer.html(504, GATEWAY_TIMEOUT),
}


def spoiled(world: World, answer: Answer, fault: Fault) -> Answer:
    """The answer of a call that was carried out, as the fault leaves it."""
    if fault.kind in _ENDINGS:
        return _ENDINGS[fault.kind]
    match fault.kind:
        case "cut_json_after_commit":
            answer.ending = "cut"
        case "empty_list":
            answer.data = emptied(answer.data)
        case "ids_as_strings":
            answer.data = with_text_ids(answer.data)
        case "wrong_ticket_in_answer":
            _swap_ticket(world, answer)
        case "search_lag":
            _hide_from_search(world, answer, fault.seconds)
    return answer


def emptied(data: Any) -> Any:
    """A list answer without its rows, as a stale cache would give it."""
    if isinstance(data, list):
        return []
    if isinstance(data, dict) and "record_count" in data:
        return {key: [] if isinstance(value, list) else value for key, value in data.items()} | {
            "record_count": 0
        }
    return data


def under_results(data: Any) -> Any:
    """A list answer with its rows under another name, which is that of no list."""
    if isinstance(data, list):
        return {"record_count": len(data), "results": data}
    if isinstance(data, dict) and "record_count" in data:
        return {"results" if isinstance(value, list) else key: value for key, value in data.items()}
    return data


def with_text_ids(data: Any) -> Any:
    """The same with every id as a string of digits."""
    if isinstance(data, list):
        return [with_text_ids(each) for each in data]
    if isinstance(data, dict):
        return {key: _text_id(key, value) for key, value in data.items()}
    return data


def _text_id(key: str, value: Any) -> Any:
    if (key == "id" or key.endswith("_id")) and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return with_text_ids(value)


def _swap_ticket(world: World, answer: Answer) -> None:
    """Put another ticket in the place of the right one, if there is one."""
    own = _ticket_in(world, answer)
    other = next((ticket for ticket in world.store.newest_first() if ticket is not own), None)
    if own and other:
        answer.data = ticket_object(world, other)


def _hide_from_search(world: World, answer: Answer, seconds: float) -> None:
    ticket = _ticket_in(world, answer)
    if ticket:
        ticket.searchable_at = world.now() + timedelta(seconds=seconds)
        world.store.lagging[ticket.id] = ticket


def _ticket_in(world: World, answer: Answer) -> Ticket | None:
    """The ticket that an answer is about; none where the call was refused."""
    return world.store.get(answer.data.get("id", 0)) if isinstance(answer.data, dict) else None
