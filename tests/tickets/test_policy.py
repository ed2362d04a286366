"""Whose tickets are closed: always those of approved requests, never those that wait, the others as it is set."""

from __future__ import annotations

from hypothesis import given, strategies as st

from stepladder.tickets.policy import TicketPolicy
from stepladder_protocol.messages import RequestState

SETTINGS = st.fixed_dictionaries(
    {}, optional={f"close_{name}": st.booleans() for name in ("denied", "expired", "cancelled")}
)


@given(st.sampled_from(RequestState), SETTINGS)
def test_a_setting_speaks_for_its_own_state_only(state: RequestState, settings: dict[str, bool]) -> None:
    expected = {
        RequestState.PENDING: False,
        RequestState.APPROVED: True,
        RequestState.DENIED: settings.get("close_denied", True),
        RequestState.EXPIRED: settings.get("close_expired", True),
        RequestState.CANCELLED: settings.get("close_cancelled", True),
    }
    assert TicketPolicy.of(settings).closes(state) is expected[state]


def test_what_is_no_policy_is_left_to_the_connector() -> None:
    assert TicketPolicy.of({"ticket_type": "Incident", "closure_minutes": 7}).closure_minutes == 7
