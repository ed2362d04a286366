"""What is shown: names in their true letters, time that is left, and silence where nobody watches."""

from __future__ import annotations

import io
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st
from rich.console import Console

from stepladder_agent.terminal import Voice, duration, time_left, visible


@given(st.text())
def test_what_is_shown_never_steers_the_terminal(text: str) -> None:
    shown = visible(text)

    assert shown.isprintable()
    assert visible(shown) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Größe 東京", "Größe 東京"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("invoice\u202efdp.exe", "invoice\\u202efdp.exe"),
        ("two\nlines\r\ttab", "two\\nlines\\r\\ttab"),
        ("zero\u200bwidth\u2066isolate", "zero\\u200bwidth\\u2066isolate"),
        ("no\xa0break", "no\\xa0break"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("half\udc80", "half\\udc80"),
        ("c1\x9b31m", "c1\\x9b31m"),
    ],
)
def test_disguise_is_spelled_out_and_plain_letters_stay(name: str, shown: str) -> None:
    assert visible(name) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (4 * 86400, "in 4 days (Tue 1 Dec, 20:25)"),
        (4 * 86400 - 63, "in 4 days (Tue 1 Dec, 20:25)"),
        (48 * 3600, "in 2 days (Tue 1 Dec, 20:25)"),
        (86400, "in 24 hours (Tue 1 Dec, 20:25)"),
        (3600, "in 1 hour (Tue 1 Dec, 20:25)"),
        (3599, "in 59:59"),
        (7, "in 00:07"),
        (0.4, "any moment now"),
        (-5, "any moment now"),
    ],
)
def test_the_time_left_is_told_as_people_count_it(seconds: float, shown: str) -> None:
    """USE-16: in days or hours, with the day and the time of day here; the last hour to the second."""
    expires_at = datetime(2026, 12, 1, 20, 25).astimezone()  # in the zone of this machine
    assert time_left(timedelta(seconds=seconds), expires_at) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0 s"), (-303, "5 min 3 s"), (7200, "2 h"), (3601, "1 h 1 s")]
)
def test_a_difference_is_told_without_a_sign(seconds: int, shown: str) -> None:
    assert duration(timedelta(seconds=seconds)) == shown


def voice_to(*, terminal: Any) -> Any:
    out = io.StringIO()
    return Voice(Console(file=out, force_terminal=terminal, width=120)), out


def test_no_line_is_read_as_markup_or_escape() -> None:
    voice, out = voice_to(terminal=False)

    voice.say("[bold]:smile: \x1b[31m[/bold]")

    assert out.getvalue() == "[bold]:smile: \\x1b[31m[/bold]\n"


def test_trouble_is_told_once_and_again_each_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    voice, out = voice_to(terminal=False)
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    for step in (0, 30, 29, 2, 30):
        now += step
        voice.trouble("Down.", 3.2)
    voice.recovered()

    assert out.getvalue().splitlines() == [
        "Down. Still trying; next attempt in 3 s.",
        "Down. Still trying; next attempt in 3 s.",
        "The server answers again.",
    ]


def test_waiting_is_told_once_where_nobody_watches_and_live_on_a_terminal() -> None:
    voice, out = voice_to(terminal=False)
    with voice.waiting(lambda: "expires in 3 d"):
        pass
    assert out.getvalue() == "expires in 3 d\n"

    voice, out = voice_to(terminal=True)
    with voice.waiting(lambda: "expires\x1b[2J in 3 d"):
        pass
    assert "expires\\x1b[2J in 3 d" in out.getvalue()


def test_trouble_shows_beside_the_countdown() -> None:
    voice, out = voice_to(terminal=True)
    voice.trouble("Down.", 1)
    with voice.waiting(lambda: "expires in 3 d"):
        pass

    assert "has not answered for" in out.getvalue()


def test_a_bar_appears_only_when_the_work_takes_over_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    voice, out = voice_to(terminal=True)
    with voice.progress("Reading [x]\x1b") as advance:
        advance(1, 10)
        assert out.getvalue() == ""
        now += 1.5
        advance(5, 10)

    assert "Reading [x]\\x1b" in out.getvalue()


def test_without_a_terminal_there_is_no_bar_however_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    voice, out = voice_to(terminal=False)
    with voice.progress("Reading") as advance:
        now += 60
        advance(5, 10)

    assert out.getvalue() == ""
