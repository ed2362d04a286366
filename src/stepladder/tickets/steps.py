"""The next single step for a ticket link. Pure: the row and the time in, one step out.

Intent comes before each write and stays until its result is known, so a process may die on any line: the process that
reads the row next looks at the remote before it writes again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

_PRESS_ENDS_WITHIN = timedelta(minutes=1)


class Desired(StrEnum):
    """What a ticket should be."""

    OPEN = "open"
    CLOSED = "closed"


class Observed(StrEnum):
    """What we last saw of it."""

    ABSENT = "absent"
    OPEN = "open"
    CLOSED = "closed"
    GONE = "gone"


class Step(StrEnum):
    """What to do next."""

    OPEN = "open"
    LOOK_FOR_TICKET = "look_for_ticket"
    WAIT_FOR_PRESS = "wait_for_press"
    NOTE = "note"
    LOOK_FOR_NOTE = "look_for_note"
    CLOSE = "close"
    REMARK = "remark"
    LOOK_FOR_REMARK = "look_for_remark"
    WAIT_FOR_REMARK = "wait_for_remark"
    NOTHING = "nothing"


@dataclass(frozen=True)
class LinkState:
    """What the steps depend on. `pressed_at` is set where a button decided and its presser is not known yet.

    `remark_at` is set where a remark is wanted that was not seen yet: from then on it may be written.
    """

    desired: Desired
    observed: Observed
    create_sent_at: datetime | None
    note_sent_at: datetime | None
    note_seen: bool
    pressed_at: datetime | None = None
    remark_at: datetime | None = None
    remark_sent_at: datetime | None = None


def next_step(link: LinkState, now: datetime, *, press_wait: timedelta) -> Step:
    """The one thing to do now."""
    if link.observed is Observed.ABSENT:
        return Step.LOOK_FOR_TICKET if link.create_sent_at else Step.OPEN
    if link.observed in (Observed.CLOSED, Observed.GONE):
        return Step.NOTHING
    if link.desired is Desired.OPEN:
        return _while_it_waits(link, now)
    return _to_close(link, now, press_wait)


def _to_close(link: LinkState, now: datetime, press_wait: timedelta) -> Step:
    if link.note_seen:
        return Step.CLOSE
    if link.note_sent_at:
        return Step.LOOK_FOR_NOTE
    if link.pressed_at and now < link.pressed_at + press_wait:
        return Step.WAIT_FOR_PRESS
    return Step.NOTE


def _while_it_waits(link: LinkState, now: datetime) -> Step:
    if link.remark_at is None:
        return Step.NOTHING
    if link.remark_sent_at:
        return Step.LOOK_FOR_REMARK
    return Step.REMARK if now >= link.remark_at else Step.WAIT_FOR_REMARK


def is_closed_by_press(closed_at: datetime | None, pressed_at: datetime) -> bool:
    """Whether a ticket was closed by the press that decided, so that its closer is who pressed.

    A press closes the ticket once its call is answered. Who closed it earlier, or long after, decided nothing; where
    nobody says when it was closed, nobody is named.
    """
    if closed_at is None:
        return False
    # A time without a fraction may have been cut.
    earliest = pressed_at if closed_at.microsecond else pressed_at.replace(microsecond=0)
    return earliest <= closed_at <= pressed_at + _PRESS_ENDS_WITHIN


def may_send_again(sent_at: datetime, now: datetime, *, search_lag: timedelta) -> bool:
    """Whether finding nothing proves that nothing is there: only once the remote's search has caught up."""
    return now >= sent_at + search_lag
