"""An export that was touched is refused, and the first bad place is named."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, strategies as st
from tests.audit.trails import OTHER_MSP, Trail, an_event, trail_of

from stepladder.audit import export, verifier
from stepladder.audit.chain import ChainBroken
from stepladder_protocol import keys

COUNT = 40


@pytest.fixture(scope="module")
def trail() -> Trail:
    return trail_of(COUNT)


def first_bad(lines, *arguments, **named) -> int:
    with pytest.raises(ChainBroken) as broken:
        verifier.verify(lines, *arguments, **named)
    return broken.value.sequence


def test_an_untouched_export_holds(trail):
    found = verifier.verify(trail.lines, trail.public_keys)
    assert (found.events, found.head) == (COUNT, trail.head_at(COUNT))
    assert not found.keys_from_file


def test_trusting_the_keys_in_the_file_is_said(trail):
    assert verifier.verify(trail.lines).keys_from_file


def test_an_empty_trail_holds():
    assert verifier.verify(trail_of(0).lines).events == 0


def test_a_file_is_read_from_disk(trail, tmp_path: Path):
    path = tmp_path / "trail.jsonl"
    path.write_bytes(b"".join(trail.lines))
    assert verifier.verify_file(path, trail.public_keys).events == COUNT


# --- A thousand tamperings ----------------------------------------------------------------------------------------


def _other_byte(dice: random.Random, byte: int) -> int:
    return dice.choice([each for each in range(256) if each != byte])


def edit(dice: random.Random, lines: list[bytes]) -> int:
    place = dice.randrange(1, COUNT + 1)
    line = bytearray(lines[place])
    at = dice.randrange(len(line))
    line[at] = _other_byte(dice, line[at])
    lines[place] = bytes(line)
    return place


def edit_meaning(dice: random.Random, lines: list[bytes]) -> int:
    place = dice.randrange(1, COUNT + 1)
    values = json.loads(lines[place])
    field = dice.choice(["tag", "actor_id", "actor_kind", "subject", "at"])
    values["event"][field] = dice.choice(["", "nobody", "2026-03-01T12:00:00.000000+00:00", values["leaf"]])
    lines[place] = export.as_line(values)
    return place


def delete(dice: random.Random, lines: list[bytes]) -> int:
    first = dice.randrange(1, COUNT + 1)
    del lines[first : dice.randrange(first + 1, COUNT + 2)]
    return first


def swap(dice: random.Random, lines: list[bytes]) -> int:
    one, other = sorted(dice.sample(range(1, COUNT + 1), 2))
    lines[one], lines[other] = lines[other], lines[one]
    return one


def insert(dice: random.Random, lines: list[bytes]) -> int:
    place, copied = dice.randrange(1, COUNT + 2), dice.randrange(1, COUNT + 1)
    lines.insert(place, lines[copied])
    # A copy before its own original takes its place; the original is then the one too many.
    return place + 1 if copied == place else place


def cut(dice: random.Random, lines: list[bytes]) -> int:
    whole = b"".join(lines)
    kept = whole[: dice.randrange(len(whole))]
    place = kept.count(b"\n")
    lines[:] = kept.splitlines(keepends=True)
    return place


def cut_before_the_head(dice: random.Random, lines: list[bytes]) -> int:
    first = dice.randrange(1, COUNT + 1)
    del lines[first:-1]
    return first


def edit_the_head(dice: random.Random, lines: list[bytes]) -> int:
    line = bytearray(lines[-1])
    at = dice.randrange(len(line))
    line[at] = _other_byte(dice, line[at])
    lines[-1] = bytes(line)
    return COUNT + 1


def edit_the_header(dice: random.Random, lines: list[bytes]) -> int:
    line = bytearray(lines[0])
    at = dice.randrange(len(line))
    line[at] = _other_byte(dice, line[at])
    lines[0] = bytes(line)
    return 0


TAMPERINGS = [
    edit,
    edit_meaning,
    delete,
    swap,
    insert,
    cut,
    cut_before_the_head,
    edit_the_head,
    edit_the_header,
]


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda each: each.__name__)
def test_of_a_thousand_tamperings_each_is_found_where_it_happened(trail, tamper):
    for seed in range(1000 // len(TAMPERINGS) + 1):
        lines = list(trail.lines)
        place = tamper(random.Random(f"{tamper.__name__}/{seed}"), lines)
        whole = b"".join(lines).splitlines(keepends=True)
        assert first_bad(whole, trail.public_keys) == place, (tamper.__name__, seed)


# --- Cleverer ones -------------------------------------------------------------------------------------------------


def rewritten(trail: Trail, place: int) -> Trail:
    """The same trail with another event at `place`, and each hash after it made again."""
    events = list(trail.events)
    events[place - 1] = replace(events[place - 1], tag="elevation_request.denied")
    return Trail(events, trail.key)


def test_a_chain_written_anew_does_not_end_in_the_signed_head(trail):
    forged = rewritten(trail, 7)
    assert first_bad([*forged.lines[:-1], trail.head], trail.public_keys) == COUNT


def test_a_head_signed_with_another_key_is_refused(trail):
    stranger = Trail(trail.events, Ed25519PrivateKey.generate())
    assert first_bad(stranger.lines, trail.public_keys) == COUNT + 1


def test_a_key_that_borrows_the_id_of_another_is_refused(trail):
    stranger = Ed25519PrivateKey.generate()
    header = export.header(
        trail.sealed[0].event.msp_id, {trail.kid: stranger.public_key().public_bytes_raw()}
    )
    assert first_bad([export.as_line(header), *trail.lines[1:]]) == 0


def test_an_earlier_head_does_not_serve_for_a_longer_trail(trail):
    early = export.as_line(trail.head_at(30).exported())
    assert first_bad([*trail.lines[:-1], early], trail.public_keys) == 31


def test_something_behind_the_head_is_refused(trail):
    assert first_bad([*trail.lines, trail.head], trail.public_keys) == COUNT + 1
    assert first_bad([*trail.lines, b"\n"], trail.public_keys) == COUNT + 1


def test_the_trail_of_another_msp_does_not_pass_under_this_ones_name(trail):
    foreign = Trail([an_event(1, msp_id=OTHER_MSP)], trail.key)
    assert first_bad([trail.header, foreign.lines[1], trail.head], trail.public_keys) == 0


def test_a_head_of_another_msp_is_refused(trail):
    head = export.as_line(trail.head_at(COUNT, OTHER_MSP).exported())
    assert first_bad([*trail.lines[:-1], head], trail.public_keys) == 0


@pytest.mark.parametrize(
    "spelling", ['{"a":1, "b":2}', '{"b":1,"a":2}', '{"a":1,"a":2}', '{"a":1.0}', '{"a":"\\u0041"}']
)
def test_only_canonical_json_passes_for_an_event(trail, spelling):
    """Otherwise two readers of one file could read two different events."""
    line = b'{"event":' + spelling.encode() + trail.lines[1][trail.lines[1].index(b',"leaf"') :]
    assert first_bad([trail.header, line, *trail.lines[2:]], trail.public_keys) == 1


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_arbitrary_bytes_are_refused_and_never_crash(lines):
    first_bad(lines)


@given(
    st.binary(max_size=300),
    st.sampled_from([b'{"event":', b'{"head":', b'{"head":{"sequence":' + b"9" * 5000, b"[" * 5000]),
)
def test_arbitrary_bytes_behind_a_good_start_are_refused_where_they_stand(noise, start):
    trail = trail_of(2)
    rest = (start + noise).replace(b"\n", b"") + b"\n"
    assert first_bad([*trail.lines[:2], rest], trail.public_keys) == 2
    assert first_bad([rest], trail.public_keys) == 0


# --- Heads that left the machine earlier ---------------------------------------------------------------------------


def test_heads_that_were_logged_lie_on_the_chain(trail):
    known = [trail.head_at(10), trail.head_at(COUNT)]
    assert verifier.verify(trail.lines, trail.public_keys, known=known).events == COUNT


def test_a_chain_written_anew_and_signed_anew_contradicts_a_logged_head(trail):
    """The database was altered and the service signed what it found: only the log remembers."""
    forged = rewritten(trail, 7)
    assert verifier.verify(forged.lines, trail.public_keys).events == COUNT
    known = [trail.head_at(5), trail.head_at(12), trail.head_at(30)]
    assert first_bad(forged.lines, trail.public_keys, known=known) == 12


def test_a_trail_shorter_than_a_logged_head_was_cut(trail):
    shorter = Trail(trail.events[:25], trail.key)
    assert first_bad(shorter.lines, trail.public_keys, known=[trail.head_at(30)]) == 26


def test_a_logged_head_that_nobody_signed_proves_nothing(trail):
    forged = replace(trail.head_at(10), link=bytes(32))
    assert first_bad(trail.lines, trail.public_keys, known=[forged]) == 10


def test_logged_heads_of_other_msps_are_passed_over(trail):
    foreign = trail.head_at(10, OTHER_MSP)
    assert verifier.verify(trail.lines, trail.public_keys, known=[foreign]).events == COUNT


def test_a_key_that_is_not_a_key_is_refused_before_anything_is_read(trail):
    with pytest.raises(ValueError, match="base64url"):
        verifier.verify(trail.lines, {trail.kid: keys.public_key_text(trail.key) + "="})
